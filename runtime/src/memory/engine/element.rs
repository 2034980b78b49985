//! Single elements of the host's memory, which several threads may read and write at the same time: each read gives what some thread has
//! written. Elements of up to eight bytes are read and written whole; of larger ones, and of those that are aligned for less than their
//! size, which complex numbers are, each half by itself.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64};

/// Reads an element of `size` bytes.
///
/// # Safety
/// `source` must be an element of this size, which nobody writes but by `store`, and `target` room for as many bytes that nobody else uses.
pub(super) unsafe fn load(source: *const u8, target: *mut u8, size: usize) {
    macro_rules! whole {
        ($atomic:ident, $word:ty) => {{
            // SAFETY: the caller guarantees so many bytes, which are aligned, and that others write them atomically alone.
            let word = unsafe { $atomic::from_ptr(source.cast_mut().cast()) }.load(Relaxed);
            // SAFETY: the caller guarantees room for so many bytes.
            unsafe { target.cast::<$word>().write_unaligned(word) }
        }};
    }
    match size {
        1 => whole!(AtomicU8, u8),
        2 => whole!(AtomicU16, u16),
        4 => whole!(AtomicU32, u32),
        8 if source.cast::<u64>().is_aligned() => whole!(AtomicU64, u64),
        _ => {
            let half = size / 2;
            // SAFETY: the two parts of what the caller guarantees.
            unsafe {
                load(source, target, half);
                load(source.add(half), target.add(half), half);
            }
        }
    }
}

/// Writes an element of `size` bytes.
///
/// # Safety
/// `target` must be an element of this size, which nobody reads or writes but by `load` and `store`, and `source` as many bytes.
pub(super) unsafe fn store(target: *mut u8, source: *const u8, size: usize) {
    macro_rules! whole {
        ($atomic:ident, $word:ty) => {{
            // SAFETY: the caller guarantees so many bytes.
            let word = unsafe { source.cast::<$word>().read_unaligned() };
            // SAFETY: the caller guarantees so many bytes, which are aligned, and that others use them atomically alone.
            unsafe { $atomic::from_ptr(target.cast()) }.store(word, Relaxed);
        }};
    }
    match size {
        1 => whole!(AtomicU8, u8),
        2 => whole!(AtomicU16, u16),
        4 => whole!(AtomicU32, u32),
        8 if target.cast::<u64>().is_aligned() => whole!(AtomicU64, u64),
        _ => {
            let half = size / 2;
            // SAFETY: the two parts of what the caller guarantees.
            unsafe {
                store(target, source, half);
                store(target.add(half), source.add(half), half);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_of_every_size_come_back() {
        let values: Vec<u8> = (1..=16).collect();
        // The second place is aligned for four bytes only, as single-precision complex numbers may be.
        for (offset, sizes) in [(0, &[1, 2, 4, 8, 16][..]), (4, &[1, 2, 4, 8])] {
            for size in sizes {
                let (mut memory, mut read) = ([0u64; 4], [0u8; 16]);
                // SAFETY: there is room for all of them at either offset.
                unsafe {
                    let element = memory.as_mut_ptr().cast::<u8>().add(offset);
                    store(element, values.as_ptr(), *size);
                    load(element, read.as_mut_ptr(), *size);
                }
                assert_eq!(read[..*size], values[..*size]);
                assert!(read[*size..].iter().all(|byte| *byte == 0), "nothing is written behind it");
            }
        }
    }
}
