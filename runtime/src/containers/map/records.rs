//! Changes of keys as they travel to the owners: a byte that says what to do, the word of the key, and for an insertion its
//! value. All records of a map have the same size.

use crate::error::{Error, Result};
use dtl_types::Status;

/// Changes in the order in which they were made.
#[derive(Debug)]
pub(super) struct Records {
    bytes: Vec<u8>,
    value_size: usize,
}

const ERASE: u8 = 0;
const INSERT: u8 = 1;
const HEAD: usize = 1 + size_of::<u64>();

impl Records {
    /// No records, for values of this many bytes.
    pub(super) fn new(value_size: usize) -> Self {
        Records { bytes: Vec::new(), value_size }
    }

    /// The records that have arrived as bytes.
    pub(super) fn of(bytes: Vec<u8>, value_size: usize) -> Self {
        Records { bytes, value_size }
    }

    /// The bytes of each record.
    pub(super) fn size(&self) -> usize {
        HEAD + self.value_size
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len() / self.size()
    }

    /// Adds the insertion of a key with a value, or its erasure.
    pub(super) fn push(&mut self, word: u64, value: Option<&[u8]>) -> Result<()> {
        self.bytes.try_reserve(self.size()).map_err(|_| {
            Error::new(
                Status::OutOfMemory,
                format!(
                    "no memory for more than the {} changes of other ranks' keys that wait already; call flush more often",
                    self.len()
                ),
            )
        })?;
        let end = self.bytes.len() + self.size();
        self.bytes.push(if value.is_some() { INSERT } else { ERASE });
        self.bytes.extend_from_slice(&word.to_ne_bytes());
        self.bytes.extend_from_slice(value.unwrap_or_default());
        self.bytes.resize(end, 0);
        Ok(())
    }

    /// Keys, with the value to insert or nothing where the key is to be erased.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = (u64, Option<&[u8]>)> + Clone {
        self.bytes.chunks_exact(self.size()).map(|record| {
            let word = u64::from_ne_bytes(std::array::from_fn(|byte| record[1 + byte]));
            (word, (record[0] == INSERT).then_some(&record[HEAD..]))
        })
    }

    /// Adds changes that were made later.
    pub(super) fn append(&mut self, later: &Records) {
        self.bytes.extend_from_slice(&later.bytes);
    }
}
