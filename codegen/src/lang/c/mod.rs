//! What C users get besides the library: the header, the files by which build tools find dtl, the record of the binary
//! interface, and programs that run the examples of the specification.

mod abi;
mod border;
mod examples;
mod header;
mod macros;
mod reference;

use crate::lang::ffi::Section;
use crate::model::Model;
use crate::output::OutputFile;

pub use examples::snippet;
pub use reference::{appendices, besides};

/// The files of `generated/c` and the generated tests of C.
pub(super) fn files(model: &Model, sections: &[Section]) -> Vec<OutputFile> {
    let mut files = vec![
        header::file(model, sections),
        abi::file(model, sections),
        examples::test_file(model),
        border::file(model, sections),
    ];
    files.extend(header::other_names(model));
    files
}
