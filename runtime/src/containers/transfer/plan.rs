//! Which regions go from each rank to each rank, and the movement itself: pack, exchange, unpack. Blocks that are consecutive
//! in memory already are neither packed nor unpacked, and what stays on this rank does not go through the transport.

use crate::calls::Call;
use crate::calls::call::Underway;
use crate::comm::transport::Place;
use crate::containers::core::Body;
use crate::context::Context;
use crate::error::Result;
use crate::layout::{Layout, Positions, Region, Selection};
use crate::memory::{Address, Source, Storage, engine};
use std::ptr::null_mut;
use std::sync::Arc;

/// What this rank sends to and receives from each rank. Each list has an entry for each rank; the bytes of the regions of an
/// entry follow each other in the message.
#[derive(Debug)]
pub(crate) struct Plan {
    rank: usize,
    send: Vec<Vec<Region>>,
    receive: Vec<Vec<Region>>,
}

/// Positions along each dimension, by the part of the other layout.
type Divided = Vec<Vec<Arc<Positions>>>;

impl Plan {
    pub(in crate::containers) fn new(rank: i32, send: Vec<Vec<Region>>, receive: Vec<Vec<Region>>) -> Self {
        Plan { rank: rank as usize, send, receive }
    }

    /// Moves elements of so many bytes from one layout to another; of dimensions that differ in extent, those that both have.
    pub(crate) fn between(source: &Layout, target: &Layout, element: usize) -> Self {
        let rank = source.rank() as u64;
        let dimensions = || source.distributions().zip(target.distributions()).enumerate();
        let sent = dimensions().map(|(number, (from, to))| from.sent_to(source.part_of(rank, number), to));
        let send = regions(sent.map(shared).collect(), target, &source.local_shape(), element);
        let received =
            dimensions().map(|(number, (from, to))| to.received_from(target.part_of(rank, number), from));
        let receive = regions(received.map(shared).collect(), source, &target.local_shape(), element);
        Plan::new(source.rank(), send, receive)
    }

    /// Moves selected elements to an array of them on `root`, or on every rank.
    pub(in crate::containers) fn gathering(
        source: &Layout,
        selections: &[Selection],
        root: Option<i32>,
        element: usize,
    ) -> Self {
        let (rank, ranks) = (source.rank() as u64, source.ranks() as usize);
        let own =
            source.distributions().zip(selections).enumerate().map(|(number, (distribution, selection))| {
                let part = source.part_of(rank, number);
                let is_copy = distribution.is_replicated() && part != 0;
                Arc::new(if is_copy { Positions::default() } else { distribution.selected(part, *selection) })
            });
        let own = Region::new(&source.local_shape(), &own.collect::<Vec<_>>(), element);
        let receives = |rank: usize| root.is_none_or(|root| root as usize == rank);
        let send =
            (0..ranks).map(|rank| if receives(rank) { vec![own.clone()] } else { Vec::new() }).collect();
        let receive = if receives(rank as usize) {
            let numbers = source
                .distributions()
                .zip(selections)
                .map(|(distribution, selection)| shared(distribution.selected_by_part(*selection)));
            let shape: Vec<usize> = selections.iter().map(|selection| selection.count as usize).collect();
            regions(numbers.collect(), source, &shape, element)
        } else {
            vec![Vec::new(); ranks]
        };
        Plan::new(source.rank(), send, receive)
    }

    /// Moves the elements of consecutive ranges of an array, one for each rank, to those of another division into ranges: rank
    /// `r` has what is from bound `r` to before bound `r + 1`.
    pub(in crate::containers) fn between_ranges(
        rank: i32,
        source: &[u64],
        target: &[u64],
        element: usize,
    ) -> Self {
        let overlaps = |own: &[u64], others: &[u64]| {
            let (start, end) = (own[rank as usize], own[rank as usize + 1]);
            let region = |bounds: &[u64]| {
                let (first, behind) = (bounds[0].clamp(start, end), bounds[1].clamp(start, end));
                let positions = Arc::new(Positions::range(first - start, behind - start));
                let is_empty = positions.is_empty();
                let region =
                    (!is_empty).then(|| Region::new(&[(end - start) as usize], &[positions], element));
                Vec::from_iter(region)
            };
            others.windows(2).map(region).collect()
        };
        Plan::new(rank, overlaps(source, target), overlaps(target, source))
    }

    /// Moves elements of an array of everything on `root` to where they belong.
    pub(in crate::containers) fn scattering(target: &Layout, root: i32, element: usize) -> Self {
        let (rank, ranks) = (target.rank() as u64, target.ranks() as usize);
        let shape: Vec<usize> = target.shape().iter().map(|extent| *extent as usize).collect();
        let mut send = vec![Vec::new(); ranks];
        if rank == root as u64 {
            let parts = target.distributions().map(|distribution| {
                let numbers = distribution.selected_by_part(Selection::all(distribution.extent()));
                if distribution.is_replicated() {
                    let everything = Arc::new(Positions::range(0, distribution.extent()));
                    return numbers.iter().map(|_| everything.clone()).collect();
                }
                shared(numbers)
            });
            send = regions(parts.collect(), target, &shape, element);
        }
        let mut receive = vec![Vec::new(); ranks];
        let local = target.local_shape();
        let all: Vec<_> = local.iter().map(|extent| Arc::new(Positions::range(0, *extent as u64))).collect();
        receive[root as usize] = vec![Region::new(&local, &all, element)];
        Plan::new(target.rank(), send, receive)
    }

    /// Carries the plan out, within a collective call: from memory of the source's shape on this rank to other memory of the
    /// target's.
    ///
    /// # Safety
    /// `source` must be readable and `target` writable for these shapes until the future is over or dropped. They may be the same
    /// memory where nothing is received that is also sent; what stays on this rank is then there already.
    pub(crate) async unsafe fn carry_out(
        &self,
        call: &Call<'_>,
        source: Address,
        target: Address,
    ) -> Result<()> {
        // SAFETY: the caller guarantees that `source` is readable and `target` writable for the plan's shapes until the
        // future is over or dropped.
        unsafe {
            let pending = self.begin(call, call.context(), source, target, false).await?;
            self.complete(call, pending, target).await
        }
    }

    /// Sends what this rank sends, on `carrier` as in [`Call::begin_blocks`], and copies what stays on it. With `packed`, everything
    /// that is sent is copied first, so that `source` is free again when the future is over.
    ///
    /// # Safety
    /// As for `carry_out`; both, or with `packed` only `target`, until the future of `complete` for what this gives is over or
    /// dropped, or for ever.
    pub(in crate::containers) async unsafe fn begin(
        &self,
        call: &Call<'_>,
        carrier: &Context,
        source: Address,
        target: Address,
        packed: bool,
    ) -> Result<Pending> {
        let prepared = Packets::new(&self.send, self.rank, source, packed)
            .and_then(|send| Ok((send, Packets::new(&self.receive, self.rank, target, false)?)));
        let (send, receive) = call.admit(prepared).await?;
        // SAFETY: the caller guarantees that `source` is readable and `target` writable for the plan's shapes for so long;
        // packets have room for what was counted when they were made, and stay with the movement.
        unsafe {
            send.pack(&self.send, source);
            let underway = call.begin_blocks(carrier, &send.places, &receive.places).await?;
            self.keep(source, target);
            Ok(Pending { underway, _send: send, receive })
        }
    }

    /// Waits for what this rank receives.
    ///
    /// # Safety
    /// `target` is what was given to `begin`, and stays writable until the future is over or dropped.
    pub(in crate::containers) async unsafe fn complete(
        &self,
        call: &Call<'_>,
        pending: Pending,
        target: Address,
    ) -> Result<()> {
        let Pending { underway, _send, receive } = pending;
        // SAFETY: `target` is what `begin` was given, as the caller guarantees, which is writable until this returns; the
        // packets are here still.
        unsafe {
            call.complete(underway).await?;
            receive.unpack(&self.receive, target);
        }
        Ok(())
    }

    /// Copies what stays on this rank.
    unsafe fn keep(&self, source: Address, target: Address) {
        if source == target {
            return;
        }
        for (from, to) in self.send[self.rank].iter().zip(&self.receive[self.rank]) {
            // SAFETY: the caller guarantees memory of the plan's shapes on both sides; the two are different memory.
            unsafe { engine::move_region(from, source, to, target) };
        }
    }
}

fn shared(positions: Vec<Positions>) -> Vec<Arc<Positions>> {
    positions.into_iter().map(Arc::new).collect()
}

/// For each rank of `other`, the region of memory of this shape whose positions are those of its parts.
fn regions(divided: Divided, other: &Layout, shape: &[usize], element: usize) -> Vec<Vec<Region>> {
    let region = |rank: u64| {
        let parts =
            divided.iter().enumerate().map(|(number, parts)| &parts[other.part_of(rank, number) as usize]);
        let positions: Vec<_> = parts.cloned().collect();
        let is_empty = positions.iter().any(|positions| positions.is_empty());
        if is_empty { Vec::new() } else { vec![Region::new(shape, &positions, element)] }
    };
    (0..other.ranks() as u64).map(region).collect()
}

/// A movement of packets that has begun.
#[derive(Debug)]
pub(in crate::containers) struct Pending {
    underway: Underway,
    _send: Packets,
    receive: Packets,
}

impl Pending {
    /// Gives the memory back if the movement is over, and never otherwise: other ranks may still write to it and read it.
    pub(in crate::containers) fn abandon(self, context: &Context, target: Arc<Body>) {
        let Pending { underway, _send, receive } = self;
        if !underway.has_ended() {
            std::mem::forget((_send, receive, context.clone(), target));
        }
    }
}

/// The messages to or from the other ranks. Those that are consecutive in the memory are there, the others in a buffer.
#[derive(Debug)]
struct Packets {
    places: Vec<Place>,
    /// For each rank, where in the buffer its message starts; `None` where it does not go through the buffer.
    offsets: Vec<Option<usize>>,
    /// Where the buffer starts.
    start: *mut u8,
    _buffer: Storage,
}

// SAFETY: the addresses in it are used by whoever completes the movement, and belong to no thread.
unsafe impl Send for Packets {}

impl Packets {
    fn new(regions: &[Vec<Region>], own: usize, memory: Address, packed: bool) -> Result<Self> {
        let mut size = 0;
        let mut offsets = Vec::with_capacity(regions.len());
        let mut places = Vec::with_capacity(regions.len());
        for (rank, message) in regions.iter().enumerate() {
            let bytes = if rank == own { 0 } else { message.iter().map(Region::bytes).sum() };
            let block = match &message[..] {
                // Transports reach the host's memory; what is elsewhere goes through the buffer.
                [region] if !packed && memory.kind().is_host() => region.as_block(),
                _ => None,
            };
            let start = block.map_or(Ok(null_mut()), |block| memory.add(block).host())?;
            places.push(Place { start, bytes });
            offsets.push((block.is_none() && bytes > 0).then_some(size));
            size += if block.is_none() { bytes } else { 0 };
        }
        let buffer = Source::Host.allocate_unset(size)?;
        let start = buffer.address().host()?;
        for (place, offset) in places.iter_mut().zip(&offsets) {
            if let Some(offset) = offset {
                place.start = start.wrapping_add(*offset);
            }
        }
        Ok(Packets { places, offsets, start, _buffer: buffer })
    }

    /// Gives the regions of the messages that go through the buffer, each with its place there.
    fn for_each_buffered(&self, regions: &[Vec<Region>], mut give: impl FnMut(&Region, *mut u8)) {
        for (message, offset) in regions.iter().zip(&self.offsets) {
            let Some(mut offset) = *offset else { continue };
            for region in message {
                give(region, self.start.wrapping_add(offset));
                offset += region.bytes();
            }
        }
    }

    unsafe fn pack(&self, regions: &[Vec<Region>], memory: Address) {
        // SAFETY: the caller's memory has the regions for which this was made, and the buffer has room for them.
        self.for_each_buffered(regions, |region, place| unsafe {
            memory.engine().pack(region, memory, place)
        });
    }

    unsafe fn unpack(&self, regions: &[Vec<Region>], memory: Address) {
        // SAFETY: the caller's memory has the regions for which this was made, is writable, and the buffer holds what goes
        // there.
        self.for_each_buffered(regions, |region, place| unsafe {
            memory.engine().unpack(region, place, memory)
        });
    }
}
