//! Where the elements of a distributed sequence are: which rank owns a global index, at which local index, and back.
//! Pure arithmetic without communication, each question answered in constant time. One file for each partition; this
//! one checks ranges and speaks to users. In every partition local order is global order.

mod block;
mod block_cyclic;
mod cyclic;
mod hash;
mod replicated;

use crate::error::{Error, Result};
use block::Block;
use block_cyclic::BlockCyclic;
use cyclic::Cyclic;
use dtl_types::{PartitionPolicy, Status};
use hash::Hash;
pub(crate) use hash::mix;
use replicated::Replicated;

/// The arithmetic of one partition. Arguments are in range: `global` below the size, `rank` below the number of ranks,
/// `local` below that rank's local size.
trait Partition {
    fn owner(&self, global: u64) -> u64;
    fn local_index(&self, global: u64) -> u64;
    fn global_index(&self, rank: u64, local: u64) -> u64;
    fn local_size(&self, rank: u64) -> u64;
}

/// The distribution of `size` elements over ranks, seen from one of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    size: u64,
    ranks: u64,
    rank: u64,
    local_size: u64,
    partition: AnyPartition,
}

#[derive(Debug, Clone, PartialEq)]
enum AnyPartition {
    Block(Block),
    Cyclic(Cyclic),
    BlockCyclic(BlockCyclic),
    Hash(Hash),
    Replicated(Replicated),
}

impl AnyPartition {
    fn get(&self) -> &dyn Partition {
        match self {
            AnyPartition::Block(partition) => partition,
            AnyPartition::Cyclic(partition) => partition,
            AnyPartition::BlockCyclic(partition) => partition,
            AnyPartition::Hash(partition) => partition,
            AnyPartition::Replicated(partition) => partition,
        }
    }
}

impl Layout {
    /// The layout of `size` elements, at most `i64::MAX`, over `ranks` ranks, seen from `rank`. `block_size`, at least 1,
    /// matters to `BlockCyclic` alone.
    pub fn new(policy: PartitionPolicy, size: u64, block_size: u64, rank: i32, ranks: i32) -> Self {
        let (rank, ranks) = (rank as u64, ranks as u64);
        let partition = match policy {
            PartitionPolicy::Block => AnyPartition::Block(Block::new(size, ranks)),
            PartitionPolicy::Cyclic => AnyPartition::Cyclic(Cyclic::new(size, ranks)),
            PartitionPolicy::BlockCyclic => {
                AnyPartition::BlockCyclic(BlockCyclic::new(size, ranks, block_size))
            }
            PartitionPolicy::Hash => AnyPartition::Hash(Hash::new(size, ranks)),
            PartitionPolicy::Replicated => AnyPartition::Replicated(Replicated::new(size, rank)),
        };
        let local_size = partition.get().local_size(rank);
        Layout { size, ranks, rank, local_size, partition }
    }

    /// The policy that this layout follows.
    pub fn policy(&self) -> PartitionPolicy {
        match self.partition {
            AnyPartition::Block(_) => PartitionPolicy::Block,
            AnyPartition::Cyclic(_) => PartitionPolicy::Cyclic,
            AnyPartition::BlockCyclic(_) => PartitionPolicy::BlockCyclic,
            AnyPartition::Hash(_) => PartitionPolicy::Hash,
            AnyPartition::Replicated(_) => PartitionPolicy::Replicated,
        }
    }

    /// The number of elements on all ranks together.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The number of ranks.
    pub fn ranks(&self) -> i32 {
        self.ranks as i32
    }

    /// The rank that this layout is seen from.
    pub fn rank(&self) -> i32 {
        self.rank as i32
    }

    /// The number of elements on this rank.
    pub fn local_size(&self) -> u64 {
        self.local_size
    }

    /// The number of elements on this rank along each dimension.
    pub fn local_shape(&self) -> Vec<usize> {
        vec![self.local_size as usize]
    }

    /// The number of elements on `rank`.
    pub fn local_size_of(&self, rank: i32) -> u64 {
        self.partition.get().local_size(rank as u64)
    }

    /// The global index of this rank's first element; the size when the rank has none.
    pub fn local_offset(&self) -> i64 {
        if self.local_size == 0 {
            return self.size as i64;
        }
        self.partition.get().global_index(self.rank, 0) as i64
    }

    /// The rank that has element `global`; in a replicated layout the asking rank, as every rank has all.
    pub fn owner(&self, global: i64) -> Result<i32> {
        let global = self.checked(global)?;
        Ok(self.partition.get().owner(global) as i32)
    }

    /// Whether element `global` is on this rank.
    pub fn is_local(&self, global: i64) -> Result<bool> {
        Ok(self.owner(global)? == self.rank())
    }

    /// The index of element `global` among this rank's elements; an error that names the owner when it is elsewhere.
    pub fn to_local(&self, global: i64) -> Result<i64> {
        let index = self.checked(global)?;
        let owner = self.partition.get().owner(index);
        if owner != self.rank {
            return Err(Error::new(
                Status::InvalidIndex,
                format!(
                    "element {global} is on rank {owner}, not on this rank, {}; only its owner has a local index for it",
                    self.rank
                ),
            ));
        }
        Ok(self.partition.get().local_index(index) as i64)
    }

    /// The global index of this rank's element `local`.
    pub fn to_global(&self, local: i64) -> Result<i64> {
        let index = u64::try_from(local).ok().filter(|index| *index < self.local_size).ok_or_else(|| {
            out_of_bounds("local", local, &format!("rank {} has", self.rank), self.local_size)
        })?;
        Ok(self.partition.get().global_index(self.rank, index) as i64)
    }

    /// The global indices of this rank's elements, ascending.
    pub fn global_indices(&self) -> impl ExactSizeIterator<Item = i64> {
        self.global_indices_from(0)
    }

    /// The same without the first ones.
    pub fn global_indices_from(&self, first: usize) -> impl ExactSizeIterator<Item = i64> {
        let partition = self.partition.get();
        (first..self.local_size as usize)
            .map(move |local| partition.global_index(self.rank, local as u64) as i64)
    }

    fn checked(&self, global: i64) -> Result<u64> {
        u64::try_from(global)
            .ok()
            .filter(|index| *index < self.size)
            .ok_or_else(|| out_of_bounds("global", global, "there are", self.size))
    }
}

fn out_of_bounds(kind: &str, index: i64, who: &str, size: u64) -> Error {
    let message = match size {
        0 => format!("{kind} index {index} is out of bounds: {who} 0 elements"),
        _ => format!(
            "{kind} index {index} is out of bounds: {who} {size} elements, with indices 0 to {}",
            size - 1
        ),
    };
    Error::new(Status::OutOfBounds, message)
}

#[cfg(test)]
mod tests;
