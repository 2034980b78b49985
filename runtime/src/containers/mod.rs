//! Distributed containers. `core.rs` is the one representation behind all of them, for any data type. What all containers do
//! is in `create.rs`, `alike.rs`, `properties.rs`, `picture`, `local_part.rs`, `single.rs`, `reductions.rs`, `search.rs`
//! and `consistency.rs`; how functions of the caller get at elements, in `for_functions.rs`; who may use elements at the same
//! time, in `borrow.rs` and `kept_loan.rs`; what spans do as well goes through `ranged.rs`; how elements move between ranks, in
//! `redistribution.rs`, `copy.rs`, `global_array.rs`, `halo` and `transfer`; what containers of one dimension do, in `line.rs`;
//! and what is a kind's own, in its file. `typed.rs` is the containers for Rust programs, with their element types. The map,
//! which has keys and not positions, is in `map` with all that belongs to it.

pub mod alike;
pub mod array;
pub(crate) mod borrow;
pub mod consistency;
pub mod copy;
mod core;
mod create;
pub(crate) mod for_functions;
pub mod global_array;
pub mod halo;
pub mod kept_loan;
pub mod line;
pub mod local_elements;
pub mod local_part;
pub mod map;
mod order;
pub mod picture;
pub mod properties;
pub(crate) mod ranged;
pub mod redistribution;
pub mod reductions;
pub(crate) mod search;
pub mod single;
pub mod span;
pub mod tensor;
pub(crate) mod transfer;
pub mod typed;
pub mod vector;

pub(crate) use self::core::RepresentedAs;
pub use self::core::{DynArray, DynContainer, DynTensor, DynVector, View};
pub use halo::Halo;
pub use map::{DynMap, Map};
pub use order::reverse_dimensions;
pub use ranged::Ranged;
pub use span::DynSpan;
pub use typed::{Array, Container, Span, Tensor, Vector};
