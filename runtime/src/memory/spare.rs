//! Mappings that were given back a moment ago and may be wanted again: a program that makes temporary containers in a loop, or
//! redistributes, would otherwise spend more time on the pages that the operating system zeroes than on its elements.

use super::host::unmap;
use std::ptr::NonNull;
use std::sync::{Mutex, PoisonError};

/// The largest mapping that is kept: touching the pages of larger ones takes little beside what is done with them.
const LARGEST: usize = 64 << 20;
/// The most bytes that are kept altogether.
const MOST: usize = 128 << 20;

/// The mappings that are kept, the oldest first.
static KEPT: Mutex<Vec<Mapping>> = Mutex::new(Vec::new());

struct Mapping {
    start: NonNull<u8>,
    length: usize,
}

// SAFETY: nobody uses the memory but whoever takes it.
unsafe impl Send for Mapping {}

/// A mapping of at least so many bytes and not much more, with its length. What is in it is left over.
pub(crate) fn take(bytes: usize) -> Option<(NonNull<u8>, usize)> {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let fits = |mapping: &Mapping| mapping.length >= bytes && mapping.length <= bytes + bytes / 4;
    let place = kept.iter().rposition(fits)?;
    let Mapping { start, length } = kept.remove(place);
    Some((start, length))
}

/// Keeps a mapping that nobody uses any more; false if it is not worth it, and then it is still the caller's.
pub(crate) fn keep(start: NonNull<u8>, length: usize) -> bool {
    if length > LARGEST {
        return false;
    }
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    kept.push(Mapping { start, length });
    while kept.iter().map(|mapping| mapping.length).sum::<usize>() > MOST {
        let Mapping { start, length } = kept.remove(0);
        // SAFETY: a whole mapping, as it was when it was kept, of which nothing is left in the list.
        unsafe { unmap(start, length) };
    }
    true
}

#[cfg(test)]
mod tests {
    use crate::memory::Source;

    #[test]
    fn what_was_given_back_is_zero_again_for_those_who_ask() {
        const BYTES: usize = (7 << 20) + 13;
        for _ in 0..3 {
            let storage = Source::Host.allocate(BYTES).unwrap();
            // SAFETY: the storage owns so many bytes, which nobody else uses.
            let bytes = unsafe { std::slice::from_raw_parts_mut(storage.address().host().unwrap(), BYTES) };
            assert!(bytes.iter().all(|byte| *byte == 0));
            bytes.fill(0xAB);
        }
    }

    #[test]
    fn a_loop_of_temporaries_uses_the_same_memory() {
        // Of a size that no other test asks for.
        const BYTES: usize = 23 << 20;
        let place = || Source::Host.allocate_unset(BYTES).unwrap().address().host().unwrap() as usize;
        let first = place();
        assert!((0..100).all(|_| place() == first));
    }
}
