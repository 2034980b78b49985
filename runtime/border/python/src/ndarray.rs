//! NumPy arrays as their C structs. The safe wrappers of the numpy crate keep a table of borrows, which costs more than a
//! small collective call; nothing here needs it, because an array's memory is only handed to one operation at a time.

use dtl::Error;
use dtl_types::{Dtype, Status};
use numpy::PY_ARRAY_API;
use numpy::npyffi::{
    NPY_ARRAY_ALIGNED, NPY_ARRAY_C_CONTIGUOUS, NPY_ARRAY_WRITEABLE, NpyTypes, PyArray_Check, PyArray_Descr,
    PyArrayObject, get_type_object,
};
use pyo3::prelude::*;
use smallvec::SmallVec;

use crate::Refusal;
use crate::dtype::{dtype_of, new_descr};

/// The extents of an array. They are copied, since Python code may change an array's shape while dtl works on it.
pub(crate) type Shape = SmallVec<[usize; 6]>;

/// A NumPy array.
#[derive(Clone, Copy)]
pub(crate) struct NdArray<'a, 'py>(&'a Bound<'py, PyAny>);

impl<'a, 'py> NdArray<'a, 'py> {
    /// The array that `object` is, if it is one.
    #[inline]
    pub(crate) fn of(object: &'a Bound<'py, PyAny>) -> Option<Self> {
        // SAFETY: the object is alive and the interpreter is attached.
        let is_array = unsafe { PyArray_Check(object.py(), object.as_ptr()) } != 0;
        is_array.then_some(NdArray(object))
    }

    #[inline]
    fn raw(self) -> &'a PyArrayObject {
        // SAFETY: `of` checked that the object is an array, and it lives during 'a.
        unsafe { &*self.0.as_ptr().cast() }
    }

    /// The data type, or why dtl has none for it.
    #[inline]
    pub(crate) fn dtype(self) -> Result<Dtype, String> {
        dtype_of(self.0.py(), self.raw().descr)
    }

    #[inline]
    pub(crate) fn shape(self) -> Shape {
        let raw = self.raw();
        if raw.nd == 0 {
            return Shape::new();
        }
        // SAFETY: an array has `nd` extents, none negative.
        let extents = unsafe { std::slice::from_raw_parts(raw.dimensions.cast::<usize>(), raw.nd as usize) };
        Shape::from_slice(extents)
    }

    #[inline]
    pub(crate) fn start(self) -> *mut u8 {
        self.raw().data.cast()
    }

    #[inline]
    pub(crate) fn is_contiguous(self) -> bool {
        self.has(NPY_ARRAY_C_CONTIGUOUS | NPY_ARRAY_ALIGNED)
    }

    #[inline]
    pub(crate) fn is_writable(self) -> bool {
        self.has(NPY_ARRAY_WRITEABLE)
    }

    fn has(self, flags: i32) -> bool {
        self.raw().flags & flags == flags
    }
}

/// Looks up NumPy's functions, which are then there as long as the process. Looked up while the interpreter ends, they could not be found.
pub(crate) fn find_numpy(py: Python<'_>) -> PyResult<()> {
    py.import("numpy")?;
    NdArray::of(py.None().bind(py));
    Ok(())
}

/// A new array with C order, and its memory. Its elements are not set.
pub(crate) fn new_array<'py>(
    py: Python<'py>,
    dtype: Dtype,
    shape: &[usize],
) -> Result<Bound<'py, PyAny>, Refusal> {
    // SAFETY: without memory and flags, NumPy allocates.
    let array = unsafe { from_descr(py, new_descr(py, dtype)?, shape, std::ptr::null_mut(), 0) };
    array.map_err(|_| {
        let message = format!("there is no memory for a result of {dtype} with shape {shape:?}. Use more ranks, or smaller arrays.");
        Refusal::Broken(Error::new(Status::OutOfMemory, message))
    })
}

/// An array in C order over memory that `base` keeps.
///
/// # Safety
/// `start` must be valid for reading and writing elements of `dtype` in this shape as long as `base` lives.
#[inline]
pub(crate) unsafe fn array_over<'py>(
    base: &Bound<'py, PyAny>,
    start: *mut u8,
    dtype: Dtype,
    shape: &[usize],
) -> Result<Bound<'py, PyAny>, Refusal> {
    let py = base.py();
    let flags = NPY_ARRAY_WRITEABLE | NPY_ARRAY_C_CONTIGUOUS | NPY_ARRAY_ALIGNED;
    // SAFETY: the caller guarantees that the memory has elements of `dtype` in this shape as long as `base` lives, which
    // becomes the base below, before anybody else sees the array.
    let array = unsafe { from_descr(py, new_descr(py, dtype)?, shape, start, flags)? };
    // SAFETY: the array is new and has no base yet; the reference to the base is given to it, even on failure.
    let failed =
        unsafe { PY_ARRAY_API.PyArray_SetBaseObject(py, array.as_ptr().cast(), base.clone().into_ptr()) } < 0;
    if failed { Err(PyErr::fetch(py).into()) } else { Ok(array) }
}

/// # Safety
/// `descr` must be a reference that can be given away, `start` null or memory that outlives the array.
unsafe fn from_descr<'py>(
    py: Python<'py>,
    descr: *mut PyArray_Descr,
    shape: &[usize],
    start: *mut u8,
    flags: i32,
) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: the caller guarantees that the reference to `descr` can be given away, and that `start` is null or memory
    // that outlives the array; the extents are only read, and none exceeds what memory can hold.
    unsafe {
        let array = PY_ARRAY_API.PyArray_NewFromDescr(
            py,
            get_type_object(py, NpyTypes::PyArray_Type),
            descr,
            shape.len() as i32,
            shape.as_ptr().cast_mut().cast(),
            std::ptr::null_mut(),
            start.cast(),
            flags,
            std::ptr::null_mut(),
        );
        Bound::from_owned_ptr_or_err(py, array)
    }
}

/// `object` as a contiguous, aligned array in native byte order; the same object if it is one.
pub(crate) fn contiguous<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = object.py();
    let flags = NPY_ARRAY_C_CONTIGUOUS | NPY_ARRAY_ALIGNED;
    // SAFETY: without a descriptor NumPy chooses the data type; the result is a new reference or null with an exception.
    unsafe {
        let array = PY_ARRAY_API.PyArray_CheckFromAny(
            py,
            object.as_ptr(),
            std::ptr::null_mut(),
            0,
            0,
            flags,
            std::ptr::null_mut(),
        );
        Bound::from_owned_ptr_or_err(py, array)
    }
}

/// A copy of an array, in C order.
pub(crate) fn copied<'py>(array: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    array.call_method1("copy", ("C",))
}
