//! Distributed arrays.

mod error;
#[doc(hidden)]
pub mod layout;

pub use error::{Error, Result};
