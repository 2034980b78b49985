//! `count` and `count_if`: for how many elements of all ranks something holds.

use super::{answers, find};
use crate::callbacks::Predicate;
use crate::calls::Call;
use crate::containers::{Ranged, for_functions, ranged, search};
use crate::error::Result;
use crate::scalar::Scalar;
use std::ops::ControlFlow;

/// The number of elements of all ranks that equal `value`.
pub async fn count<R: Ranged>(call: &Call<'_>, of: &R, value: Scalar) -> Result<u64> {
    let span = ranged::span(of);
    call.admit(for_functions::with_ranks(&span)).await?;
    let own = search::count(&span, value);
    Ok(answers::total(&span, answers::about(call, value, own).await?.into_iter()))
}

/// The number of elements for which `pred` holds.
pub async fn count_if<R: Ranged>(call: &Call<'_>, of: &R, pred: Predicate<'_>) -> Result<u64> {
    let span = ranged::span(of);
    call.admit(for_functions::with_ranks(&span)).await?;
    let mut count = 0;
    let own = find::ask(&span, &pred, |answers, _| {
        count += answers.iter().filter(|answer| **answer).count() as u64;
        ControlFlow::Continue(())
    });
    let round = call.exchange_computed(own.map(|()| count.to_le_bytes())).await?;
    Ok(answers::total(&span, answers::numbers(&round)))
}
