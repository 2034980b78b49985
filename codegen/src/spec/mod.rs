//! The documented format of `spec/`: one serde struct per kind of entry, and the loader.
//!
//! These structs *are* the format. Their doc comments become the JSON Schema and `spec/README.md`; unknown
//! keys are errors. Nothing here is resolved or checked beyond its shape: that is the job of `lint` and `model`.

mod by_hand;
mod definitions;
mod include;
mod languages;
mod load;
mod nonblocking;
mod objects;
mod operations;
mod source;

pub use by_hand::{Documented, file as python_file};
pub use definitions::*;
pub use include::CompleteObject;
pub use languages::*;
pub use load::{InFile, Spec};
pub use objects::*;
pub use operations::*;
pub use source::*;
