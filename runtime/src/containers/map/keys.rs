//! Keys as words: the bits of a key as one 64-bit number, equal for equal keys, whatever their data type. Which rank owns a
//! key and in which order keys are shown follows from the word. Tables of keys and values are in `table.rs`.

use crate::array::{Array, ArrayMut};
use crate::error::{Error, Result};
use crate::layout::mix;
use dtl_types::{Dtype, Status};

/// The words of all keys of an array, which the generated code has checked to be of the map's key type or is refused here.
pub(super) fn words(wanted: Dtype, keys: &Array<'_>) -> Result<Vec<u64>> {
    keys.check_dtype("keys", wanted, "the map's keys are")?;
    let (bytes, size) = (keys.bytes(), wanted.size());
    let mut words = reserved(keys.len())?;
    for (place, key) in bytes.chunks_exact(size).enumerate() {
        let bits = match size {
            1 => key[0].into(),
            2 => u16::from_ne_bytes([key[0], key[1]]).into(),
            4 => u32::from_ne_bytes(std::array::from_fn(|byte| key[byte])).into(),
            _ => u64::from_ne_bytes(std::array::from_fn(|byte| key[byte])),
        };
        words.push(canonical(wanted, bits).ok_or_else(|| not_a_number(place))?);
    }
    Ok(words)
}

/// An empty vector with room for so many elements.
pub(super) fn reserved<T>(count: usize) -> Result<Vec<T>> {
    let mut vector = Vec::new();
    vector.try_reserve_exact(count).map_err(|_| {
        Error::new(Status::OutOfMemory, format!("no memory for {count} times {} bytes", size_of::<T>()))
    })?;
    Ok(vector)
}

#[cold]
fn not_a_number(place: usize) -> Error {
    Error::new(
        Status::InvalidArgument,
        format!(
            "key number {place} is NaN, which equals nothing and could never be found; leave it out or replace it"
        ),
    )
}

/// Equal bits for equal keys; `None` for NaN.
#[inline]
fn canonical(dtype: Dtype, bits: u64) -> Option<u64> {
    if dtype == Dtype::Bool {
        return Some(u64::from(bits != 0));
    }
    let Some(Float { sign, infinity }) = float(dtype) else { return Some(bits) };
    match bits & !sign {
        0 => Some(0),
        magnitude if magnitude > infinity => None,
        _ => Some(bits),
    }
}

/// How a floating-point type is laid out: the bit of the sign, and the bits of infinity, above which there are only NaNs.
struct Float {
    sign: u64,
    infinity: u64,
}

fn float(dtype: Dtype) -> Option<Float> {
    let (sign, infinity) = match dtype {
        Dtype::Float16 => (1 << 15, 0x7C00),
        Dtype::Bfloat16 => (1 << 15, 0x7F80),
        Dtype::Float32 => (1 << 31, 0x7F80_0000),
        Dtype::Float64 => (1 << 63, 0x7FF0_0000_0000_0000),
        _ => return None,
    };
    Some(Float { sign, infinity })
}

/// A number that is smaller for smaller keys.
pub(super) fn order(dtype: Dtype, word: u64) -> u64 {
    if let Some(Float { sign, .. }) = float(dtype) {
        // Negative numbers come first, those of larger magnitude before others.
        return if word & sign == 0 { word | sign } else { sign - 1 - (word & !sign) };
    }
    match Dtype::SIGNED.contains(&dtype) {
        true => word ^ 1 << (8 * dtype.size() - 1),
        false => word,
    }
}

/// The rank that owns a key: its place on a scale from 0 to the number of ranks. Part of the meaning of a map, so it never
/// changes: the same key has the same owner on every machine and in every version.
#[inline]
pub(super) fn owner(word: u64, ranks: u64) -> usize {
    ((u128::from(mix(word)) * u128::from(ranks)) >> 64) as usize
}

/// Puts keys into an array of the map's key type.
pub(super) fn write(result: &mut ArrayMut<'_>, words: impl IntoIterator<Item = u64>) {
    let size = result.dtype().size();
    for (place, word) in words.into_iter().enumerate() {
        store(result, place * size, word, size);
    }
}

fn store(result: &mut ArrayMut<'_>, offset: usize, word: u64, size: usize) {
    match size {
        1 => result.store(offset, &(word as u8).to_ne_bytes()),
        2 => result.store(offset, &(word as u16).to_ne_bytes()),
        4 => result.store(offset, &(word as u32).to_ne_bytes()),
        _ => result.store(offset, &word.to_ne_bytes()),
    }
}

/// A key for a message.
pub(super) fn text(dtype: Dtype, word: u64) -> String {
    let bits = 8 * dtype.size() as u32;
    match dtype {
        Dtype::Bool => (word != 0).to_string(),
        Dtype::Float16 => half::f16::from_bits(word as u16).to_string(),
        Dtype::Bfloat16 => half::bf16::from_bits(word as u16).to_string(),
        Dtype::Float32 => f32::from_bits(word as u32).to_string(),
        Dtype::Float64 => f64::from_bits(word).to_string(),
        _ if Dtype::SIGNED.contains(&dtype) => (((word << (64 - bits)) as i64) >> (64 - bits)).to_string(),
        _ => word.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::element::Element;
    use half::{bf16, f16};

    fn words_of<T: Element>(keys: &[T]) -> Result<Vec<u64>> {
        let shape = [keys.len()];
        words(T::DTYPE, &Array::from_slice(keys, &shape)?)
    }

    #[test]
    fn every_key_fits_in_a_word() {
        assert!(Dtype::KEYS.iter().all(|dtype| dtype.size() <= size_of::<u64>()));
    }

    #[test]
    fn equal_keys_are_equal_words() {
        assert_eq!(words_of(&[0.0, -0.0]).unwrap(), [0, 0]);
        assert_eq!(words_of(&[f16::ZERO, f16::NEG_ZERO]).unwrap(), [0, 0]);
        assert_eq!(words_of(&[bf16::ZERO, bf16::NEG_ZERO]).unwrap(), [0, 0]);
        assert_eq!(words_of(&[-1i8, 1]).unwrap(), [0xFF, 1]);
    }

    #[test]
    fn nan_is_no_key() {
        for error in [
            words_of(&[1.0, -f64::NAN]).unwrap_err(),
            words_of(&[1.0, f32::NAN]).unwrap_err(),
            words_of(&[f16::ONE, f16::NAN]).unwrap_err(),
            words_of(&[bf16::ONE, bf16::NAN]).unwrap_err(),
        ] {
            assert_eq!(error.status(), Status::InvalidArgument);
            assert!(error.message().starts_with("key number 1 is NaN"), "{error}");
        }
        assert!(words_of(&[f64::INFINITY, f64::NEG_INFINITY]).is_ok());
    }

    #[test]
    fn keys_are_ordered_as_numbers() {
        fn check<T: Element + PartialOrd + std::fmt::Debug>(ascending: &[T]) {
            let orders: Vec<u64> =
                words_of(ascending).unwrap().iter().map(|word| order(T::DTYPE, *word)).collect();
            assert!(orders.is_sorted_by(|one, other| one < other), "{ascending:?}: {orders:?}");
        }
        check(&[i8::MIN, -1, 0, 1, i8::MAX]);
        check(&[i64::MIN, -1, 0, 1, i64::MAX]);
        check(&[0, 1, u64::MAX]);
        check(&[f64::NEG_INFINITY, -1e300, -1.0, -1e-310, 0.0, 1e-310, 1.0, f64::INFINITY]);
        check(&[f32::NEG_INFINITY, -1.0, 0.0, 1e-40, 2.5]);
        check(&[-2.0, -1.5, 0.0, 3.0].map(f16::from_f32));
        check(&[-2.0, -1.5, 0.0, 3.0].map(bf16::from_f32));
        check(&[false, true]);
    }

    #[test]
    fn owners_never_change() {
        // The first outputs of SplitMix64 seeded with 0 begin with E2 and 6E, those seeded with 1 and 2 with 91 and 97.
        assert_eq!([0, 1, 2].map(|key| owner(key, 256)), [0xE2, 0x91, 0x97]);
        assert_eq!([0, 1, 2].map(|key| owner(key, 1)), [0; 3]);
        assert!((0..10_000).all(|key| owner(key, 7) < 7));
    }

    #[test]
    fn messages_show_keys_as_users_write_them() {
        assert_eq!(text(Dtype::Int8, 0xFF), "-1");
        assert_eq!(text(Dtype::Uint64, u64::MAX), u64::MAX.to_string());
        assert_eq!(text(Dtype::Float32, (2.5f32).to_bits().into()), "2.5");
        assert_eq!(text(Dtype::Bool, 1), "true");
    }
}
