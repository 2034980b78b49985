//! What the constructors of all containers have in common: the checks, the memory, the agreement.

use super::core::{Body, DynContainer};
use crate::backends::{Backend, unavailable};
use crate::calls::Call;
use crate::error::{Error, Result};
use crate::execution::Workers;
use crate::layout::Layout;
use crate::scalar::Scalar;
use dtl_types::{Dtype, ExecutionPolicy, PlacementPolicy, SpecEnum, Status};

/// A new container of this layout over the ranks of the call's context, zero or `fill` at
/// first. Collective; memory that one rank cannot get is an error on all.
pub(super) async fn container(
    call: &Call<'_>,
    layout: Layout,
    dtype: Dtype,
    fill: Option<Scalar>,
    placement: PlacementPolicy,
    device_id: i32,
    execution: ExecutionPolicy,
) -> Result<DynContainer> {
    let memory = call.context().memory();
    let allocate = |bytes| if fill.is_some() { memory.allocate_unset(bytes) } else { memory.allocate(bytes) };
    let prepared =
        check_placement(placement, device_id).and_then(|()| local_bytes(&layout, dtype)).and_then(allocate);
    let storage = call.admit(prepared).await?;
    if let Some(value) = fill {
        let workers = Workers::of(execution, || call.context().endpoint().threads());
        let (address, count) = (storage.address(), layout.local_size() as usize);
        // SAFETY: the storage has so many elements, aligned, and nobody else knows of it yet.
        unsafe { address.engine().fill(address, count, value, workers) };
    }
    call.exchange(&[]).await?;
    Ok(DynContainer::new(call.context(), dtype, execution, Body::new(layout, storage)))
}

fn check_placement(placement: PlacementPolicy, device_id: i32) -> Result<()> {
    if crate::policies::placement_available(placement) {
        return Ok(());
    }
    Err(unavailable(
        Backend::Cuda,
        &format!("placement is {}, on device {device_id}", placement.name()),
        "use host or device_preferred",
    ))
}

/// The size of this rank's part in memory.
pub(super) fn local_bytes(layout: &Layout, dtype: Dtype) -> Result<usize> {
    usize::try_from(layout.local_size()).ok().and_then(|count| count.checked_mul(dtype.size())).ok_or_else(
        || {
            Error::new(
                Status::OutOfMemory,
                format!(
                    "{} elements of {} are more than any memory can hold",
                    layout.local_size(),
                    dtype.name()
                ),
            )
        },
    )
}
