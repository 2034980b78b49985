//! Single elements, which C passes by address because their type is known at run time only.

use std::ffi::c_void;

use dtl::{Result, Scalar};
use dtl_types::Dtype;

use crate::results::null;

/// The element at `address`.
///
/// # Safety
/// Unless it is null, `address` must be readable for one element of `dtype`.
pub unsafe fn scalar(name: &str, address: *const c_void, dtype: Dtype) -> Result<Scalar> {
    // SAFETY: `address` is null or readable for one element of `dtype`, which the caller guarantees.
    unsafe { optional_scalar(address, dtype) }.ok_or_else(|| null(name, "one element"))
}

/// The element at `address`, or none for a null pointer.
///
/// # Safety
/// Unless it is null, `address` must be readable for one element of `dtype`.
pub unsafe fn optional_scalar(address: *const c_void, dtype: Dtype) -> Option<Scalar> {
    // SAFETY: the address is not null, so the caller guarantees that it is readable for one element of `dtype`.
    (!address.is_null()).then(|| unsafe { Scalar::from_raw(dtype, address.cast()) })
}
