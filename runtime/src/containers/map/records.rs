//! Changes of keys as they travel to the owners: a byte that says what to do, the word of the key, and a value. All records of
//! a map have the same size.

use crate::error::{Error, Result};
use dtl_types::{ReduceOp, SpecEnum, Status};

/// What is to be done with a key.
#[derive(Debug, Clone, Copy)]
pub(super) enum Change<'a> {
    /// It is taken out.
    Erase,
    /// It gets this value.
    Insert(&'a [u8]),
    /// Its value is combined with this one; it gets this one if it has none.
    Combine(ReduceOp, &'a [u8]),
}

/// Changes in the order in which they were made.
#[derive(Debug)]
pub(super) struct Records {
    bytes: Vec<u8>,
    value_size: usize,
}

const ERASE: u8 = 0;
const INSERT: u8 = 1;
/// With the code of the operator added.
const COMBINE: u8 = 2;
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

    /// Adds a change.
    pub(super) fn push(&mut self, word: u64, change: Change<'_>) -> Result<()> {
        self.bytes.try_reserve(self.size()).map_err(|_| {
            Error::new(
                Status::OutOfMemory,
                format!(
                    "no memory for more than the {} changes that wait already; call flush more often",
                    self.len()
                ),
            )
        })?;
        let (kind, value): (u8, &[u8]) = match change {
            Change::Erase => (ERASE, &[]),
            Change::Insert(value) => (INSERT, value),
            Change::Combine(op, value) => (COMBINE + op.code() as u8, value),
        };
        let end = self.bytes.len() + self.size();
        self.bytes.push(kind);
        self.bytes.extend_from_slice(&word.to_ne_bytes());
        self.bytes.extend_from_slice(value);
        self.bytes.resize(end, 0);
        Ok(())
    }

    /// Keys, and what is to be done with each.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = (u64, Change<'_>)> + Clone {
        self.bytes.chunks_exact(self.size()).map(|record| {
            let word = u64::from_ne_bytes(std::array::from_fn(|byte| record[1 + byte]));
            let value = &record[HEAD..];
            let operator = |kind: u8| ReduceOp::from_code(i32::from(kind.checked_sub(COMBINE)?));
            let change = match (record[0], operator(record[0])) {
                (_, Some(op)) => Change::Combine(op, value),
                (INSERT, None) => Change::Insert(value),
                _ => Change::Erase,
            };
            (word, change)
        })
    }

    /// Adds changes that were made later.
    pub(super) fn append(&mut self, later: &Records) {
        self.bytes.extend_from_slice(&later.bytes);
    }
}
