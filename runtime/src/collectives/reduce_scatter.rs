//! `reduce_scatter`: combines the arrays of all ranks element by element; each rank gets one part of the result.

use super::reduction::{IN_FLIGHT, combine_parts};
use super::scatter::part_shape;
use crate::array::{Array, Output};
use crate::calls::Call;
use crate::comm::transport::Blocks;
use crate::context;
use crate::error::Result;
use crate::memory::engine::combine::Reduction;
use dtl_types::ReduceOp;

/// Combines `input` of all ranks, of shape `(size, *shape)`, with `op`, in the order of ranks, and gives each rank its part
/// of the result, of shape `shape`.
pub async fn reduce_scatter(
    call: &Call<'_>,
    input: Array<'_>,
    op: ReduceOp,
    output: &mut dyn Output,
) -> Result<()> {
    let (dtype, size) = (input.dtype(), context::size(call.context()));
    let prepared = Reduction::new(op, dtype).and_then(|reduction| {
        let shape = part_shape(&input, size)?;
        Ok((reduction, output.provide(dtype, shape)?))
    });
    let (reduction, mut result) = call.admit(prepared).await?;
    let (count, start) = (result.len(), result.as_mut_ptr());
    if call.is_alone() {
        // SAFETY: one block, the input; the output was provided for its only part.
        unsafe { reduction.run(input.as_ptr(), 0, 1, start, count) };
        return Ok(());
    }
    call.assert_agreed(dtype, input.len());
    if input.nbytes() <= call.room() {
        let round = call.exchange(input.bytes()).await?;
        let (stack, stride) = round.stack();
        let part = stack.wrapping_add(context::rank(call.context()) as usize * result.nbytes());
        // SAFETY: each rank's payload has a part of `count` elements for each rank, as all agree.
        unsafe { reduction.run(part, stride, size as usize, start, count) };
        return Ok(());
    }
    call.agree().await?;
    // SAFETY: all ranks agree on data type and count; the output was provided for `count` elements, a part of them.
    unsafe { Box::pin(reduce_parts(call, reduction, input, start, count)).await }
}

/// Reduces this rank's part, of `count` elements, into `result`.
///
/// # Safety
/// All ranks must have agreed on data type and count. The result must be writable, and may be the input where it is a part
/// of it.
async unsafe fn reduce_parts(
    call: &Call<'_>,
    reduction: Reduction,
    input: Array<'_>,
    result: *mut u8,
    count: usize,
) -> Result<()> {
    let (size, element) = (context::size(call.context()) as usize, input.dtype().size());
    let piece = count.min(IN_FLIGHT / size / element);
    let mut parts = vec![0u8; size * piece * element];
    let mut done = 0;
    while done < count {
        let length = piece.min(count - done);
        let nbytes = length * element;
        let send = Blocks::from(input.as_ptr(), count * element).skip(done * element);
        // SAFETY: the input has a part of `count` elements for each rank, and `parts` has room for all ranks' pieces.
        unsafe {
            let out = result.wrapping_add(done * element);
            combine_parts(call, reduction, send, nbytes, parts.as_mut_ptr(), out, length).await?;
        }
        done += length;
    }
    Ok(())
}
