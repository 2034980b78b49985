//! Enumerations. Users pass a member, its lower-case name or its number, and `None` for
//! one that is called `none`; they get members of the classes in `dtl._enums`.

use dtl_types::SpecEnum;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyInt, PyString};

use crate::Refusal;
use crate::argument::shown;

/// What `None` stands for: the value that is called so, if there is one.
fn none<E: SpecEnum>() -> Option<E> {
    E::from_name("none")
}

/// The value that `argument` chooses from the enumeration whose Python class is `class`.
pub fn choice<E: SpecEnum>(argument: &Bound<'_, PyAny>, name: &str, class: &str) -> Result<E, Refusal> {
    choice_or(argument, name, class, "")
}

/// The same where a function, which this argument is not, would do as well.
pub fn operator<E: SpecEnum>(argument: &Bound<'_, PyAny>, name: &str, class: &str) -> Result<E, Refusal> {
    choice_or(argument, name, class, ", or a function of two arrays")
}

fn choice_or<E: SpecEnum>(
    argument: &Bound<'_, PyAny>,
    name: &str,
    class: &str,
    other: &str,
) -> Result<E, Refusal> {
    let unknown = || {
        Refusal::value(format!(
            "{name} is {}, which is no dtl.{class}. Pass one of {}{other}.",
            shown(argument),
            choices::<E>()
        ))
    };
    // A member of a string enumeration is a string, so this is the way of members too.
    if let Ok(text) = argument.cast::<PyString>() {
        return E::from_name(&text.to_cow()?).ok_or_else(unknown);
    }
    if argument.is_exact_instance_of::<PyInt>() || is_member(argument, class)? {
        return argument.extract().ok().and_then(E::from_code).ok_or_else(unknown);
    }
    if let (true, Some(value)) = (argument.is_none(), none()) {
        return Ok(value);
    }
    // Members of another enumeration are integers as well: their numbers mean something else.
    let enumeration = argument.py().import("enum")?.getattr("Enum")?;
    if argument.is_instance_of::<PyBool>() || argument.is_instance(&enumeration)? {
        return Err(unknown());
    }
    match argument.call_method0("__index__") {
        Ok(number) => number.extract().ok().and_then(E::from_code).ok_or_else(unknown),
        Err(_) => Err(Refusal::wrong_type(format!(
            "{name} is {}, but must be a dtl.{class}, its name or its number: {}{other}.",
            shown(argument),
            choices::<E>()
        ))),
    }
}

fn is_member(argument: &Bound<'_, PyAny>, class: &str) -> PyResult<bool> {
    argument.is_instance(&argument.py().import("dtl._enums")?.getattr(class)?)
}

/// All values: 'sum' (0), 'prod' (1), ...
fn choices<E: SpecEnum>() -> String {
    let choices: Vec<String> =
        E::VALUES.iter().map(|value| format!("'{}' ({})", value.name(), value.code())).collect();
    choices.join(", ")
}

/// The member of the Python class `class` for `value`.
pub fn member<'py, E: SpecEnum>(py: Python<'py>, value: E, class: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("dtl._enums")?.getattr(class)?.getattr(value.name().to_ascii_uppercase())
}
