//! `find` and `find_if`: the first element of all ranks for which something holds. Each rank looks at its own elements in their global
//! order and stops at the first; then the ranks tell each other, and the smallest index wins.

use super::answers::{self, NONE};
use crate::callbacks::Predicate;
use crate::calls::Call;
use crate::computing::call_function;
use crate::containers::{DynSpan, Ranged, for_functions, ranged, search};
use crate::error::Result;
use crate::scalar::Scalar;
use dtl_types::Status;
use std::ops::ControlFlow;

/// The global index of the first element of all ranks that equals `value`; none where there is no such element.
pub async fn find<R: Ranged>(call: &Call<'_>, of: &R, value: Scalar) -> Result<Option<i64>> {
    let span = ranged::span(of);
    call.admit(for_functions::with_ranks(&span)).await?;
    let own = search::first(&span, value).unwrap_or(NONE);
    Ok(answers::least(answers::about(call, value, own).await?.into_iter()))
}

/// The global index of the first element of all ranks for which `pred` holds; none where there is no such element.
pub async fn find_if<R: Ranged>(call: &Call<'_>, of: &R, pred: Predicate<'_>) -> Result<Option<i64>> {
    let span = ranged::span(of);
    call.admit(for_functions::with_ranks(&span)).await?;
    let own = first(&span, &pred, true)
        .map(|found| found.map_or(NONE, |place| for_functions::global_index(&span, place)).to_le_bytes());
    Ok(answers::least(answers::numbers(&call.exchange_computed(own).await?)))
}

/// The place of this rank's first element for which `pred` gives this answer.
pub(super) fn first(span: &DynSpan, pred: &Predicate<'_>, answer: bool) -> Result<Option<usize>> {
    let mut found = None;
    ask(span, pred, |answers, place| {
        found = answers.iter().position(|other| *other == answer).map(|first| place + first);
        if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    Ok(found)
}

/// Asks `pred` for this rank's elements, some at once, and shows `look` its answers with the place of the first, until that breaks off.
pub(super) fn ask(
    span: &DynSpan,
    pred: &Predicate<'_>,
    mut look: impl FnMut(&[bool], usize) -> ControlFlow<()>,
) -> Result<()> {
    let mut answers = Vec::new();
    for_functions::read(span, |elements, place| {
        answers.clear();
        answers.resize(elements.len(), false);
        call_function(Status::Algorithm, "asks for elements", || pred(elements, &mut answers))?;
        Ok(look(&answers, place))
    })
}
