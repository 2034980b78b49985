//! Elements on their way from one layout to another. A region (`region.rs`) is a part of one rank's memory, which can be packed
//! into consecutive bytes and unpacked from them. A plan (`plan.rs`) says which regions go from each rank to each rank, and
//! carries that out.

mod plan;
mod region;

pub(super) use plan::Pending;
pub(crate) use plan::Plan;
pub(super) use region::Region;
