//! Callables of the program that are passed one element at a time, or arrays of many. An algorithm passes many elements at once, so
//! that the interpreter's lock is taken once for all of them.

use std::sync::{Arc, Mutex, PoisonError};

use dtl::array::{Array, ArrayMut};
use dtl::{Error, Indices};
use dtl_types::{Dtype, Status};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple};
use smallvec::SmallVec;

use crate::Refusal;
use crate::argument::{flag, shown};
use crate::ndarray::{NdArray, new_array};
use crate::number::scalar;
use crate::refusal::raise;
use crate::subclass;

/// A callable that is passed elements, and what it has raised.
#[derive(Debug, Clone)]
pub struct Elementwise {
    func: Arc<Py<PyAny>>,
    name: &'static str,
    with_index: bool,
    vectorized: bool,
    raised: Arc<Mutex<Option<PyErr>>>,
}

/// What such a callable gives.
#[derive(Debug)]
pub enum Gives<'a, 'b> {
    /// Nothing that is looked at.
    Nothing,
    /// A truth value for each element.
    Answers(&'a mut [bool]),
    /// An element for each element.
    Elements(&'a mut ArrayMut<'b>),
}

/// An argument that is a callable for elements, and how it is called. NumPy's ufuncs are always passed arrays.
pub fn elementwise(
    argument: &Bound<'_, PyAny>,
    name: &'static str,
    with_index: Option<&Bound<'_, PyAny>>,
    vectorized: Option<&Bound<'_, PyAny>>,
) -> Result<Elementwise, Refusal> {
    if !argument.is_callable() {
        return Err(Refusal::wrong_type(format!("{name} is {}, but must be callable.", shown(argument))));
    }
    let said = |argument: Option<&Bound<'_, PyAny>>, name: &str| {
        argument.map_or(Ok(false), |argument| flag(argument, name))
    };
    Ok(Elementwise {
        func: Arc::new(argument.clone().unbind()),
        name,
        with_index: said(with_index, "with_index")?,
        vectorized: said(vectorized, "vectorized")? || is_ufunc(argument)?,
        raised: Arc::default(),
    })
}

fn is_ufunc(callable: &Bound<'_, PyAny>) -> PyResult<bool> {
    static UFUNC: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = callable.py();
    let load = || Ok::<_, PyErr>(py.import("numpy")?.getattr("ufunc")?.unbind());
    Ok(callable.get_type().is(UFUNC.get_or_try_init(py, load)?.bind(py)))
}

impl Elementwise {
    /// Calls it for elements, of which each array has as many, with their indices where it wants them. An exception is kept for the one
    /// who waits for the operation; a request that has returned waits no more.
    pub fn call(
        &self,
        elements: &[Array<'_>],
        indices: Option<Indices>,
        gives: Gives<'_, '_>,
        status: Status,
    ) -> dtl::Result<()> {
        let call = |py: Python<'_>| {
            let indices = indices.filter(|_| self.with_index);
            let outcome = match self.vectorized {
                true => self.call_with_arrays(py, elements, indices, gives),
                false => self.call_with_each(py, elements, indices, gives),
            };
            outcome.map_err(|exception| {
                let text = exception.to_string();
                *self.raised.lock().unwrap_or_else(PoisonError::into_inner) = Some(exception);
                Error::new(status, text)
            })
        };
        let ended = || Err(Error::new(status, "the interpreter of Python has ended"));
        Python::try_attach(call).unwrap_or_else(ended)
    }

    /// The exception for an error of the operation: on the rank where the callable has raised one, that itself.
    #[cold]
    pub fn raised(&self, py: Python<'_>, error: &Error) -> PyErr {
        let own = self.raised.lock().unwrap_or_else(PoisonError::into_inner).take();
        own.unwrap_or_else(|| raise(py, error))
    }

    fn call_with_each(
        &self,
        py: Python<'_>,
        elements: &[Array<'_>],
        indices: Option<Indices>,
        mut gives: Gives<'_, '_>,
    ) -> PyResult<()> {
        let func = self.func.bind(py);
        // NumPy makes scalars of the elements of its own arrays fastest.
        let scalars = elements.iter().map(|array| copy(py, array)?.try_iter());
        let mut scalars = scalars.collect::<PyResult<Vec<_>>>()?;
        for place in 0..elements.first().map_or(0, Array::len) {
            let mut arguments =
                scalars.iter_mut().filter_map(Iterator::next).collect::<PyResult<SmallVec<[_; 3]>>>()?;
            if let Some(indices) = indices {
                arguments.push(indices.at(place).into_pyobject(py)?.into_any());
            }
            let given = match arguments.as_slice() {
                [one] => func.call1((one,))?,
                [one, other] => func.call1((one, other))?,
                several => func.call1(PyTuple::new(py, several)?)?,
            };
            match &mut gives {
                Gives::Nothing => {}
                Gives::Answers(answers) => answers[place] = given.is_truthy()?,
                Gives::Elements(out) => {
                    let what = format!("what {} gave", self.name);
                    let value = scalar(&given, out.dtype(), &what).map_err(|refusal| refusal.raised(py))?;
                    let at = place * out.dtype().size();
                    // SAFETY: the array has as many elements as those that are read, and the value is one of its type.
                    unsafe {
                        let start = value.bytes().as_ptr();
                        out.as_mut_ptr().add(at).copy_from_nonoverlapping(start, value.bytes().len());
                    }
                }
            }
        }
        Ok(())
    }

    /// Calls it once, with copies, which it may change and keep.
    fn call_with_arrays(
        &self,
        py: Python<'_>,
        elements: &[Array<'_>],
        indices: Option<Indices>,
        gives: Gives<'_, '_>,
    ) -> PyResult<()> {
        let count = elements.first().map_or(0, Array::len);
        let mut arguments = elements.iter().map(|array| copy(py, array)).collect::<PyResult<Vec<_>>>()?;
        if let Some(indices) = indices {
            let end = indices.at(count);
            arguments.push(py.import("numpy")?.call_method1("arange", (indices.first, end, indices.step))?);
        }
        let given = self.func.bind(py).call1(PyTuple::new(py, arguments)?)?;
        if matches!(gives, Gives::Nothing) {
            return Ok(());
        }
        let what = format!("what {} gave", self.name);
        let given =
            subclass::converted(&given, &what, Refusal::from).map_err(|refusal| refusal.raised(py))?;
        match gives {
            Gives::Nothing => Ok(()),
            Gives::Answers(answers) => {
                let made = new_array(py, Dtype::Bool, &[count]).map_err(|refusal| refusal.raised(py))?;
                self.assign(&made, &given, "unsafe")?;
                // SAFETY: the array was made for so many truth values of one byte, and NumPy has stored them.
                unsafe { start(&made).cast::<bool>().copy_to_nonoverlapping(answers.as_mut_ptr(), count) };
                Ok(())
            }
            Gives::Elements(out) => {
                let made = new_array(py, out.dtype(), &[count]).map_err(|refusal| refusal.raised(py))?;
                self.assign(&made, &given, "same_kind")?;
                // SAFETY: the array was made for as many elements of the same type.
                unsafe { out.as_mut_ptr().copy_from_nonoverlapping(start(&made), out.nbytes()) };
                Ok(())
            }
        }
    }

    /// Copies what the callable gave into an array, as NumPy converts it.
    fn assign(&self, into: &Bound<'_, PyAny>, given: &Bound<'_, PyAny>, casting: &str) -> PyResult<()> {
        let py = into.py();
        let wanted: Vec<usize> = into.getattr("shape")?.extract()?;
        let shape: Vec<usize> = py.import("numpy")?.call_method1("shape", (given,))?.extract()?;
        if shape != wanted {
            return Err(PyValueError::new_err(format!(
                "{0} gave an array of shape {shape:?} for arrays of shape {wanted:?}. Give one element for each, or leave `vectorized` \
                 away, so that {0} is called with one element at a time.",
                self.name
            )));
        }
        let options = PyDict::new(py);
        options.set_item("casting", casting)?;
        py.import("numpy")?.call_method("copyto", (into, given), Some(&options))?;
        Ok(())
    }
}

/// A NumPy array with the same elements.
fn copy<'py>(py: Python<'py>, array: &Array<'_>) -> PyResult<Bound<'py, PyAny>> {
    let made = new_array(py, array.dtype(), array.shape()).map_err(|refusal| refusal.raised(py))?;
    // SAFETY: the new array has room for as many elements of the same type.
    unsafe { start(&made).copy_from_nonoverlapping(array.as_ptr(), array.nbytes()) };
    Ok(made)
}

fn start(array: &Bound<'_, PyAny>) -> *mut u8 {
    NdArray::of(array).map_or(std::ptr::null_mut(), NdArray::start)
}
