//! Views: NumPy arrays over the memory of a container. The base of such an array is a small object that holds the runtime's
//! `View`: it keeps the memory while the array or any slice of it lives, whatever becomes of the container, and the
//! container can tell that somebody still looks at its memory. It refers to no Python object, so there is no cycle.

use dtl::View;
use pyo3::prelude::*;

use crate::ndarray::array_over;

/// The base of a view.
#[pyclass(frozen, freelist = 64, module = "dtl._dtl", name = "_Memory")]
struct Memory {
    view: View,
}

#[pymethods]
impl Memory {
    fn __repr__(&self) -> String {
        format!("<memory of {} elements of {} in a container of dtl>", self.view.len(), self.view.dtype())
    }
}

/// An array over the memory that `view` keeps.
#[inline]
pub fn view(py: Python<'_>, view: View) -> PyResult<Bound<'_, PyAny>> {
    let base = Bound::new(py, Memory { view })?;
    let view = &base.get().view;
    // SAFETY: the view says where its container has elements of this shape, and keeps them there while the base holds it.
    unsafe { array_over(base.as_any(), view.as_mut_ptr(), view.dtype(), view.shape()) }
        .map_err(|refusal| refusal.raised(py))
}
