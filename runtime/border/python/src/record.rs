//! Results of several parts, which Python programs get as the dataclasses of `dtl._records`.

use pyo3::call::PyCallArgs;
use pyo3::prelude::*;

/// An instance of the Python dataclass `class` with these fields.
pub fn record<'py>(
    py: Python<'py>,
    class: &str,
    fields: impl PyCallArgs<'py>,
) -> PyResult<Bound<'py, PyAny>> {
    py.import("dtl._records")?.getattr(class)?.call1(fields)
}
