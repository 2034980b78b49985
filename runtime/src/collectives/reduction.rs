//! Reductions of arrays too large for the fixed round. The array is cut into one slice for each rank; each rank receives all
//! ranks' parts of its slice, combines them in the order of ranks, and sends the result on. So every element is combined
//! once, on one rank, and each rank moves about twice the array whatever the number of ranks. (The scheme is known as
//! Rabenseifner's; the name here is for what it does.) What a rank has itself is read where it is, and its part of the result
//! is written where it is wanted: at this size every copy counts.

use crate::array::Array;
use crate::calls::Call;
use crate::comm::transport::{Blocks, Pattern, Place};
use crate::context;
use crate::error::Result;
use crate::memory::engine::combine::Reduction;

/// The most bytes that are under way to one rank at once: bounds the extra memory, and keeps it in the second cache.
pub(super) const IN_FLIGHT: usize = 1 << 20;

/// Where the result of a reduction goes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Destination {
    /// To this memory, which every rank has.
    All(*mut u8),
    /// To the root's memory; other ranks have none.
    Root { root: i32, start: *mut u8 },
}

impl Destination {
    /// The movement that brings each rank's part of the result together.
    fn pattern(self) -> Pattern {
        match self {
            Destination::All(_) => Pattern::Allgather,
            Destination::Root { root, .. } => Pattern::Gather { root },
        }
    }

    fn start(self) -> *mut u8 {
        match self {
            Destination::All(start) | Destination::Root { start, .. } => start,
        }
    }

    fn is_at(self, rank: usize) -> bool {
        match self {
            Destination::All(_) => true,
            Destination::Root { root, .. } => root as usize == rank,
        }
    }
}

/// Reduces `input` of all ranks into the destination.
///
/// # Safety
/// All ranks must have agreed on data type and count; the destination must be writable for as many elements, and may be
/// exactly the input.
pub(super) async unsafe fn reduce_by_slices(
    call: &Call<'_>,
    reduction: Reduction,
    input: Array<'_>,
    destination: Destination,
) -> Result<()> {
    let (rank, size) = (context::rank(call.context()) as usize, context::size(call.context()) as usize);
    let element = input.dtype().size();
    let slice = input.len() / size;
    let piece = slice.min(IN_FLIGHT / size / element);
    let mut parts = vec![0u8; size * piece.max(size - 1) * element];
    let mut elsewhere = vec![0u8; if destination.is_at(rank) { 0 } else { piece * element }];
    let mut done = 0;
    while done < slice {
        let count = piece.min(slice - done);
        let nbytes = count * element;
        let send = Blocks::from(input.as_ptr(), slice * element).skip(done * element);
        let receive = Blocks::to(destination.start(), slice * element).skip(done * element);
        let combined = if destination.is_at(rank) { receive.of(rank) } else { elsewhere.as_mut_ptr() };
        // SAFETY: each rank's slice has `slice` elements from `rank * slice` on; `parts` has room for all ranks' pieces,
        // `combined` for one, and the destination for all slices. In place, this piece of each slice has been read by its
        // rank before it is written.
        unsafe {
            combine_parts(call, reduction, send, nbytes, parts.as_mut_ptr(), combined, count).await?;
            call.transfer(destination.pattern(), nbytes, Blocks::from(combined, 0), receive).await?;
        }
        done += count;
    }
    // SAFETY: the caller guarantees that the ranks agree on data type and count, and that the destination has room for so
    // many elements; what is left over is less than one element for each rank.
    unsafe { reduce_rest(call, reduction, input, destination, slice * size, &mut parts).await }
}

/// Of two large arrays, the most bytes that are moved before they are combined: so few that they are in a cache still.
const AT_ONCE: usize = 2 << 20;

/// Of two ranks, the one that is not `source` gets the other's array as it is, where its `result` will be, and combines both. Few
/// movements are enough for that, where slices would be cut and joined in many. While a part of the array is read, its rank does
/// `meanwhile` with the number of the first of these elements and their count.
///
/// # Safety
/// Both ranks must have agreed on data type and count. The result, which the source has none of, must be writable for as many
/// elements, and may be exactly the input. `meanwhile` must leave the input as it is.
pub(super) async unsafe fn reduce_on_other(
    call: &Call<'_>,
    reduction: Reduction,
    input: Array<'_>,
    source: i32,
    result: *mut u8,
    meanwhile: impl Fn(usize, usize),
) -> Result<()> {
    let (own, element) = (context::rank(call.context()), input.dtype().size());
    let in_place = own != source && std::ptr::eq(result, input.as_ptr());
    let mut aside = vec![0u8; if in_place { AT_ONCE.min(input.nbytes()) } else { 0 }];
    for first in (0..input.len()).step_by(AT_ONCE / element) {
        let count = (AT_ONCE / element).min(input.len() - first);
        let (offset, nbytes) = (first * element, count * element);
        let input = input.as_ptr().wrapping_add(offset);
        let pattern = Pattern::Broadcast { root: source };
        if own == source {
            // SAFETY: the input has as many elements as both ranks agree on.
            let moved = unsafe { call.transfer(pattern, nbytes, Blocks::from(input, 0), Blocks::NONE) };
            meanwhile(first, count);
            moved.await?;
            continue;
        }
        let result = result.wrapping_add(offset);
        let other = if in_place { aside.as_mut_ptr() } else { result };
        // SAFETY: there is room for this part of the other rank's array, which makes two blocks with this rank's own; the
        // result is one of them.
        unsafe {
            call.transfer(pattern, nbytes, Blocks::NONE, Blocks::to(other, 0)).await?;
            reduction.run_with_own((other, 0), (own as usize, input), 2, result, count);
        }
    }
    Ok(())
}

/// Receives from every other rank its block for this one, of `count` elements, into `parts`, and combines them with this rank's own
/// into `out`, which may be exactly that.
///
/// # Safety
/// All ranks must have agreed on data type and count. `send` must have a block of `nbytes` bytes for each rank, `parts` room for
/// as many, and `out` for one.
pub(super) async unsafe fn combine_parts(
    call: &Call<'_>,
    reduction: Reduction,
    send: Blocks,
    nbytes: usize,
    parts: *mut u8,
    out: *mut u8,
    count: usize,
) -> Result<()> {
    let (rank, size) = (context::rank(call.context()) as usize, context::size(call.context()) as usize);
    let others = |blocks: Blocks| -> Vec<Place> {
        let place = |other| match other == rank {
            true => Place { start: std::ptr::null_mut(), bytes: 0 },
            false => Place { start: blocks.of(other), bytes: nbytes },
        };
        (0..size).map(place).collect()
    };
    // SAFETY: the caller guarantees that the ranks agree on the sizes and that `send` has a block of `nbytes` bytes for
    // each rank, `parts` room for as many and `out` for one; `parts` does not overlap the others.
    unsafe {
        call.transfer_blocks(nbytes, &others(send), &others(Blocks::to(parts, nbytes))).await?;
        reduction.run_with_own((parts, nbytes), (rank, send.of(rank)), size, out, count);
    }
    Ok(())
}

/// Reduces the elements from `first` on, fewer than there are ranks, where they are wanted.
async unsafe fn reduce_rest(
    call: &Call<'_>,
    reduction: Reduction,
    input: Array<'_>,
    destination: Destination,
    first: usize,
    parts: &mut [u8],
) -> Result<()> {
    let size = context::size(call.context()) as usize;
    let offset = first * input.dtype().size();
    let (count, nbytes) = (input.len() - first, input.nbytes() - offset);
    let send = Blocks::from(input.as_ptr().wrapping_add(offset), 0);
    let receive = Blocks::to(parts.as_mut_ptr(), nbytes);
    // SAFETY: the input has `nbytes` bytes from `offset` on, and `parts` room for as many from each rank.
    unsafe { call.transfer(destination.pattern(), nbytes, send, receive).await? };
    if destination.is_at(context::rank(call.context()) as usize) {
        // SAFETY: `parts` holds the rest of all ranks; the destination has the input's length.
        unsafe {
            reduction.run(parts.as_ptr(), nbytes, size, destination.start().wrapping_add(offset), count)
        };
    }
    Ok(())
}
