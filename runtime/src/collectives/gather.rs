//! `gather`: the root gets the arrays of all ranks, stacked in the order of ranks.

use crate::array::{Array, ArrayMut, Output};
use crate::calls::Call;
use crate::calls::round::Round;
use crate::comm::transport::{Blocks, Pattern};
use crate::context;
use crate::error::Result;

/// Stacks `input` of all ranks, in their order, into an array of shape `(size, *shape)` at the root.
pub async fn gather(call: &Call<'_>, input: Array<'_>, root: i32, output: &mut dyn Output) -> Result<()> {
    let is_root = context::rank(call.context()) == root;
    let shape = stacked_shape(call, &input);
    let prepared = if is_root { output.provide(input.dtype(), &shape).map(Some) } else { Ok(None) };
    stack(call, input, call.admit(prepared).await?, Pattern::Gather { root }).await
}

/// The shape of one array from each rank.
pub(super) fn stacked_shape(call: &Call<'_>, input: &Array<'_>) -> Vec<usize> {
    [&[context::size(call.context()) as usize], input.shape()].concat()
}

/// Moves the arrays of all ranks to those that have memory for the result.
pub(super) async fn stack(
    call: &Call<'_>,
    input: Array<'_>,
    mut result: Option<ArrayMut<'_>>,
    pattern: Pattern,
) -> Result<()> {
    if call.is_alone() {
        if let Some(result) = &mut result {
            result.copy_from(&input, 0);
        }
        return Ok(());
    }
    call.assert_agreed(input.dtype(), input.len());
    if input.nbytes() <= call.room() {
        let round = call.exchange(input.bytes()).await?;
        if let Some(result) = &mut result {
            store_payloads(result, &round, input.nbytes());
        }
        return Ok(());
    }
    call.agree().await?;
    let receive =
        result.as_mut().map_or(Blocks::NONE, |result| Blocks::to(result.as_mut_ptr(), input.nbytes()));
    // SAFETY: all ranks agree on data type and count; the result was provided for one array of each rank.
    unsafe { call.transfer(pattern, input.nbytes(), Blocks::from(input.as_ptr(), 0), receive).await }
}

fn store_payloads(result: &mut ArrayMut<'_>, round: &Round, nbytes: usize) {
    for (rank, payload) in round.payloads().enumerate() {
        result.store(rank * nbytes, payload);
    }
}
