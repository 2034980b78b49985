//! `sort`: puts all elements of a container in order, so that the element with global index `i` is the `i`-th smallest. Sizes,
//! partition and memory stay where they are.
//!
//! Each rank sorts its own elements (`memory/engine/sort.rs`). Then the ranks find, for the beginning of each rank's block of the result,
//! where every rank has to cut its sorted elements so that exactly as many are before the cuts as the block's first index says
//! (`splitters.rs`). One exchange brings the pieces to their blocks, and each rank merges what it has received (`runs.rs`). As the cuts are
//! exact, every rank receives just the size of its block, however skewed the elements are or how many of them are equal: the
//! additional memory is that of two blocks. A container with another partition gets its elements from the blocks by one
//! redistribution.
//!
//! This is the histogram sort of L. Kale and S. Krishnan ("A comparison based parallel sorting algorithm", 1993), with the exact
//! splitters of C. Siebert and F. Wolf ("Parallel sorting with minimal data", 2011) and their search by bisection over keys as R.
//! Kowalewski, P. Jungblut and K. Fürlinger do it ("Engineering a distributed histogram sort", 2019).
//!
//! Elements are compared as unsigned integers of their width (`memory/engine/order.rs`), so that a sort is compiled for each width and not for
//! each dtype. On several ranks nothing is written to the container before all of them have exchanged their elements: an error
//! until then leaves it as it was.

mod messages;
mod runs;
mod splitters;

use crate::calls::Call;
use crate::comm::transport::Place;
use crate::containers::transfer::Plan;
use crate::containers::{DynContainer, consistency};
use crate::error::Result;
use crate::layout::Layout;
use crate::memory::engine::order::Comparison;
use crate::memory::engine::sort::{Sorting, WithComparison, sort_encoded};
use crate::memory::{Address, Source, Storage, engine};
use dtl_types::PartitionPolicy;
use std::pin::Pin;

/// Sorts the elements of a container of one dimension over all ranks, ascending or, with `reverse`, descending; NaNs come last
/// both ways. With `stable`, elements that compare equal keep the order of their global indices: zeros of both signs, and NaNs
/// of different bits. Copies of replicated elements are made equal first.
pub async fn sort(call: &Call<'_>, container: &DynContainer, reverse: bool, stable: bool) -> Result<()> {
    if container.body().layout.is_replicated() {
        consistency::sync(call, container).await?;
    }
    let sorting = call.admit(Sorting::new(container.dtype(), reverse, stable)).await?;
    if !call.is_alone() {
        return sorting.compared(OverRanks { call, container }).await;
    }
    let body = container.body().clone();
    let (elements, count) = (body.storage.address(), body.layout.local_size() as usize);
    // SAFETY: the storage has so many elements, aligned, which the operation has borrowed.
    unsafe { elements.engine().sort(elements, count, sorting, container.workers()) };
    Ok(())
}

/// A sort over several ranks.
struct OverRanks<'a, 'c> {
    call: &'a Call<'c>,
    container: &'a DynContainer,
}

impl<'a, 'c: 'a> WithComparison for OverRanks<'a, 'c> {
    type Output = Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

    fn with<C: Comparison + 'static>(self, comparison: C) -> Self::Output {
        Box::pin(run(self.call, self.container, comparison))
    }
}

async fn run<C: Comparison>(call: &Call<'_>, container: &DynContainer, comparison: C) -> Result<()> {
    let body = container.body().clone();
    let (layout, memory) = (&body.layout, body.storage.address());
    let own = layout.local_size() as usize;
    let blocks = Layout::line(PartitionPolicy::Block, layout.size(), 1, layout.rank(), layout.ranks());
    let is_in_blocks = blocks.distributions().eq(layout.distributions());
    let length = blocks.local_size() as usize;
    let (mut first, mut second) = call.admit(Room::pair::<C::Element>(own.max(length))).await?;

    // Where the order of equal elements matters, it must be that of the ranks; and of copies each rank takes a part.
    let takes_blocks = !is_in_blocks && (comparison.is_stable() || layout.is_replicated());
    if takes_blocks {
        let plan = Plan::between(layout, &blocks, size_of::<C::Element>());
        // SAFETY: the storage is that of the layout, and the room has place for the block.
        unsafe { plan.carry_out(call, memory, first.storage.address()).await? };
    } else {
        call.exchange(&[]).await?;
        let bytes = own * size_of::<C::Element>();
        // SAFETY: the storage is that of so many elements, which the operation has borrowed, and the room has place for them.
        unsafe { engine::copy(first.storage.address(), memory, bytes, container.workers())? };
    }
    let elements = first.elements(if takes_blocks { length } else { own });
    comparison.encode(elements);
    sort_encoded(container.workers(), elements, &comparison);

    let cuts = splitters::cuts(call, &runs::Keys::of(elements, &comparison), &blocks).await?;
    let bounds = exchange(call, elements, &cuts, second.elements(length)).await?;

    let sorted = runs::merge(second.elements(length), first.elements(length), bounds, &comparison);
    comparison.decode(sorted);
    if is_in_blocks {
        let bytes = length * size_of::<C::Element>();
        // SAFETY: the storage is that of a block of elements, which the operation has borrowed.
        unsafe { memory.engine().write(memory, sorted.as_ptr().cast(), bytes, container.workers()) };
        return Ok(());
    }
    let plan = Plan::between(&blocks, layout, size_of::<C::Element>());
    // SAFETY: the elements are a block, and the storage is that of the layout.
    unsafe { plan.carry_out(call, Address::of_host(sorted.as_ptr().cast()), memory).await }
}

/// Sends what is between two neighbouring cuts to the rank whose block it belongs to. The runs received follow each other;
/// gives where each begins, and the end.
async fn exchange<E: Copy>(
    call: &Call<'_>,
    sorted: &[E],
    cuts: &[usize],
    received: &mut [E],
) -> Result<Vec<usize>> {
    let ends = cuts[1..].iter().copied().chain([sorted.len()]);
    let sent: Vec<u64> = cuts.iter().zip(ends).map(|(cut, end)| (end - cut) as u64).collect();
    let counts = messages::alltoall(call, &sent).await?;
    let mut bounds = vec![0];
    for count in &counts {
        bounds.push(bounds[bounds.len() - 1] + *count as usize);
    }
    assert_eq!(bounds.last(), Some(&received.len()), "the cuts are exact");
    let place = |start: *mut u8, first: usize, count: u64| Place {
        start: start.wrapping_add(first * size_of::<E>()),
        bytes: count as usize * size_of::<E>(),
    };
    let (from, to) = (sorted.as_ptr().cast_mut().cast::<u8>(), received.as_mut_ptr().cast::<u8>());
    let send: Vec<Place> = cuts.iter().zip(&sent).map(|(cut, count)| place(from, *cut, *count)).collect();
    let receive: Vec<Place> =
        bounds.iter().zip(&counts).map(|(bound, count)| place(to, *bound, *count)).collect();
    // SAFETY: the places are parts of two slices; each rank has just told the others how many elements it sends them.
    unsafe { call.exchange_blocks(&send, &receive).await? };
    Ok(bounds)
}

/// Memory of the host for a rank's elements, or a block of them.
struct Room {
    storage: Storage,
}

impl Room {
    fn pair<E>(length: usize) -> Result<(Room, Room)> {
        let room = || Source::Host.allocate_unset(length * size_of::<E>()).map(|storage| Room { storage });
        Ok((room()?, room()?))
    }

    fn elements<E: Copy>(&mut self, length: usize) -> &mut [E] {
        assert!(length * size_of::<E>() <= self.storage.bytes(), "the room is for elements of this size");
        let start = self.storage.address().host().expect("rooms are in the host's memory");
        // SAFETY: the storage is large enough, aligned and initialised, and borrowed as long as the slice; elements are
        // integers or arrays of integers.
        unsafe { std::slice::from_raw_parts_mut(start.cast(), length) }
    }
}
