//! When what ranks have written is seen by the others. Only replicated elements have copies that can differ: each rank writes
//! to its own, and those of the first rank that has them win when all are made equal.

use super::core::{Body, DynContainer};
use super::transfer::Plan;
use crate::calls::Call;
use crate::collectives;
use crate::comm::ranks::Ranks;
use crate::error::{Error, Result};
use dtl_types::Status;

/// Returns when all ranks have called it on this container.
pub async fn barrier(call: &Call<'_>, _container: &DynContainer) -> Result<()> {
    collectives::barrier(call).await
}

/// Whether this rank has written, other than through a view, to elements of which other ranks have copies.
pub fn is_dirty(container: &DynContainer) -> bool {
    container.body().is_dirty()
}

/// Whether this rank has not written, other than through a view, to elements of which other ranks have copies.
pub fn is_clean(container: &DynContainer) -> bool {
    !is_dirty(container)
}

/// Makes all copies of each element equal to that of the first rank that has it. When this loses what another rank has
/// written, every rank learns of it by an error, after the copies are equal.
pub async fn sync(call: &Call<'_>, container: &DynContainer) -> Result<()> {
    let body = container.body().clone();
    if !body.layout.is_replicated() {
        return collectives::barrier(call).await;
    }
    call.admit(Ok(())).await?;
    let overwritten = overwritten(call, &body).await?;
    let plan = Plan::between(&body.layout, &body.layout, container.dtype().size());
    // SAFETY: the storage has the layout's shape. The ranks that send have the first copy and receive nothing from others.
    unsafe { plan.carry_out(call, body.storage.address(), body.storage.address()).await? };
    body.note_sync();
    match overwritten[..] {
        [] => Ok(()),
        [first, ..] => Err(Error::new(
            Status::ConsistencyViolation,
            format!(
                "{} wrote to copies of elements that differ from those of the first rank that has them, and these have won. \
                 Write the same on every rank, or on the first alone.",
                Ranks(&overwritten)
            ),
        )
        .found_on(first)),
    }
}

/// The ranks whose writes are about to be lost: they differ from the copy that wins. Contents are compared only when there is
/// any rank that has written and is not the first.
async fn overwritten(call: &Call<'_>, body: &Body) -> Result<Vec<i32>> {
    let round = call.exchange(&[u8::from(body.is_dirty())]).await?;
    let has_written = |rank: &i32| round.payload(*rank as usize)[0] != 0;
    let first = |rank: i32| body.layout.first_holder(rank);
    let writers: Vec<i32> =
        (0..body.layout.ranks()).filter(has_written).filter(|rank| first(*rank) != *rank).collect();
    if writers.is_empty() {
        return Ok(writers);
    }
    let address = body.storage.address();
    // SAFETY: the storage has so many bytes, and the operation has borrowed the container, so that nobody writes to them.
    let digest = unsafe { address.engine().digest(address, body.storage.bytes()) };
    let hashes = call.exchange(&digest).await?;
    let contents = |rank: i32| hashes.payload(rank as usize);
    Ok(writers.into_iter().filter(|rank| contents(*rank) != contents(first(*rank))).collect())
}
