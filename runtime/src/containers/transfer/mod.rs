//! Elements on their way from one layout to another. A plan (`plan.rs`) says which regions of this rank's memory
//! (`layout/region.rs`) go to each rank, and where what comes from each rank goes, and carries that out.

mod plan;

pub(super) use plan::Pending;
pub(crate) use plan::Plan;
