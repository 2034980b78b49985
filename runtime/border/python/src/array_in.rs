//! Arrays that operations read: anything that NumPy can make an array of. A contiguous, aligned array in native byte order is
//! used where it is; other arrays are copied first. Python and NumPy scalars become arrays of no dimensions and remember
//! what they were, so that the result can be such a scalar again.

use std::any::Any;
use std::marker::PhantomData;

use dtl::array::{Array, Lent};
use dtl_types::{Dtype, ReduceOp, SpecEnum};
use numpy::npyffi::{NpyTypes, get_type_object};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyComplex, PyFloat, PyInt, PyList, PyTuple};

use crate::Refusal;
use crate::argument::shown;
use crate::ndarray::{NdArray, Shape, copied, new_array};
use crate::number::{Element, scalar};
use crate::subclass;

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
pub struct ArrayIn<'a> {
    pub(crate) memory: Memory<'a>,
    pub(crate) dtype: Dtype,
    pub(crate) shape: Shape,
    pub(crate) origin: Origin,
}

/// Where the elements are.
#[derive(Debug)]
pub(crate) enum Memory<'a> {
    /// In the array that the user passed, which the caller holds during 'a.
    Passed { start: *const u8, argument: PhantomData<&'a PyAny> },
    /// In an array made of what the user passed.
    Made { start: *const u8, array: Py<PyAny> },
    /// Here: one element.
    Own(Element),
}

// SAFETY: the pointers lead into arrays that are kept alive, and are only read from; NumPy allows reading from any
// thread. That Python code does not write to an array while a call reads it, is the caller's part, as in NumPy.
unsafe impl Send for Memory<'_> {}
// SAFETY: shared references only read the arrays, which are kept alive, and NumPy allows reading from any thread; that
// Python code does not write to an array while a call reads it, is the caller's part, as in NumPy.
unsafe impl Sync for Memory<'_> {}

impl<'a> ArrayIn<'a> {
    /// The array that `argument` is or can be made into.
    #[inline]
    pub fn new(argument: &'a Bound<'_, PyAny>, name: &str) -> Result<Self, Refusal> {
        let Some(array) = NdArray::of(argument) else { return Self::converted(argument, name) };
        subclass::check(argument, name)?;
        let dtype = array.dtype().map_err(|reason| refused(argument, name, &reason))?;
        let memory = if array.is_contiguous() {
            Memory::Passed { start: array.start(), argument: PhantomData }
        } else {
            Memory::made(copied(argument)?)
        };
        Ok(ArrayIn { memory, dtype, shape: array.shape(), origin: Origin::Array })
    }

    /// The same, where a Python `bool` counts as an integer under a sum or product.
    #[inline]
    pub fn counting(argument: &'a Bound<'_, PyAny>, name: &str, op: ReduceOp) -> Result<Self, Refusal> {
        if argument.is_exact_instance_of::<PyBool>() && matches!(op, ReduceOp::Sum | ReduceOp::Prod) {
            return Ok(Self::scalar(Element::of(i64::from(argument.is_truthy()?))));
        }
        Self::new(argument, name)
    }

    /// The array that only the root needs to pass: elsewhere whatever stands in its place is ignored.
    pub fn at_root(
        argument: Option<&'a Bound<'_, PyAny>>,
        name: &str,
        is_root: bool,
    ) -> Result<Option<Self>, Refusal> {
        argument.filter(|_| is_root).map(|argument| Self::new(argument, name)).transpose()
    }

    /// The same for elements of one type: a number, or each of a list or tuple of numbers, becomes what that type can hold.
    pub fn of_dtype(argument: &'a Bound<'_, PyAny>, name: &str, dtype: Dtype) -> Result<Self, Refusal> {
        let found = if NdArray::of(argument).is_some() { Origin::Array } else { origin(argument)? };
        if found != Origin::Array {
            let element = Element::from(scalar(argument, dtype, name)?);
            return Ok(ArrayIn { origin: found, ..Self::scalar(element) });
        }
        let items: Vec<Bound<'_, PyAny>> = match (argument.cast::<PyList>(), argument.cast::<PyTuple>()) {
            (Ok(list), _) => list.iter().collect(),
            (_, Ok(tuple)) => tuple.iter().collect(),
            _ => return Self::new(argument, name),
        };
        let mut bytes: Vec<u8> = Vec::with_capacity(items.len() * dtype.size());
        for item in &items {
            if origin(item)? == Origin::Array {
                return Self::new(argument, name);
            }
            bytes.extend_from_slice(scalar(item, dtype, name)?.bytes());
        }
        Self::of_bytes(argument.py(), dtype, [items.len()].as_slice().into(), &bytes)
    }

    /// A new array of these elements, of which there must be as many as the shape says.
    pub(crate) fn of_bytes(
        py: Python<'_>,
        dtype: Dtype,
        shape: Shape,
        bytes: &[u8],
    ) -> Result<Self, Refusal> {
        assert_eq!(bytes.len(), shape.iter().product::<usize>() * dtype.size());
        let made = Memory::made(new_array(py, dtype, &shape)?);
        if let Memory::Made { start, .. } = &made {
            // SAFETY: the new array has as many elements of this type, and nobody else knows it yet.
            unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), start.cast_mut(), bytes.len()) };
        }
        Ok(ArrayIn { memory: made, dtype, shape, origin: Origin::Array })
    }

    fn converted(argument: &Bound<'_, PyAny>, name: &str) -> Result<Self, Refusal> {
        let py = argument.py();
        if let Ok(float) = argument.cast_exact::<PyFloat>() {
            return Ok(Self::scalar(Element::of(float.value())));
        }
        if argument.is_instance_of::<PyBool>() {
            return Ok(Self::scalar(Element::of(argument.is_truthy()?)));
        }
        let refuse = |problem: PyErr| {
            if problem.is_instance_of::<PyValueError>(py) || problem.is_instance_of::<PyTypeError>(py) {
                no_array(argument, name, &format!(" ({})", problem.value(py)))
            } else {
                problem.into()
            }
        };
        let made = subclass::converted(argument, name, refuse)?;
        let array = NdArray::of(&made).ok_or_else(|| no_array(argument, name, ""))?;
        let dtype = array.dtype().map_err(|_| no_array(argument, name, ""))?;
        let (shape, origin) = (array.shape(), origin(argument)?);
        Ok(ArrayIn { memory: Memory::made(made), dtype, shape, origin })
    }

    fn scalar(element: Element) -> Self {
        let dtype = element.dtype();
        ArrayIn { memory: Memory::Own(element), dtype, shape: Shape::new(), origin: Origin::PythonScalar }
    }

    /// The array for an operation that goes on after the call: it keeps the elements, those of `argument` where they are used in
    /// place.
    pub fn lend(self, argument: &Bound<'_, PyAny>) -> Lent {
        let (dtype, shape) = (self.dtype, self.shape.as_ref().into());
        let (start, keeper): (*const u8, Box<dyn Any + Send>) = match self.memory {
            Memory::Passed { start, .. } => (start, Box::new(argument.clone().unbind())),
            Memory::Made { start, array } => (start, Box::new(array)),
            Memory::Own(element) => {
                let element = Box::new(element);
                (element.start(), element)
            }
        };
        // SAFETY: the elements are in what is kept, and stay where they are when it is moved. That Python code does not
        // write to an array while an operation reads it, is the caller's part, as in NumPy.
        unsafe { Lent::from_raw(start, dtype, shape, keeper) }
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
            Memory::Passed { start, .. } | Memory::Made { start, .. } => *start,
            Memory::Own(element) => element.start(),
        }
    }

    /// Moves the elements to memory of their own if a result will be written to part of the present one: dtl allows a
    /// result in exactly the memory of its input, or away from it.
    #[inline]
    pub(crate) fn keep_away_from(
        &mut self,
        argument: &Bound<'_, PyAny>,
        start: *const u8,
        nbytes: usize,
    ) -> PyResult<()> {
        let (own, result) = (self.start() as usize, start as usize);
        let own_nbytes = self.shape.iter().product::<usize>() * self.dtype.size();
        let apart = own + own_nbytes <= result || result + nbytes <= own;
        if !apart && (own, own_nbytes) != (result, nbytes) {
            self.memory = Memory::made(copied(argument)?);
        }
        Ok(())
    }
}

impl Memory<'_> {
    fn made(array: Bound<'_, PyAny>) -> Self {
        let start = NdArray::of(&array).map_or(std::ptr::null_mut(), NdArray::start);
        Memory::Made { start, array: array.unbind() }
    }
}

/// What `argument`, which is no array, was before NumPy made one of it.
fn origin(argument: &Bound<'_, PyAny>) -> PyResult<Origin> {
    let py = argument.py();
    // SAFETY: the type object is NumPy's own and lives as long as the process.
    let scalars = unsafe {
        let scalars: *mut ffi::PyObject = get_type_object(py, NpyTypes::PyGenericArrType_Type).cast();
        Borrowed::from_ptr(py, scalars)
    };
    let number = argument.is_instance_of::<PyInt>()
        || argument.is_instance_of::<PyFloat>()
        || argument.is_instance_of::<PyComplex>();
    Ok(match argument.is_instance(&scalars)? {
        true => Origin::NumpyScalar,
        false if number => Origin::PythonScalar,
        false => Origin::Array,
    })
}

#[cold]
fn refused(argument: &Bound<'_, PyAny>, name: &str, reason: &str) -> Refusal {
    Refusal::value(format!("{name} is {}, which dtl cannot use: it {reason}.", shown(argument)))
}

#[cold]
fn no_array(argument: &Bound<'_, PyAny>, name: &str, reason: &str) -> Refusal {
    let names: Vec<&str> = Dtype::VALUES.iter().map(|dtype| dtype.name()).collect();
    Refusal::value(format!(
        "{name} is {}, which is no array of numbers{reason}. Pass a number, or an array or sequence of numbers of one of the \
         types {}; of a container, pass its `local_view()`.",
        shown(argument),
        names.join(", ")
    ))
}
