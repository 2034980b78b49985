//! Loops over the elements of local memory, for any data type.

use crate::element::Element;
use crate::scalar::Scalar;
use crate::storage::Storage;
use dtl_types::Dtype;

/// Sets all elements in `storage` to `value`, whose data type they have.
pub(super) fn fill(storage: &Storage, value: Scalar) {
    let size = value.bytes().len();
    let count = storage.bytes() / size;
    macro_rules! fill_as {
        ($word:ty) => {{
            let mut word = [0; size_of::<$word>()];
            word.copy_from_slice(value.bytes());
            // SAFETY: the storage has `count` elements of this size, is aligned for all of them, and is written by nobody
            // else meanwhile.
            let words = unsafe { std::slice::from_raw_parts_mut(storage.start().cast::<$word>(), count) };
            words.fill(<$word>::from_ne_bytes(word));
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

/// Booleans from other languages may be any byte but must be 0 or 1 for Rust.
pub(super) fn sanitize(storage: &Storage, dtype: Dtype) {
    if dtype == Dtype::Bool {
        // SAFETY: the storage owns its bytes, which nobody else uses meanwhile.
        bool::sanitize(unsafe { std::slice::from_raw_parts_mut(storage.start(), storage.bytes()) });
    }
}
