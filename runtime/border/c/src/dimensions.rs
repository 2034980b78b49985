//! What has one value for each dimension: shapes, which C passes as a struct, and numbers behind a pointer.

use dtl::{Error, Result};
use dtl_types::{SpecEnum, Status};
use std::ffi::c_int;

use crate::numbers::enumeration;
use crate::results::null;

/// The extents of a `dtl_shape`.
pub fn extents<'a, const MOST: usize>(name: &str, ndim: c_int, dims: &'a [u64; MOST]) -> Result<&'a [u64]> {
    usize::try_from(ndim).ok().and_then(|ndim| dims.get(..ndim)).ok_or_else(|| {
        Error::new(
            Status::InvalidArgument,
            format!("{name}.ndim is {ndim}, but a shape has from 0 to {MOST} dimensions"),
        )
    })
}

/// The extents of a `dtl_shape`, unless it has no dimensions, which stands for none.
pub fn optional_extents<'a, const MOST: usize>(
    name: &str,
    ndim: c_int,
    dims: &'a [u64; MOST],
) -> Result<Option<&'a [u64]>> {
    extents(name, ndim, dims).map(|extents| (!extents.is_empty()).then_some(extents))
}

/// The fields of a `dtl_shape` with these extents.
pub fn padded<const MOST: usize>(extents: &[u64]) -> (c_int, [u64; MOST]) {
    let mut dims = [0; MOST];
    let ndim = extents.len().min(MOST);
    dims[..ndim].copy_from_slice(&extents[..ndim]);
    (ndim as c_int, dims)
}

/// The number of elements of a shape: the product of its extents, or the largest number if that is larger.
pub fn size(extents: &[u64]) -> u64 {
    if extents.contains(&0) { 0 } else { extents.iter().fold(1, |size, extent| size.saturating_mul(*extent)) }
}

/// The numbers at `address`, or none for a null pointer.
///
/// # Safety
/// Unless it is null, `address` must be readable for `count` numbers.
pub unsafe fn list_at<T: Copy>(address: *const T, count: usize) -> Option<Vec<T>> {
    // SAFETY: the address is not null, so the caller guarantees that it is readable for `count` numbers; they need not be
    // aligned.
    let read = |index| unsafe { address.add(index).read_unaligned() };
    (!address.is_null()).then(|| (0..count).map(read).collect())
}

/// The values of an enumeration whose numbers are at `address`, or none for a null pointer.
///
/// # Safety
/// Unless it is null, `address` must be readable for `count` numbers.
pub unsafe fn enumerations<E: SpecEnum>(
    name: &str,
    address: *const i32,
    count: usize,
    prefix: &str,
) -> Result<Option<Vec<E>>> {
    // SAFETY: `address` is null or readable for `count` numbers, which the caller guarantees.
    let codes = unsafe { list_at(address, count) };
    codes.map(|codes| codes.into_iter().map(|code| enumeration(name, code, prefix)).collect()).transpose()
}

/// Values that must be there.
pub fn needed<T>(name: &str, values: Option<Vec<T>>) -> Result<Vec<T>> {
    values.ok_or_else(|| null(name, "a number for each dimension"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_has_as_many_extents_as_it_says() {
        let dims = [2, 3, 4];
        assert_eq!(extents("shape", 2, &dims), Ok(&[2, 3][..]));
        assert_eq!(optional_extents("grid", 0, &dims), Ok(None));
        for ndim in [-1, 4] {
            let error = extents("shape", ndim, &dims).expect_err("there is room for three");
            let expected = format!("shape.ndim is {ndim}, but a shape has from 0 to 3 dimensions");
            assert_eq!((error.status(), error.message()), (Status::InvalidArgument, expected.as_str()));
        }
        assert_eq!(padded::<3>(&[5, 6]), (2, [5, 6, 0]));
    }

    #[test]
    fn the_size_of_a_shape_does_not_overflow() {
        assert_eq!(size(&[]), 1);
        assert_eq!(size(&[u64::MAX, 2, 0]), 0);
        assert_eq!(size(&[u64::MAX, 2]), u64::MAX);
    }
}
