//! `allreduce`: combines the arrays of all ranks element by element; every rank gets the result.

use super::overflow::{self, Results};
use super::reduction;
use crate::array::{Array, Output};
use crate::calls::Call;
use crate::error::Result;
use crate::memory::engine::combine::Reduction;
use dtl_types::ReduceOp;

/// Combines `input` of all ranks with `op`, in the order of ranks, and gives every rank the result.
pub async fn allreduce(
    call: &Call<'_>,
    input: Array<'_>,
    op: ReduceOp,
    output: &mut dyn Output,
) -> Result<()> {
    let (dtype, must_fit) = (input.dtype(), output.must_fit());
    // Not by `admit`: of the smallest reductions, a result on its way through another future is a good part.
    let reduction = match Reduction::new(op, dtype) {
        Ok(reduction) => reduction,
        Err(error) => return Err(call.refuse(error).await),
    };
    let mut result = match output.provide(dtype, input.shape()) {
        Ok(result) => result,
        Err(error) => return Err(call.refuse(error).await),
    };
    let (count, start) = (input.len(), result.as_mut_ptr());
    if call.is_alone() {
        // SAFETY: one block, the input; the output was provided for as many elements.
        unsafe { reduction.run(input.as_ptr(), 0, 1, start, count) };
        return Ok(());
    }
    call.assert_agreed(dtype, count);
    if input.nbytes() <= call.room() {
        let round = call.exchange(input.bytes()).await?;
        let (stack, stride) = round.stack();
        // SAFETY: each rank's payload is `count` elements, as all agree; the output was provided for as many.
        unsafe { reduction.run(stack, stride, round.payloads().len(), start, count) };
        if must_fit {
            return overflow::check(op, dtype, Results::Last, round.payloads());
        }
        return Ok(());
    }
    call.agree().await?;
    // SAFETY: all ranks agree on data type and count, for which the output was provided.
    unsafe {
        Box::pin(reduction::reduce_by_slices(call, reduction, input, reduction::Destination::All(start)))
            .await
    }
}
