//! The operations on distributed vectors that every language shares. Generated code has checked the kinds of arguments
//! before it calls these; what depends on the vector is checked here.

use super::core::{Core, DynVector, View};
use crate::array::{Array, Output};
use crate::backends::{Backend, unavailable};
use crate::comm::Call;
use crate::element::Element;
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::live::Live;
use crate::scalar::Scalar;
use crate::storage::{self, Storage};
use crate::{collectives, context};
use dtl_types::constants::NO_DEVICE;
use dtl_types::{
    ConsistencyPolicy, Dtype, ErrorPolicy, ExecutionPolicy, PartitionPolicy, PlacementPolicy, SpecEnum,
    Status,
};

/// A new vector of `size` elements over the ranks of the call's context, zero or `fill` at first. Collective; memory that
/// one rank cannot get is an error on all. `block_size` matters to the block-cyclic partition alone.
#[expect(
    clippy::too_many_arguments,
    reason = "these are the arguments that users of every language may give"
)]
pub fn create(
    call: &Call<'_>,
    size: u64,
    dtype: Dtype,
    fill: Option<Scalar>,
    partition: PartitionPolicy,
    placement: PlacementPolicy,
    execution: ExecutionPolicy,
    device_id: i32,
    block_size: u64,
) -> Result<DynVector> {
    let context = call.context();
    let layout = Layout::new(partition, size, block_size, context::rank(context), context::size(context));
    let prepared = check_placement(placement, device_id)
        .and_then(|()| local_bytes(&layout, dtype))
        .and_then(storage::allocate);
    let storage = call.admit(prepared)?;
    if let Some(value) = fill {
        fill_elements(&storage, value);
    }
    call.exchange(&[])?;
    Ok(DynVector::new(Core {
        context: context.clone(),
        dtype,
        layout,
        storage,
        placement: PlacementPolicy::Host,
        execution,
        id: context.number_container(),
        _live: Live::new(),
    }))
}

fn check_placement(placement: PlacementPolicy, device_id: i32) -> Result<()> {
    if crate::policies::placement_available(placement) {
        return Ok(());
    }
    Err(unavailable(
        Backend::Cuda,
        &format!("placement is {}, on device {device_id}", placement.name()),
        "use host or device_preferred",
    ))
}

fn check_dtype(argument: &str, expected: Dtype, found: Dtype) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    Err(Error::new(
        Status::InvalidArgument,
        format!(
            "{argument} has the data type {}, but the vector holds {}; convert it first",
            found.name(),
            expected.name()
        ),
    ))
}

fn local_bytes(layout: &Layout, dtype: Dtype) -> Result<usize> {
    usize::try_from(layout.local_size()).ok().and_then(|count| count.checked_mul(dtype.size())).ok_or_else(
        || {
            Error::new(
                Status::OutOfMemory,
                format!(
                    "{} elements of {} are more than any memory can hold",
                    layout.local_size(),
                    dtype.name()
                ),
            )
        },
    )
}

/// The number of elements on all ranks together.
pub fn global_size(vector: &DynVector) -> u64 {
    vector.core().layout.size()
}

/// The number of elements on this rank.
pub fn local_size(vector: &DynVector) -> u64 {
    vector.core().layout.local_size()
}

/// The global index of this rank's first element; the global size when this rank has none.
pub fn local_offset(vector: &DynVector) -> i64 {
    vector.core().layout.local_offset()
}

/// Whether the vector has no elements at all.
pub fn empty(vector: &DynVector) -> bool {
    global_size(vector) == 0
}

/// The data type of the elements.
pub fn dtype(vector: &DynVector) -> Dtype {
    vector.core().dtype
}

/// This rank's number in the vector's context.
pub fn rank(vector: &DynVector) -> i32 {
    vector.core().layout.rank()
}

/// The number of ranks that the vector is distributed over.
pub fn num_ranks(vector: &DynVector) -> i32 {
    vector.core().layout.ranks()
}

/// How elements are assigned to ranks.
pub fn partition_policy(vector: &DynVector) -> PartitionPolicy {
    vector.core().layout.policy()
}

/// In which memory the elements are; what was preferred does not matter any more.
pub fn placement_policy(vector: &DynVector) -> PlacementPolicy {
    vector.core().placement
}

/// How algorithms run on the vector unless told otherwise.
pub fn execution_policy(vector: &DynVector) -> ExecutionPolicy {
    vector.core().execution
}

/// When writes become visible to other ranks.
pub fn consistency_policy(_vector: &DynVector) -> ConsistencyPolicy {
    ConsistencyPolicy::BulkSynchronous
}

/// What happens on errors.
pub fn error_policy(_vector: &DynVector) -> ErrorPolicy {
    ErrorPolicy::ReturnStatus
}

/// The GPU that holds the elements; -1 for none.
pub fn device_id(_vector: &DynVector) -> i32 {
    NO_DEVICE
}

/// Whether the processor can read the elements.
pub fn is_host_accessible(_vector: &DynVector) -> bool {
    true
}

/// Whether a GPU can read the elements.
pub fn is_device_accessible(_vector: &DynVector) -> bool {
    false
}

/// Whether the vector's elements are there: from its creation on, also after its context has been closed.
pub fn is_valid(_vector: &DynVector) -> bool {
    true
}

/// Whether element `index` is on this rank.
pub fn is_local(vector: &DynVector, index: i64) -> Result<bool> {
    vector.core().layout.is_local(index)
}

/// The rank that has element `index`; this one in a replicated vector.
pub fn owner(vector: &DynVector, index: i64) -> Result<i32> {
    vector.core().layout.owner(index)
}

/// The local index of the element with global index `index`, which must be on this rank.
pub fn to_local(vector: &DynVector, index: i64) -> Result<i64> {
    vector.core().layout.to_local(index)
}

/// The global index of this rank's element `index`.
pub fn to_global(vector: &DynVector, index: i64) -> Result<i64> {
    vector.core().layout.to_global(index)
}

/// The global indices of this rank's elements, ascending, as int64.
pub fn global_indices(vector: &DynVector, output: &mut dyn Output) -> Result<()> {
    let shape = local_shape(vector);
    let mut result = output.provide(Dtype::Int64, &shape)?;
    for (place, index) in vector.core().layout.global_indices().enumerate() {
        result.store(place * size_of::<i64>(), &index.to_ne_bytes());
    }
    Ok(())
}

/// The local elements, without a copy.
pub fn local_view(vector: &DynVector) -> Result<View> {
    Ok(View { vector: vector.clone() })
}

/// Copies the local elements out.
pub fn copy_to(vector: &DynVector, output: &mut dyn Output) -> Result<()> {
    let shape = local_shape(vector);
    let mut result = output.provide(dtype(vector), &shape)?;
    // SAFETY: the storage holds the local elements, and the vector stays for this call.
    let elements = unsafe { Array::from_raw(vector.core().storage.start(), dtype(vector), &shape) };
    result.copy_from(&elements, 0);
    Ok(())
}

/// Copies `values` over the local elements; shape and data type must be theirs.
pub fn copy_from(vector: &DynVector, values: Array<'_>) -> Result<()> {
    check_dtype("the array", dtype(vector), values.dtype())?;
    if values.shape() != local_shape(vector) {
        return Err(Error::new(
            Status::ExtentMismatch,
            format!(
                "the array has the shape {:?}, but this rank's part of the vector has {:?}",
                values.shape(),
                local_shape(vector)
            ),
        ));
    }
    let storage = &vector.core().storage;
    // SAFETY: as many bytes as the storage has, by the check above; `copy` allows an array that is a view of this vector.
    unsafe { std::ptr::copy(values.as_ptr(), storage.start(), storage.bytes()) };
    sanitize(storage, dtype(vector));
    Ok(())
}

/// Sets each local element to `value`.
pub fn fill(vector: &DynVector, value: Scalar) -> Result<()> {
    fill_elements(&vector.core().storage, value);
    Ok(())
}

/// Returns when all ranks have called it on this vector.
pub fn barrier(call: &Call<'_>, _vector: &DynVector) -> Result<()> {
    collectives::barrier(call)
}

/// The vector in a line: what it holds, how it is distributed, and this rank's part.
pub fn describe(vector: &DynVector) -> String {
    format!(
        "size={}, dtype={}, partition={}, rank {} of {}: {} elements",
        global_size(vector),
        dtype(vector).name(),
        partition_policy(vector).name(),
        rank(vector),
        num_ranks(vector),
        local_size(vector)
    )
}

fn local_shape(vector: &DynVector) -> [usize; 1] {
    [local_size(vector) as usize]
}

/// Sets all elements in `storage` to `value`, whose data type they have.
fn fill_elements(storage: &Storage, value: Scalar) {
    let size = value.bytes().len();
    let count = storage.bytes() / size;
    macro_rules! fill_as {
        ($word:ty) => {{
            let mut word = [0; size_of::<$word>()];
            word.copy_from_slice(value.bytes());
            // SAFETY: the storage has `count` elements of this size, is aligned for all of them, and is written by nobody
            // else meanwhile.
            let words = unsafe { std::slice::from_raw_parts_mut(storage.start().cast::<$word>(), count) };
            words.fill(<$word>::from_ne_bytes(word));
        }};
    }
    match size {
        1 => fill_as!(u8),
        2 => fill_as!(u16),
        4 => fill_as!(u32),
        8 => fill_as!(u64),
        _ => fill_as!(u128),
    }
    sanitize(storage, value.dtype());
}

/// Booleans from other languages may be any byte but must be 0 or 1 for Rust.
fn sanitize(storage: &Storage, dtype: Dtype) {
    if dtype == Dtype::Bool {
        // SAFETY: the storage owns its bytes, which nobody else uses meanwhile.
        bool::sanitize(unsafe { std::slice::from_raw_parts_mut(storage.start(), storage.bytes()) });
    }
}
