//! Which values of the policies can be used on this machine.

use crate::backends;
use dtl_types::PlacementPolicy;

/// Whether containers can be placed so. `DevicePreferred` always can: without a device it means the host.
pub fn placement_available(placement: PlacementPolicy) -> bool {
    match placement {
        PlacementPolicy::Host | PlacementPolicy::DevicePreferred => true,
        PlacementPolicy::Device | PlacementPolicy::Unified => backends::has_cuda() || backends::has_hip(),
    }
}
