//! Reductions with a function of the caller in place of an operator.
//!
//! The function is passed whole arrays, and need be neither commutative nor associative, so there is one order in which it can be
//! called: an array goes along the line of ranks, each of which combines what has come with its own and passes the result on
//! (`line.rs`). No rank has room for more than three arrays, and none combines what another has combined already. Only
//! `reduce_scatter_func` lets all ranks work at once: each combines the rows that are for it.
//!
//! A rank whose function fails stays to the end. The ranks then tell each other, before any of them writes to its result.

use super::line::{Line, Parcel, combine};
use super::scatter::part_shape;
use crate::array::{Array, ArrayMut, Output};
use crate::callbacks::Combiner;
use crate::calls::Call;
use crate::comm::transport::{Blocks, Pattern, Place};
use crate::context;
use crate::error::Result;

/// Combines `input` of all ranks with `func`, in the order of ranks, and gives every rank the result.
pub async fn allreduce_func(
    call: &Call<'_>,
    input: Array<'_>,
    func: Combiner<'_>,
    output: &mut dyn Output,
) -> Result<()> {
    let prepared =
        output.provide(input.dtype(), input.shape()).and_then(|result| Ok((result, Line::new(input)?)));
    let (mut result, mut line) = call.admit(prepared).await?;
    if call.is_alone() {
        result.copy_from(&input, 0);
        return Ok(());
    }
    line.go(call, &func, true).await?;
    let last = line.last();
    if line.rank() == last {
        result.store(0, line.through());
    }
    let memory = Blocks::to(result.as_mut_ptr(), 0);
    let (pattern, nbytes) = (Pattern::Broadcast { root: last as i32 }, input.nbytes());
    // SAFETY: all ranks agree on data type and count, for which the output was provided.
    unsafe { call.transfer(pattern, nbytes, memory, memory).await }
}

/// Combines `input` of all ranks with `func`, in the order of ranks, and gives the root the result.
pub async fn reduce_func(
    call: &Call<'_>,
    input: Array<'_>,
    func: Combiner<'_>,
    root: i32,
    output: &mut dyn Output,
) -> Result<()> {
    let is_root = context::rank(call.context()) == root;
    let provided = if is_root { output.provide(input.dtype(), input.shape()).map(Some) } else { Ok(None) };
    let prepared = provided.and_then(|result| Ok((result, Line::new(input)?)));
    let (mut result, mut line) = call.admit(prepared).await?;
    if let (true, Some(result)) = (call.is_alone(), &mut result) {
        result.copy_from(&input, 0);
        return Ok(());
    }
    line.go(call, &func, true).await?;
    let (last, root) = (line.last(), root as usize);
    if let (true, Some(result)) = (last == root, &mut result) {
        result.store(0, line.through());
    }
    if last == root {
        return Ok(());
    }
    let (mut send, mut receive) = (vec![NOTHING; last + 1], vec![NOTHING; last + 1]);
    if line.rank() == last {
        send[root] = Place { start: line.through().as_ptr().cast_mut(), bytes: input.nbytes() };
    }
    if let Some(result) = &mut result {
        receive[last] = Place { start: result.as_mut_ptr(), bytes: input.nbytes() };
    }
    // SAFETY: the last rank sends as many bytes as all ranks agree on, for which the root's output was provided.
    unsafe { call.transfer_blocks(input.nbytes(), &send, &receive).await }
}

/// A place of no bytes, for a rank that gets or gives nothing.
pub(super) const NOTHING: Place = Place { start: std::ptr::null_mut(), bytes: 0 };

/// Combines `input` of all ranks up to this one with `func`, in the order of ranks.
pub async fn scan_func(
    call: &Call<'_>,
    input: Array<'_>,
    func: Combiner<'_>,
    output: &mut dyn Output,
) -> Result<()> {
    let prepared =
        output.provide(input.dtype(), input.shape()).and_then(|result| Ok((result, Line::new(input)?)));
    let (mut result, mut line) = call.admit(prepared).await?;
    if call.is_alone() {
        result.copy_from(&input, 0);
        return Ok(());
    }
    line.go(call, &func, true).await?;
    result.store(0, line.through());
    Ok(())
}

/// Combines `input` of all ranks below this one with `func`, in the order of ranks; rank 0 gets nothing.
pub async fn exscan_func(
    call: &Call<'_>,
    input: Array<'_>,
    func: Combiner<'_>,
    output: &mut dyn Output,
) -> Result<()> {
    let is_first = context::rank(call.context()) == 0;
    let provided = if is_first { Ok(None) } else { output.provide(input.dtype(), input.shape()).map(Some) };
    let prepared = provided.and_then(|result| Ok((result, Line::new(input)?)));
    let (result, mut line) = call.admit(prepared).await?;
    if call.is_alone() {
        return Ok(());
    }
    line.go(call, &func, false).await?;
    if let Some(mut result) = result {
        result.store(0, line.below());
    }
    Ok(())
}

/// Combines `input` of all ranks, of shape `(size, *shape)`, with `func`, in the order of ranks, and gives each rank its part of the
/// result, of shape `shape`.
pub async fn reduce_scatter_func(
    call: &Call<'_>,
    input: Array<'_>,
    func: Combiner<'_>,
    output: &mut dyn Output,
) -> Result<()> {
    let (dtype, size) = (input.dtype(), context::size(call.context()));
    let prepared = part_shape(&input, size).and_then(|shape| {
        let result = output.provide(dtype, shape)?;
        let parts = Parcel::new(input.nbytes())?;
        Ok((parts, [Parcel::new(result.nbytes())?, Parcel::new(result.nbytes())?], result))
    });
    let (mut parts, mut sums, mut result) = call.admit(prepared).await?;
    if call.is_alone() {
        result.copy_from(&input, 0);
        return Ok(());
    }
    call.assert_agreed(dtype, input.len());
    call.agree().await?;
    let nbytes = result.nbytes();
    let send = Blocks::from(input.as_ptr(), nbytes);
    // SAFETY: the input has a part of `nbytes` bytes for each rank, as all agree, and `parts` has room for as many.
    unsafe {
        call.transfer(Pattern::Alltoall, nbytes, send, Blocks::to(parts.as_mut_ptr(), nbytes)).await?;
    }
    let outcome = fold(&func, &parts, &mut sums, &result, size as usize);
    call.agree_to_go_on(outcome).await?;
    result.store(0, sums[0].bytes());
    Ok(())
}

/// Combines `size` parts, each like `result`, into the first of `sums`; the second is for what comes in between.
fn fold(
    func: &Combiner<'_>,
    parts: &Parcel,
    sums: &mut [Parcel; 2],
    result: &ArrayMut<'_>,
    size: usize,
) -> Result<()> {
    let (dtype, shape, nbytes) = (result.dtype(), result.shape(), result.nbytes());
    sums[0].store(&parts.bytes()[..nbytes]);
    for part in 1..size {
        let [sum, next] = &mut *sums;
        let own = parts.array(part * nbytes, dtype, shape);
        combine(func, sum.array(0, dtype, shape), own, next)?;
        sums.swap(0, 1);
    }
    Ok(())
}
