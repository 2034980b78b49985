//! The backends: each turns the model into the files of one language.
//!
//! A backend has a folder here with its own model (what its templates see) and its templates in `codegen/templates`.
//! Templates hold no logic beyond loops and ifs; whatever needs thought is computed in the backend's model.

pub mod c;
mod docs;
pub mod faces;
pub mod ffi;
pub mod fortran;
mod python;
pub mod rust;
mod stubs;
mod types;

use crate::model::Model;
use crate::output::{MARKER, OutputFile};

/// All generated files, in the order of the backends.
pub fn render(model: &Model) -> Vec<OutputFile> {
    // The C functions, on which three backends build, are described once.
    let sections = ffi::sections(model);
    [
        types::files(model),
        rust::files(model),
        ffi::files(model, &sections),
        c::files(model, &sections),
        fortran::files(model, &sections),
        python::files(model),
        stubs::files(model),
        docs::files(model),
    ]
    .concat()
}

/// The first line of a generated file, without comment signs: how it was made and from what.
pub(crate) fn banner(sources: &str) -> String {
    format!("{MARKER} from {sources}. Do not edit: edit the specification and run it again.")
}
