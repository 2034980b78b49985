//! Arrays that operations read: anything that NumPy can make an array of. A contiguous, aligned array in native byte order is
//! used where it is; other arrays are copied first. Python and NumPy scalars become arrays of no dimensions and remember
//! what they were, so that the result can be such a scalar again.

use dtl::Array;
use dtl_types::{Dtype, ReduceOp, SpecEnum};
use numpy::npyffi::{NpyTypes, get_type_object};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyComplex, PyFloat, PyInt};

use crate::Refusal;
use crate::argument::shown;
use crate::ndarray::{NdArray, Shape, contiguous, copied};
use crate::number::Element;

/// What the user passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// An array, or something like one.
    Array,
    /// A Python `int`, `float`, `complex` or `bool`.
    PythonScalar,
    /// A NumPy scalar.
    NumpyScalar,
    /// Nothing.
    Nothing,
}

/// An array that an operation reads.
#[derive(Debug)]
pub struct ArrayIn {
    pub(crate) memory: Memory,
    pub(crate) dtype: Dtype,
    pub(crate) shape: Shape,
    pub(crate) origin: Origin,
    /// What the user passed, if it is an array.
    pub(crate) given: Option<Py<PyAny>>,
}

/// Where the elements are.
#[derive(Debug)]
pub(crate) enum Memory {
    /// In an array that is kept alive.
    Shared { start: *const u8, _keeper: Py<PyAny> },
    /// Here: one element.
    Own(Element),
}

// SAFETY: the pointer leads into an array that `_keeper` keeps alive, and is only read from; NumPy allows reading from
// any thread. That Python code does not write to an array while a call reads it, is the caller's part, as in NumPy.
unsafe impl Send for Memory {}
// SAFETY: as above.
unsafe impl Sync for Memory {}

impl ArrayIn {
    /// The array that `argument` is or can be made into.
    #[inline]
    pub fn new(argument: &Bound<'_, PyAny>, name: &str) -> Result<Self, Refusal> {
        match NdArray::of(argument) {
            Some(array) if array.is_contiguous() => Self::shared(argument, argument, array, Origin::Array, name),
            Some(array) => {
                array.dtype().map_err(|reason| refused(argument, name, &reason))?;
                let copy = copied(argument)?;
                let array = NdArray::of(&copy).ok_or_else(|| no_array(argument, name))?;
                Self::shared(argument, &copy, array, Origin::Array, name)
            }
            None => Self::converted(argument, name),
        }
    }

    /// The same, where a Python `bool` counts as an integer under a sum or product.
    #[inline]
    pub fn counting(argument: &Bound<'_, PyAny>, name: &str, op: ReduceOp) -> Result<Self, Refusal> {
        if argument.is_exact_instance_of::<PyBool>() && matches!(op, ReduceOp::Sum | ReduceOp::Prod) {
            return Ok(Self::scalar(Element::of(i64::from(argument.is_truthy()?)), Origin::PythonScalar));
        }
        Self::new(argument, name)
    }

    /// The array that only the root needs to pass: elsewhere whatever stands in its place is ignored.
    pub fn at_root(argument: Option<&Bound<'_, PyAny>>, name: &str, is_root: bool) -> Result<Option<Self>, Refusal> {
        match argument {
            Some(argument) if is_root && !argument.is_none() => Self::new(argument, name).map(Some),
            _ => Ok(None),
        }
    }

    fn converted(argument: &Bound<'_, PyAny>, name: &str) -> Result<Self, Refusal> {
        let py = argument.py();
        if argument.is_instance_of::<PyBool>() {
            return Ok(Self::scalar(Element::of(argument.is_truthy()?), Origin::PythonScalar));
        }
        // SAFETY: the type object is NumPy's own and lives as long as the process.
        let scalars = unsafe { Borrowed::from_ptr(py, get_type_object(py, NpyTypes::PyGenericArrType_Type).cast::<ffi::PyObject>()) };
        let origin = if argument.is_instance(&scalars)? {
            Origin::NumpyScalar
        } else if let Ok(float) = argument.cast::<PyFloat>() {
            return Ok(Self::scalar(Element::of(float.value()), Origin::PythonScalar));
        } else if argument.is_instance_of::<PyInt>() || argument.is_instance_of::<PyComplex>() {
            Origin::PythonScalar
        } else {
            Origin::Array
        };
        let made = contiguous(argument).map_err(|problem| {
            if problem.is_instance_of::<PyValueError>(py) || problem.is_instance_of::<PyTypeError>(py) {
                refused(argument, name, &format!("NumPy says: {}", problem.value(py)))
            } else {
                problem.into()
            }
        })?;
        let array = NdArray::of(&made).ok_or_else(|| no_array(argument, name))?;
        Self::shared(&made, &made, array, origin, name).map_err(|refusal| match refusal {
            Refusal::Broken(_) if origin == Origin::Array => no_array(argument, name),
            other => other,
        })
    }

    fn scalar(element: Element, origin: Origin) -> Self {
        ArrayIn { dtype: element.dtype(), memory: Memory::Own(element), shape: Shape::new(), origin, given: None }
    }

    #[inline]
    fn shared(
        given: &Bound<'_, PyAny>,
        keeper: &Bound<'_, PyAny>,
        array: NdArray<'_, '_>,
        origin: Origin,
        name: &str,
    ) -> Result<Self, Refusal> {
        Ok(ArrayIn {
            dtype: array.dtype().map_err(|reason| refused(given, name, &reason))?,
            shape: array.shape(),
            memory: Memory::Shared { start: array.start(), _keeper: keeper.clone().unbind() },
            origin,
            given: Some(given.clone().unbind()),
        })
    }

    /// The array as dtl takes it.
    #[inline]
    pub fn array(&self) -> Array<'_> {
        // SAFETY: the memory holds the elements of this shape and lives as long as `self`.
        unsafe { Array::from_raw(self.start(), self.dtype, &self.shape) }
    }

    #[inline]
    pub(crate) fn start(&self) -> *const u8 {
        match &self.memory {
            Memory::Shared { start, .. } => *start,
            Memory::Own(element) => element.start(),
        }
    }

    /// Moves the elements to memory of their own if a result will be written to part of the present one: dtl allows a result
    /// in exactly the memory of its input, or away from it.
    pub(crate) fn keep_away_from(&mut self, start: *const u8, nbytes: usize) -> PyResult<()> {
        let Memory::Shared { start: own, _keeper: keeper } = &self.memory else { return Ok(()) };
        let own_nbytes = self.shape.iter().product::<usize>() * self.dtype.size();
        let (from, to) = (*own as usize, start as usize);
        let apart = from + own_nbytes <= to || to + nbytes <= from;
        if apart || (from, own_nbytes) == (to, nbytes) {
            return Ok(());
        }
        self.memory = Python::attach(|py| {
            let copy = copied(keeper.bind(py))?;
            let start = NdArray::of(&copy).map_or(std::ptr::null_mut(), NdArray::start);
            Ok::<_, PyErr>(Memory::Shared { start, _keeper: copy.unbind() })
        })?;
        Ok(())
    }
}

#[cold]
fn refused(argument: &Bound<'_, PyAny>, name: &str, reason: &str) -> Refusal {
    Refusal::value(format!("{name} is {}, which dtl cannot use: it {reason}.", shown(argument)))
}

#[cold]
fn no_array(argument: &Bound<'_, PyAny>, name: &str) -> Refusal {
    let names: Vec<&str> = Dtype::VALUES.iter().map(|dtype| dtype.name()).collect();
    Refusal::value(format!(
        "{name} is {}, which is no array of numbers. Pass a number, an array or a sequence of numbers of one of the types {}; \
         of a container, pass its `local_view()`.",
        shown(argument),
        names.join(", ")
    ))
}
