//! Subclasses of NumPy's array. An operation sees the elements of an array and nothing else, so it takes arrays of NumPy's own class,
//! and of those classes that only show elements in another way. Any other subclass may carry something that its elements do
//! not say, such as a mask or a unit, which must not be lost without a word: its arrays are refused wherever they come in.

use numpy::npyffi::PyArray_CheckExact;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyFloat, PyInt, PyList, PyMemoryView, PyRange, PyString, PyTuple};
use pyo3::{ffi, intern};

use crate::Refusal;
use crate::ndarray::{NdArray, contiguous};

/// The classes of NumPy, beside `ndarray`, that carry nothing but elements.
const PLAIN: [&str; 3] = ["matrix", "memmap", "recarray"];

/// How deep NumPy looks into sequences.
const DEEPEST: usize = 64;

/// Refuses an array of a class that may carry more than elements.
#[inline]
pub(crate) fn check(argument: &Bound<'_, PyAny>, name: &str) -> Result<(), Refusal> {
    // SAFETY: the argument is alive and the interpreter is attached.
    let is_exact = unsafe { PyArray_CheckExact(argument.py(), argument.as_ptr()) } != 0;
    if is_exact || NdArray::of(argument).is_none() { Ok(()) } else { check_class(argument, name) }
}

/// The same for an array, or a sequence that may have such arrays in it.
pub fn check_within(argument: &Bound<'_, PyAny>, name: &str) -> Result<(), Refusal> {
    check_to_depth(argument, name, DEEPEST)
}

/// What NumPy makes of `argument`, as `contiguous` gives it, if nothing is lost; `refuse` says what it becomes that NumPy cannot.
pub(crate) fn converted<'py>(
    argument: &Bound<'py, PyAny>,
    name: &str,
    refuse: impl FnOnce(PyErr) -> Refusal,
) -> Result<Bound<'py, PyAny>, Refusal> {
    check_within(argument, name)?;
    let made = contiguous(argument).map_err(refuse)?;
    // What `__array__` gives may be of any class.
    check(&made, name)?;
    Ok(made)
}

fn check_to_depth(argument: &Bound<'_, PyAny>, name: &str, depth: usize) -> Result<(), Refusal> {
    if argument.is_exact_instance_of::<PyFloat>() || argument.is_exact_instance_of::<PyInt>() || depth == 0 {
        return Ok(());
    }
    if NdArray::of(argument).is_some() {
        return check(argument, name);
    }
    let check = |item: &Bound<'_, PyAny>| check_to_depth(item, name, depth - 1);
    if let Ok(list) = argument.cast::<PyList>() {
        list.iter().try_for_each(|item| check(&item))
    } else if let Ok(tuple) = argument.cast::<PyTuple>() {
        tuple.iter().try_for_each(|item| check(&item))
    } else if is_sequence_to_numpy(argument)? {
        // What cannot be iterated over, NumPy refuses.
        let items = argument.try_iter().into_iter().flatten();
        items.map_while(Result::ok).try_for_each(|item| check(&item))
    } else {
        Ok(())
    }
}

/// Whether NumPy takes an object for a sequence of elements; what has elements of its own, it asks for them.
fn is_sequence_to_numpy(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    // SAFETY: the object is alive and the interpreter is attached.
    let is_sequence = unsafe { ffi::PySequence_Check(object.as_ptr()) } != 0;
    let is_text = object.is_instance_of::<PyString>() || object.is_instance_of::<PyBytes>();
    let is_numbers = object.is_instance_of::<PyMemoryView>()
        || object.is_instance_of::<PyByteArray>()
        || object.is_instance_of::<PyRange>();
    if !is_sequence || is_text || is_numbers {
        return Ok(false);
    }
    let (py, class) = (object.py(), object.get_type());
    for protocol in
        [intern!(py, "__array__"), intern!(py, "__array_interface__"), intern!(py, "__array_struct__")]
    {
        if class.hasattr(protocol)? {
            return Ok(false);
        }
    }
    class.hasattr(intern!(py, "__len__"))
}

#[cold]
fn check_class(array: &Bound<'_, PyAny>, name: &str) -> Result<(), Refusal> {
    let (class, numpy) = (array.get_type(), array.py().import("numpy")?);
    for plain in PLAIN {
        if class.is(&numpy.getattr(plain)?) {
            return Ok(());
        }
    }
    let kind = class.fully_qualified_name()?;
    let why = if array.is_instance(&numpy.getattr("ma")?.getattr("MaskedArray")?)? {
        "its masked elements have no value. Pass x.filled(value), with a value for them, or x.compressed(), without them"
    } else {
        "what it may carry beside its elements, such as a unit, would be lost. Pass numpy.asarray(x), the elements alone"
    };
    let refusal = Refusal::wrong_type(format!("{name} is or has an array x of the class {kind}: {why}."));
    // Raised at once by operations that do not block, too, as what `__array__` raises.
    Err(refusal.raised(array.py()).into())
}
