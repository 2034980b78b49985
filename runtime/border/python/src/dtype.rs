//! Data types: from what users may pass for one, from the descriptors of NumPy arrays, and back.

use dtl_types::{Dtype, SpecEnum};
use numpy::PY_ARRAY_API;
use numpy::npyffi::{NPY_TYPES, PyArray_Descr, PyDataType_ELSIZE, PyDataType_FIELDS, PyDataType_SUBARRAY};
use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyType};

use crate::Refusal;
use crate::argument::shown;

/// NumPy's number for each data type, and the reverse. `long` and `long long` are both there, as both have 64 bits here;
/// `byte` is NumPy's void type of one byte.
const TYPE_NUMBERS: &[(NPY_TYPES, Dtype)] = &[
    (NPY_TYPES::NPY_DOUBLE, Dtype::Float64),
    (NPY_TYPES::NPY_FLOAT, Dtype::Float32),
    (NPY_TYPES::NPY_LONG, Dtype::Int64),
    (NPY_TYPES::NPY_LONGLONG, Dtype::Int64),
    (NPY_TYPES::NPY_INT, Dtype::Int32),
    (NPY_TYPES::NPY_SHORT, Dtype::Int16),
    (NPY_TYPES::NPY_BYTE, Dtype::Int8),
    (NPY_TYPES::NPY_ULONG, Dtype::Uint64),
    (NPY_TYPES::NPY_ULONGLONG, Dtype::Uint64),
    (NPY_TYPES::NPY_UINT, Dtype::Uint32),
    (NPY_TYPES::NPY_USHORT, Dtype::Uint16),
    (NPY_TYPES::NPY_UBYTE, Dtype::Uint8),
    (NPY_TYPES::NPY_BOOL, Dtype::Bool),
    (NPY_TYPES::NPY_CDOUBLE, Dtype::Complex128),
    (NPY_TYPES::NPY_CFLOAT, Dtype::Complex64),
    (NPY_TYPES::NPY_HALF, Dtype::Float16),
    (NPY_TYPES::NPY_VOID, Dtype::Byte),
];

const _: () = assert!(size_of::<std::ffi::c_long>() == 8, "the table takes C's long for 64 bits");

/// The package that teaches NumPy `bfloat16`.
const BFLOAT16_PACKAGE: &str = "ml_dtypes";

/// The data type that `argument` names: whatever `numpy.dtype` accepts.
pub fn dtype(argument: &Bound<'_, PyAny>, name: &str) -> Result<Dtype, Refusal> {
    let py = argument.py();
    if argument
        .cast::<PyString>()
        .is_ok_and(|text| text.to_cow().is_ok_and(|text| text == Dtype::Bfloat16.name()))
    {
        return Ok(Dtype::Bfloat16);
    }
    let mut descr = std::ptr::null_mut();
    // SAFETY: the argument is alive; on success NumPy stores a new reference, on failure it sets an exception.
    let converted = unsafe { PY_ARRAY_API.PyArray_DescrConverter(py, argument.as_ptr(), &mut descr) } != 0;
    if !converted {
        let problem = PyErr::fetch(py);
        return Err(if problem.is_instance_of::<PyTypeError>(py) {
            unknown(argument, name, "names none")
        } else {
            problem.into()
        });
    }
    // SAFETY: the converter gave a new reference, which this takes over.
    let owned = unsafe { Bound::from_owned_ptr(py, descr.cast()) };
    dtype_of(py, owned.as_ptr().cast()).map_err(|reason| unknown(argument, name, &reason))
}

/// A container of elements of type `found` is passed where the caller may say which type it expects.
pub fn expect_dtype(argument: Option<&Bound<'_, PyAny>>, found: Dtype) -> PyResult<()> {
    let Some(argument) = argument else { return Ok(()) };
    let refusal = match dtype(argument, "dtype") {
        Ok(expected) if expected == found => return Ok(()),
        Ok(expected) => Refusal::value(format!(
            "dtype is {expected}, but the elements of source are {found}. Leave dtype out, or pass {found}."
        )),
        Err(refusal) => refusal,
    };
    Err(refusal.raised(argument.py()))
}

#[cold]
fn unknown(argument: &Bound<'_, PyAny>, name: &str, reason: &str) -> Refusal {
    let names: Vec<&str> =
        Dtype::VALUES.iter().filter(|dtype| **dtype != Dtype::Byte).map(|dtype| dtype.name()).collect();
    Refusal::value(format!(
        "{name} is {}, but must be a data type of dtl: this one {reason}. Pass one of {}, or numpy.dtype('V1') for bytes.",
        shown(argument),
        names.join(", ")
    ))
}

/// The data type of a NumPy descriptor, or why there is none.
#[inline]
pub(crate) fn dtype_of(py: Python<'_>, descr: *mut PyArray_Descr) -> Result<Dtype, String> {
    // SAFETY: callers pass the descriptor of a live array, or a reference that they own.
    let (number, order) = unsafe { ((*descr).type_num, (*descr).byteorder as u8) };
    let native = if cfg!(target_endian = "little") { b'<' } else { b'>' };
    if !(order == b'=' || order == b'|' || order == native) {
        return Err(
            "has another byte order than this machine; convert it with `x.astype(x.dtype.newbyteorder('='))`"
                .to_owned(),
        );
    }
    match TYPE_NUMBERS.iter().find(|(candidate, _)| *candidate as i32 == number) {
        Some((_, Dtype::Byte)) => byte(py, descr),
        Some((_, dtype)) => Ok(*dtype),
        None => extension(py, descr),
    }
}

fn byte(py: Python<'_>, descr: *mut PyArray_Descr) -> Result<Dtype, String> {
    // SAFETY: `dtype_of` passes a descriptor that is alive during this call.
    let plain = unsafe {
        PyDataType_ELSIZE(py, descr) == 1
            && PyDataType_FIELDS(py, descr).is_null()
            && PyDataType_SUBARRAY(py, descr).is_null()
    };
    if plain { Ok(Dtype::Byte) } else { Err(format!("has elements of type {}", name_of(py, descr))) }
}

/// `bfloat16` is not NumPy's own: a package registers it under a number that only this process knows.
#[cold]
fn extension(py: Python<'_>, descr: *mut PyArray_Descr) -> Result<Dtype, String> {
    // SAFETY: `dtype_of` passes a descriptor that is alive during this call, and its type object lives as long as it does.
    let scalar = unsafe { Borrowed::from_ptr(py, (*descr).typeobj.cast()) };
    let name = scalar.cast::<PyType>().map_or_else(
        |_| String::new(),
        |scalar| scalar.name().map_or_else(|_| String::new(), |name| name.to_string()),
    );
    // SAFETY: `dtype_of` passes a descriptor that is alive during this call.
    if name == Dtype::Bfloat16.name() && unsafe { PyDataType_ELSIZE(py, descr) } == 2 {
        return Ok(Dtype::Bfloat16);
    }
    Err(format!("has elements of type {}", name_of(py, descr)))
}

fn name_of(py: Python<'_>, descr: *mut PyArray_Descr) -> String {
    // SAFETY: `dtype_of` passes a descriptor, which is an object of Python, that is alive during this call.
    unsafe { Borrowed::from_ptr(py, descr.cast::<ffi::PyObject>()) }.to_string()
}

/// A new reference to NumPy's descriptor of `dtype`.
#[inline]
pub(crate) fn new_descr(py: Python<'_>, dtype: Dtype) -> Result<*mut PyArray_Descr, Refusal> {
    match TYPE_NUMBERS.iter().find(|(_, candidate)| *candidate == dtype) {
        Some((number, found)) if *found != Dtype::Byte => {
            // SAFETY: these numbers are NumPy's own; the result is a new reference.
            Ok(unsafe { PY_ARRAY_API.PyArray_DescrFromType(py, *number as i32) })
        }
        _ => made_descr(py, dtype),
    }
}

#[cold]
fn made_descr(py: Python<'_>, dtype: Dtype) -> Result<*mut PyArray_Descr, Refusal> {
    let of = py.import("numpy")?.getattr("dtype")?;
    let descr = if dtype == Dtype::Byte {
        of.call1(("V1",))?
    } else {
        let package = py.import(BFLOAT16_PACKAGE).map_err(|_| {
            Refusal::Broken(dtl::Error::new(
                dtl_types::Status::NotSupported,
                format!(
                    "NumPy has no {dtype} of its own. Install the package that adds it: pip install {BFLOAT16_PACKAGE}."
                ),
            ))
        })?;
        of.call1((package.getattr(dtype.name())?,))?
    };
    Ok(descr.into_ptr().cast())
}

/// NumPy's object for `dtype`.
pub fn dtype_object(py: Python<'_>, dtype: Dtype) -> PyResult<Bound<'_, PyAny>> {
    let descr = new_descr(py, dtype).map_err(|refusal| refusal.raised(py))?;
    // SAFETY: the descriptor is a new reference, which this takes over.
    unsafe { Bound::from_owned_ptr_or_err(py, descr.cast()) }
}
