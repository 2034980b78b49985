//! The memory of this rank's part of a map: a hash table from words to values of a fixed number of bytes. What keys are words
//! of, and which keys come here, is decided elsewhere.

use super::records::Change;
use crate::collectives::Reduction;
use crate::error::{Error, Result};
use crate::layout::mix;
use crate::memory::{Kind, Reservation};
use dtl_types::{Dtype, ReduceOp, Status};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A table whose values have a size that only the running program knows.
pub(super) trait Table: Send {
    /// The number of keys.
    fn len(&self) -> usize;

    /// Puts a value in the place of the one that the key has, if any.
    fn insert(&mut self, key: u64, value: &[u8]) -> Result<()>;

    /// Takes a key out, if it is there.
    fn remove(&mut self, key: u64);

    /// The value of a key.
    fn get(&self, key: u64) -> Option<&[u8]>;

    /// Carries out a change; values are of this type.
    fn apply(&mut self, key: u64, change: Change<'_>, dtype: Dtype) -> Result<()> {
        match change {
            Change::Erase => {
                self.remove(key);
                Ok(())
            }
            Change::Insert(value) => self.insert(key, value),
            Change::Combine(op, value) => match self.get(key) {
                Some(present) => {
                    let combined = combined(op, present, value, dtype)?;
                    self.insert(key, &combined[..value.len()])
                }
                None => self.insert(key, value),
            },
        }
    }

    /// All keys, in no order.
    fn keys(&self) -> Box<dyn Iterator<Item = u64> + '_>;
}

/// Two values as one, in the first bytes.
fn combined(op: ReduceOp, one: &[u8], other: &[u8], dtype: Dtype) -> Result<[u8; 16]> {
    let reduction = Reduction::new(op, dtype)?;
    let (mut pair, mut result) = ([[0; 16]; 2], [0; 16]);
    pair[0][..one.len()].copy_from_slice(one);
    pair[1][..other.len()].copy_from_slice(other);
    // SAFETY: each of the two blocks and the result has room for one element of any type.
    unsafe { reduction.run(pair.as_ptr().cast(), 16, 2, result.as_mut_ptr(), 1) };
    Ok(result)
}

/// An empty table for values of this many bytes.
pub(super) fn of_values(bytes: usize) -> Box<dyn Table> {
    match bytes {
        1 => Box::new(Fixed::<1>::default()),
        2 => Box::new(Fixed::<2>::default()),
        4 => Box::new(Fixed::<4>::default()),
        8 => Box::new(Fixed::<8>::default()),
        16 => Box::new(Fixed::<16>::default()),
        _ => unreachable!("no element type has {bytes} bytes"),
    }
}

/// A table whose values have `N` bytes; of none, a set of keys.
#[derive(Debug, Default)]
pub(super) struct Fixed<const N: usize> {
    entries: HashMap<u64, [u8; N], BuildHasherDefault<Mixed>>,
    /// The memory that the entries take, as far as there are any.
    reservation: Option<Reservation>,
}

impl<const N: usize> Fixed<N> {
    /// Makes room for one more key. The memory is asked for here, where there not being any is an error and no end.
    #[cold]
    fn grow(&mut self) -> Result<()> {
        let buckets = (self.entries.len() + 1).saturating_mul(8).div_ceil(7).next_power_of_two().max(4);
        let bytes = buckets.saturating_mul(size_of::<(u64, [u8; N])>() + 1);
        // A table from which keys were taken may stay as large as it is.
        let before = self.reservation.as_ref().map_or(0, |reservation| reservation.bytes);
        let reservation = Reservation::of(Kind::Host, bytes.max(before))?;
        self.entries.try_reserve(1).map_err(|_| {
            Error::new(
                Status::OutOfMemory,
                format!("no memory for more than the {} keys that this rank has", self.entries.len()),
            )
        })?;
        self.reservation = Some(reservation);
        Ok(())
    }
}

impl<const N: usize> Table for Fixed<N> {
    fn len(&self) -> usize {
        self.entries.len()
    }

    #[inline]
    fn insert(&mut self, key: u64, value: &[u8]) -> Result<()> {
        if self.entries.len() == self.entries.capacity() {
            self.grow()?;
        }
        let value = std::array::from_fn(|byte| value[byte]);
        self.entries.insert(key, value);
        Ok(())
    }

    #[inline]
    fn remove(&mut self, key: u64) {
        self.entries.remove(&key);
    }

    #[inline]
    fn get(&self, key: u64) -> Option<&[u8]> {
        self.entries.get(&key).map(<[u8; N]>::as_slice)
    }

    fn keys(&self) -> Box<dyn Iterator<Item = u64> + '_> {
        Box::new(self.entries.keys().copied())
    }
}

/// The hash of a word: the mixing that also chooses its owner, with the halves exchanged, because the upper bits of the keys
/// of one rank are alike.
#[derive(Debug, Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn write(&mut self, bytes: &[u8]) {
        unreachable!("keys are words, not {} bytes", bytes.len())
    }

    #[inline]
    fn write_u64(&mut self, word: u64) {
        self.0 = mix(word).rotate_left(32);
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_every_size_are_kept() {
        for bytes in [1, 2, 4, 8, 16] {
            let mut table = of_values(bytes);
            for key in 0..1000u64 {
                table.insert(key, &vec![key as u8; bytes]).unwrap();
                table.insert(key, &vec![!key as u8; bytes]).unwrap();
            }
            (0..1000).step_by(2).for_each(|key| table.remove(key));
            assert_eq!(table.len(), 500);
            assert_eq!(table.get(2), None);
            assert_eq!(table.get(3), Some(vec![!3u8; bytes].as_slice()));
            let mut keys: Vec<u64> = table.keys().collect();
            keys.sort_unstable();
            assert!(keys.into_iter().eq((1..1000).step_by(2)));
        }
    }

    #[test]
    fn the_memory_of_a_table_is_reserved() {
        let mut table = Fixed::<8>::default();
        for key in 0..10_000u64 {
            table.insert(key, &key.to_ne_bytes()).unwrap();
            let reserved = table.reservation.as_ref().unwrap().bytes;
            assert!(reserved >= table.entries.capacity() * 16, "{reserved} bytes for {key} keys");
            assert!(reserved <= 4 * 17 * (key as usize + 1), "{reserved} bytes for {key} keys");
        }
    }
}
