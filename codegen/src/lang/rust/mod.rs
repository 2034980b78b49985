//! `generated/rust`: the checked operations and the typed Rust surface, both included by the runtime.

use crate::model::Model;
use crate::output::OutputFile;

/// `ops.rs` and `api.rs`.
pub(super) fn files(_model: &Model) -> Vec<OutputFile> {
    Vec::new()
}
