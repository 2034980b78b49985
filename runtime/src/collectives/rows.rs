//! Which rows of an array belong to each rank, where ranks have different numbers of them: from counts and displacements,
//! which are checked here. Used by the collectives whose names end in `v`.

use crate::array::{Array, Output};
use crate::comm::transport::Place;
use crate::digest::digest;
use crate::error::{Error, Result};
use dtl_types::{Dtype, SpecEnum, Status};

/// The arguments that say which rows they are, for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) counts: &'static str,
    pub(super) displs: &'static str,
}

/// The rows of each rank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rows {
    names: Names,
    counts: Vec<usize>,
    firsts: Vec<usize>,
}

impl Rows {
    /// `counts[r]` rows of rank `r`, from row `displs[r]` on, or one rank's after the other's.
    pub(super) fn new(names: Names, counts: &[u64], displs: Option<&[u64]>, size: usize) -> Result<Self> {
        for (name, list) in [(names.counts, Some(counts)), (names.displs, displs)] {
            if let Some(list) = list.filter(|list| list.len() != size) {
                return Err(Error::new(
                    Status::ExtentMismatch,
                    format!(
                        "{name} has {} numbers, but there are {size} ranks; pass one for each",
                        list.len()
                    ),
                ));
            }
        }
        let mut rows = Rows { names, counts: Vec::new(), firsts: Vec::new() };
        let mut end = 0;
        for (rank, count) in counts.iter().enumerate() {
            let first = displs.map_or(end, |displs| displs[rank]);
            end = first.checked_add(*count).filter(|end| *end <= isize::MAX as u64).ok_or_else(|| {
                Error::new(
                    Status::InvalidArgument,
                    format!(
                        "the block of rank {rank} has {count} rows ({}) from row {first} on ({}), more than any memory \
                         holds; pass smaller numbers",
                        names.counts, names.displs
                    ),
                )
            })?;
            rows.counts.push(*count as usize);
            rows.firsts.push(first as usize);
        }
        Ok(rows)
    }

    /// The number of rows of each rank.
    pub(super) fn counts(&self) -> &[usize] {
        &self.counts
    }

    /// The first row of a rank.
    pub(super) fn first(&self, rank: usize) -> usize {
        self.firsts[rank]
    }

    /// The rows up to the last one of any rank.
    fn extent(&self) -> usize {
        let ends = self.counts.iter().zip(&self.firsts).map(|(count, first)| count + first);
        ends.max().unwrap_or_default()
    }

    /// What stands for the counts where ranks compare them.
    pub(super) fn digest(&self) -> u64 {
        digest(&self.counts.iter().map(|count| *count as i64).collect::<Vec<_>>())
    }

    /// The error when there are rows beyond the `rows` of the array that they are taken from.
    pub(super) fn expect_within(&self, name: &str, rows: usize) -> Result<()> {
        let outside = |rank: &usize| self.firsts[*rank] + self.counts[*rank] > rows;
        let Some(rank) = (0..self.counts.len()).find(outside) else { return Ok(()) };
        let Rows { names, counts, firsts } = self;
        Err(Error::new(
            Status::OutOfBounds,
            format!(
                "{}[{rank}] is {} and {}[{rank}] is {}, but {name} has {rows} rows; pass blocks that lie within it",
                names.counts, counts[rank], names.displs, firsts[rank]
            ),
        ))
    }

    /// The error when two ranks' rows overlap, so that not all could be received.
    fn expect_apart(&self) -> Result<()> {
        let mut order: Vec<usize> = (0..self.counts.len()).filter(|rank| self.counts[*rank] > 0).collect();
        order.sort_by_key(|rank| self.firsts[*rank]);
        let overlap = |pair: &&[usize]| self.firsts[pair[0]] + self.counts[pair[0]] > self.firsts[pair[1]];
        let Some(pair) = order.windows(2).find(overlap) else { return Ok(()) };
        let (a, b) = (pair[0].min(pair[1]), pair[0].max(pair[1]));
        let name = self.names.displs;
        Err(Error::new(
            Status::InvalidArgument,
            format!(
                "the blocks of ranks {a} and {b} overlap: {name}[{a}] is {} for {} rows and {name}[{b}] is {} for {}; pass \
                 displacements that keep them apart",
                self.firsts[a], self.counts[a], self.firsts[b], self.counts[b]
            ),
        ))
    }

    /// Memory for these rows, each of shape `row`. In new memory, what belongs to no rank is zero.
    pub(super) fn provide(&self, output: &mut dyn Output, dtype: Dtype, row: &[usize]) -> Result<Room> {
        self.expect_apart()?;
        let extent = self.extent();
        let bytes = row.iter().product::<usize>() * dtype.size();
        if extent.checked_mul(bytes).is_none_or(|bytes| bytes > isize::MAX as usize) {
            return Err(Error::new(
                Status::OutOfMemory,
                format!(
                    "the blocks end at row {extent} ({}), beyond any memory; pass smaller numbers",
                    self.names.displs
                ),
            ));
        }
        let is_new = output.expected().is_none();
        let shape = [&[extent], row].concat();
        let mut result = output.provide(dtype, &shape)?;
        let room = Room { start: result.as_mut_ptr(), row: bytes };
        if is_new && self.counts.iter().sum::<usize>() < extent {
            // SAFETY: the output has made memory for all rows.
            unsafe { room.start.write_bytes(0, result.nbytes()) };
        }
        Ok(room)
    }

    /// Where each rank's rows are in memory that starts at `start`, with `row` bytes to a row.
    pub(super) fn places(&self, start: *const u8, row: usize) -> Vec<Place> {
        let place = |(first, count): (&usize, &usize)| Place {
            start: start.wrapping_add(first * row).cast_mut(),
            bytes: count * row,
        };
        self.firsts.iter().zip(&self.counts).map(place).collect()
    }
}

/// Memory that an output has provided, which stays until the operation is over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    pub(super) start: *mut u8,
    /// Bytes of a row.
    pub(super) row: usize,
}

impl Room {
    /// Stores rows from row `first` on. They may come out of this very memory.
    ///
    /// # Safety
    /// The rows must be within the memory, and `source` readable for `bytes` bytes.
    pub(super) unsafe fn store(self, first: usize, source: *const u8, bytes: usize) {
        if bytes > 0 {
            // SAFETY: the caller guarantees that `source` is readable for `bytes` bytes and that the rows from `first` on
            // lie in this memory; `copy` allows memory that overlaps.
            unsafe { std::ptr::copy(source, self.start.add(first * self.row), bytes) };
        }
    }
}

/// The number of rows of an array, and the shape of each.
pub(super) fn rows_of<'a>(input: &Array<'a>) -> Result<(usize, &'a [usize])> {
    match input.shape() {
        [rows, row @ ..] => Ok((*rows, row)),
        [] => Err(Error::new(
            Status::DimensionMismatch,
            "data is a single value, which has no rows; pass an array, whose first dimension may differ between ranks",
        )),
    }
}

/// The error when a result of `dtype` elements has no place in the memory that is there.
pub(super) fn expect_dtype(output: &dyn Output, dtype: Dtype) -> Result<()> {
    match output.expected_dtype() {
        Some(expected) if expected != dtype => Err(Error::new(
            Status::InvalidArgument,
            format!(
                "the result is of {}, but its place is for {}; pass an array of {0}",
                dtype.name(),
                expected.name()
            ),
        )),
        _ => Ok(()),
    }
}

/// The error of a rank that expects other numbers of rows than the others send it; each row has `row` elements.
pub(super) fn mismatch(rank: usize, sent: &[usize], expected: &[usize], row: usize) -> Error {
    let differs = |source: &usize| sent[*source] != expected[*source];
    let source = (0..sent.len()).find(differs).unwrap_or_default();
    Error::new(
        Status::CollectiveParticipation,
        format!(
            "rank {source} sends {} elements, rank {rank} expects {} from it. Both must say the same number.",
            sent[source] * row,
            expected[source] * row
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: Names = Names { counts: "counts", displs: "displs" };

    #[test]
    fn blocks_are_one_after_the_other_unless_displaced() {
        let rows = Rows::new(NAMES, &[2, 0, 3], None, 3).unwrap();
        assert_eq!((rows.extent(), rows.first(2)), (5, 2));
        let rows = Rows::new(NAMES, &[2, 0, 3], Some(&[4, 0, 0]), 3).unwrap();
        assert_eq!((rows.extent(), rows.expect_apart()), (6, Ok(())));
    }

    #[test]
    fn wrong_numbers_are_named() {
        let cases: [(&[u64], &[u64], &str); 4] = [
            (&[1, 1, 1], &[0, 1], "counts has 3 numbers"),
            (&[1, 1], &[0], "displs has 1 numbers"),
            (&[u64::MAX, 1], &[1, 0], "more than any memory"),
            (&[3, 2], &[1, 3], "the blocks of ranks 0 and 1 overlap: displs[0] is 1 for 3 rows"),
        ];
        for (counts, displs, text) in cases {
            let error = Rows::new(NAMES, counts, Some(displs), 2).and_then(|rows| rows.expect_apart());
            assert!(error.clone().unwrap_err().message().contains(text), "{error:?}");
        }
        let error = Rows::new(NAMES, &[3, 2], None, 2).unwrap().expect_within("data", 4).unwrap_err();
        assert_eq!(
            error.message(),
            "counts[1] is 2 and displs[1] is 3, but data has 4 rows; pass blocks that lie within it"
        );
    }
}
