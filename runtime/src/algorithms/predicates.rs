//! What a function of the caller says of all elements: for how many it holds, and whether it does for all, any or none of them. Each
//! rank asks for its own elements, no further than it must; then the ranks tell each other.

use super::find;
use crate::callbacks::Predicate;
use crate::calls::Call;
use crate::containers::{Ranged, for_functions, ranged};
use crate::error::Result;
use std::ops::ControlFlow;

/// The number of elements for which `pred` holds. Of copies those of the first rank count.
pub async fn count_if<R: Ranged>(call: &Call<'_>, of: &R, pred: Predicate<'_>) -> Result<u64> {
    let span = ranged::span(of);
    call.admit(for_functions::with_ranks(&span)).await?;
    let mut count = 0;
    let own = find::ask(&span, &pred, |answers, _| {
        count += answers.iter().filter(|answer| **answer).count() as u64;
        ControlFlow::Continue(())
    });
    let round = call.exchange_computed(own.map(|()| count.to_le_bytes())).await?;
    let counts = (0..).zip(round.payloads()).filter(|(rank, _)| for_functions::counts(&span, *rank));
    Ok(counts.filter_map(|(_, payload)| payload.first_chunk().copied().map(u64::from_le_bytes)).sum())
}

/// Whether `pred` holds for all elements; true without elements.
pub async fn all_of<R: Ranged>(call: &Call<'_>, of: &R, pred: Predicate<'_>) -> Result<bool> {
    Ok(!is_answered(call, of, pred, false).await?)
}

/// Whether `pred` holds for any element; false without elements.
pub async fn any_of<R: Ranged>(call: &Call<'_>, of: &R, pred: Predicate<'_>) -> Result<bool> {
    is_answered(call, of, pred, true).await
}

/// Whether `pred` holds for no element; true without elements.
pub async fn none_of<R: Ranged>(call: &Call<'_>, of: &R, pred: Predicate<'_>) -> Result<bool> {
    Ok(!is_answered(call, of, pred, true).await?)
}

/// Whether `pred` gives this answer for an element of any rank.
async fn is_answered<R: Ranged>(call: &Call<'_>, of: &R, pred: Predicate<'_>, answer: bool) -> Result<bool> {
    let span = ranged::span(of);
    call.admit(for_functions::with_ranks(&span)).await?;
    let own = find::first(&span, &pred, answer).map(|found| u64::from(found.is_some()).to_le_bytes());
    let round = call.exchange_computed(own).await?;
    Ok(round.payloads().any(|payload| payload.first() == Some(&1)))
}
