//! `reduce`: combines the arrays of all ranks element by element; the root gets the result.

use super::overflow::{self, Results};
use super::reduction::{Destination, reduce_by_slices, reduce_on_other};
use crate::array::{Array, Output};
use crate::calls::Call;
use crate::context;
use crate::error::Result;
use crate::memory::engine::combine::Reduction;
use dtl_types::ReduceOp;

/// Combines `input` of all ranks with `op`, in the order of ranks, and gives the root the result.
pub async fn reduce(
    call: &Call<'_>,
    input: Array<'_>,
    op: ReduceOp,
    root: i32,
    output: &mut dyn Output,
) -> Result<()> {
    let (dtype, must_fit) = (input.dtype(), output.must_fit());
    let is_root = context::rank(call.context()) == root;
    let prepared = Reduction::new(op, dtype).and_then(|it| {
        let result = if is_root { Some(output.provide(dtype, input.shape())?) } else { None };
        Ok((it, result))
    });
    let (reduction, mut result) = call.admit(prepared).await?;
    let (count, start) = (input.len(), result.as_mut().map(|result| result.as_mut_ptr()));
    if call.is_alone() {
        if let Some(start) = start {
            // SAFETY: one block, the input; the output was provided for as many elements.
            unsafe { reduction.run(input.as_ptr(), 0, 1, start, count) };
        }
        return Ok(());
    }
    call.assert_agreed(dtype, count);
    if input.nbytes() <= call.room() {
        let round = call.exchange(input.bytes()).await?;
        let (stack, stride) = round.stack();
        if let Some(start) = start {
            // SAFETY: each rank's payload is `count` elements, as all agree; the output was provided for as many.
            unsafe { reduction.run(stack, stride, round.payloads().len(), start, count) };
        }
        if must_fit {
            return overflow::check(op, dtype, Results::Last, round.payloads());
        }
        return Ok(());
    }
    call.agree().await?;
    let start = start.unwrap_or(std::ptr::null_mut());
    // SAFETY: all ranks agree on data type and count, for which the root's output was provided.
    unsafe {
        if context::size(call.context()) == 2 {
            return Box::pin(reduce_on_other(call, reduction, input, 1 - root, start, |_, _| ())).await;
        }
        Box::pin(reduce_by_slices(call, reduction, input, Destination::Root { root, start })).await
    }
}
