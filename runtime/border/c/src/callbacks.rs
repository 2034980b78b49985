//! Functions of the caller that dtl keeps: what C passes beside the function pointer.

use std::ffi::{c_int, c_void};

use dtl::{Error, Result, Status};

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

/// What a function of the caller says with the number that it returns.
pub fn succeeded(outcome: c_int) -> Result<()> {
    match outcome {
        0 => Ok(()),
        other => Err(Error::new(Status::ReduceFailed, format!("it returned {other}"))),
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
    fn a_number_that_is_not_0_is_a_failure() {
        assert!(succeeded(0).is_ok());
        let error = succeeded(-3).expect_err("it says that it has failed");
        assert_eq!((error.status(), error.message()), (Status::ReduceFailed, "it returned -3"));
    }
}
