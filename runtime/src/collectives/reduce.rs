//! `reduce`: combines the arrays of all ranks element by element; the root gets the result.

use super::arithmetic::Reduction;
use super::reduction::{Destination, reduce_by_slices};
use crate::array::{Array, Output};
use crate::comm::Call;
use crate::comm::transport::{Blocks, Pattern};
use crate::context;
use crate::error::Result;
use dtl_types::ReduceOp;

/// Combines `input` of all ranks with `op`, in the order of ranks, and gives the root the result.
pub async fn reduce(
    call: &Call<'_>,
    input: Array<'_>,
    op: ReduceOp,
    root: i32,
    output: &mut dyn Output,
) -> Result<()> {
    let dtype = input.dtype();
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
        return Ok(());
    }
    call.agree().await?;
    if context::size(call.context()) == 2 {
        // SAFETY: all ranks agree on data type and count, for which the root's output was provided.
        return unsafe { Box::pin(reduce_of_two(call, reduction, input, root, start)).await };
    }
    let destination = Destination::Root { root, start: start.unwrap_or(std::ptr::null_mut()) };
    // SAFETY: all ranks agree on data type and count, for which the root's output was provided.
    unsafe { Box::pin(reduce_by_slices(call, reduction, input, destination)).await }
}

/// Of two large arrays, the most bytes that are moved before they are combined.
const AT_ONCE: usize = 4 << 20;

/// The reduction of two large arrays: the root gets the other one as it is, where its result will be, and combines both. Few
/// movements are enough for that, where slices would be cut and joined in many.
///
/// # Safety
/// Both ranks must have agreed on data type and count; the root's result must be writable for as many elements, and may be exactly
/// its input.
async unsafe fn reduce_of_two(
    call: &Call<'_>,
    reduction: Reduction,
    input: Array<'_>,
    root: i32,
    result: Option<*mut u8>,
) -> Result<()> {
    let (own, element) = (context::rank(call.context()) as usize, input.dtype().size());
    let in_place = result.is_some_and(|result| std::ptr::eq(result, input.as_ptr()));
    let mut aside = vec![0u8; if in_place { AT_ONCE.min(input.nbytes()) } else { 0 }];
    for first in (0..input.len()).step_by(AT_ONCE / element) {
        let count = (AT_ONCE / element).min(input.len() - first);
        let (nbytes, input) = (count * element, input.as_ptr().wrapping_add(first * element));
        let source = Pattern::Broadcast { root: 1 - root };
        let Some(result) = result.map(|result| result.wrapping_add(first * element)) else {
            // SAFETY: the input has as many elements as both ranks agree on.
            unsafe { call.transfer(source, nbytes, Blocks::from(input, 0), Blocks::NONE).await? };
            continue;
        };
        let other = if in_place { aside.as_mut_ptr() } else { result };
        // SAFETY: there is room for this part of the other rank's array, which makes two blocks with this rank's own; the
        // result is one of them.
        unsafe {
            call.transfer(source, nbytes, Blocks::NONE, Blocks::to(other, 0)).await?;
            reduction.run_with_own((other, 0), (own, input), 2, result, count);
        }
    }
    Ok(())
}
