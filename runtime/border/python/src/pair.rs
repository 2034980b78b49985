//! Results that are two arrays: a pair in Python, and a pair of arrays as `out`.

use dtl::Pair;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use crate::argument::shown;
use crate::array_out::ArrayOut;
use crate::ndarray::NdArray;
use crate::refusal::Refusal;

/// The two arrays that the caller passes as `out`, if any.
pub fn pair<'py>(out: Option<&Bound<'py, PyAny>>) -> Result<[Option<Bound<'py, PyAny>>; 2], Refusal> {
    let Some(out) = out else { return Ok([None, None]) };
    let is_pair = (out.is_instance_of::<PyTuple>() || out.is_instance_of::<PyList>()) && out.len()? == 2;
    if !is_pair {
        return Err(Refusal::wrong_type(format!(
            "out is {}, but must be a tuple of two NumPy arrays, one for each result.",
            shown(out)
        )));
    }
    let (first, second) = (out.get_item(0)?, out.get_item(1)?);
    // What is no array is refused where the array is looked at.
    let extents = [extent(&first), extent(&second)];
    if let [Some((a, after_a)), Some((b, after_b))] = extents
        && a < after_b
        && b < after_a
    {
        return Err(Refusal::value("The two arrays in out share memory. Pass two that do not."));
    }
    Ok([Some(first), Some(second)])
}

/// Where the memory of an array begins and ends, if its elements are adjacent.
fn extent(array: &Bound<'_, PyAny>) -> Option<(usize, usize)> {
    let array = NdArray::of(array)?;
    let start = array.start() as usize;
    Some((start, start + array.shape().iter().product::<usize>() * array.dtype().ok()?.size()))
}

/// Both results for the caller.
pub fn both(py: Python<'_>, out: Pair<ArrayOut>) -> PyResult<Py<PyAny>> {
    let results = [out.0.into_result(py)?, out.1.into_result(py)?];
    Ok(PyTuple::new(py, results)?.into_any().unbind())
}
