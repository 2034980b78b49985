//! Python protocols that are the same for every class: subscripting a class, refusing iteration.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyType;

/// `Class[item]`, for annotations: a `types.GenericAlias`, or the class itself where Python has none (3.8).
pub fn class_getitem<'py>(
    class: &Bound<'py, PyType>,
    item: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let types = class.py().import("types")?;
    match types.getattr("GenericAlias") {
        Ok(alias) => alias.call1((class, item)),
        Err(_) => Ok(class.clone().into_any()),
    }
}

/// The exception for `for x in container`: elements are on many ranks, and a loop over the local ones is slow.
pub fn no_iteration(class: &str) -> PyErr {
    PyTypeError::new_err(format!(
        "a {class} cannot be iterated over: its elements are on several ranks. Use local_view() for the elements of this rank."
    ))
}
