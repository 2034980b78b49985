//! Functions of the program that combine two arrays into a third, in place of the operator of a reduction.

use std::sync::{Arc, Mutex, PoisonError};

use dtl::Error;
use dtl::array::{Array, ArrayMut};
use dtl_types::Status;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::Refusal;
use crate::argument::shown;
use crate::ndarray::{NdArray, new_array};
use crate::refusal::raise;
use crate::subclass::converted;

/// A function of two arrays, and what it has raised.
#[derive(Debug)]
pub struct Combiner {
    func: Arc<Py<PyAny>>,
    raised: Arc<Mutex<Option<PyErr>>>,
}

/// An argument that is a function of two arrays.
pub fn combiner(argument: &Bound<'_, PyAny>, name: &str) -> Result<Combiner, Refusal> {
    if argument.is_callable() {
        return Ok(Combiner { func: Arc::new(argument.clone().unbind()), raised: Arc::default() });
    }
    Err(Refusal::wrong_type(format!("{name} is {}, but must be callable.", shown(argument))))
}

impl Combiner {
    /// The function for an operation, which may call it from any thread that lets the operation go on.
    pub fn function(&self) -> dtl::Combiner<'static> {
        // A call that has returned with a request raises nothing any more.
        let (func, raised) = (self.func.clone(), Arc::downgrade(&self.raised));
        Box::new(move |a, b, combined| {
            let call = |py: Python<'_>| {
                combine(func.bind(py), a, b, combined).map_err(|exception| {
                    let text = exception.to_string();
                    if let Some(raised) = raised.upgrade() {
                        *raised.lock().unwrap_or_else(PoisonError::into_inner) = Some(exception);
                    }
                    Error::new(Status::ReduceFailed, text)
                })
            };
            let ended = || Err(Error::new(Status::ReduceFailed, "the interpreter of Python has ended"));
            Python::try_attach(call).unwrap_or_else(ended)
        })
    }

    /// The exception for an error of the operation: on the rank where the function has raised one, that itself.
    #[cold]
    pub fn raised(&self, py: Python<'_>, error: &Error) -> PyErr {
        let own = self.raised.lock().unwrap_or_else(PoisonError::into_inner).take();
        own.unwrap_or_else(|| raise(py, error))
    }
}

/// Calls the function with copies of the arrays, which it may change and keep, and stores what it gives.
fn combine(func: &Bound<'_, PyAny>, a: Array<'_>, b: Array<'_>, mut combined: ArrayMut<'_>) -> PyResult<()> {
    let returned = func.call1((copy(func.py(), a)?, copy(func.py(), b)?))?;
    let given =
        converted(&returned, "what op gave", Refusal::from).map_err(|refusal| refusal.raised(func.py()))?;
    let wrong = |dtype: &str, shape: &[usize]| {
        PyValueError::new_err(format!(
            "op gave {dtype} of shape {shape:?} for two arrays of {} of shape {:?}. Return an array of their dtype and shape.",
            combined.dtype(),
            combined.shape()
        ))
    };
    let Some(array) = NdArray::of(&given) else { return Err(wrong("no array", &[])) };
    match array.dtype() {
        Ok(dtype) if dtype == combined.dtype() && array.shape()[..] == *combined.shape() => {}
        _ => return Err(wrong(&given.getattr("dtype")?.to_string(), &array.shape())),
    }
    // SAFETY: NumPy's array is contiguous and has the type and shape of `combined`, which is another piece of memory.
    unsafe { std::ptr::copy_nonoverlapping(array.start(), combined.as_mut_ptr(), combined.nbytes()) };
    Ok(())
}

/// A NumPy array with the same elements.
fn copy<'py>(py: Python<'py>, array: Array<'_>) -> PyResult<Bound<'py, PyAny>> {
    let made = new_array(py, array.dtype(), array.shape()).map_err(|refusal| refusal.raised(py))?;
    let start = NdArray::of(&made).map_or(std::ptr::null_mut(), NdArray::start);
    // SAFETY: the new array has room for as many elements of the same type.
    unsafe { std::ptr::copy_nonoverlapping(array.as_ptr(), start, array.nbytes()) };
    Ok(made)
}
