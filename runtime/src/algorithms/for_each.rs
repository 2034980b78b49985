//! `for_each`: a function of the caller for every element. Each rank calls it for its own; then the ranks agree on how it has ended.

use crate::callbacks::Unary;
use crate::calls::Call;
use crate::computing::call_function;
use crate::containers::{Ranged, for_functions, ranged};
use crate::error::Result;
use dtl_types::Status;

/// Calls `func` with every element and its global index, on the rank that has it; of replicated elements on each.
pub async fn for_each<R: Ranged>(call: &Call<'_>, of: &R, func: Unary<'_>) -> Result<()> {
    let span = ranged::span(of);
    call.admit(for_functions::with_ranks(&span)).await?;
    let outcome = for_functions::change(&span, |elements, indices| {
        call_function(Status::Algorithm, "is called for each element", || func(elements, indices))
    });
    call.agree_to_go_on(outcome).await
}
