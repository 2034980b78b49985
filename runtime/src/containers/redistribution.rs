//! Containers whose elements move to other ranks: another layout, another size.

use super::core::{Body, DynContainer};
use super::create::local_bytes;
use super::transfer::Plan;
use crate::calls::Call;
use crate::error::{Error, Result};
use crate::layout::{Distribution, Layout};
use dtl_types::{PartitionPolicy, Status};
use std::sync::Arc;

/// Divides the elements of a container of one dimension over the ranks in another way; they keep their indices and values.
pub async fn redistribute(
    call: &Call<'_>,
    container: &DynContainer,
    partition: PartitionPolicy,
    block_size: u64,
) -> Result<()> {
    let old = container.body().clone();
    let layout = &old.layout;
    let new = Layout::line(partition, layout.size(), block_size, layout.rank(), layout.ranks());
    relocate(call, container, &old, new).await
}

/// Gives a vector another number of elements. Those with an index below both sizes keep their values, new ones are zero.
pub async fn resize(call: &Call<'_>, container: &DynContainer, size: u64) -> Result<()> {
    let old = container.body().clone();
    let layout = &old.layout;
    let distributions: Vec<Distribution> = layout.distributions().map(|it| it.of_extent(size)).collect();
    relocate(call, container, &old, Layout::grid(distributions, layout.rank())).await
}

/// Moves a container's elements to another layout over the same ranks, and takes that for its own.
pub(super) async fn relocate(
    call: &Call<'_>,
    container: &DynContainer,
    old: &Arc<Body>,
    layout: Layout,
) -> Result<()> {
    let plan = Plan::between(&old.layout, &layout, container.dtype().size());
    replace(call, container, old, layout, &plan).await
}

/// Takes another layout, to which a plan moves the elements.
pub(super) async fn replace(
    call: &Call<'_>,
    container: &DynContainer,
    old: &Arc<Body>,
    layout: Layout,
    plan: &Plan,
) -> Result<()> {
    // What is not moved there is new, and zero.
    let is_all_moved = layout.size() <= old.layout.size();
    let memory = container.memory();
    let allocate = |bytes| if is_all_moved { memory.allocate_unset(bytes) } else { memory.allocate(bytes) };
    let prepared =
        without_views(old).and_then(|()| local_bytes(&layout, container.dtype())).and_then(allocate);
    let storage = call.admit(prepared).await?;
    // SAFETY: the two storages are those of the plan's layouts, and stay for this call.
    unsafe { plan.carry_out(call, old.storage.address(), storage.address()).await? };
    container.replace_body(Body::new(layout, storage));
    Ok(())
}

/// What to do about views; languages whose sessions keep them somewhere can tell where.
pub const DROP_VIEWS: &str = "Drop every view of the container first";

/// Elements can be moved only where nobody looks at them.
fn without_views(body: &Body) -> Result<()> {
    match body.views() {
        0 => Ok(()),
        views => Err(Error::new(
            Status::InvalidState,
            format!(
                "{} in use, so the elements must stay where they are in memory. {DROP_VIEWS}.",
                if views == 1 { "a view is".to_owned() } else { format!("{views} views are") }
            ),
        )),
    }
}
