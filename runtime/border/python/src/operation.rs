//! Operations on objects, which are written in Python over those of the compiled module.

use dtl_types::{Operation, SpecEnum};
use pyo3::exceptions::PyNameError;
use pyo3::prelude::*;

/// The operation with this name, whose parts are about to be called.
pub fn operation(name: &str) -> PyResult<Operation> {
    let unknown = || PyNameError::new_err(format!("the specification has no operation `{name}`"));
    Operation::from_name(name).ok_or_else(unknown)
}
