//! The elements of one container into those of another, wherever each of the two has them. The target's memory stays where it
//! is, so that it may have views.

use super::core::Container;
use super::elements;
use super::transfer::Plan;
use crate::calls::Call;
use crate::error::{Error, Result};
use dtl_types::{SpecEnum, Status};

/// Gives every element of `target` the value of the element of `source` with the same global index. Of copies, those of the
/// first rank that has them are taken, and all of the target's are written.
pub async fn copy(call: &Call<'_>, source: &Container, target: &Container) -> Result<()> {
    call.admit(check(source, target)).await?;
    let is_same = source.is_same(target);
    let (from, to) = (source.body().clone(), target.body().clone());
    // Whether it is the same container, ranks need not agree on where it was made locally; on the layouts they do.
    if from.layout == to.layout && !from.layout.is_replicated() {
        call.exchange(&[]).await?;
        let bytes = to.storage.bytes();
        if !is_same {
            // SAFETY: two containers have memory of their own, here of the same size, which nobody else uses meanwhile.
            unsafe { elements::copy(to.storage.start(), from.storage.start(), bytes, target.workers()) };
        }
        return Ok(());
    }
    let plan = Plan::between(&from.layout, &to.layout, target.dtype().size());
    // SAFETY: the storage has so many bytes, which nobody else uses meanwhile.
    let own = is_same
        .then(|| unsafe { std::slice::from_raw_parts(from.storage.start(), from.storage.bytes()) }.to_vec());
    let start = own.as_ref().map_or(from.storage.start(), |copy| copy.as_ptr().cast_mut());
    // SAFETY: the two memories are those of the plan's layouts, are different, and stay for this call; the first is only read.
    unsafe { plan.carry_out(call, start, to.storage.start()).await? };
    to.note_sync();
    Ok(())
}

/// Whether there is a place in `target` for each element of `source`.
fn check(source: &Container, target: &Container) -> Result<()> {
    if !source.context().is_same(target.context()) {
        return Err(Error::new(
            Status::InvalidArgument,
            "src and dst are on different contexts. Make both on the same one.",
        ));
    }
    if source.dtype() != target.dtype() {
        let (from, to) = (source.dtype().name(), target.dtype().name());
        return Err(Error::new(
            Status::InvalidArgument,
            format!("src holds {from} and dst holds {to}. Make dst with the data type {from}."),
        ));
    }
    let (from, to) = (source.body().layout.shape(), target.body().layout.shape());
    if from != to {
        return Err(Error::new(
            Status::ExtentMismatch,
            format!(
                "src has the shape {from:?} and dst has the shape {to:?}. Make dst with the shape {from:?}."
            ),
        ));
    }
    Ok(())
}
