//! `container[i]`, and `span[i]`: one element of this rank, by its global index along each dimension. It never communicates.

use dtl::containers::{Ranged, single};
use dtl_types::Status;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyEllipsis, PySlice, PyTuple};
use smallvec::SmallVec;

use crate::Refusal;
use crate::argument::{integer, shown};
use crate::number::{Element, scalar};

/// The value of `container[key]`, as a scalar of NumPy.
pub fn item<'py, R: Ranged>(py: Python<'py>, of: &R, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let value = index(key).and_then(|index| Ok(single::read(of, &index)?));
    Element::from(value.map_err(|refusal| refusal.raised(py))?).to_numpy(py)
}

/// `container[key] = value`.
pub fn set_item<R: Ranged>(of: &R, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let write = || {
        let index = index(key)?;
        let value = scalar(value, of.container().dtype(), "value")?;
        Ok::<_, Refusal>(single::write(of, &index, value)?)
    };
    write().map_err(|refusal| refusal.raised(key.py()))
}

/// The exception for `del container[key]`.
pub fn no_deletion(of: &Bound<'_, PyAny>) -> PyErr {
    let class = crate::protocol::class_of(of);
    PyTypeError::new_err(format!("elements of a {class} cannot be deleted."))
}

/// The integers of a subscript, one for each dimension.
fn index(key: &Bound<'_, PyAny>) -> Result<SmallVec<[i64; 6]>, Refusal> {
    match key.cast::<PyTuple>() {
        Ok(keys) => keys.iter().map(|key| along(&key)).collect(),
        Err(_) => Ok(SmallVec::from_slice(&[along(key)?])),
    }
}

fn along(key: &Bound<'_, PyAny>) -> Result<i64, Refusal> {
    if key.is_instance_of::<PySlice>() || key.is_instance_of::<PyEllipsis>() {
        return Err(Refusal::wrong_type(format!(
            "the index is {}, but must be an integer: x[i] is one element of this rank. For several elements, use \
             get and set of containers, which every rank must call, or local_view() for those of this rank.",
            shown(key)
        )));
    }
    integer(key, "the index", Status::OutOfBounds, "There are fewer elements than that.")
}
