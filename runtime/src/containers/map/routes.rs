//! How records get to the owners of their keys, and answers back: each rank sends each other one as many records as it has for
//! it. Records of a call may differ in size between its movements, never within one.

use super::DynMap;
use super::keys::reserved;
use crate::calls::Call;
use crate::comm::transport::{Blocks, Pattern, Place};
use crate::error::{Error, Result};
use dtl_types::Status;

/// Records in the order of the ranks that they go to. Those for one rank keep their order.
pub(super) struct Parcels {
    pub(super) records: Vec<u8>,
    /// For each rank, how many records go to it.
    pub(super) counts: Vec<usize>,
    /// Where each record is now, counted in records.
    pub(super) places: Vec<usize>,
}

impl Parcels {
    /// Packs records of `size` bytes, one for each key.
    pub(super) fn pack(
        map: &DynMap,
        words: impl ExactSizeIterator<Item = u64> + Clone,
        records: &[u8],
        size: usize,
    ) -> Result<Self> {
        let mut places = reserved(words.len())?;
        let mut packed = memory(&[words.len()], size)?;
        let mut counts = vec![0; map.ranks()];
        words.clone().for_each(|word| counts[map.owner_of(word)] += 1);
        let mut next: Vec<usize> = counts
            .iter()
            .scan(0, |start, count| {
                *start += count;
                Some(*start - count)
            })
            .collect();
        for (word, record) in words.zip(records.chunks_exact(size)) {
            let place = &mut next[map.owner_of(word)];
            packed[*place * size..][..size].copy_from_slice(record);
            places.push(*place);
            *place += 1;
        }
        Ok(Parcels { records: packed, counts, places })
    }
}

/// How many records go where.
#[derive(Debug)]
pub(super) struct Routes {
    /// For each rank, how many records it gets from this one.
    sent: Vec<usize>,
    /// For each rank, how many records this one gets from it.
    pub(super) received: Vec<usize>,
}

impl Routes {
    /// Tells all ranks how many records each gets. Comes after an `exchange` of the call.
    pub(super) async fn agree(call: &Call<'_>, sent: Vec<usize>) -> Result<Self> {
        let numbers: Vec<u64> = sent.iter().map(|count| *count as u64).collect();
        let mut arriving = vec![0u64; sent.len()];
        let size = size_of::<u64>();
        let (from, to) = (numbers.as_ptr().cast(), arriving.as_mut_ptr().cast());
        // SAFETY: both have a number for each rank, and stay until the transfer is over.
        unsafe {
            call.transfer(Pattern::Alltoall, size, Blocks::from(from, size), Blocks::to(to, size)).await?
        };
        Ok(Routes { sent, received: arriving.into_iter().map(|count| count as usize).collect() })
    }

    /// Each rank sends all that it has to every rank; all know already how much that is.
    pub(super) fn to_all(received: Vec<usize>, rank: usize) -> Self {
        Routes { sent: vec![received[rank]; received.len()], received }
    }

    /// Sends records of `size` bytes, which lie in the order of ranks, and returns those that arrive, in that order.
    pub(super) async fn forward(
        &self,
        call: &Call<'_>,
        mut records: Vec<u8>,
        size: usize,
    ) -> Result<Vec<u8>> {
        carry(call, &places(&mut records, &self.sent, size), &self.received, size).await
    }

    /// Sends every rank a record in answer to each one that came from it, and returns the answers in the order of what was
    /// sent.
    pub(super) async fn back(&self, call: &Call<'_>, mut answers: Vec<u8>, size: usize) -> Result<Vec<u8>> {
        carry(call, &places(&mut answers, &self.received, size), &self.sent, size).await
    }

    /// Sends all records to every rank.
    pub(super) async fn forward_all(
        &self,
        call: &Call<'_>,
        mut records: Vec<u8>,
        size: usize,
    ) -> Result<Vec<u8>> {
        let everything = Place { start: records.as_mut_ptr(), bytes: records.len() };
        carry(call, &vec![everything; self.sent.len()], &self.received, size).await
    }
}

/// Moves a block to each rank, and returns as many records from each as `counts` says.
async fn carry(call: &Call<'_>, send: &[Place], counts: &[usize], size: usize) -> Result<Vec<u8>> {
    let mut arrived = call.admit(memory(counts, size)).await?;
    let receive = places(&mut arrived, counts, size);
    // SAFETY: there is a block for each rank and memory for one from each, of sizes that both ranks know to be the same; they
    // stay until the exchange is over, and what is sent is only read.
    unsafe { call.exchange_blocks(send, &receive).await? };
    Ok(arrived)
}

/// Memory for as many records from each rank.
fn memory(counts: &[usize], size: usize) -> Result<Vec<u8>> {
    let total = counts.iter().try_fold(0usize, |total, count| total.checked_add(*count));
    let bytes = total.and_then(|total| total.checked_mul(size)).ok_or_else(|| {
        Error::new(Status::OutOfMemory, "more keys at once than any memory can hold; use smaller batches")
    })?;
    let mut memory = reserved(bytes)?;
    memory.resize(bytes, 0);
    Ok(memory)
}

/// Where the records for each rank are, one rank's after the other's.
fn places(records: &mut [u8], counts: &[usize], size: usize) -> Vec<Place> {
    let mut rest = records;
    let place = |count: &usize| {
        let (block, behind) = std::mem::take(&mut rest).split_at_mut(count * size);
        rest = behind;
        Place { start: block.as_mut_ptr(), bytes: block.len() }
    };
    counts.iter().map(place).collect()
}

/// The number in a payload.
pub(super) fn number(payload: &[u8]) -> u64 {
    u64::from_ne_bytes(std::array::from_fn(|byte| payload[byte]))
}
