//! `container[i]`: one element of this rank, by its global index. It never communicates, so an element of another rank is an
//! error that says where it is.

use dtl::Error;
use dtl::containers::{Container, line, local_part, properties};
use dtl_types::Status;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PySlice, PyTuple};

use crate::Refusal;
use crate::argument::{integer, shown};
use crate::number::{Element, scalar};

/// The value of `container[key]`, as a scalar of NumPy.
pub fn item<'py>(
    py: Python<'py>,
    container: &Container,
    key: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let place = place(container, key).map_err(|refusal| refusal.raised(py))?;
    let view = local_part::local_view(container).map_err(|error| crate::raise(py, &error))?;
    let size = view.dtype().size();
    // SAFETY: the place is that of a local element, all of which the view keeps.
    unsafe { Element::read(view.dtype(), view.as_mut_ptr().add(place * size)) }.to_numpy(py)
}

/// `container[key] = value`.
pub fn set_item(container: &Container, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = key.py();
    let write = || {
        let place = place(container, key)?;
        let element = scalar(value, container.dtype(), "value")?;
        let view = local_part::local_view(container)?;
        let bytes = element.bytes();
        // SAFETY: the place is that of a local element, all of which the view keeps; an element has as many bytes.
        unsafe {
            view.as_mut_ptr().add(place * bytes.len()).copy_from_nonoverlapping(bytes.as_ptr(), bytes.len())
        };
        Ok::<_, Refusal>(())
    };
    write().map_err(|refusal| refusal.raised(py))
}

/// The exception for `del container[key]`.
pub fn no_deletion(class: &str) -> PyErr {
    PyTypeError::new_err(format!("elements of a {class} cannot be deleted."))
}

/// Where the element is among the local ones.
fn place(container: &Container, key: &Bound<'_, PyAny>) -> Result<usize, Refusal> {
    if key.is_instance_of::<PySlice>() || key.is_instance_of::<PyTuple>() || key.is(key.py().Ellipsis()) {
        return Err(Refusal::wrong_type(format!(
            "the index is {}, but must be an integer: x[i] is one element of this rank. Use get and set, which every rank must \
             call, for several elements, or local_view() for those of this rank.",
            shown(key)
        )));
    }
    let index: i64 = integer(key, "the index", Status::OutOfBounds, "There are fewer elements than that.")?;
    let size = properties::global_size(container) as i64;
    let wrapped = if index < 0 { index.saturating_add(size) } else { index };
    if !(0..size).contains(&wrapped) {
        let message = format!("the index is {index}, but there are {size} elements.");
        return Err(Error::new(Status::OutOfBounds, message).into());
    }
    if !line::is_local(container, wrapped)? {
        let (owner, rank) = (line::owner(container, wrapped)?, properties::rank(container));
        return Err(Error::new(
            Status::InvalidIndex,
            format!(
                "element {index} is on rank {owner}, not on this rank, {rank}: x[i] never communicates. Use get({index}) or \
                 set({index}, value), which every rank must call."
            ),
        )
        .into());
    }
    Ok(line::to_local(container, wrapped)? as usize)
}
