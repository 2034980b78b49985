//! `generated/docs`: the API reference of each language in the order of the specification, and the coverage page.
//!
//! Concepts are explained by hand elsewhere; here is what follows from entries.

mod coverage;
mod reference;

use crate::lang::faces::FACES;
use crate::model::Model;
use crate::output::OutputFile;

/// A file for each language, and the coverage page.
pub(super) fn files(model: &Model) -> Vec<OutputFile> {
    FACES.iter().map(|face| reference::file(model, *face)).chain([coverage::file(model)]).collect()
}

/// A text as it may stand in a cell of a table.
fn cell(text: &str) -> String {
    crate::doc::markdown(text).join(" ").replace('|', "\\|")
}

/// The part of a link that leads to a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' '));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}
