//! The border between C and the runtime: what the generated `extern "C"` functions of `generated/ffi` have in common.
//!
//! Here C's arguments become the runtime's (handles, numbers of enumerations, pointers with counts), its results go to
//! where the caller wants them, and its errors become a status and a text. The runtime knows nothing of this, and the
//! generated functions hold nothing but calls of it.
//!
//! Callers promise what the documentation of each C function says: a pointer that is not null points to as many
//! elements as the count beside it says. Everything else is checked: handles, numbers, null pointers and overlaps.

pub mod arrays;
pub mod call;
pub mod callbacks;
pub mod dimensions;
pub mod last_error;
pub mod numbers;
pub mod objects;
pub mod results;
pub mod scalars;
pub mod shapes;
pub mod texts;

pub use arrays::{CallerBuffer, Count, Input};
pub use callbacks::UserData;
pub use dtl::{Error, Result};
pub use numbers::enumeration;
pub use results::{Out, OutMany};
