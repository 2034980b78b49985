//! Errors on their way to Python. A [`Refusal`] is found while arguments are converted, before an operation was called;
//! for a collective operation the other ranks must learn of it (`refuse`). An error of dtl becomes an exception of
//! the class that `dtl._errors` has for its status (`raise`).

use dtl::containers::redistribution::DROP_VIEWS;
use dtl::on_behalf::whole_of;
use dtl::{Context, Error};
use dtl_types::{Operation, SpecEnum, Status};
use pyo3::prelude::*;

use crate::interrupt;

/// Why an argument was not accepted.
#[derive(Debug)]
pub enum Refusal {
    /// It breaks a rule of dtl.
    Broken(Error),
    /// Python code that the conversion ran, such as `__array__`, raised.
    Raised(PyErr),
}

impl Refusal {
    /// The value cannot be accepted.
    pub(crate) fn value(message: impl Into<String>) -> Self {
        Refusal::Broken(Error::new(Status::InvalidArgument, message))
    }

    /// The type cannot be accepted.
    pub(crate) fn wrong_type(message: impl Into<String>) -> Self {
        Refusal::Broken(Error::new(Status::InvalidType, message))
    }

    /// The exception for an `operation` that concerns this rank alone.
    #[cold]
    pub fn into_exception(self, py: Python<'_>, operation: Operation) -> PyErr {
        match self {
            Refusal::Broken(error) => raise(py, &error.of(operation)),
            Refusal::Raised(exception) => exception,
        }
    }

    /// The error that other ranks learn of, and what is raised here if that is something else.
    #[cold]
    pub(crate) fn for_others(self, operation: Operation) -> (Error, Option<PyErr>) {
        match self {
            Refusal::Broken(error) => (error, None),
            Refusal::Raised(exception) => {
                if let Some(error) = of_dtl(&exception) {
                    return (error, Some(exception));
                }
                let text = format!("{}: an argument raised {exception}", whole_of(operation).name());
                (Error::new(Status::CollectiveFailed, text), Some(exception))
            }
        }
    }

    /// The exception where no operation is at hand: while a result is made.
    #[cold]
    pub fn raised(self, py: Python<'_>) -> PyErr {
        match self {
            Refusal::Broken(error) => raise(py, &error),
            Refusal::Raised(exception) => exception,
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Refusal::Broken(error)
    }
}

impl From<PyErr> for Refusal {
    fn from(exception: PyErr) -> Self {
        Refusal::Raised(exception)
    }
}

/// The exception for `error`, or what a handler of a signal has raised meanwhile, which is why there is an error.
#[cold]
pub fn raise(py: Python<'_>, error: &Error) -> PyErr {
    if let Some(raised) = interrupt::raised() {
        return raised;
    }
    let exception = || {
        let hint = if error.message().contains(DROP_VIEWS) { where_shown(py)? } else { "" };
        let arguments = (error.status().code(), format!("{}{hint}", error.message()), error.rank());
        py.import("dtl._errors")?.getattr("_exception")?.call1(arguments)
    };
    match exception() {
        Ok(exception) => PyErr::from_value(exception),
        Err(failure) => failure,
    }
}

/// Where a session may hold views of which its user does not think.
fn where_shown(py: Python<'_>) -> PyResult<&'static str> {
    let is_ipython = py.import("sys")?.getattr("modules")?.contains("IPython")?;
    let hint = " IPython keeps what cells have shown in Out; `%reset -f out` drops it.";
    Ok(if is_ipython { hint } else { "" })
}

/// Tells the other ranks of `context` that this one cannot take part in `operation`, and gives the exception to raise here.
/// Waits for the other ranks, without the interpreter lock.
#[cold]
pub fn refuse(py: Python<'_>, context: &Context, operation: Operation, refusal: Refusal) -> PyErr {
    let (error, own) = refusal.for_others(operation);
    let agreed = py.detach(|| dtl::ops::refuse(context, operation, error));
    match own {
        Some(own) if of_dtl(&own).is_none() => own,
        own => {
            let raised = raise(py, &agreed);
            raised.set_cause(py, own.and_then(|own| own.cause(py)));
            raised
        }
    }
}

/// The error of dtl that an exception says, if it is one of dtl's.
fn of_dtl(exception: &PyErr) -> Option<Error> {
    Python::attach(|py| {
        let class = py.import("dtl._errors").ok()?.getattr("DTLError").ok()?;
        let value = exception.value(py);
        let status = value.is_instance(&class).ok()?.then(|| value.getattr("status").ok())??;
        Some(Error::new(Status::from_code(status.extract().ok()?)?, value.str().ok()?.to_string()))
    })
}
