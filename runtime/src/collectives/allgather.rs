//! `allgather`: every rank gets the arrays of all ranks, stacked in the order of ranks.

use super::gather::{stack, stacked_shape};
use crate::array::{Array, Output};
use crate::calls::Call;
use crate::comm::transport::Pattern;
use crate::error::Result;

/// Stacks `input` of all ranks, in their order, into an array of shape `(size, *shape)` on every rank.
pub async fn allgather(call: &Call<'_>, input: Array<'_>, output: &mut dyn Output) -> Result<()> {
    let shape = stacked_shape(call, &input);
    let result = call.admit(output.provide(input.dtype(), &shape)).await?;
    stack(call, input, Some(result), Pattern::Allgather).await
}
