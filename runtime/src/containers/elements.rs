//! Loops over the elements of local memory, for any data type.

use crate::element::Element;
use crate::execution::Workers;
use crate::scalar::Scalar;
use crate::storage::Storage;
use dtl_types::Dtype;
use std::hash::{DefaultHasher, Hasher};

/// Sets all elements in `storage` to `value`, whose data type they have.
pub(super) fn fill(storage: &Storage, value: Scalar, workers: Workers) {
    let size = value.bytes().len();
    let count = storage.bytes() / size;
    macro_rules! fill_as {
        ($word:ty) => {{
            let mut word = [0; size_of::<$word>()];
            word.copy_from_slice(value.bytes());
            // SAFETY: the storage has `count` elements of this size, is aligned for all of them, and is written by nobody
            // else meanwhile.
            let words = unsafe { std::slice::from_raw_parts_mut(storage.start().cast::<$word>(), count) };
            let word = <$word>::from_ne_bytes(word);
            workers.on_parts(words, |_, part| part.fill(word));
        }};
    }
    match size {
        1 => fill_as!(u8),
        2 => fill_as!(u16),
        4 => fill_as!(u32),
        8 => fill_as!(u64),
        _ => fill_as!(u128),
    }
    sanitize(storage, value.dtype());
}

/// Copies as many bytes as there is room for, from memory that may overlap with it.
///
/// # Safety
/// `source` must be readable for the size of `target`, which nobody else uses meanwhile.
pub(super) unsafe fn copy(target: *mut u8, source: *const u8, bytes: usize, workers: Workers) {
    let apart = (target as usize).abs_diff(source as usize) >= bytes;
    if !apart {
        // SAFETY: the caller guarantees that `source` is readable and `target` writable for `bytes` bytes; `copy` allows
        // memory that overlaps.
        return unsafe { std::ptr::copy(source, target, bytes) };
    }
    if bytes > 0 {
        // SAFETY: the caller guarantees that `source` is readable and `target` writable for `bytes` bytes, which nobody
        // else uses, and they do not overlap.
        let (target, source) = unsafe {
            (std::slice::from_raw_parts_mut(target, bytes), std::slice::from_raw_parts(source, bytes))
        };
        workers.on_parts(target, |first, part| part.copy_from_slice(&source[first..first + part.len()]));
    }
}

/// Booleans from other languages may be any byte but must be 0 or 1 for Rust.
pub(super) fn sanitize(storage: &Storage, dtype: Dtype) {
    // SAFETY: the storage owns its bytes, which nobody else uses meanwhile.
    unsafe { sanitize_at(storage.start(), storage.bytes(), dtype) };
}

/// [`sanitize`] for part of a storage.
///
/// # Safety
/// `start` must be writable for `bytes` bytes, which nobody else uses meanwhile.
pub(super) unsafe fn sanitize_at(start: *mut u8, bytes: usize, dtype: Dtype) {
    if dtype == Dtype::Bool && bytes > 0 {
        // SAFETY: the caller guarantees that `start` is writable for `bytes` bytes, which nobody else uses meanwhile.
        bool::sanitize(unsafe { std::slice::from_raw_parts_mut(start, bytes) });
    }
}

/// A number by which ranks compare contents, the same on all of them for equal bytes.
pub(super) fn digest(bytes: &[u8]) -> [u8; 8] {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish().to_le_bytes()
}
