//! `generated/python`: the extension module `dtl._dtl` in Rust, and the plain Python beside it.
//!
//! `glue` turns an operation into a function, `signature` says how Python sees its parameters, `arguments` how they are
//! converted, `docstring` what `help()` shows; `package` makes the Python files, `examples` a test of every example. What
//! Python needs beyond one call of `dtl_border_python` is written there by hand.

mod arguments;
pub(super) mod docstring;
mod examples;
mod glue;
pub(super) mod package;
pub(super) mod signature;

use crate::model::Model;
use crate::output::OutputFile;

/// The Rust and Python files of the package, and the test of its examples.
pub(super) fn files(model: &Model) -> Vec<OutputFile> {
    let mut files = glue::files(model);
    files.extend(package::files(model));
    files.push(examples::file(model));
    files
}
