//! The guard around every entry point: a panic becomes the error INTERNAL of dtl. Left to PyO3 it would become an exception that
//! `except Exception` does not catch.

use std::panic::{AssertUnwindSafe, catch_unwind};

use dtl::Error;
use pyo3::prelude::*;

use crate::refusal::raise;

/// Runs what Python has called.
#[inline]
pub fn guard<T>(call: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    caught(call).unwrap_or_else(|error| Err(Python::attach(|py| raise(py, &error))))
}

/// What the call gives, or the error that stands for its panic. What it was changing is reached through handles and locks that do not
/// depend on it.
#[inline]
pub(crate) fn caught<T>(call: impl FnOnce() -> T) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(call)).map_err(Error::of_panic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dtl_types::Status;

    #[test]
    fn a_panic_becomes_an_error() {
        let error = caught(|| -> i32 { panic!("the sky fell {}", 7) }).unwrap_err();
        assert_eq!(error.status(), Status::Internal);
        assert!(error.message().contains("the sky fell 7"));
        assert_eq!(caught(|| 7), Ok(7));
    }
}
