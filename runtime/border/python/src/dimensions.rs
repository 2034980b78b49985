//! What has one value for each dimension: shapes and the like. Users pass a sequence, or one value alone; they get tuples.

use dtl_types::{SpecEnum, Status};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::Refusal;
use crate::argument::integer;
use crate::choice::member;

/// Extents: a sequence of integers, or one integer for one dimension.
pub fn shape(argument: &Bound<'_, PyAny>, name: &str) -> Result<Vec<u64>, Refusal> {
    per_dimension(argument, |extent| {
        integer(extent, name, Status::InvalidArgument, "Pass numbers that are not negative.")
    })
}

/// Numbers of rows, one for each rank.
pub fn counts(argument: &Bound<'_, PyAny>, name: &str) -> Result<Vec<u64>, Refusal> {
    per_dimension(argument, |count| {
        integer(count, name, Status::InvalidArgument, "Pass a number for each rank that is not negative.")
    })
}

/// One value for each dimension, or one alone; `convert` makes each.
pub fn per_dimension<'py, T>(
    argument: &Bound<'py, PyAny>,
    convert: impl Fn(&Bound<'py, PyAny>) -> Result<T, Refusal>,
) -> Result<Vec<T>, Refusal> {
    // A text is a sequence of letters, and means one value.
    if argument.is_instance_of::<PyString>() {
        return Ok(vec![convert(argument)?]);
    }
    match argument.try_iter() {
        Ok(values) => values.map(|value| convert(&value?)).collect(),
        Err(_) => Ok(vec![convert(argument)?]),
    }
}

/// Numbers as a tuple.
pub fn tuple<'py, T: IntoPyObject<'py>>(py: Python<'py>, numbers: Vec<T>) -> PyResult<Bound<'py, PyAny>> {
    PyTuple::new(py, numbers).map(Bound::into_any)
}

/// Values of an enumeration as a tuple of members of the Python class `class`.
pub fn members<'py, E: SpecEnum>(
    py: Python<'py>,
    values: Vec<E>,
    class: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let members: Vec<Bound<'py, PyAny>> =
        values.into_iter().map(|value| member(py, value, class)).collect::<PyResult<_>>()?;
    PyTuple::new(py, members).map(Bound::into_any)
}
