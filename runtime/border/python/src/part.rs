//! Operations on objects, which are written in Python over those of the compiled module.

use dtl_types::{Operation, SpecEnum};
use pyo3::exceptions::PyNameError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

/// Calls `part`, an operation of the compiled module, for the operation with the name `whole`.
pub fn on_behalf_of<'py>(
    whole: &str,
    part: &Bound<'py, PyAny>,
    args: &Bound<'py, PyTuple>,
    kwargs: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let Some(operation) = Operation::from_name(whole) else {
        return Err(PyNameError::new_err(format!("the specification has no operation `{whole}`")));
    };
    dtl::comm::on_behalf_of(operation, || part.call(args, kwargs))
}
