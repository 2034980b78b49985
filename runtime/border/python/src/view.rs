//! Views: NumPy arrays over the memory of a container. The container is the array's base, so it lives as long as the view or
//! any slice of it; it knows nothing of its views, so there is no cycle that would keep both alive.

use dtl::View;
use pyo3::prelude::*;

use crate::ndarray::array_over;

/// An array over the memory that `view` describes, which belongs to the container behind `owner`.
#[inline]
pub fn view<'py>(owner: &Bound<'py, PyAny>, view: &View) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: the view says where its container has so many elements; the container keeps them there while it lives, and
    // `owner` keeps the container alive.
    let array = unsafe { array_over(owner, view.as_mut_ptr(), view.dtype(), view.len()) };
    array.map_err(|refusal| refusal.raised(owner.py()))
}
