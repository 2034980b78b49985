//! One element: from a Python number for `fill` and the like, and back to Python for reductions of scalars.

use dtl::Scalar;
use dtl_types::Dtype;
use half::{bf16, f16};
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

    fn part<const N: usize>(&self, index: usize) -> [u8; N] {
        std::array::from_fn(|byte| self.bytes[index * N + byte])
    }

    /// The Python number with this value.
    pub(crate) fn to_python<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self.dtype {
            Dtype::Int8 => i8::from_ne_bytes(self.part(0)).into_bound_py_any(py),
            Dtype::Int16 => i16::from_ne_bytes(self.part(0)).into_bound_py_any(py),
            Dtype::Int32 => i32::from_ne_bytes(self.part(0)).into_bound_py_any(py),
            Dtype::Int64 => i64::from_ne_bytes(self.part(0)).into_bound_py_any(py),
            Dtype::Uint8 | Dtype::Byte => self.bytes[0].into_bound_py_any(py),
            Dtype::Uint16 => u16::from_ne_bytes(self.part(0)).into_bound_py_any(py),
            Dtype::Uint32 => u32::from_ne_bytes(self.part(0)).into_bound_py_any(py),
            Dtype::Uint64 => u64::from_ne_bytes(self.part(0)).into_bound_py_any(py),
            Dtype::Float16 => f16::from_ne_bytes(self.part(0)).to_f64().into_bound_py_any(py),
            Dtype::Bfloat16 => bf16::from_ne_bytes(self.part(0)).to_f64().into_bound_py_any(py),
            Dtype::Float32 => f32::from_ne_bytes(self.part(0)).into_bound_py_any(py),
            Dtype::Float64 => f64::from_ne_bytes(self.part(0)).into_bound_py_any(py),
            Dtype::Bool => (self.bytes[0] != 0).into_bound_py_any(py),
            Dtype::Complex64 => {
                let (re, im) = (f32::from_ne_bytes(self.part(0)), f32::from_ne_bytes(self.part(1)));
                PyComplex::from_doubles(py, re.into(), im.into()).into_bound_py_any(py)
            }
            Dtype::Complex128 => {
                let (re, im) = (f64::from_ne_bytes(self.part(0)), f64::from_ne_bytes(self.part(1)));
                PyComplex::from_doubles(py, re, im).into_bound_py_any(py)
            }
            // A data type that dtl stores and moves, and Python has no number for.
            #[allow(unreachable_patterns, reason = "there is none until the specification has one")]
            _ => self.to_numpy(py),
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

/// A Python number, by what it can hold.
enum Number {
    Int(i128),
    Float(f64),
    Complex(f64, f64),
}

/// The element of `dtype` with the value of a number.
///
/// Rounding to the nearest floating-point number is accepted; any other change of the value is refused.
pub fn scalar(argument: &Bound<'_, PyAny>, dtype: Dtype, name: &str) -> Result<Scalar, Refusal> {
    let element = match number(argument, name, dtype)? {
        Number::Int(value) => of_int(value, dtype),
        Number::Float(value) => of_float(value, dtype),
        Number::Complex(re, im) => of_complex(re, im, dtype),
    };
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
        let large = |_| int.extract().map(Number::Float);
        int.extract().map(Number::Int).or_else(large).map_err(|_| does_not_fit(argument, name, dtype))
    };
    // NumPy's scalars and arrays of one element say what they are as a Python number.
    let item = if argument.hasattr("dtype")? {
        argument.call_method0("item").map_err(|_| wrong())?
    } else {
        argument.clone()
    };
    if let Ok(float) = item.cast::<PyFloat>() {
        Ok(Number::Float(float.value()))
    } else if item.is_instance_of::<PyInt>() {
        int(&item)
    } else if let Ok(complex) = item.cast::<PyComplex>() {
        Ok(Number::Complex(complex.real(), complex.imag()))
    } else if item.hasattr("__index__")? {
        int(&item.call_method0("__index__")?)
    } else if item.hasattr("__float__")? {
        Ok(Number::Float(item.call_method0("__float__")?.extract()?))
    } else {
        Err(wrong())
    }
}

fn of_int(value: i128, dtype: Dtype) -> Option<Scalar> {
    match dtype {
        Dtype::Int8 => i8::try_from(value).ok().map(Scalar::of),
        Dtype::Int16 => i16::try_from(value).ok().map(Scalar::of),
        Dtype::Int32 => i32::try_from(value).ok().map(Scalar::of),
        Dtype::Int64 => i64::try_from(value).ok().map(Scalar::of),
        Dtype::Uint8 => u8::try_from(value).ok().map(Scalar::of),
        Dtype::Uint16 => u16::try_from(value).ok().map(Scalar::of),
        Dtype::Uint32 => u32::try_from(value).ok().map(Scalar::of),
        Dtype::Uint64 => u64::try_from(value).ok().map(Scalar::of),
        Dtype::Byte => u8::try_from(value).ok().map(byte),
        Dtype::Bool => {
            u8::try_from(value).ok().filter(|value| *value < 2).map(|value| Scalar::of(value == 1))
        }
        Dtype::Float16
        | Dtype::Bfloat16
        | Dtype::Float32
        | Dtype::Float64
        | Dtype::Complex64
        | Dtype::Complex128 => of_float(value as f64, dtype),
        #[allow(unreachable_patterns, reason = "as in `to_python`")]
        _ => None,
    }
}

fn of_float(value: f64, dtype: Dtype) -> Option<Scalar> {
    let fits = |narrow: f64| narrow.is_finite() || !value.is_finite();
    match dtype {
        Dtype::Float64 => Some(Scalar::of(value)),
        Dtype::Float32 => fits((value as f32).into()).then(|| Scalar::of(value as f32)),
        Dtype::Float16 => fits(f16::from_f64(value).into()).then(|| Scalar::of(f16::from_f64(value))),
        Dtype::Bfloat16 => fits(bf16::from_f64(value).into()).then(|| Scalar::of(bf16::from_f64(value))),
        Dtype::Complex64 | Dtype::Complex128 => of_complex(value, 0.0, dtype),
        _ => whole(value).and_then(|whole| of_int(whole, dtype)),
    }
}

fn of_complex(re: f64, im: f64, dtype: Dtype) -> Option<Scalar> {
    match dtype {
        Dtype::Complex64 => {
            of_float(re, Dtype::Float32).zip(of_float(im, Dtype::Float32)).map(|parts| pair(dtype, parts))
        }
        Dtype::Complex128 => Some(pair(dtype, (Scalar::of(re), Scalar::of(im)))),
        _ if im == 0.0 => of_float(re, dtype),
        _ => None,
    }
}

fn pair(dtype: Dtype, (re, im): (Scalar, Scalar)) -> Scalar {
    let bytes = [re.bytes(), im.bytes()].concat();
    // SAFETY: the bytes are the two parts of one complex element.
    unsafe { Scalar::from_raw(dtype, bytes.as_ptr()) }
}

fn byte(value: u8) -> Scalar {
    // SAFETY: one byte is readable.
    unsafe { Scalar::from_raw(Dtype::Byte, &raw const value) }
}

/// The integer that `value` is exactly.
fn whole(value: f64) -> Option<i128> {
    (value.fract() == 0.0 && value.abs() < 2f64.powi(100)).then_some(value as i128)
}
