//! The state of one place of the handle table, in one atomic word: the generation and kind that a valid handle must show,
//! the number of owners and the number of calls that use the object. The rules of counting are here and nowhere else.
//!
//! ```text
//! word:    generation (24 bits) | kind (5) | owners (15) | pins (20)
//! handle:  generation (24 bits) | kind (5) | index (35)
//! ```

use std::sync::atomic::{AtomicU64, Ordering};

const PIN_BITS: u32 = 20;
const OWNER_BITS: u32 = 15;
/// Bits below the kind: an index in a handle, counts in a word.
const LOW_BITS: u32 = PIN_BITS + OWNER_BITS;
const KIND_BITS: u32 = 5;
/// The largest number of a kind for which there is room.
pub(super) const LAST_KIND: usize = (1 << KIND_BITS) - 1;

const ONE_PIN: u64 = 1;
const ONE_OWNER: u64 = 1 << PIN_BITS;
const PINS: u64 = ONE_OWNER - 1;
const OWNERS: u64 = (1 << LOW_BITS) - ONE_OWNER;

const _: () = assert!(usize::BITS == 64, "handles have 64 bits");

/// Generations that a place goes through before it is used no more. A generation never comes again, so neither does a handle.
const LAST_GENERATION: u64 = (1 << (64 - LOW_BITS - KIND_BITS)) - 1;

/// What a change of counts came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// The object lives on.
    Alive,
    /// This change was the last use: whoever made it destroys the object.
    Dead,
}

/// The state of one place; zero while it has never had an object.
#[derive(Debug)]
pub(super) struct Word(AtomicU64);

impl Word {
    pub(super) const fn new() -> Self {
        Word(AtomicU64::new(0))
    }

    /// Starts the next generation with one owner; gives the handle. The place must be free, and not used up.
    pub(super) fn occupy(&self, kind: u8, index: usize) -> usize {
        let generation = (self.0.load(Ordering::Relaxed) >> (LOW_BITS + KIND_BITS)) + 1;
        let shown = (generation << KIND_BITS | u64::from(kind)) << LOW_BITS;
        // Publishes the object to whoever gets the handle and pins.
        self.0.store(shown | ONE_OWNER, Ordering::Release);
        shown as usize | index
    }

    /// Whether the generations of this place have run out.
    pub(super) fn is_used_up(&self) -> bool {
        self.0.load(Ordering::Relaxed) >> (LOW_BITS + KIND_BITS) == LAST_GENERATION
    }

    /// Counts a call that uses the object; false when the handle is not valid here.
    #[inline]
    pub(super) fn pin(&self, handle: usize) -> bool {
        self.change(handle, |word| (word & PINS != PINS).then_some(word + ONE_PIN)).is_some()
    }

    /// Counts a call's end.
    #[inline]
    pub(super) fn unpin(&self) -> Change {
        // Release: what the call did to the object comes before its destruction, by whoever acquires below.
        let before = self.0.fetch_sub(ONE_PIN, Ordering::Release);
        if before & (OWNERS | PINS) == ONE_PIN { self.dead() } else { Change::Alive }
    }

    /// Whether the handle is valid here at this moment.
    #[inline]
    pub(super) fn is_shown_by(&self, handle: usize) -> bool {
        let word = self.0.load(Ordering::Acquire);
        word >> LOW_BITS == handle as u64 >> LOW_BITS && word & OWNERS != 0
    }

    /// Counts another owner; false when the handle is not valid here.
    pub(super) fn retain(&self, handle: usize) -> bool {
        self.change(handle, |word| (word & OWNERS != OWNERS).then_some(word + ONE_OWNER)).is_some()
    }

    /// Counts an owner less; `None` when the handle is not valid here.
    pub(super) fn release(&self, handle: usize) -> Option<Change> {
        let after = self.change(handle, |word| Some(word - ONE_OWNER))?;
        Some(if after & (OWNERS | PINS) == 0 { self.dead() } else { Change::Alive })
    }

    fn dead(&self) -> Change {
        std::sync::atomic::fence(Ordering::Acquire);
        Change::Dead
    }

    /// Replaces the word by what `next` makes of it, provided that it shows what the handle shows and has an owner.
    #[inline]
    fn change(&self, handle: usize, next: impl Fn(u64) -> Option<u64>) -> Option<u64> {
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            if (word ^ handle as u64) >> LOW_BITS != 0 || word & OWNERS == 0 {
                return None;
            }
            let next = next(word)?;
            match self.0.compare_exchange_weak(word, next, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => return Some(next),
                Err(found) => word = found,
            }
        }
    }
}

/// The kind that a handle shows.
#[inline]
pub(super) fn kind_of(handle: usize) -> u8 {
    ((handle >> LOW_BITS) & ((1 << KIND_BITS) - 1)) as u8
}

/// The index that a handle shows.
#[inline]
pub(super) fn index_of(handle: usize) -> usize {
    handle & ((1 << LOW_BITS) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_use_destroys() {
        let word = Word::new();
        let handle = word.occupy(7, 42);
        assert_eq!((kind_of(handle), index_of(handle)), (7, 42));
        assert!(word.pin(handle) && word.retain(handle));
        assert_eq!(word.release(handle), Some(Change::Alive));
        assert_eq!(word.release(handle), Some(Change::Alive));
        assert!(!word.pin(handle) && !word.retain(handle) && word.release(handle).is_none());
        assert_eq!(word.unpin(), Change::Dead);
    }

    #[test]
    fn a_place_that_is_occupied_again_refuses_old_handles() {
        let word = Word::new();
        let old = word.occupy(1, 5);
        assert_eq!(word.release(old), Some(Change::Dead));
        let new = word.occupy(1, 5);
        assert_ne!(old, new);
        assert!(word.pin(new) && !word.pin(old));
    }

    #[test]
    fn counts_do_not_run_over() {
        let word = Word::new();
        let handle = word.occupy(1, 0);
        let owners = (0..1 << OWNER_BITS).take_while(|_| word.retain(handle)).count();
        assert_eq!(owners, (1 << OWNER_BITS) - 2);
        let pins = (0..1 << PIN_BITS).take_while(|_| word.pin(handle)).count();
        assert_eq!(pins, (1 << PIN_BITS) - 1);
        assert!(!word.is_used_up());
    }

    #[test]
    fn generations_end() {
        let word = Word(AtomicU64::new(LAST_GENERATION << (LOW_BITS + KIND_BITS)));
        assert!(word.is_used_up());
    }
}
