//! `scan` and `exscan`: each rank gets the arrays of the ranks up to it combined element by element, with its own or without.
//!
//! Arrays too large for the fixed round are cut into one slice for each rank. Each rank receives all ranks' parts of its
//! slice, turns them into what each rank is to get of it, and sends these back: every rank moves twice the array, and works on
//! one part of it, whatever the number of ranks. Two ranks need no slices, as one of them needs nothing of the other.

use super::overflow::{self, Results};
use super::reduction::{IN_FLIGHT, reduce_on_other};
use crate::array::{Array, Output};
use crate::calls::Call;
use crate::comm::transport::{Blocks, Pattern};
use crate::context;
use crate::error::{Error, Result};
use crate::memory::engine::combine::Reduction;
use crate::scalar::Scalar;
use dtl_types::{Dtype, ReduceOp, SpecEnum, Status};

/// Combines `input` of all ranks up to this one with `op`, in the order of ranks.
pub async fn scan(call: &Call<'_>, input: Array<'_>, op: ReduceOp, output: &mut dyn Output) -> Result<()> {
    let prepared = Reduction::new(op, input.dtype()).map(|reduction| (reduction, None));
    combine(call, input, op, prepared, output).await
}

/// Combines `input` of all ranks below this one with `op`, in the order of ranks; rank 0 gets the operator's identity.
pub async fn exscan(call: &Call<'_>, input: Array<'_>, op: ReduceOp, output: &mut dyn Output) -> Result<()> {
    let prepared = Reduction::new(op, input.dtype()).and_then(|reduction| {
        let identity = reduction.identity().ok_or_else(|| no_identity(op, input.dtype()))?;
        Ok((reduction, Some(identity)))
    });
    combine(call, input, op, prepared, output).await
}

fn no_identity(op: ReduceOp, dtype: Dtype) -> Error {
    let (op, dtype) = (op.name(), dtype.name());
    let message = format!(
        "op '{op}' has no element of type {dtype} to start from; use scan, which starts from the first rank's elements"
    );
    Error::new(Status::NotSupported, message)
}

/// Both scans: with a first value, which rank 0 gets, each rank's own array does not count.
async fn combine(
    call: &Call<'_>,
    input: Array<'_>,
    op: ReduceOp,
    prepared: Result<(Reduction, Option<Scalar>)>,
    output: &mut dyn Output,
) -> Result<()> {
    let (dtype, must_fit) = (input.dtype(), output.must_fit());
    let prepared = prepared.and_then(|it| Ok((it, output.provide(dtype, input.shape())?)));
    let ((reduction, first), mut result) = call.admit(prepared).await?;
    let scan = Scan {
        reduction,
        first,
        ranks: context::rank(call.context()) as usize + usize::from(first.is_none()),
        result: result.as_mut_ptr(),
    };
    if call.is_alone() {
        // SAFETY: one block, the input; the output was provided for as many elements.
        unsafe { scan.finish(input.as_ptr(), 0, 0, input.len()) };
        return Ok(());
    }
    call.assert_agreed(dtype, input.len());
    if input.nbytes() <= call.room() {
        let round = call.exchange(input.bytes()).await?;
        let (stack, stride) = round.stack();
        // SAFETY: each rank's payload is the array, as all agree on its size; the output was provided for as many elements.
        unsafe { scan.finish(stack, stride, 0, input.len()) };
        if must_fit {
            // An exclusive scan leaves the last operand out.
            let counting = round.payloads().len() - usize::from(scan.first.is_some());
            return overflow::check(op, dtype, Results::Each, round.payloads().take(counting));
        }
        return Ok(());
    }
    call.agree().await?;
    // SAFETY: all ranks agree on data type and count, for which the output was provided.
    unsafe {
        match context::size(call.context()) {
            2 if first.is_some() => Box::pin(scan.exclusive_of_two(call, input)).await,
            2 => Box::pin(scan.inclusive_of_two(call, input)).await,
            _ => Box::pin(scan.by_slices(call, input)).await,
        }
    }
}

/// A scan as one rank sees it.
struct Scan {
    reduction: Reduction,
    /// What rank 0 gets, when the scan is exclusive.
    first: Option<Scalar>,
    /// How many ranks' arrays make up the result of this rank.
    ranks: usize,
    result: *mut u8,
}

impl Scan {
    /// Computes `count` elements of the result, from byte `offset` on, of all ranks' elements.
    ///
    /// # Safety
    /// Blocks of `count` elements, `stride` bytes apart from `stack` on, must be readable for the ranks that make up the
    /// result, and the result writable. It may be exactly the first block.
    unsafe fn finish(&self, stack: *const u8, stride: usize, offset: usize, count: usize) {
        let out = self.result.wrapping_add(offset);
        match self.first {
            // SAFETY: the caller guarantees that the result is writable for `count` elements from `offset` on.
            Some(first) if self.ranks == 0 => unsafe { fill(out, first, count) },
            // SAFETY: the caller guarantees that the blocks are readable for `self.ranks` ranks and that the result is
            // writable for `count` elements from `offset` on; it is the first block or apart from them.
            _ => unsafe { self.reduction.run(stack, stride, self.ranks, out, count) },
        }
    }

    /// The exclusive scan of two ranks, of arrays that do not fit the round: the second rank's result comes from the array of
    /// the first alone.
    ///
    /// # Safety
    /// As for `by_slices`.
    async unsafe fn exclusive_of_two(&self, call: &Call<'_>, input: Array<'_>) -> Result<()> {
        let is_first = self.ranks == 0;
        let (send, receive) = match is_first {
            true => (Blocks::from(input.as_ptr(), 0), Blocks::NONE),
            false => (Blocks::NONE, Blocks::to(self.result, 0)),
        };
        // SAFETY: the first rank's input and the second one's result have the same size.
        let moved = unsafe { call.transfer(Pattern::Broadcast { root: 0 }, input.nbytes(), send, receive) };
        // What the first rank gets it writes while the other one reads, unless it is what that reads.
        let is_early = is_first && !std::ptr::eq(self.result, input.as_ptr());
        // SAFETY: the result has the input's length, and on the second rank holds a block of it.
        let finish = || unsafe { self.finish(self.result, 0, 0, input.len()) };
        if is_early {
            finish();
        }
        moved.await?;
        if !is_early {
            finish();
        }
        Ok(())
    }

    /// The inclusive scan of two ranks, of arrays that do not fit the round: the first rank's result is its own array, and the
    /// second one's is made of both.
    ///
    /// # Safety
    /// As for `by_slices`.
    async unsafe fn inclusive_of_two(&self, call: &Call<'_>, input: Array<'_>) -> Result<()> {
        let (is_first, in_place) = (self.ranks == 1, std::ptr::eq(self.result, input.as_ptr()));
        let finish = |first: usize, count: usize| {
            let offset = first * input.dtype().size();
            // SAFETY: the first rank's result is that of one block, its input.
            unsafe { self.finish(input.as_ptr().wrapping_add(offset), 0, offset, count) };
        };
        let meanwhile = |first, count| {
            if !in_place {
                finish(first, count);
            }
        };
        // SAFETY: the caller guarantees that both ranks agree on data type and count, and that the result has room for so
        // many elements; where the result is the input, the first rank leaves it alone while it is read.
        unsafe { reduce_on_other(call, self.reduction, input, 0, self.result, meanwhile).await? };
        if is_first && in_place {
            finish(0, input.len());
        }
        Ok(())
    }

    /// The scan of arrays that do not fit the round.
    ///
    /// # Safety
    /// All ranks must have agreed on data type and count; the result must be writable for as many elements, and may be
    /// exactly the input.
    async unsafe fn by_slices(&self, call: &Call<'_>, input: Array<'_>) -> Result<()> {
        let (size, element) = (context::size(call.context()) as usize, input.dtype().size());
        let slice = input.len() / size;
        let piece = slice.min(IN_FLIGHT / size / element);
        let mut parts = vec![0u8; (size + 1) * piece.max(size) * element];
        if let Some(first) = self.first {
            // SAFETY: there is room for one more piece than there are ranks.
            unsafe { fill(parts.as_mut_ptr(), first, piece) };
        }
        let mut done = 0;
        while done < slice {
            let count = piece.min(slice - done);
            let nbytes = count * element;
            // In front of the ranks' parts is what the first of them gets when its own does not count.
            let stack = parts.as_mut_ptr().wrapping_add(nbytes);
            let send = Blocks::from(input.as_ptr(), slice * element).skip(done * element);
            // SAFETY: each rank's slice has `slice` elements from `rank * slice` on, and `parts` has room for all ranks' pieces.
            unsafe { call.transfer(Pattern::Alltoall, nbytes, send, Blocks::to(stack, nbytes)).await? };
            // SAFETY: `size` pieces have been received.
            unsafe { self.reduction.accumulate(stack, nbytes, size, count) };
            let sums = if self.first.is_some() { parts.as_ptr() } else { stack.cast_const() };
            let receive = Blocks::to(self.result, slice * element).skip(done * element);
            // SAFETY: `size` pieces are there from `sums` on. In place, this piece of each slice has been read by its rank.
            unsafe { call.transfer(Pattern::Alltoall, nbytes, Blocks::from(sums, nbytes), receive).await? };
            done += count;
        }
        let (offset, count) = (slice * size * element, input.len() - slice * size);
        let nbytes = count * element;
        let send = Blocks::from(input.as_ptr().wrapping_add(offset), 0);
        // SAFETY: what is left over is less than one element for each rank, for which `parts` has room.
        unsafe {
            call.transfer(Pattern::Allgather, nbytes, send, Blocks::to(parts.as_mut_ptr(), nbytes)).await?
        };
        // SAFETY: `parts` holds the rest of all ranks, and the result has the input's length.
        unsafe { self.finish(parts.as_ptr(), nbytes, offset, count) };
        Ok(())
    }
}

/// Copied at once where a value is written many times: little enough for the first cache, and whole elements of every data type.
const AT_ONCE: usize = 16 << 10;

/// Writes `value` to `count` places from `start` on.
///
/// # Safety
/// They must be writable.
unsafe fn fill(start: *mut u8, value: Scalar, count: usize) {
    let bytes = value.bytes();
    let end = count * bytes.len();
    let mut done = bytes.len().min(end);
    // SAFETY: the first place, if there is one; then places behind those that are written, none of them beyond the last.
    unsafe {
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), start, done);
        while done < end {
            let next = done.min(AT_ONCE).min(end - done);
            std::ptr::copy_nonoverlapping(start, start.add(done), next);
            done += next;
        }
    }
}
