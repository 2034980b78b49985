//! Distributed arrays: one vector over the memory of many ranks, and the collective operations between them.
//!
//! A [`Context`] is a group of ranks and this rank's place in it. A [`Vector`] is distributed over the ranks of a context;
//! each rank works on its own part through a slice. Collective operations must be called by all ranks of a context, in the
//! same order with matching arguments; when they do not match, every rank gets the same [`Error`], which says how, instead of
//! a wrong number or a hang.

#[path = "../../generated/rust/elements.rs"]
mod elements;

#[path = "../../generated/rust/api.rs"]
mod api;
mod array;
#[doc(hidden)]
pub mod backends;
mod check;
#[doc(hidden)]
pub mod collectives;
#[doc(hidden)]
pub mod comm;
#[doc(hidden)]
pub mod containers;
#[doc(hidden)]
pub mod context;
mod element;
#[doc(hidden)]
pub mod environment;
mod error;
#[doc(hidden)]
pub mod handles;
#[doc(hidden)]
pub mod layout;
mod live;
mod memory_limit;
#[doc(hidden)]
#[path = "../../generated/rust/ops.rs"]
pub mod ops;
#[doc(hidden)]
pub mod policies;
mod scalar;
mod slices;
mod storage;

pub use api::*;
pub use array::{Array, ArrayMut, Output, VecOutput};
pub use comm::Call;
pub use containers::{DynVector, Vector, View};
pub use context::Context;
pub use dtl_types::{self as types, *};
pub use element::Element;
pub use environment::Environment;
pub use error::{Error, Result};
pub use half::{bf16, f16};
pub use live::live_objects;
pub use num_complex::Complex;
pub use scalar::Scalar;
pub use slices::SliceOutput;
