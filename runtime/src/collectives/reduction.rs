//! Reductions of arrays too large for the fixed round. The array is cut into one slice for each rank; each rank receives all
//! ranks' parts of its slice, combines them in the order of ranks, and sends the result on. So every element is combined
//! once, on one rank, and each rank moves about twice the array whatever the number of ranks. (The scheme is known as
//! Rabenseifner's; the name here is for what it does.)

use super::arithmetic::Reduction;
use crate::array::Array;
use crate::comm::Call;
use crate::comm::transport::{Blocks, Pattern};
use crate::context;
use crate::error::Result;

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
    let (size, element) = (context::size(call.context()) as usize, input.dtype().size());
    let slice = input.len() / size;
    let piece = slice.min(IN_FLIGHT / size / element);
    let mut parts = vec![0u8; size * piece.max(size - 1) * element];
    let mut combined = vec![0u8; piece * element];
    let mut done = 0;
    while done < slice {
        let count = piece.min(slice - done);
        let send = Blocks::from(input.as_ptr(), slice * element).skip(done * element);
        let receive = Blocks::to(parts.as_mut_ptr(), count * element);
        // SAFETY: each rank's slice has `slice` elements from `rank * slice` on, and `parts` has room for all ranks' pieces.
        unsafe { call.transfer(Pattern::Alltoall, count * element, send, receive).await? };
        // SAFETY: `parts` holds `size` pieces of `count` elements, and `combined` has room for one.
        unsafe { reduction.run(parts.as_ptr(), count * element, size, combined.as_mut_ptr(), count) };
        let send = Blocks::from(combined.as_ptr(), 0);
        let receive = Blocks::to(destination.start(), slice * element).skip(done * element);
        // SAFETY: the destination has all ranks' slices. In place, this piece of each slice has been read by its rank.
        unsafe { call.transfer(destination.pattern(), count * element, send, receive).await? };
        done += count;
    }
    // SAFETY: as for this function; what is left over is less than one element for each rank.
    unsafe { reduce_rest(call, reduction, input, destination, slice * size, &mut parts).await }
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
    let wanted = match destination {
        Destination::All(_) => true,
        Destination::Root { root, .. } => root == context::rank(call.context()),
    };
    if wanted {
        // SAFETY: `parts` holds the rest of all ranks; the destination has the input's length.
        unsafe {
            reduction.run(parts.as_ptr(), nbytes, size, destination.start().wrapping_add(offset), count)
        };
    }
    Ok(())
}
