//! `generated/rust`: what the runtime includes. `ops.rs` holds the checked operations through which every language goes,
//! `api.rs` the typed surface for Rust programs, `callbacks.rs` the types of closures, `elements.rs` the dispatch from dtypes to Rust
//! types, `kinds.rs` the numbers of objects in handles.

mod api;
mod callbacks;
mod elements;
mod kinds;
mod ops;
mod snippet;
mod spelling;
mod typed;

use crate::model::{Model, Operation};
use crate::output::OutputFile;

pub use api::is_written;
pub use snippet::snippet;

/// The files that the runtime includes, and the test of the examples.
pub(super) fn files(model: &Model) -> Vec<OutputFile> {
    vec![
        ops::file(model),
        api::file(model),
        callbacks::file(model),
        elements::file(model),
        kinds::file(model),
        snippet::test_file(model),
    ]
}

/// The functions of an operation as a Rust program sees them, without their bodies.
pub fn signatures(model: &Model, operation: &Operation) -> Vec<String> {
    typed::functions(model, operation)
        .iter()
        .map(|function| format!("pub fn {}", function.signature()))
        .collect()
}
