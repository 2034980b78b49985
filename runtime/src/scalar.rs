//! One element value of any data type, as `fill` takes it from every language.

use crate::element::Element;
use dtl_types::Dtype;

/// One value with its data type.
#[derive(Debug, Clone, Copy)]
pub struct Scalar {
    dtype: Dtype,
    bytes: [u8; 16],
}

impl Scalar {
    /// A Rust value as a scalar.
    pub fn of<T: Element>(value: T) -> Self {
        // SAFETY: `value` is readable for its size, which is the size of its data type.
        unsafe { Scalar::from_raw(T::DTYPE, (&raw const value).cast()) }
    }

    /// The value of this data type at `start`, which need not be aligned.
    ///
    /// # Safety
    /// `start` must be readable for one element of `dtype`.
    pub unsafe fn from_raw(dtype: Dtype, start: *const u8) -> Self {
        let mut bytes = [0; 16];
        // SAFETY: the caller answers for the source; no data type is larger than 16 bytes.
        unsafe { std::ptr::copy_nonoverlapping(start, bytes.as_mut_ptr(), dtype.size()) };
        Scalar { dtype, bytes }
    }

    /// The data type of the value.
    pub fn dtype(&self) -> Dtype {
        self.dtype
    }

    /// The bytes of the value, as many as its data type has.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.dtype.size()]
    }
}
