//! `generated/fortran`: the modules `dtl_c` (the C interface as it is), `dtl_elements` (which Fortran types elements have) and `dtl`
//! (what programs use), and the test of the examples.
//!
//! An operation becomes one *core* procedure that calls C (`core`, with its parts in `checks`, `calls`, `results`,
//! `dimensions` and `counts`), which takes arrays of every type and rank. Where a type must be the caller's, because it is that of a
//! pointer or of what a procedure of the caller is passed, there is one *specific* procedure for each (`specifics`) behind one
//! generic name. `slots` says what the arguments are. Procedures are data (`procedure`) until the module is written. What they
//! stand on is written by hand in `runtime/border/fortran`.

mod builds;
mod callbacks;
mod calls;
mod checks;
mod core;
mod counts;
mod dimensions;
mod documentation;
mod elementwise;
mod examples;
mod layout;
mod library;
mod literals;
mod procedure;
mod raw;
mod reference;
mod results;
mod slots;
mod specifics;
mod spelling;
mod surface;

pub use core::passed_type;
pub use examples::snippet;
pub use reference::{appendices, assignment, calls, usage};
pub use slots::is_provided;

use crate::lang::ffi::Section;
use crate::model::Model;
use crate::output::OutputFile;

/// The Fortran sources, the build files beside them, and the test of the examples.
pub(super) fn files(model: &Model, sections: &[Section]) -> Vec<OutputFile> {
    let [fpm, cmake] = builds::files(model);
    vec![
        raw::file(model, sections),
        surface::elements_file(model),
        surface::file(model),
        examples::file(model),
        fpm,
        cmake,
    ]
}
