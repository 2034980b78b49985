//! Operations on objects, which are written in Python over those of the compiled module.

use dtl_types::{Operation, SpecEnum};
use pyo3::exceptions::PyNameError;
use pyo3::prelude::*;
use std::collections::HashMap;
use std::sync::LazyLock;

static BY_NAME: LazyLock<HashMap<&str, Operation>> =
    LazyLock::new(|| Operation::VALUES.iter().map(|operation| (operation.name(), *operation)).collect());

/// The operation with this name, whose parts are about to be called.
pub fn operation(name: &str) -> PyResult<Operation> {
    let unknown = || PyNameError::new_err(format!("the specification has no operation `{name}`"));
    BY_NAME.get(name).copied().ok_or_else(unknown)
}
