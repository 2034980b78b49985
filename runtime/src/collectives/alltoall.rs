//! `alltoall`: each rank gets one part of every rank's array, in the order of ranks.

use super::scatter::part_shape;
use crate::array::{Array, Output};
use crate::calls::Call;
use crate::comm::transport::{Blocks, Pattern};
use crate::context;
use crate::error::Result;

/// Cuts `input` of every rank, of shape `(size, *shape)`, along its first dimension and gives each rank the parts that are
/// for it, in an array of the same shape.
pub async fn alltoall(call: &Call<'_>, input: Array<'_>, output: &mut dyn Output) -> Result<()> {
    let size = context::size(call.context());
    let prepared = part_shape(&input, size).and_then(|_| output.provide(input.dtype(), input.shape()));
    let mut result = call.admit(prepared).await?;
    if call.is_alone() {
        result.copy_from(&input, 0);
        return Ok(());
    }
    call.assert_agreed(input.dtype(), input.len());
    let nbytes = input.nbytes() / size as usize;
    if input.nbytes() <= call.room() {
        let round = call.exchange(input.bytes()).await?;
        let offset = context::rank(call.context()) as usize * nbytes;
        for (rank, payload) in round.payloads().enumerate() {
            result.store(rank * nbytes, &payload[offset..][..nbytes]);
        }
        return Ok(());
    }
    call.agree().await?;
    let (send, receive) = (Blocks::from(input.as_ptr(), nbytes), Blocks::to(result.as_mut_ptr(), nbytes));
    // SAFETY: all ranks agree on data type and count; the result was provided for as many elements as the input has.
    unsafe { call.transfer(Pattern::Alltoall, nbytes, send, receive).await }
}
