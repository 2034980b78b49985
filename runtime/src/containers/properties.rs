//! What every container knows of itself, without communication and in constant time.

use super::core::DynContainer;
use super::order::in_order;
use super::picture;
use crate::context::error_policy;
use dtl_types::constants::NO_DEVICE;
use dtl_types::{
    ConsistencyPolicy, Dtype, ErrorPolicy, ExecutionPolicy, PartitionPolicy, PlacementPolicy, SpecEnum,
};

/// The number of elements on all ranks together.
pub fn global_size(container: &DynContainer) -> u64 {
    container.body().layout.size()
}

/// The number of elements along each dimension on all ranks together.
pub fn shape(container: &DynContainer) -> Vec<u64> {
    container.body().layout.shape()
}

/// The global extent of the first dimension.
pub fn length(container: &DynContainer) -> u64 {
    container.body().layout.shape()[0]
}

/// The number of dimensions.
pub fn ndim(container: &DynContainer) -> i32 {
    container.body().layout.ndim() as i32
}

/// The number of elements on this rank.
pub fn local_size(container: &DynContainer) -> u64 {
    container.body().layout.local_size()
}

/// Whether the container has no elements at all.
pub fn empty(container: &DynContainer) -> bool {
    global_size(container) == 0
}

/// The bytes of one element.
pub fn itemsize(container: &DynContainer) -> u64 {
    container.dtype().size() as u64
}

/// The bytes of all elements, of which a replicated container has each once.
pub fn nbytes(container: &DynContainer) -> u64 {
    // A size has less than 63 bits, but with the bytes of each element it can have more than 64.
    global_size(container).saturating_mul(itemsize(container))
}

/// The data type of the elements.
pub fn dtype(container: &DynContainer) -> Dtype {
    container.dtype()
}

/// This rank's number in the container's context.
pub fn rank(container: &DynContainer) -> i32 {
    container.body().layout.rank()
}

/// The number of ranks that the container is distributed over.
pub fn num_ranks(container: &DynContainer) -> i32 {
    container.body().layout.ranks()
}

/// How elements are assigned to ranks.
pub fn partition_policy(container: &DynContainer) -> PartitionPolicy {
    container.body().layout.policy()
}

/// In which memory the elements are; what was preferred does not matter any more.
pub fn placement_policy(container: &DynContainer) -> PlacementPolicy {
    container.body().placement
}

/// How algorithms run on the container unless told otherwise.
pub fn execution_policy(container: &DynContainer) -> ExecutionPolicy {
    container.execution()
}

/// When writes become visible to other ranks.
pub fn consistency_policy(_container: &DynContainer) -> ConsistencyPolicy {
    ConsistencyPolicy::BulkSynchronous
}

/// What happens on errors.
pub fn error_policy(container: &DynContainer) -> ErrorPolicy {
    error_policy::error_policy(container.context())
}

/// The GPU that holds the elements; -1 for none.
pub fn device_id(_container: &DynContainer) -> i32 {
    NO_DEVICE
}

/// Whether the processor can read the elements.
pub fn is_host_accessible(container: &DynContainer) -> bool {
    container.body().storage.kind().is_host()
}

/// Whether a GPU can read the elements.
pub fn is_device_accessible(_container: &DynContainer) -> bool {
    false
}

/// Whether the container's elements are there: from its creation on, also after its context has been closed.
pub fn is_valid(_container: &DynContainer) -> bool {
    true
}

/// The container in a line: what it holds, how it is distributed, and this rank's part.
pub fn describe(container: &DynContainer) -> String {
    let local = in_order(container.body().layout.local_shape().iter().map(|extent| *extent as u64));
    format!("{}, rank {} has {}", summary(container), rank(container), picture::tuple(&local))
}

/// What all ranks say of the container alike: shape, data type, partition of each dimension, ranks.
pub(super) fn summary(container: &DynContainer) -> String {
    let body = container.body().clone();
    let (shape, grid) = (in_order(body.layout.shape()), in_order(body.layout.process_grid()));
    let mut partitions: Vec<String> = in_order(body.layout.distributions().map(ToString::to_string));
    if partitions.windows(2).all(|pair| pair[0] == pair[1]) {
        partitions.truncate(1);
    }
    let grid: Vec<String> = grid.iter().map(u64::to_string).collect();
    let ranks = if num_ranks(container) == 1 { "rank" } else { "ranks" };
    format!(
        "shape {}, {}, {} over {} {ranks}",
        picture::tuple(&shape),
        dtype(container).name(),
        partitions.join(" x "),
        grid.join(" x ")
    )
}
