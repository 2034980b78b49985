//! `find_if`: the first element for which a function of the caller says yes. Each rank asks for its own elements in their global order
//! and stops at the first; then the ranks tell each other, and the smallest index wins.

use crate::callbacks::Predicate;
use crate::calls::Call;
use crate::computing::call_function;
use crate::containers::{DynSpan, Ranged, for_functions, ranged};
use crate::error::Result;
use dtl_types::Status;
use std::ops::ControlFlow;

/// The index of an element where there is none.
const NONE: u64 = u64::MAX;

/// The global index of the first element of all ranks for which `pred` holds; none where there is no such element.
pub async fn find_if<R: Ranged>(call: &Call<'_>, of: &R, pred: Predicate<'_>) -> Result<Option<i64>> {
    let span = ranged::span(of);
    call.admit(for_functions::with_ranks(&span)).await?;
    let own = first(&span, &pred, true)
        .map(|found| found.map_or(NONE, |place| for_functions::global_index(&span, place)).to_le_bytes());
    let round = call.exchange_computed(own).await?;
    let index =
        round.payloads().filter_map(|payload| payload.first_chunk().copied().map(u64::from_le_bytes)).min();
    Ok(index.filter(|index| *index != NONE).map(|index| index as i64))
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
