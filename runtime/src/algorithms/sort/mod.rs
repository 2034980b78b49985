//! `sort`: puts all elements of a container in order, so that the element with global index `i` is the `i`-th smallest. Sizes,
//! partition and memory stay where they are.
//!
//! Each rank sorts its own elements (`runs.rs`). Then the ranks find, for the beginning of each rank's block of the result,
//! where every rank has to cut its sorted elements so that exactly as many are before the cuts as the block's first index says
//! (`splitters.rs`). One exchange brings the pieces to their blocks, and each rank merges what it has received. As the cuts are
//! exact, every rank receives just the size of its block, however skewed the elements are or how many of them are equal: the
//! additional memory is that of two blocks. A container with another partition gets its elements from the blocks by one
//! redistribution.
//!
//! This is the histogram sort of L. Kale and S. Krishnan ("A comparison based parallel sorting algorithm", 1993), with the exact
//! splitters of C. Siebert and F. Wolf ("Parallel sorting with minimal data", 2011) and their search by bisection over keys as R.
//! Kowalewski, P. Jungblut and K. Fürlinger do it ("Engineering a distributed histogram sort", 2019).
//!
//! Elements are compared as unsigned integers of their width (`order.rs`), so that a sort is compiled for each width and not for
//! each dtype. On several ranks nothing is written to the container before all of them have exchanged their elements: an error
//! until then leaves it as it was.

mod messages;
mod order;
mod runs;
mod splitters;

use crate::calls::Call;
use crate::comm::transport::Place;
use crate::containers::transfer::Plan;
use crate::containers::{Container, consistency};
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::storage::{self, Storage};
use dtl_types::{Dtype, PartitionPolicy, Status};
use order::{Comparison, Equal, Exact, Lexicographic, Order, Word};

/// Sorts the elements of a container of one dimension over all ranks, ascending or, with `reverse`, descending; NaNs come last
/// both ways. With `stable`, elements that compare equal keep the order of their global indices: zeros of both signs, and NaNs
/// of different bits. Copies of replicated elements are made equal first.
pub async fn sort(call: &Call<'_>, container: &Container, reverse: bool, stable: bool) -> Result<()> {
    if container.body().layout.is_replicated() {
        consistency::sync(call, container).await?;
    }
    let dtype = container.dtype();
    match dtype {
        Dtype::Float16 => floating(call, container, Order::<u16>::floating(0x7C00, reverse), stable).await,
        Dtype::Bfloat16 => floating(call, container, Order::<u16>::floating(0x7F80, reverse), stable).await,
        Dtype::Float32 => floating(call, container, binary32(reverse), stable).await,
        Dtype::Float64 => floating(call, container, binary64(reverse), stable).await,
        Dtype::Complex64 => run(call, container, Lexicographic { parts: binary32(reverse), stable }).await,
        Dtype::Complex128 => run(call, container, Lexicographic { parts: binary64(reverse), stable }).await,
        Dtype::Bool | Dtype::Byte => integers(call, container, false, reverse).await,
        _ if Dtype::INTEGER.contains(&dtype) => {
            integers(call, container, Dtype::SIGNED.contains(&dtype), reverse).await
        }
        _ => {
            call.admit(Err(Error::new(
                Status::NotSupported,
                format!("elements of type {dtype} have no order; sort a container of numbers"),
            )))
            .await
        }
    }
}

fn binary32(reverse: bool) -> Order<u32> {
    Order::floating(f32::INFINITY.to_bits(), reverse)
}

fn binary64(reverse: bool) -> Order<u64> {
    Order::floating(f64::INFINITY.to_bits(), reverse)
}

async fn integers(call: &Call<'_>, container: &Container, signed: bool, reverse: bool) -> Result<()> {
    match container.dtype().size() {
        1 => run(call, container, Exact(Order::<u8>::integer(signed, reverse))).await,
        2 => run(call, container, Exact(Order::<u16>::integer(signed, reverse))).await,
        4 => run(call, container, Exact(Order::<u32>::integer(signed, reverse))).await,
        8 => run(call, container, Exact(Order::<u64>::integer(signed, reverse))).await,
        _ => run(call, container, Exact(Order::<u128>::integer(signed, reverse))).await,
    }
}

/// Numbers that are equal have different bits only where they are zero or no numbers; so the bits decide unless the order
/// among those matters.
async fn floating<W: Word>(
    call: &Call<'_>,
    container: &Container,
    order: Order<W>,
    stable: bool,
) -> Result<()> {
    if stable { run(call, container, Equal(order)).await } else { run(call, container, Exact(order)).await }
}

async fn run<C: Comparison>(call: &Call<'_>, container: &Container, comparison: C) -> Result<()> {
    let body = container.body().clone();
    let (layout, start) = (&body.layout, body.storage.start());
    let own = layout.local_size() as usize;
    if call.is_alone() {
        call.admit(Ok(())).await?;
        // SAFETY: the storage is that of so many elements, aligned; programs do not use a container while they sort it.
        let elements = unsafe { std::slice::from_raw_parts_mut(start.cast::<C::Element>(), own) };
        comparison.encode(elements);
        runs::sort(container.workers(), elements, &comparison);
        comparison.decode(elements);
        return Ok(());
    }
    let blocks = Layout::line(PartitionPolicy::Block, layout.size(), 1, layout.rank(), layout.ranks());
    let is_in_blocks = blocks.distributions().eq(layout.distributions());
    let length = blocks.local_size() as usize;
    let (mut first, mut second) = call.admit(Room::pair::<C::Element>(own.max(length))).await?;

    // Where the order of equal elements matters, it must be that of the ranks; and of copies each rank takes a part.
    let takes_blocks = !is_in_blocks && (comparison.is_stable() || layout.is_replicated());
    if takes_blocks {
        let plan = Plan::between(layout, &blocks, size_of::<C::Element>());
        // SAFETY: the storage is that of the layout, and the room has place for the block.
        unsafe { plan.carry_out(call, start, first.storage.start()).await? };
    } else {
        call.exchange(&[]).await?;
        // SAFETY: the storage is that of so many elements, for which the room has place.
        unsafe { start.copy_to_nonoverlapping(first.storage.start(), own * size_of::<C::Element>()) };
    }
    let elements = first.elements(if takes_blocks { length } else { own });
    comparison.encode(elements);
    runs::sort(container.workers(), elements, &comparison);

    let cuts = splitters::cuts(call, &runs::Keys::of(elements, &comparison), &blocks).await?;
    let bounds = exchange(call, elements, &cuts, second.elements(length)).await?;

    let sorted = runs::merge(second.elements(length), first.elements(length), bounds, &comparison);
    comparison.decode(sorted);
    if is_in_blocks {
        // SAFETY: the storage is that of a block of elements.
        unsafe { sorted.as_ptr().copy_to_nonoverlapping(start.cast(), length) };
        return Ok(());
    }
    let plan = Plan::between(&blocks, layout, size_of::<C::Element>());
    // SAFETY: the elements are a block, and the storage is that of the layout.
    unsafe { plan.carry_out(call, sorted.as_ptr().cast(), start).await }
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

/// Memory for a rank's elements, or a block of them.
struct Room {
    storage: Storage,
}

impl Room {
    fn pair<E>(length: usize) -> Result<(Room, Room)> {
        let room = || storage::allocate_unset(length * size_of::<E>()).map(|storage| Room { storage });
        Ok((room()?, room()?))
    }

    fn elements<E: Copy>(&mut self, length: usize) -> &mut [E] {
        assert!(length * size_of::<E>() <= self.storage.bytes(), "the room is for elements of this size");
        // SAFETY: the storage is large enough, aligned and initialised, and borrowed as long as the slice; elements are
        // integers or arrays of integers.
        unsafe { std::slice::from_raw_parts_mut(self.storage.start().cast(), length) }
    }
}
