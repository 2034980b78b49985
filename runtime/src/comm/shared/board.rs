//! What the ranks of a communicator write for each other in shared memory, and where. Every field has one writer, and is
//! published and read with release and acquire order. Nothing here waits.

use super::ring::Ring;
use crate::memory::segment::Segment;
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

/// The most ranks that share memory: each of them looks at the places of all others.
pub(super) const MOST_RANKS: usize = 64;
/// The longest letter, in bytes.
pub(super) const LETTER: usize = 248;
/// The size of one of the two buffers of each rank: large enough to make waiting rare, small enough for the second cache.
pub(super) const BUFFER: usize = 256 << 10;
/// The longest reason for breaking, in bytes.
const REASON: usize = 512;

/// What belongs to no single rank.
#[repr(C, align(128))]
struct Head {
    /// Tells this memory from every other.
    cookie: UnsafeCell<[u8; 16]>,
    /// One of `WHOLE`, `BREAKING`, `BROKEN`.
    condition: AtomicU32,
    length: AtomicU32,
    reason: UnsafeCell<[u8; REASON]>,
}

const WHOLE: u32 = 0;
const BREAKING: u32 = 1;
const BROKEN: u32 = 2;

/// What one rank shows to the others. Lines that change at different times are kept apart.
#[repr(C, align(128))]
struct Place {
    presence: Presence,
    /// How many pieces have been in this rank's buffers.
    posted: Counter,
    /// How many pieces of the others this rank has done with.
    consumed: Counter,
    lent: Lent,
    /// How many movements of lent memory this rank has done with.
    returned: Counter,
    letters: [Letter; 2],
}

#[repr(C, align(128))]
struct Presence {
    /// How many movements this rank has started.
    started: AtomicU64,
    left: AtomicBool,
}

#[repr(C, align(128))]
struct Counter(AtomicU64);

/// Where the others may read what this rank sends.
#[repr(C, align(128))]
struct Lent {
    /// How many times memory has been lent.
    count: AtomicU64,
    /// The address for each rank.
    addresses: [AtomicU64; MOST_RANKS],
}

/// A small message to all ranks.
#[repr(C, align(128))]
struct Letter {
    /// One more than the number of the letter that is here.
    number: AtomicU64,
    text: UnsafeCell<[u8; LETTER]>,
}

const _: () = assert!(size_of::<Letter>() == 256 && BUFFER.is_multiple_of(128));

/// One rank's view of the shared memory.
#[derive(Debug)]
pub(super) struct Board {
    segment: Segment,
    rank: usize,
    size: usize,
}

impl Board {
    /// How much memory so many ranks need.
    pub(super) fn length(size: usize) -> usize {
        Self::first_ring(size) + size * size * size_of::<Ring>()
    }

    /// Where the rings begin, after the head, and the places and buffers of so many ranks.
    fn first_ring(size: usize) -> usize {
        size_of::<Head>() + size * (size_of::<Place>() + 2 * BUFFER)
    }

    /// The packets from one rank to another. Memory that nobody has written to takes none.
    fn ring(&self, from: usize, to: usize) -> &Ring {
        assert!(from < self.size && to < self.size);
        let start = self.segment.start().wrapping_add(Self::first_ring(self.size)).cast::<Ring>();
        // SAFETY: there is a ring for each two ranks, for which all bytes are valid, and zeroes are an empty one.
        unsafe { &*start.wrapping_add(from * self.size + to) }
    }

    /// The packets for another rank, of which only one thread of this one may write any at a time.
    pub(super) fn outgoing(&self, to: usize) -> &Ring {
        self.ring(self.rank, to)
    }

    /// The packets from another rank, of which only one thread of this one may read any at a time.
    pub(super) fn incoming(&self, from: usize) -> &Ring {
        self.ring(from, self.rank)
    }

    /// A view of a segment of that length.
    pub(super) fn of(segment: Segment, rank: usize, size: usize) -> Self {
        Board { segment, rank, size }
    }

    /// This rank and the number of ranks.
    pub(super) fn ranks(&self) -> (usize, usize) {
        (self.rank, self.size)
    }

    fn head(&self) -> &Head {
        // SAFETY: the segment begins with the head, for which all bytes are valid, and stays as long as this view.
        unsafe { &*self.segment.start().cast() }
    }

    fn place(&self, rank: usize) -> &Place {
        assert!(rank < self.size);
        let start = self.segment.start().wrapping_add(size_of::<Head>()).cast::<Place>();
        // SAFETY: places follow the head, one for each rank, of which all bytes are valid; the segment stays as long as
        // this view.
        unsafe { &*start.wrapping_add(rank) }
    }

    fn own(&self) -> &Place {
        self.place(self.rank)
    }

    /// The buffer of a rank that a piece of this number goes through.
    pub(super) fn buffer(&self, rank: usize, piece: u64) -> *mut u8 {
        let places = size_of::<Head>() + self.size * size_of::<Place>();
        self.segment.start().wrapping_add(places + (2 * rank + piece as usize % 2) * BUFFER)
    }

    /// Writes what tells this memory from every other, before anybody else looks.
    pub(super) fn sign(&self, cookie: [u8; 16]) {
        // SAFETY: nobody else has mapped the memory yet.
        unsafe { self.head().cookie.get().write(cookie) };
    }

    /// Whether this is the memory that was signed so.
    pub(super) fn is_signed(&self, cookie: [u8; 16]) -> bool {
        // SAFETY: the cookie was written before anybody was told of the memory, and stays.
        unsafe { self.head().cookie.get().read() == cookie }
    }

    /// Shows that this rank has started so many movements.
    pub(super) fn show_started(&self, count: u64) {
        self.own().presence.started.store(count, Ordering::Release);
    }

    /// How many movements a rank has started.
    pub(super) fn started(&self, rank: usize) -> u64 {
        self.place(rank).presence.started.load(Ordering::Acquire)
    }

    /// Shows that this rank starts nothing more.
    pub(super) fn show_left(&self) {
        self.own().presence.left.store(true, Ordering::Release);
    }

    /// Whether a rank starts nothing more.
    pub(super) fn has_left(&self, rank: usize) -> bool {
        self.place(rank).presence.left.load(Ordering::Acquire)
    }

    /// Writes a letter to all ranks. The letter before the last must have been read by all of them.
    ///
    /// # Safety
    /// `text` must be readable for `length` bytes, at most `LETTER`.
    pub(super) unsafe fn write_letter(&self, number: u64, text: *const u8, length: usize) {
        let letter = &self.own().letters[number as usize % 2];
        // SAFETY: the caller guarantees that `text` is readable for `length` bytes, for which a letter has room; the letter
        // that was here has been read, and no rank looks for its number any more.
        unsafe { std::ptr::copy_nonoverlapping(text, letter.text.get().cast(), length) };
        letter.number.store(number + 1, Ordering::Release);
    }

    /// Copies a rank's letter of this number, if it has come.
    ///
    /// # Safety
    /// `target` must be writable for `length` bytes, at most `LETTER`.
    pub(super) unsafe fn read_letter(
        &self,
        rank: usize,
        number: u64,
        target: *mut u8,
        length: usize,
    ) -> bool {
        let letter = &self.place(rank).letters[number as usize % 2];
        let has_come = letter.number.load(Ordering::Acquire) == number + 1;
        if has_come {
            // SAFETY: the caller guarantees that `target` is writable for `length` bytes, no more than a letter has; the
            // writer leaves the letter alone until this rank has answered it.
            unsafe { std::ptr::copy_nonoverlapping(letter.text.get().cast(), target, length) };
        }
        has_come
    }

    /// Shows that so many pieces have been put into this rank's buffers.
    pub(super) fn show_posted(&self, count: u64) {
        self.own().posted.0.store(count, Ordering::Release);
    }

    /// Whether a rank has put so many pieces into its buffers.
    pub(super) fn has_posted(&self, rank: usize, count: u64) -> bool {
        self.place(rank).posted.0.load(Ordering::Acquire) >= count
    }

    /// Shows that this rank has done with so many pieces of the others.
    pub(super) fn show_consumed(&self, count: u64) {
        self.own().consumed.0.store(count, Ordering::Release);
    }

    /// Whether a rank has done with so many pieces.
    pub(super) fn has_consumed(&self, rank: usize, count: u64) -> bool {
        self.place(rank).consumed.0.load(Ordering::Acquire) >= count
    }

    /// Shows where each of the others may read, for the time with this number.
    pub(super) fn lend(&self, number: u64, address: impl Fn(usize) -> *mut u8) {
        let lent = &self.own().lent;
        for (rank, place) in lent.addresses.iter().enumerate().take(self.size) {
            place.store(address(rank) as u64, Ordering::Relaxed);
        }
        lent.count.store(number + 1, Ordering::Release);
    }

    /// The address at which this rank may read in another one, if that has lent its memory for the time with this number.
    pub(super) fn borrowed(&self, rank: usize, number: u64) -> Option<u64> {
        let lent = &self.place(rank).lent;
        let is_there = lent.count.load(Ordering::Acquire) == number + 1;
        is_there.then(|| lent.addresses[self.rank].load(Ordering::Relaxed))
    }

    /// Shows that this rank has read all that it was lent so many times.
    pub(super) fn show_returned(&self, count: u64) {
        self.own().returned.0.store(count, Ordering::Release);
    }

    /// Whether a rank has read all that it was lent so many times.
    pub(super) fn has_returned(&self, rank: usize, count: u64) -> bool {
        self.place(rank).returned.0.load(Ordering::Acquire) >= count
    }

    /// Breaks the communicator for all ranks. The first reason stays.
    pub(super) fn break_for(&self, reason: &str) {
        let head = self.head();
        let order = Ordering::AcqRel;
        if head.condition.compare_exchange(WHOLE, BREAKING, order, Ordering::Relaxed).is_err() {
            return;
        }
        let text = &reason.as_bytes()[..reason.len().min(REASON)];
        // SAFETY: only the rank that has changed the condition writes here, and nobody reads before the next change.
        unsafe { std::ptr::copy_nonoverlapping(text.as_ptr(), head.reason.get().cast(), text.len()) };
        head.length.store(text.len() as u32, Ordering::Relaxed);
        head.condition.store(BROKEN, Ordering::Release);
    }

    /// Why the communicator is broken, if it is.
    pub(super) fn broken(&self) -> Option<String> {
        let head = self.head();
        if head.condition.load(Ordering::Acquire) != BROKEN {
            return None;
        }
        let length = (head.length.load(Ordering::Relaxed) as usize).min(REASON);
        // SAFETY: the reason was written before the condition was changed, and stays.
        let text = unsafe { std::slice::from_raw_parts(head.reason.get().cast::<u8>(), length) };
        Some(String::from_utf8_lossy(text).into_owned())
    }
}
