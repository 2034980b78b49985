//! `generated/fortran`: the modules `dtl_c` (the C interface as it is) and `dtl` (what programs use), and the test of the
//! examples.
//!
//! An operation becomes one *core* procedure that calls C (`core`) and, where the caller may pass several types, one
//! *specific* procedure for each (`specifics`) behind one generic name. `slots` says what the arguments are.

mod core;
mod documentation;
mod layout;
mod procedure;
mod raw;
mod slots;
mod specifics;
mod spelling;
mod surface;

use crate::model::Model;
use crate::output::OutputFile;

/// The Fortran sources.
pub(super) fn files(model: &Model) -> Vec<OutputFile> {
    vec![raw::file(model), surface::file(model)]
}
