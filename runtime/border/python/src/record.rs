//! Results of several parts, which Python programs get as named tuples of the classes in `dtl._records`.

use pyo3::call::PyCallArgs;
use pyo3::prelude::*;

/// The named tuple of the Python class `class` with these fields.
pub fn record<'py>(
    py: Python<'py>,
    class: &str,
    fields: impl PyCallArgs<'py>,
) -> PyResult<Bound<'py, PyAny>> {
    py.import("dtl._records")?.getattr(class)?.call1(fields)
}
