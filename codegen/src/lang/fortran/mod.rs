//! `generated/fortran`: the modules `dtl_c` (the C interface as it is) and `dtl` (what programs use), and the test of the
//! examples.
//!
//! An operation becomes one *core* procedure that calls C (`core`, with its parts in `checks`, `calls`, `results`,
//! `dimensions` and `counts`) and, where the caller may pass several types, one *specific* procedure for each (`specifics`) behind one
//! generic name. `slots` says what the arguments are.

mod builds;
mod callbacks;
mod calls;
mod checks;
mod core;
mod counts;
mod dimensions;
mod documentation;
mod examples;
mod layout;
mod literals;
mod procedure;
mod raw;
mod results;
mod slots;
mod specifics;
mod spelling;
mod surface;

pub use examples::snippet;

use crate::model::{Model, Operation};
use crate::output::OutputFile;
use crate::spec::Role;

/// The Fortran sources, the build files beside them, and the test of the examples.
pub(super) fn files(model: &Model) -> Vec<OutputFile> {
    let [fpm, cmake] = builds::files(model);
    vec![raw::file(model), surface::file(model), examples::file(model), fpm, cmake]
}

/// How a program calls an operation: `call dtl_allreduce(ctx, data, result, op, ierr)`.
pub fn call(model: &Model, operation: &Operation) -> String {
    let any = specifics::specifics(model, operation).into_iter().next();
    let procedure = any.unwrap_or_else(|| core::core(model, operation));
    let arguments = procedure.arguments.strip_prefix("self").unwrap_or(&procedure.arguments);
    let name = match operation.object.as_ref().filter(|_| operation.role != Role::Static) {
        Some(_) if operation.function_of.is_some() => format!("dtl_{}", operation.name),
        Some(object) => format!("{}%{}", object.name, operation.name),
        None => format!("dtl_{}", operation.symbol),
    };
    let verb = if procedure.keyword == "function" { "answer =" } else { "call" };
    format!("{verb} {name}({})", arguments.trim_start_matches(", "))
}
