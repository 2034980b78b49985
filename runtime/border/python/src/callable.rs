//! Callables of the program that dtl keeps and calls later, from whatever thread.

use pyo3::call::PyCallArgs;
use pyo3::prelude::*;

use crate::Refusal;
use crate::argument::shown;

/// Something that can be called.
#[derive(Debug)]
pub struct Callable(Py<PyAny>);

/// A callable argument.
pub fn callable(argument: &Bound<'_, PyAny>, name: &str) -> Result<Callable, Refusal> {
    if argument.is_callable() {
        return Ok(Callable(argument.clone().unbind()));
    }
    Err(Refusal::wrong_type(format!("{name} is {}, but must be callable.", shown(argument))))
}

impl Callable {
    /// Calls it. An exception has nobody to go to: Python reports it as it does those of destructors
    /// (`sys.unraisablehook`). After the interpreter has ended nothing is called.
    pub fn call(&self, arguments: impl for<'py> PyCallArgs<'py>) {
        Python::try_attach(|py| {
            if let Err(exception) = self.0.bind(py).call1(arguments) {
                exception.write_unraisable(py, Some(self.0.bind(py)));
            }
        });
    }
}
