//! Where C wants results: addresses that are checked before an operation starts and written after it succeeded.

use std::ptr::NonNull;

use dtl::{Error, Result};
use dtl_types::Status;

/// The error for a null pointer where something is needed.
#[cold]
pub(crate) fn null(name: &str, wanted: &str) -> Error {
    Error::new(Status::NullPointer, format!("{name} is null; pass the address of {wanted}"))
}

/// The address of one result.
#[derive(Debug)]
pub struct Out<T> {
    address: NonNull<T>,
}

impl<T> Out<T> {
    /// The result goes to `address`, which must not be null.
    ///
    /// # Safety
    /// Unless it is null, `address` must be writable for one `T` until the call returns.
    #[inline]
    pub unsafe fn at(name: &str, address: *mut T) -> Result<Self> {
        NonNull::new(address)
            .map(|address| Self { address })
            .ok_or_else(|| null(name, "a variable for the result"))
    }

    /// The same where the caller may want no result, and then passes null.
    ///
    /// # Safety
    /// As for `at`.
    pub unsafe fn if_wanted(address: *mut T) -> Option<Self> {
        NonNull::new(address).map(|address| Self { address })
    }

    /// Stores the result.
    #[inline]
    pub fn write(self, value: T) {
        // SAFETY: `at` demands an address that may be written; `write` drops nothing that was there.
        unsafe { self.address.write(value) }
    }
}

/// The address of several results, one after another.
#[derive(Debug)]
pub struct OutMany<T> {
    address: NonNull<T>,
}

impl<T> OutMany<T> {
    /// The results go to `address`, which must not be null.
    ///
    /// # Safety
    /// Unless it is null, `address` must be writable for as many `T` as are written until the call returns.
    pub unsafe fn at(name: &str, address: *mut T) -> Result<Self> {
        NonNull::new(address)
            .map(|address| Self { address })
            .ok_or_else(|| null(name, "an array for the results"))
    }

    /// Stores the results.
    pub fn write(self, values: impl IntoIterator<Item = T>) {
        for (index, value) in values.into_iter().enumerate() {
            // SAFETY: `at` demands room for all of them.
            unsafe { self.address.add(index).write(value) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_refused_by_name() {
        // SAFETY: a null pointer is not written to.
        let error = unsafe { Out::<i32>::at("vec", std::ptr::null_mut()) }.expect_err("null is no address");
        assert_eq!(error.status(), Status::NullPointer);
        assert_eq!(error.message(), "vec is null; pass the address of a variable for the result");
    }

    #[test]
    fn several_results_stand_side_by_side() {
        let mut places = [0; 3];
        // SAFETY: the array has room for the three results.
        let out = unsafe { OutMany::at("contexts", places.as_mut_ptr()) }.expect("an array is not null");
        out.write([4, 5, 6]);
        assert_eq!(places, [4, 5, 6]);
    }
}
