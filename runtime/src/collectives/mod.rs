//! Collective operations on arrays, one file each. Every one prepares what it can on its own rank (memory for the result,
//! arithmetic), lets an error in that take part in the fixed round, and moves data only when all ranks agree. Arrays that fit
//! the round's payload finish there. `reduction.rs` is what the operations share that reduce large arrays, and computes with
//! `memory/engine/combine.rs`; `extremum.rs` finds the smallest and largest values and their ranks, `from_root.rs` is what the two operations share in which the root decides data type and shape, `description.rs` is how these
//! travel, `functions.rs` has the reductions with functions of the caller, `line.rs` how arrays go from rank to rank for them and
//! `rows.rs` is which rows belong to which rank where ranks have different numbers of them.

mod allgather;
mod allreduce;
mod alltoall;
mod alltoallv;
mod barrier;
mod broadcast;
mod description;
mod extremum;
mod from_root;
mod functions;
mod gather;
mod gatherv;
mod line;
mod overflow;
mod reduce;
mod reduce_scatter;
mod reduction;
mod rows;
mod scan;
mod scatter;
mod scatterv;

pub(crate) use crate::memory::engine::combine::Reduction;
pub use allgather::allgather;
pub use allreduce::allreduce;
pub use alltoall::alltoall;
pub use alltoallv::alltoallv;
pub use barrier::barrier;
pub use broadcast::broadcast;
pub use extremum::{allreduce_maxloc, allreduce_minloc};
pub use functions::{allreduce_func, exscan_func, reduce_func, reduce_scatter_func, scan_func};
pub use gather::gather;
pub use gatherv::{allgatherv, gatherv};
pub use reduce::reduce;
pub use reduce_scatter::reduce_scatter;
pub use scan::{exscan, scan};
pub use scatter::scatter;
pub use scatterv::scatterv;
