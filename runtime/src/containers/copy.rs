//! The elements of one container into those of another, wherever each of the two has them. The target's memory stays where it
//! is, so that it may have views.

use super::core::DynContainer;
use super::transfer::Plan;
use crate::calls::Call;
use crate::error::{Error, Result};
use crate::execution::Workers;
use crate::memory::{Source, Storage, engine};
use dtl_types::{SpecEnum, Status};

/// Gives every element of `target` the value of the element of `source` with the same global index. Of copies, those of the
/// first rank that has them are taken, and all of the target's are written.
pub async fn copy(call: &Call<'_>, source: &DynContainer, target: &DynContainer) -> Result<()> {
    call.admit(check(source, target)).await?;
    let is_same = source.is_same(target);
    let (from, to) = (source.body().clone(), target.body().clone());
    // Whether it is the same container, ranks need not agree on where it was made locally; on the layouts they do.
    if from.layout == to.layout && !from.layout.is_replicated() {
        call.exchange(&[]).await?;
        let bytes = to.storage.bytes();
        if !is_same {
            // SAFETY: two containers have memory of their own, here of the same size, and are borrowed by this operation.
            unsafe { engine::copy(to.storage.address(), from.storage.address(), bytes, target.workers())? };
        }
        return Ok(());
    }
    let plan = Plan::between(&from.layout, &to.layout, target.dtype().size());
    let own = call.admit(is_same.then(|| set_aside(&from.storage, target.workers())).transpose()).await?;
    let start = own.as_ref().unwrap_or(&from.storage).address();
    // SAFETY: the two memories are those of the plan's layouts, are different, and stay for this call; the first is only read.
    unsafe { plan.carry_out(call, start, to.storage.address()).await? };
    to.note_sync();
    Ok(())
}

/// A copy of the elements, in the host's memory.
fn set_aside(storage: &Storage, workers: Workers) -> Result<Storage> {
    let copy = Source::Host.allocate_unset(storage.bytes())?;
    // SAFETY: both have so many bytes; nobody knows of the copy, and the operation has borrowed the container.
    unsafe { engine::copy(copy.address(), storage.address(), storage.bytes(), workers)? };
    Ok(copy)
}

/// Whether there is a place in `target` for each element of `source`.
fn check(source: &DynContainer, target: &DynContainer) -> Result<()> {
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
