//! Functions of the caller: what C passes beside the function pointer, what such a function is passed, and how it fails.

use std::ffi::{c_int, c_void};
use std::marker::PhantomData;

use dtl::array::{Array, ArrayMut};
use dtl::{Error, Result, Status, computing};

use crate::results::null;

/// The address that a function of the caller gets back. dtl hands it on and never looks at what is there.
#[derive(Debug, Clone, Copy)]
pub struct UserData(*mut c_void);

// SAFETY: dtl never follows the address, it only passes it to the caller's function, whose documentation says in which
// thread that is called.
unsafe impl Send for UserData {}
// SAFETY: dtl only copies the address, and never reads or writes what it points to.
unsafe impl Sync for UserData {}

impl UserData {
    /// What the caller passed; it may be null.
    pub fn new(address: *mut c_void) -> Self {
        Self(address)
    }

    /// The address, for a call of the function that it belongs to.
    pub fn address(&self) -> *mut c_void {
        self.0
    }
}

/// A function that must be there.
pub fn needed<T>(name: &str, function: Option<T>) -> Result<T> {
    function.ok_or_else(|| null(name, "a function"))
}

/// What a function of the caller says with the number that it returns; a failure has this status.
pub fn succeeded(outcome: c_int, status: Status) -> Result<()> {
    match outcome {
        0 => Ok(()),
        other => Err(Error::new(status, format!("it returned {other}"))),
    }
}

/// Whether a function of the caller that has returned has called `dtl_fail_function`; a failure has this status.
#[inline]
pub fn outcome(status: Status) -> Result<()> {
    computing::function_outcome(status)
}

/// Elements of which a function is passed the addresses, one after the other: `*const c_void` where it reads them, `*mut c_void` where it
/// may write.
#[derive(Debug)]
pub struct Elements<'a, P> {
    start: *mut u8,
    size: usize,
    count: usize,
    addresses: PhantomData<(&'a (), P)>,
}

impl<'a> Elements<'a, *const c_void> {
    /// Elements that are read.
    pub fn read(array: &'a Array<'_>) -> Self {
        let (start, size) = (array.as_ptr().cast_mut(), array.dtype().size());
        Elements { start, size, count: array.len(), addresses: PhantomData }
    }

    /// The address of an element.
    #[inline]
    pub fn at(&self, place: usize) -> *const c_void {
        self.address(place).cast_const()
    }
}

impl<'a> Elements<'a, *mut c_void> {
    /// Elements that may be written.
    pub fn changed(array: &'a mut ArrayMut<'_>) -> Self {
        let (start, size, count) = (array.as_mut_ptr(), array.dtype().size(), array.len());
        Elements { start, size, count, addresses: PhantomData }
    }

    /// The address of an element.
    #[inline]
    pub fn at(&self, place: usize) -> *mut c_void {
        self.address(place)
    }
}

impl<P> Elements<'_, P> {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    #[inline]
    fn address(&self, place: usize) -> *mut c_void {
        self.start.wrapping_add(place * self.size).cast()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_function_is_named() {
        let error = needed::<fn()>("handler", None).expect_err("there is none");
        assert!(error.message().starts_with("handler is null"), "{error}");
    }

    #[test]
    fn elements_have_the_distance_of_their_size() {
        let values = [1.0f64, 2.0, 3.0];
        let array = Array::from_slice(&values, &[3]).expect("the shape is that of the slice");
        let elements = Elements::read(&array);
        let addresses: Vec<*const c_void> = (0..elements.count()).map(|place| elements.at(place)).collect();
        assert_eq!(addresses, values.each_ref().map(|value| std::ptr::from_ref(value).cast()));
    }

    #[test]
    fn a_number_that_is_not_0_is_a_failure() {
        assert!(succeeded(0, Status::ReduceFailed).is_ok());
        let error = succeeded(-3, Status::ReduceFailed).expect_err("it says that it has failed");
        assert_eq!((error.status(), error.message()), (Status::ReduceFailed, "it returned -3"));
    }
}
