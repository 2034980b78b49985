//! What the ranks tell each other of their own elements, one number each, and what follows from it for all elements.

use crate::calls::{Call, round::Round};
use crate::containers::{DynSpan, for_functions};
use crate::error::Result;
use crate::scalar::Scalar;

/// The index of an element where there is none.
pub(super) const NONE: u64 = u64::MAX;

/// The bytes of the largest value, behind which an answer stands.
const VALUE: usize = 16;

/// The number that each rank has told.
pub(super) fn numbers(round: &Round) -> impl Iterator<Item = u64> {
    round.payloads().filter_map(|payload| payload.first_chunk().copied().map(u64::from_le_bytes))
}

/// The first of all ranks' elements, where each tells the index of its first.
pub(super) fn least(indices: impl Iterator<Item = u64>) -> Option<i64> {
    indices.min().filter(|index| *index != NONE).map(|index| index as i64)
}

/// The number of all ranks' elements, where each tells that of its own. Of copies those of the first rank count.
pub(super) fn total(span: &DynSpan, counts: impl Iterator<Item = u64>) -> u64 {
    (0..).zip(counts).filter(|(rank, _)| for_functions::counts(span, *rank)).map(|(_, count)| count).sum()
}

/// What each rank has found of elements that equal a value, provided that all have looked for the same one.
pub(super) async fn about(call: &Call<'_>, value: Scalar, found: u64) -> Result<Vec<u64>> {
    let mut own = [0; VALUE + size_of::<u64>()];
    own[..value.bytes().len()].copy_from_slice(value.bytes());
    own[VALUE..].copy_from_slice(&found.to_le_bytes());
    let round = call.exchange(&own).await?;
    let told: Vec<(&[u8], &[u8])> = round.payloads().map(|payload| payload.split_at(VALUE)).collect();
    if let Some(rank) = told.iter().position(|(other, _)| *other != told[0].0) {
        let of = |rank: usize| Scalar::of_bytes(value.dtype(), &told[rank].0[..value.bytes().len()]);
        let message = format!(
            "value differs between ranks: it is {} on rank 0 and {} on rank {rank}. Every rank must pass the same.",
            of(0),
            of(rank)
        );
        return Err(call.contract_error(&message));
    }
    Ok(told.iter().filter_map(|(_, found)| found.first_chunk().copied().map(u64::from_le_bytes)).collect())
}
