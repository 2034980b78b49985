//! Plain arguments: integers, truth values, texts, objects of dtl, communicators. What has choices is in `choice`,
//! elements are in `number`, arrays in `array_in`.

use dtl_types::Status;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pyclass::boolean_struct::True;
use pyo3::types::{PyBool, PyInt, PyString};
use pyo3::{PyClass, ffi};

use crate::Refusal;
use crate::protocol::class_of;
use crate::subclass;

/// An argument that has a default. `None` is a value like any other here: it does not mean the default.
#[derive(Debug)]
pub struct Argument<'a, 'py>(Option<Borrowed<'a, 'py, PyAny>>);

impl<'a, 'py> Argument<'a, 'py> {
    /// The caller left it out.
    pub const ABSENT: Self = Argument(None);

    /// What the caller passed, where that can be called.
    #[inline]
    pub fn function(&self) -> Option<&Bound<'py, PyAny>> {
        self.0.as_deref().filter(|given| given.is_callable())
    }

    /// The caller passed it.
    #[inline]
    pub fn is_some(&self) -> bool {
        self.0.is_some()
    }

    /// What the caller passed to a function that needs it for a first argument of this class.
    #[inline]
    pub fn needed(
        &self,
        first: &Bound<'py, PyAny>,
        function: &str,
        name: &str,
    ) -> Result<&Bound<'py, PyAny>, Refusal> {
        let refusal = || of_another_class(first, function, &format!("needs {name}. Pass it"));
        self.0.as_deref().ok_or_else(refusal)
    }

    /// The converted argument, or `default` when the caller left it out.
    #[inline]
    pub fn or<T>(
        &self,
        default: T,
        convert: impl FnOnce(&Bound<'py, PyAny>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.0.as_ref().map_or(Ok(default), |given| convert(given))
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Argument<'a, 'py> {
    type Error = std::convert::Infallible;

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> Result<Self, Self::Error> {
        Ok(Argument(Some(given)))
    }
}

/// A short text for `object` in messages: its value and its type.
pub(crate) fn shown(object: &Bound<'_, PyAny>) -> String {
    let kind = object.get_type().name().map_or_else(|_| "object".to_owned(), |name| name.to_string());
    match object.repr().map(|text| text.to_string()) {
        Ok(text) if text.chars().count() <= 60 && !text.contains('\n') => format!("{text} ({kind})"),
        _ => format!("an object of type {kind}"),
    }
}

/// An integer; anything that Python accepts as an index, but no `bool`.
///
/// `status` and `cure` say what to report for a value that `T` cannot hold; the operation checks all narrower ranges.
#[inline]
pub fn integer<T: TryFrom<i64>>(
    argument: &Bound<'_, PyAny>,
    name: &str,
    status: Status,
    cure: &str,
) -> Result<T, Refusal> {
    let value =
        if argument.is_exact_instance_of::<PyInt>() { long(argument) } else { long(&index(argument, name)?) };
    value.and_then(|value| T::try_from(value).ok()).ok_or_else(|| out_of_range(argument, name, status, cure))
}

/// The same where a truth value, of Python or NumPy, is 1 or 0.
pub fn integer_or_flag<T: TryFrom<i64>>(
    argument: &Bound<'_, PyAny>,
    name: &str,
    status: Status,
    cure: &str,
) -> Result<T, Refusal> {
    match argument.extract::<bool>() {
        Ok(flag) => T::try_from(flag.into()).map_err(|_| out_of_range(argument, name, status, cure)),
        Err(_) => integer(argument, name, status, cure),
    }
}

/// The value of a Python `int`, if it has 64 bits.
#[inline]
fn long(int: &Bound<'_, PyAny>) -> Option<i64> {
    let mut overflow = 0;
    // SAFETY: `int` is a live Python int and the interpreter is attached.
    let value = unsafe { ffi::PyLong_AsLongLongAndOverflow(int.as_ptr(), &mut overflow) };
    (overflow == 0).then_some(value)
}

#[cold]
fn index<'py>(argument: &Bound<'py, PyAny>, name: &str) -> Result<Bound<'py, PyAny>, Refusal> {
    let py = argument.py();
    subclass::check(argument, name)?;
    if !argument.is_instance_of::<PyBool>() {
        // SAFETY: the argument is a live object; the result is a new reference or null with an exception set.
        let index = unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyNumber_Index(argument.as_ptr())) };
        match index {
            Err(problem) if problem.is_instance_of::<PyTypeError>(py) => {}
            result => return Ok(result?),
        }
    }
    Err(Refusal::wrong_type(format!("{name} is {}, but must be an integer.", shown(argument))))
}

#[cold]
fn out_of_range(argument: &Bound<'_, PyAny>, name: &str, status: Status, cure: &str) -> Refusal {
    Refusal::Broken(dtl::Error::new(status, format!("{name} is {argument}. {cure}")))
}

/// A floating-point number; anything that Python makes a `float` of, but no `bool`.
pub fn real(argument: &Bound<'_, PyAny>, name: &str) -> Result<f64, Refusal> {
    subclass::check(argument, name)?;
    match argument.extract() {
        Ok(number) if !argument.is_instance_of::<PyBool>() => Ok(number),
        _ => Err(Refusal::wrong_type(format!("{name} is {}, but must be a number.", shown(argument)))),
    }
}

/// A truth value: a Python or NumPy `bool`.
pub fn flag(argument: &Bound<'_, PyAny>, name: &str) -> Result<bool, Refusal> {
    argument.extract().map_err(|_| {
        Refusal::wrong_type(format!("{name} is {}, but must be True or False.", shown(argument)))
    })
}

/// A new context of all processes, for which other threads of Python need not wait.
pub fn of_all_processes(py: Python<'_>) -> Result<dtl::Context, Refusal> {
    Ok(py.detach(dtl::Context::new)?)
}

/// A number, or one of two constants: the first if a callable chooses this rank, otherwise the second.
pub fn number_or_choice<T>(
    argument: &Bound<'_, PyAny>,
    context: &dtl::Context,
    [yes, no]: [T; 2],
    number: impl FnOnce(&Bound<'_, PyAny>) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    if !argument.is_callable() {
        return number(argument);
    }
    let is_chosen = argument.call1((context.rank(), context.size()))?.is_truthy()?;
    Ok(if is_chosen { yes } else { no })
}

/// A text.
pub fn text(argument: &Bound<'_, PyAny>, name: &str) -> Result<String, Refusal> {
    match argument.cast::<PyString>() {
        Ok(text) => Ok(text.to_cow()?.into_owned()),
        Err(_) => Err(Refusal::wrong_type(format!("{name} is {}, but must be a string.", shown(argument)))),
    }
}

/// An object of dtl, of a class whose Python name is `class`.
#[inline]
pub fn object<'a, T: PyClass<Frozen = True> + Sync>(
    argument: &'a Bound<'_, PyAny>,
    name: &str,
    class: &str,
) -> Result<&'a T, Refusal> {
    match argument.cast::<T>() {
        Ok(object) => Ok(object.get()),
        Err(_) => {
            Err(Refusal::wrong_type(format!("{name} is {}, but must be a dtl.{class}.", shown(argument))))
        }
    }
}

/// The exception for a source of which nothing can be made; `classes` are those that it could have.
pub fn no_source(argument: &Bound<'_, PyAny>, classes: &[&str]) -> PyErr {
    let names: Vec<String> = classes.iter().map(|class| format!("dtl.{class}")).collect();
    let message = format!("source is {}, but must be a {}.", shown(argument), names.join(" or a "));
    Refusal::wrong_type(message).raised(argument.py())
}

/// The exception for the first argument `name` of `function`, which is none of the classes that the function is for.
pub fn no_overload(argument: &Bound<'_, PyAny>, function: &str, name: &str, classes: &[&str]) -> PyErr {
    let names: Vec<String> = classes.iter().map(|class| format!("dtl.{class}")).collect();
    let message =
        format!("{function}: {name} is {}, but must be a {}.", shown(argument), names.join(" or a "));
    Refusal::wrong_type(message).raised(argument.py())
}

/// An error for an argument that a function takes for other classes of its first argument alone.
#[inline]
pub fn refuse_argument(
    is_passed: bool,
    first: &Bound<'_, PyAny>,
    function: &str,
    name: &str,
) -> Result<(), Refusal> {
    if !is_passed {
        return Ok(());
    }
    Err(of_another_class(
        first,
        function,
        &format!("takes no {name}. Leave it out, and pass the others by name"),
    ))
}

#[cold]
fn of_another_class(first: &Bound<'_, PyAny>, function: &str, what: &str) -> Refusal {
    Refusal::wrong_type(format!("{function} of a {} {what}.", class_of(first)))
}

/// The integer form of a communicator: the form in which every MPI library can hand one over. Given as it is, or as an
/// object that has one, such as a communicator of mpi4py.
pub fn communicator(argument: &Bound<'_, PyAny>, name: &str) -> Result<i64, Refusal> {
    if argument.is_exact_instance_of::<PyInt>() {
        return long(argument).ok_or_else(|| {
            let cure = "It is too large for the integer form of a communicator.";
            out_of_range(argument, name, Status::InvalidArgument, cure)
        });
    }
    if !argument.hasattr("py2f")? {
        let message = format!(
            "{name} is {}, but must be a communicator of mpi4py, the integer form of one, or None.",
            shown(argument)
        );
        return Err(Refusal::wrong_type(message));
    }
    if !may_be_converted(argument.py())? {
        let message = format!(
            "{name} is {}, but MPI is not initialised, or has been finalised; communicators exist only in between. Make \
             contexts before MPI is finalised.",
            shown(argument)
        );
        return Err(Refusal::Broken(dtl::Error::new(Status::InvalidArgument, message)));
    }
    Ok(argument.call_method0("py2f")?.extract()?)
}

/// Whether mpi4py may ask MPI for the integer form of a communicator: some libraries end the process when they are asked before
/// they are initialised, or after they were finalised.
fn may_be_converted(py: Python<'_>) -> PyResult<bool> {
    let modules = py.import("sys")?.getattr("modules")?;
    let mpi = modules.call_method1("get", ("mpi4py.MPI",))?;
    if mpi.is_none() {
        return Ok(true);
    }
    Ok(mpi.call_method0("Is_initialized")?.is_truthy()? && !mpi.call_method0("Is_finalized")?.is_truthy()?)
}
