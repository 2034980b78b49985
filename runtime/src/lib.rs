//! Distributed arrays: one vector over the memory of many ranks, and the collective operations between them.
//!
//! A [`Context`] is a group of ranks and this rank's place in it. A [`Vector`] is distributed over the ranks of a context;
//! each rank works on its own part through a slice. Collective operations must be called by all ranks of a context, in the
//! same order with matching arguments; when they do not match, every rank gets the same [`Error`], which says how, instead of
//! a wrong number or a hang.
//!
//! The same program runs in one process ([`Context::new`]) and on ranks that are threads of one process:
//!
//! ```
//! use dtl::{Context, ReduceOp, Vector, allreduce};
//!
//! let ranks = Context::threads(4)?;
//! std::thread::scope(|scope| {
//!     for ctx in ranks {
//!         scope.spawn(move || -> dtl::Result<()> {
//!             let mut vector = Vector::<f64>::new(&ctx, 1000)?;
//!             let offset = vector.local_offset();
//!             for (value, index) in vector.local_view_mut().iter_mut().zip(offset..) {
//!                 *value = index as f64;
//!             }
//!             let local_sum: f64 = vector.local_view().iter().sum();
//!             assert_eq!(allreduce(&ctx, &[local_sum], ReduceOp::Sum)?, [499_500.0]);
//!             Ok(())
//!         });
//!     }
//! });
//! # Ok::<(), dtl::Error>(())
//! ```

#[path = "../../generated/rust/elements.rs"]
mod elements;

#[doc(hidden)]
pub mod algorithms;
#[path = "../../generated/rust/api.rs"]
mod api;
mod arithmetic;
#[doc(hidden)]
pub mod array;
#[doc(hidden)]
pub mod backends;
#[path = "../../generated/rust/callbacks.rs"]
mod callbacks;
#[doc(hidden)]
pub mod calls;
mod check;
#[doc(hidden)]
pub mod collectives;
#[doc(hidden)]
pub mod comm;
#[doc(hidden)]
pub mod computing;
#[doc(hidden)]
pub mod containers;
#[doc(hidden)]
pub mod context;
mod digest;
mod element;
mod elementwise;
#[doc(hidden)]
pub mod environment;
mod error;
mod execution;
#[doc(hidden)]
pub mod future;
#[doc(hidden)]
pub mod groups;
#[doc(hidden)]
pub mod handles;
mod identity;
#[doc(hidden)]
pub mod layout;
mod live;
#[doc(hidden)]
pub mod memory;
#[doc(hidden)]
pub mod messages;
mod numbered;
#[doc(hidden)]
pub mod observe;
#[doc(hidden)]
pub mod on_behalf;
#[doc(hidden)]
#[path = "../../generated/rust/ops.rs"]
pub mod ops;
#[doc(hidden)]
pub mod policies;
#[doc(hidden)]
pub mod request;
#[doc(hidden)]
pub mod roles;
mod scalar;
mod site;
mod slices;
#[doc(hidden)]
pub mod topology;

pub use api::*;
pub use arithmetic::Number;
pub use array::{ArrayMut, Lent, Output, Pair, VecOutput};
pub use callbacks::*;
pub use calls::Call;
pub use comm::Wait;
pub use containers::{
    Array, Container, DynArray, DynContainer, DynMap, DynSpan, DynTensor, DynVector, Halo, Map, Span, Tensor,
    Vector, View, reverse_dimensions,
};
pub use context::Context;
pub use dtl_types::{self as types, *};
pub use element::Element;
pub use elementwise::{Indices, Outcome};
pub use environment::Environment;
pub use error::{Error, Result};
pub use future::DynFuture;
pub use half::{bf16, f16};
pub use live::live_objects;
pub use num_complex::Complex;
pub use request::typed::{waitall, waitany};
pub use request::{DynRequest, Request};
pub use roles::RoleManager;
pub use scalar::Scalar;
pub use slices::SliceOutput;
