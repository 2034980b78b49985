//! Reads `spec/` and writes every public surface of dtl.
//!
//! The pipeline: `spec` (parse) -> `lint` (rules) -> `model` (resolve) -> `lang` (a model per language, rendered by
//! templates) -> `output` (write or compare). Everything is a function of the files below `spec/` and, for the reference, of the
//! docstrings of what these say is written by hand in Python; `format` describes the format of the files.

pub mod diagnostic;
pub mod doc;
mod explain;
pub mod format;
pub mod lang;
pub mod lint;
pub mod model;
pub mod output;
mod render;
pub mod spec;

use std::path::Path;

use diagnostic::Diagnostic;
pub use explain::explain;
use model::Model;
use output::OutputFile;

/// Reads, checks and resolves the specification below `root`.
pub fn load(root: &Path) -> Result<Model, Vec<Diagnostic>> {
    let spec = spec::Spec::load(root)?;
    let problems = lint::check(&spec);
    if !problems.is_empty() {
        return Err(problems);
    }
    let model = model::resolve(&spec)?;
    let problems = lint::check_model(&model);
    if problems.is_empty() { Ok(model) } else { Err(problems) }
}

/// Makes every generated file from the specification below `root`, in memory.
pub fn generate(root: &Path) -> Result<Vec<OutputFile>, Vec<Diagnostic>> {
    let mut files = render(&load(root)?);
    output::format(&mut files);
    Ok(files)
}

/// Makes every file from a model; Rust is not formatted yet.
pub fn render(model: &Model) -> Vec<OutputFile> {
    let mut files = lang::render(model);
    files.extend(format::files());
    files
}
