//! What vectors do and other containers do not.

use super::core::DynVector;
use super::create;
use crate::calls::Call;
use crate::context;
use crate::error::Result;
use crate::layout::Layout;
use crate::scalar::Scalar;
use dtl_types::{Dtype, ExecutionPolicy, PartitionPolicy, PlacementPolicy};

/// A new vector of `size` elements over the ranks of the call's context, zero or `fill` at first. Collective; memory that
/// one rank cannot get is an error on all. `block_size` matters to the block-cyclic partition alone.
#[expect(
    clippy::too_many_arguments,
    reason = "these are the arguments that users of every language may give"
)]
pub async fn create(
    call: &Call<'_>,
    size: u64,
    dtype: Dtype,
    fill: Option<Scalar>,
    partition: PartitionPolicy,
    placement: PlacementPolicy,
    execution: ExecutionPolicy,
    device_id: i32,
    block_size: u64,
) -> Result<DynVector> {
    let context = call.context();
    let layout = Layout::line(partition, size, block_size, context::rank(context), context::size(context));
    create::container(call, layout, dtype, fill, placement, device_id, execution).await.map(DynVector)
}
