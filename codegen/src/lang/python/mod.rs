//! `generated/python`: the extension module `dtl._dtl` in Rust, and the plain Python beside it.
//!
//! `glue` turns an operation into a function, `overloads` those of several classes into one, `signature` says how Python sees its
//! parameters, `arguments` how they are converted, `operators` which of them a container has, `docstring` what `help()` shows;
//! `package` makes the Python files, `examples` a test of every example, `misuse` the rows of the table of misuse. What
//! Python needs beyond one call of `dtl_border_python` is written there by hand.

mod arguments;
pub(super) mod docstring;
mod examples;
mod glue;
mod misuse;
pub(super) mod operators;
mod outputs;
mod overloads;
pub(super) mod package;
mod reference;
pub(super) mod signature;

use crate::model::{Example, Model, Operation};
use crate::output::OutputFile;
use crate::spec::Role;

pub use docstring::errors;
pub use reference::{appendices, arguments, besides, result};

/// The Rust and Python files of the package, and what tests are made from.
pub(super) fn files(model: &Model) -> Vec<OutputFile> {
    let mut files = glue::files(model);
    files.extend(package::files(model));
    files.push(examples::file(model));
    files.push(misuse::file(model));
    files
}

/// How a program calls an operation, under each of its names: `dtl.allreduce(ctx, data, op='sum', *, out=None)`.
pub fn calls(operation: &Operation) -> Vec<String> {
    let aliases = operation.aliases.iter().map(|alias| call(operation, alias));
    std::iter::once(call(operation, path(operation).1)).chain(aliases).collect()
}

/// How a program calls it under one of its names.
fn call(operation: &Operation, name: &str) -> String {
    let receiver = match &operation.object {
        None => path(operation).0,
        Some(_) if operation.function_of.is_some() => "dtl".to_owned(),
        Some(object) if matches!(operation.role, Role::Constructor | Role::Static) => {
            format!("dtl.{}", object.python)
        }
        Some(object) => object.name.clone(),
    };
    let plain = |_: &signature::Parameter<'_>| String::new();
    let written = |_: &signature::Parameter<'_>, default: &str| format!("={default}");
    let arguments = signature::signature(operation, plain, written).join(", ");
    match operation.role {
        Role::Property => format!("{receiver}.{name}"),
        Role::Constructor => format!("{receiver}({arguments})"),
        Role::Method | Role::Static => format!("{receiver}.{name}({arguments})"),
    }
}

/// The module that offers a free operation, and its name there, which leaves out that of the module.
fn path(operation: &Operation) -> (String, &str) {
    let name = operation.python_name.as_str();
    match &operation.python_module {
        None => ("dtl".to_owned(), name),
        Some(module) => {
            let short = name.strip_prefix(module.as_str()).and_then(|rest| rest.strip_prefix('_'));
            (format!("dtl.{module}"), short.unwrap_or(name))
        }
    }
}

/// An example as a session of the interpreter.
pub fn snippet(operation: &Operation, example: &Example) -> String {
    examples::session(operation, example).join("\n")
}
