//! One element: from a Python number for `fill` and the like, and back to Python for reductions of scalars.

use dtl::{Complex, Number, Scalar};
use dtl_types::Dtype;
use numpy::PY_ARRAY_API;
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyComplex, PyFloat, PyInt};

use crate::Refusal;
use crate::argument::shown;
use crate::dtype::new_descr;
use crate::subclass;

/// One element of any data type.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(16))]
pub(crate) struct Element {
    bytes: [u8; 16],
    dtype: Dtype,
}

impl Element {
    pub(crate) fn zero(dtype: Dtype) -> Self {
        Element { bytes: [0; 16], dtype }
    }

    pub(crate) fn of<T: dtl::Element>(value: T) -> Self {
        Scalar::of(value).into()
    }

    pub(crate) fn dtype(&self) -> Dtype {
        self.dtype
    }

    pub(crate) fn start(&self) -> *const u8 {
        self.bytes.as_ptr()
    }

    pub(crate) fn start_mut(&mut self) -> *mut u8 {
        self.bytes.as_mut_ptr()
    }

    /// The Python number with this value, or NumPy's scalar where Python has no such number.
    pub(crate) fn to_python<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        // Most are these, and need no number of any kind in between.
        if let (Dtype::Float64, Some(bytes)) = (self.dtype, self.bytes.first_chunk()) {
            return Ok(PyFloat::new(py, f64::from_ne_bytes(*bytes)).into_any());
        }
        if self.dtype == Dtype::Byte {
            return self.bytes[0].into_bound_py_any(py);
        }
        // SAFETY: there is room for an element of any data type.
        match unsafe { Scalar::from_raw(self.dtype, self.start()) }.number() {
            Some(Number::Whole(value)) if self.dtype == Dtype::Bool => (value != 0).into_bound_py_any(py),
            Some(Number::Whole(value)) => match i64::try_from(value) {
                // What has 64 bits becomes a Python number in one step.
                Ok(value) => value.into_bound_py_any(py),
                Err(_) => value.into_bound_py_any(py),
            },
            Some(Number::Real(value)) => value.into_bound_py_any(py),
            Some(Number::Complex(value)) => {
                PyComplex::from_doubles(py, value.re, value.im).into_bound_py_any(py)
            }
            None => self.to_numpy(py),
        }
    }

    /// The NumPy scalar with this value.
    pub(crate) fn to_numpy<'py>(mut self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let descr = new_descr(py, self.dtype).map_err(|refusal| refusal.raised(py))?;
        // SAFETY: the descriptor is a new reference, dropped at the end; NumPy copies one element of its type from here.
        unsafe {
            let descr = Bound::from_owned_ptr(py, descr.cast());
            let start = self.start_mut().cast();
            let scalar = PY_ARRAY_API.PyArray_Scalar(py, start, descr.as_ptr().cast(), std::ptr::null_mut());
            Bound::from_owned_ptr_or_err(py, scalar)
        }
    }
}

impl From<Scalar> for Element {
    fn from(scalar: Scalar) -> Self {
        let mut element = Self::zero(scalar.dtype());
        element.bytes[..scalar.bytes().len()].copy_from_slice(scalar.bytes());
        element
    }
}

/// The element of `dtype` with the value of a number.
///
/// Rounding to the nearest floating-point number is accepted; any other change of the value is refused.
pub fn scalar(argument: &Bound<'_, PyAny>, dtype: Dtype, name: &str) -> Result<Scalar, Refusal> {
    let number = number(argument, name, dtype)?;
    let element = if dtype == Dtype::Byte { byte(number) } else { Scalar::of_number(number, dtype) };
    element.ok_or_else(|| does_not_fit(argument, name, dtype))
}

fn does_not_fit(argument: &Bound<'_, PyAny>, name: &str, dtype: Dtype) -> Refusal {
    Refusal::value(format!(
        "{name} is {}, which {dtype} cannot hold. Pass a value of that type.",
        shown(argument)
    ))
}

fn number(argument: &Bound<'_, PyAny>, name: &str, dtype: Dtype) -> Result<Number, Refusal> {
    subclass::check(argument, name)?;
    let wrong = || Refusal::wrong_type(format!("{name} is {}, but must be a number.", shown(argument)));
    let int = |int: &Bound<'_, PyAny>| {
        // What no integer type holds, floating-point numbers may.
        let large = |_| int.extract().map(Number::Real);
        int.extract().map(Number::Whole).or_else(large).map_err(|_| does_not_fit(argument, name, dtype))
    };
    // NumPy's scalars and arrays of one element say what they are as a Python number.
    let item = if argument.hasattr("dtype")? {
        argument.call_method0("item").map_err(|_| wrong())?
    } else {
        argument.clone()
    };
    if let Ok(float) = item.cast::<PyFloat>() {
        Ok(Number::Real(float.value()))
    } else if item.is_instance_of::<PyInt>() {
        int(&item)
    } else if let Ok(complex) = item.cast::<PyComplex>() {
        Ok(Number::Complex(Complex::new(complex.real(), complex.imag())))
    } else if item.hasattr("__index__")? {
        int(&item.call_method0("__index__")?)
    } else if item.hasattr("__float__")? {
        Ok(Number::Real(item.call_method0("__float__")?.extract()?))
    } else {
        Err(wrong())
    }
}

/// A byte, which has no arithmetic, but has the values that a number of 8 bits has.
fn byte(number: Number) -> Option<Scalar> {
    let value = Scalar::of_number(number, Dtype::Uint8)?;
    // SAFETY: the bytes are those of an element of 8 bits.
    Some(unsafe { Scalar::from_raw(Dtype::Byte, value.bytes().as_ptr()) })
}
