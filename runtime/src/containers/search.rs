//! The elements of all ranks that equal a value: where the first is, and how many there are. Every rank looks at its own, then the
//! ranks tell each other what they have found. How elements are compared is in `memory/engine/equal.rs`.

use super::for_functions::{counts, global_index, with_ranks};
use super::ranged::{self, Ranged};
use crate::calls::Call;
use crate::error::Result;
use crate::scalar::Scalar;

/// The index of an element where there is none.
const NONE: u64 = u64::MAX;

/// The bytes of the largest value, behind which an answer stands.
const VALUE: usize = 16;

/// The global index of the first element of all ranks that equals `value`; none where there is no such element.
pub async fn find<R: Ranged>(call: &Call<'_>, of: &R, value: Scalar) -> Result<Option<i64>> {
    let span = ranged::span(of);
    call.admit(with_ranks(&span)).await?;
    let view = span.view();
    // SAFETY: the view has so many elements, aligned, and the operation has borrowed the container.
    let place = unsafe { view.address().engine().find(view.address(), view.len(), value) };
    let own = place.map_or(NONE, |place| global_index(&span, place));
    let first = told(call, value, own).await?.into_iter().min();
    Ok(first.filter(|index| *index != NONE).map(|index| index as i64))
}

/// The number of elements of all ranks that equal `value`. Of copies those of the first rank count.
pub async fn count<R: Ranged>(call: &Call<'_>, of: &R, value: Scalar) -> Result<u64> {
    let span = ranged::span(of);
    call.admit(with_ranks(&span)).await?;
    let (view, workers) = (span.view(), of.container().workers());
    // SAFETY: the view has so many elements, aligned, and the operation has borrowed the container.
    let own = unsafe { view.address().engine().count(view.address(), view.len(), value, workers) };
    let all = (0..).zip(told(call, value, own as u64).await?);
    Ok(all.filter(|(rank, _)| counts(&span, *rank)).map(|(_, count)| count).sum())
}

/// What each rank has found, provided that all have looked for the same value.
async fn told(call: &Call<'_>, value: Scalar, found: u64) -> Result<Vec<u64>> {
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
