//! The small messages of a sort: numbers that every rank tells every other. They come after a contract check of the same call.

use crate::calls::Call;
use crate::comm::transport::{Blocks, Pattern};
use crate::error::Result;

/// Numbers and arrays of them.
///
/// # Safety
/// Any bytes are a value, and there are no gaps.
pub(super) unsafe trait Plain: Copy {}

// SAFETY: an integer.
unsafe impl Plain for u64 {}
// SAFETY: an integer.
unsafe impl Plain for u128 {}
// SAFETY: integers without gaps.
unsafe impl<T: Plain, const N: usize> Plain for [T; N] {}

/// What each rank has for this one, in the order of ranks; `items` has what this rank has for each.
pub(super) async fn alltoall<T: Plain>(call: &Call<'_>, items: &[T]) -> Result<Vec<T>> {
    let mut received = items.to_vec();
    let (send, receive) = (
        Blocks::from(items.as_ptr().cast(), size_of::<T>()),
        Blocks::to(received.as_mut_ptr().cast(), size_of::<T>()),
    );
    // SAFETY: there is an item for each rank on both sides, of the same size on all ranks; they are plain.
    unsafe { call.transfer(Pattern::Alltoall, size_of::<T>(), send, receive).await? };
    Ok(received)
}

/// What each of so many ranks has, in their order.
pub(super) async fn allgather<T: Plain>(call: &Call<'_>, ranks: usize, item: T) -> Result<Vec<T>> {
    let mut received = vec![item; ranks];
    let (send, receive) =
        (Blocks::from((&raw const item).cast(), 0), Blocks::to(received.as_mut_ptr().cast(), size_of::<T>()));
    // SAFETY: one item is sent and there is room for one of each rank, of the same size on all ranks; they are plain.
    unsafe { call.transfer(Pattern::Allgather, size_of::<T>(), send, receive).await? };
    Ok(received)
}
