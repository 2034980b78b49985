//! Where the objects behind handles are: chunks of places that never move, each chunk twice as large as the one before, so
//! that looking a handle up takes no lock. Only making and destroying objects takes one, for the list of free places.

use super::word::{Change, Word, index_of, kind_of};
use std::any::Any;
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Places in the first chunk.
const FIRST_CHUNK: usize = 1024;
/// Chunks: more places than memory has room for.
const CHUNKS: usize = 24;

type Object = Box<dyn Any + Send + Sync>;

/// A place for one object.
#[derive(Debug)]
pub(super) struct Slot {
    word: Word,
    index: usize,
    object: UnsafeCell<Option<Object>>,
}

// SAFETY: the object is written only by who occupies a free place or destroys a dead object, of whom there is one, and read
// only by who has pinned it; the word orders them.
unsafe impl Sync for Slot {}

impl Slot {
    /// The address of the object, which the caller must have pinned.
    #[inline]
    pub(super) fn object(&self) -> *const () {
        // SAFETY: nobody writes while the object is pinned.
        let object = unsafe { &*self.object.get() };
        object.as_deref().map_or(std::ptr::null(), |object| std::ptr::from_ref(object).cast())
    }
}

/// The places of all objects behind handles.
pub(super) struct Table {
    chunks: [OnceLock<Box<[Slot]>>; CHUNKS],
    free: Mutex<Free>,
    count: AtomicU64,
}

struct Free {
    /// Places that had an object and may have another.
    places: Vec<usize>,
    /// The first place that never had one.
    next: usize,
}

impl Table {
    pub(super) const fn new() -> Self {
        Table {
            chunks: [const { OnceLock::new() }; CHUNKS],
            free: Mutex::new(Free { places: Vec::new(), next: 0 }),
            count: AtomicU64::new(0),
        }
    }

    /// A handle for a new object; `None` when there is no place.
    pub(super) fn insert(&self, kind: u8, object: Object) -> Option<usize> {
        let slot = self.free_slot()?;
        // SAFETY: the place was taken off the free list, so it is this thread's until it is occupied.
        unsafe { *slot.object.get() = Some(object) };
        self.count.fetch_add(1, Ordering::Relaxed);
        Some(slot.word.occupy(kind, slot.index))
    }

    /// The place of a valid handle, its object in use until `unpin`.
    #[inline]
    pub(super) fn pin(&self, kind: u8, handle: usize) -> Option<&Slot> {
        self.slot(kind, handle).filter(|slot| slot.word.pin(handle))
    }

    /// Whether a handle of this kind is valid now.
    #[inline]
    pub(super) fn is_valid(&self, kind: u8, handle: usize) -> bool {
        self.slot(kind, handle).is_some_and(|slot| slot.word.is_shown_by(handle))
    }

    #[inline]
    pub(super) fn unpin(&self, slot: &Slot) {
        if slot.word.unpin() == Change::Dead {
            self.destroy(slot);
        }
    }

    pub(super) fn retain(&self, kind: u8, handle: usize) -> Option<()> {
        self.slot(kind, handle)?.word.retain(handle).then_some(())
    }

    pub(super) fn release(&self, kind: u8, handle: usize) -> Option<()> {
        let slot = self.slot(kind, handle)?;
        if slot.word.release(handle)? == Change::Dead {
            self.destroy(slot);
        }
        Some(())
    }

    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// The place that a handle shows, if its kind is right and there is such a place.
    #[inline]
    fn slot(&self, kind: u8, handle: usize) -> Option<&Slot> {
        if kind_of(handle) != kind {
            return None;
        }
        let (chunk, place) = position(index_of(handle));
        self.chunks.get(chunk)?.get()?.get(place)
    }

    fn free_slot(&self) -> Option<&Slot> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let index = match free.places.pop() {
            Some(index) => index,
            None => {
                free.next += 1;
                free.next - 1
            }
        };
        let (chunk, place) = position(index);
        Some(&self.chunks.get(chunk)?.get_or_init(|| new_chunk(chunk))[place])
    }

    #[cold]
    fn destroy(&self, slot: &Slot) {
        // SAFETY: this thread's change of the word was the last use, so nobody else has the object.
        let object = unsafe { (*slot.object.get()).take() };
        self.count.fetch_sub(1, Ordering::Relaxed);
        if !slot.word.is_used_up() {
            self.free.lock().unwrap_or_else(PoisonError::into_inner).places.push(slot.index);
        }
        // Last, and without the lock, as the object may release handles in turn.
        drop(object);
    }
}

/// The chunk and the place in it that an index stands for.
#[inline]
fn position(index: usize) -> (usize, usize) {
    let shifted = index + FIRST_CHUNK;
    let chunk = (shifted / FIRST_CHUNK).ilog2() as usize;
    (chunk, shifted - (FIRST_CHUNK << chunk))
}

fn new_chunk(chunk: usize) -> Box<[Slot]> {
    let first = (FIRST_CHUNK << chunk) - FIRST_CHUNK;
    (first..first + (FIRST_CHUNK << chunk))
        .map(|index| Slot { word: Word::new(), index, object: UnsafeCell::new(None) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_follow_each_other() {
        let mut expected = (0, 0);
        for index in 0..20 * FIRST_CHUNK {
            assert_eq!(position(index), expected, "{index}");
            expected.1 += 1;
            if expected.1 == FIRST_CHUNK << expected.0 {
                expected = (expected.0 + 1, 0);
            }
        }
    }
}
