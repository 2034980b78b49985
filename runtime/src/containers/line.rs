//! The operations that containers of one dimension share, vectors and arrays: where the element with an index is, and elements
//! by their index from any rank.

use super::core::DynContainer;
use super::global_array;
use crate::array::{Array, Output};
use crate::calls::Call;
use crate::error::Result;
use crate::layout::Selection;
use dtl_types::Dtype;

/// The global index of this rank's first element; the global size when this rank has none.
pub fn local_offset(container: &DynContainer) -> i64 {
    container.body().layout.local_offset()
}

/// Whether element `index` is on this rank.
pub fn is_local(container: &DynContainer, index: i64) -> Result<bool> {
    container.body().layout.is_local(index)
}

/// The rank that has element `index`; this one in a replicated container.
pub fn owner(container: &DynContainer, index: i64) -> Result<i32> {
    container.body().layout.owner(index)
}

/// The local index of the element with global index `index`, which must be on this rank.
pub fn to_local(container: &DynContainer, index: i64) -> Result<i64> {
    container.body().layout.to_local(index)
}

/// The global index of this rank's element `index`.
pub fn to_global(container: &DynContainer, index: i64) -> Result<i64> {
    container.body().layout.to_global(index)
}

/// The global indices of this rank's elements, ascending, as int64.
pub fn global_indices(container: &DynContainer, output: &mut dyn Output) -> Result<()> {
    let body = container.body().clone();
    let shape = body.layout.local_shape();
    let mut result = output.provide(Dtype::Int64, &shape)?;
    container.workers().on_parts(result.slots::<{ size_of::<i64>() }>(), |first, part| {
        for (slot, index) in part.iter_mut().zip(body.layout.global_indices_from(0, first)) {
            *slot = index.to_ne_bytes();
        }
    });
    Ok(())
}

/// Copies `count` elements, from `first` on and `step` apart, into an array on every rank.
pub async fn get(
    call: &Call<'_>,
    container: &DynContainer,
    first: i64,
    count: u64,
    step: u64,
    output: &mut dyn Output,
) -> Result<()> {
    let selection = call.admit(Selection::of(first, count, step)).await?;
    global_array::get(call, container, &[selection], output).await
}

/// Stores an array, the same on every rank, in `count` elements, from `first` on and `step` apart.
pub async fn set(
    call: &Call<'_>,
    container: &DynContainer,
    first: i64,
    count: u64,
    values: Array<'_>,
    step: u64,
) -> Result<()> {
    let selection = call.admit(Selection::of(first, count, step)).await?;
    global_array::set(call, container, &[selection], values).await
}
