//! What arrays do and other containers do not: being made. They are vectors whose size never changes.

use super::core::DynArray;
use super::vector;
use crate::calls::Call;
use crate::error::Result;
use crate::scalar::Scalar;
use dtl_types::{Dtype, ExecutionPolicy, PartitionPolicy, PlacementPolicy};

/// A new array of `size` elements over the ranks of the call's context, made as a vector is. Collective.
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
) -> Result<DynArray> {
    vector::create(call, size, dtype, fill, partition, placement, execution, device_id, block_size)
        .await
        .map(|vector| DynArray(vector.0))
}
