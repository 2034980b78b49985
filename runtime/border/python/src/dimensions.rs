//! What has one value for each dimension: shapes and the like. Users pass a sequence, or one value alone; they get tuples.

use dtl_types::{SpecEnum, Status};
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyFrozenSet, PyMemoryView, PySet, PyString, PyTuple};

use crate::Refusal;
use crate::argument::{integer, shown};
use crate::choice::member;

/// Extents: a sequence of integers, or one integer for one dimension.
pub fn shape(argument: &Bound<'_, PyAny>, name: &str) -> Result<Vec<u64>, Refusal> {
    per_dimension(argument, name, |extent| {
        integer(extent, name, Status::InvalidArgument, "Pass numbers that are not negative.")
    })
}

/// Numbers of rows, one for each rank.
pub fn counts(argument: &Bound<'_, PyAny>, name: &str) -> Result<Vec<u64>, Refusal> {
    per_dimension(argument, name, |count| {
        integer(count, name, Status::InvalidArgument, "Pass a number for each rank that is not negative.")
    })
}

/// More than there are dimensions or ranks anywhere. What has no end, or none in sight, is not read further.
const MOST: usize = 1 << 20;

/// One value for each dimension, or one alone; `convert` makes each.
pub fn per_dimension<'py, T>(
    argument: &Bound<'py, PyAny>,
    name: &str,
    convert: impl Fn(&Bound<'py, PyAny>) -> Result<T, Refusal>,
) -> Result<Vec<T>, Refusal> {
    // A text is a sequence of letters, and means one value.
    if argument.is_instance_of::<PyString>() {
        return Ok(vec![convert(argument)?]);
    }
    if is_no_list(argument) {
        let message =
            format!("{name} is {}, but must be a sequence, such as a tuple or a list.", shown(argument));
        return Err(Refusal::wrong_type(message));
    }
    let Ok(values) = argument.try_iter() else { return Ok(vec![convert(argument)?]) };
    let mut read = Vec::new();
    // A loop, because what collects asks first how much there is, which has no answer in 64 bits for some ranges.
    for value in values {
        if read.len() == MOST {
            let message =
                format!("{name} has more than {MOST} entries. Pass one for each dimension or rank.");
            return Err(Refusal::Broken(dtl::Error::new(Status::ExtentMismatch, message)));
        }
        read.push(convert(&value?)?);
    }
    Ok(read)
}

/// Whether it is what Python can go through, and yet no list of numbers: their order is none, or the numbers are letters.
fn is_no_list(argument: &Bound<'_, PyAny>) -> bool {
    argument.is_instance_of::<PyBytes>()
        || argument.is_instance_of::<PyByteArray>()
        || argument.is_instance_of::<PyMemoryView>()
        || argument.is_instance_of::<PyDict>()
        || argument.is_instance_of::<PySet>()
        || argument.is_instance_of::<PyFrozenSet>()
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
