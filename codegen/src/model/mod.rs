//! The resolved, immutable model: what every backend reads.
//!
//! `resolve` turns a `Spec` into it. Names have become references, defaults are typed, C functions are spelled out, and
//! nothing can dangle any more. A backend makes its own per-language model from this one, and its templates see only that.

mod accepted;
mod c_functions;
mod callbacks;
mod definitions;
mod fortran_type;
mod names;
mod operations;
mod queries;
mod resolve;
mod resolve_dtypes;
mod resolve_operation;
mod resolve_values;
mod shape;
mod structs;

pub use accepted::Accepted;
pub use c_functions::{CArg, CFunction, CSource, Ignored, Part};
pub use callbacks::{Callback, CallbackParam, CallbackReturns, CallbackSample};
pub use definitions::*;
pub use fortran_type::{FortranBase, FortranType};
pub use names::{screaming, upper_camel};
pub use operations::*;
pub use resolve::resolve;
pub use shape::{Extent, Shape};
pub use structs::{Field, Struct};
