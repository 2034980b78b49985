//! `all_of`, `any_of` and `none_of`: whether a function of the caller holds for all, any or none of the elements. Each rank asks for its
//! own, no further than it must; then the ranks tell each other.

use super::{answers, find};
use crate::callbacks::Predicate;
use crate::calls::Call;
use crate::containers::{Ranged, for_functions, ranged};
use crate::error::Result;

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
    Ok(answers::numbers(&round).any(|found| found == 1))
}
