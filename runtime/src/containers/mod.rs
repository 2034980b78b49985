//! Distributed containers. `core.rs` is the one representation behind all of them, for any data type; `vector.rs` has the
//! operations on vectors that every language shares; `typed.rs` is the vector for Rust programs, with its element type.

mod core;
pub mod typed;
pub mod vector;

pub use self::core::{DynVector, View};
pub use typed::Vector;
