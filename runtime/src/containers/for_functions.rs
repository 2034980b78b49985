//! This rank's elements of a container or span, as functions of the caller take them: in the host's memory, and in runs whose global
//! indices follow each other evenly. Elements that are in other memory are copied there and back.

use super::ranged::Ranged;
use super::span::{self, DynSpan, elements_before};
use crate::array::{Array, ArrayMut};
use crate::context;
use crate::elementwise::Indices;
use crate::error::{Error, Result};
use crate::execution::Workers;
use crate::memory::{Address, Source};
use dtl_types::Status;
use std::ops::{ControlFlow, Range};

/// How many elements a function is passed at once where it may not be asked for all: so many that what a call of another language costs
/// hardly counts, and so few that little is done in vain.
const AT_ONCE: usize = 1 << 16;

/// An error for spans over memory of the program, which have no context whose ranks could take part.
pub(crate) fn with_ranks(span: &DynSpan) -> Result<()> {
    if !span.view().is_foreign() && context::size(span.context()) == span::num_ranks(span) {
        return Ok(());
    }
    let message = "the span is of memory of the program, and has no context whose ranks could be asked; work on the local elements, \
                   and combine what the ranks have got with allreduce";
    Err(Error::new(Status::NotSupported, message))
}

/// Whether the elements of a rank count: of copies those of the first rank do.
pub(crate) fn counts(span: &DynSpan, rank: i32) -> bool {
    span.view().layout().first_holder(rank) == rank
}

/// The position of this rank's element `local` of the span among all of the span.
pub(crate) fn global_index(span: &DynSpan, local: usize) -> u64 {
    let (layout, start) = (span.view().layout(), first(span));
    span::global_position(layout, elements_before(layout, start) + local) - start
}

/// The global position at which the span begins.
fn first(span: &DynSpan) -> u64 {
    span.range().unwrap_or_default().start
}

/// Passes this rank's elements to `work`, some at once with the place of the first among them, until it breaks off.
pub(crate) fn read(
    span: &DynSpan,
    mut work: impl FnMut(Array<'_>, usize) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let (dtype, address, count) = (span.dtype(), span.view().address(), span.view().len());
    let room = Room::beside(address, AT_ONCE.min(count) * dtype.size())?;
    for place in (0..count).step_by(AT_ONCE) {
        let (source, shape) = (address.add(place * dtype.size()), [AT_ONCE.min(count - place)]);
        let start = room.start(source)?;
        if room.is_used() {
            // SAFETY: the view has so many elements, which the operation has borrowed, and the room has place for them.
            unsafe { source.engine().read(source, start, shape[0] * dtype.size(), Workers::ONE) };
        }
        // SAFETY: so many elements are there, in the view or in the room.
        let elements = unsafe { Array::from_raw(start, dtype, &shape) };
        if work(elements, place)?.is_break() {
            break;
        }
    }
    Ok(())
}

/// Passes this rank's elements to `work`, which may change them, with their global indices.
pub(crate) fn change(
    span: &DynSpan,
    mut work: impl FnMut(ArrayMut<'_>, Indices) -> Result<()>,
) -> Result<()> {
    let (dtype, address, count) = (span.dtype(), span.view().address(), span.view().len());
    let size = dtype.size();
    let room = Room::beside(address, count * size)?;
    let start = room.start(address)?;
    let engine = address.engine();
    if room.is_used() {
        // SAFETY: the view has so many elements, which the operation has borrowed, and the room has place for them.
        unsafe { engine.read(address, start, count * size, Workers::ONE) };
    }
    let outcome = runs(span, |places, indices| {
        let (from, shape) = (start.wrapping_add(places.start * size), [places.len()]);
        // SAFETY: so many elements are there, in the view, which the operation has borrowed to write, or in the room.
        work(unsafe { ArrayMut::from_raw(from, dtype, &shape) }, indices)
    });
    // SAFETY: the view has so many elements, which the operation has borrowed to write, and the room holds as many. Functions of other
    // languages store any byte for true.
    unsafe {
        if room.is_used() {
            engine.write(address, start, count * size, Workers::ONE);
        }
        engine.sanitize(address, count * size, dtype);
    }
    span.container().note_write();
    outcome
}

/// Room in the host's memory for elements that are elsewhere.
struct Room(Option<crate::memory::Storage>);

impl Room {
    fn beside(address: Address, bytes: usize) -> Result<Self> {
        if address.kind().is_host() {
            Ok(Room(None))
        } else {
            Source::Host.allocate(bytes).map(|room| Room(Some(room)))
        }
    }

    fn is_used(&self) -> bool {
        self.0.is_some()
    }

    /// Where the host finds the elements at `address`.
    fn start(&self, address: Address) -> Result<*mut u8> {
        self.0.as_ref().map_or(address, |room| room.address()).host()
    }
}

/// Passes the places of this rank's elements of the span to `work`, in runs with even indices.
fn runs(span: &DynSpan, mut work: impl FnMut(Range<usize>, Indices) -> Result<()>) -> Result<()> {
    let (layout, start) = (span.view().layout(), first(span));
    let before = elements_before(layout, start);
    let end = before + span.view().len();
    let last = layout.ndim() - 1;
    let along = layout.local_shape()[last];
    let mut place = before;
    while place < end {
        // Along the last dimension, indices of elements that follow each other differ by those of that dimension alone.
        let row = (place - place % along + along).min(end);
        let base = span::global_position(layout, place) - start;
        let mut indices = layout.global_indices_from(last, place % along).map(|index| index as u64);
        let mut next = indices.next();
        let origin = next.unwrap_or_default();
        while let Some(index) = next.filter(|_| place < row) {
            let (mut count, mut step) = (1, 1);
            next = indices.next();
            while let Some(other) = next.filter(|_| place + count < row) {
                if count == 1 {
                    step = other - index;
                }
                if other - index != step * count as u64 {
                    break;
                }
                count += 1;
                next = indices.next();
            }
            let places = place - before..place - before + count;
            work(places, Indices { first: base + (index - origin), step })?;
            place += count;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::containers::core::{Body, DynContainer};
    use crate::groups;
    use crate::layout::{Distribution, Layout};
    use dtl_types::{Dtype, ExecutionPolicy, PartitionPolicy};

    fn container(layout: Layout) -> DynContainer {
        let context = groups::create_alone().unwrap();
        let storage = Source::Host.allocate(layout.local_size() as usize * 8).unwrap();
        DynContainer::new(&context, Dtype::Int64, ExecutionPolicy::Seq, Body::new(layout, storage))
    }

    fn found(span: &DynSpan) -> (Vec<u64>, usize) {
        let (mut all, mut count) = (Vec::new(), 0);
        runs(span, |places, indices| {
            assert_eq!(places.start, all.len());
            all.extend((0..places.len()).map(|place| indices.at(place)));
            count += 1;
            Ok(())
        })
        .unwrap();
        (all, count)
    }

    #[test]
    fn runs_have_the_indices_of_their_elements_in_every_layout() {
        for policy in [
            PartitionPolicy::Block,
            PartitionPolicy::Cyclic,
            PartitionPolicy::BlockCyclic,
            PartitionPolicy::Hash,
        ] {
            for rank in 0..3 {
                let layout = Layout::line(policy, 50, 4, rank, 3);
                let expected: Vec<u64> = layout.global_indices_from(0, 0).map(|index| index as u64).collect();
                let all = span::all(&container(layout));
                let (indices, count) = found(&all);
                assert_eq!(indices, expected, "{policy:?}, rank {rank}");
                if matches!(policy, PartitionPolicy::Block | PartitionPolicy::Cyclic) {
                    assert_eq!(count, 1, "{policy:?}");
                }
                let part = all.part(13, 20).unwrap();
                let inside = expected.iter().filter(|index| (13..33).contains(*index));
                assert_eq!(found(&part).0, inside.map(|index| index - 13).collect::<Vec<_>>(), "{policy:?}");
                for (local, index) in found(&part).0.into_iter().enumerate() {
                    assert_eq!(global_index(&part, local), index);
                }
            }
        }
    }

    #[test]
    fn rows_of_several_dimensions_are_runs() {
        let grid = vec![
            Distribution::new(PartitionPolicy::Block, 5, 1, 2),
            Distribution::new(PartitionPolicy::Block, 7, 1, 1),
        ];
        let all = span::all(&container(Layout::grid(grid, 1)));
        assert_eq!(found(&all).0, (21..35).collect::<Vec<u64>>());
        assert_eq!(found(&all).1, 2);
    }
}
