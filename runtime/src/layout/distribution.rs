//! How one dimension is divided into parts, one for each coordinate of the process grid along it. Questions are answered in
//! constant time; which part gets which positions of another division is in `overlap.rs`.

use super::Partition;
use super::block::Block;
use super::block_cyclic::BlockCyclic;
use super::cyclic::Cyclic;
use super::hash::Hash;
use super::replicated::Replicated;
use dtl_types::{PartitionPolicy, SpecEnum};
use std::fmt;

/// The division of `extent` elements into `parts`.
#[derive(Debug, Clone)]
pub(crate) struct Distribution {
    extent: u64,
    parts: u64,
    block: u64,
    partition: AnyPartition,
}

#[derive(Debug, Clone)]
enum AnyPartition {
    Block(Block),
    Cyclic(Cyclic),
    BlockCyclic(BlockCyclic),
    Hash(Hash),
    Replicated(Replicated),
}

impl Distribution {
    /// `block`, at least 1, matters to the block-cyclic partition alone; extents are at most `i64::MAX`.
    pub(crate) fn new(policy: PartitionPolicy, extent: u64, block: u64, parts: u64) -> Self {
        let partition = match policy {
            PartitionPolicy::Block => AnyPartition::Block(Block::new(extent, parts)),
            PartitionPolicy::Cyclic => AnyPartition::Cyclic(Cyclic::new(parts)),
            PartitionPolicy::BlockCyclic => AnyPartition::BlockCyclic(BlockCyclic::new(extent, parts, block)),
            PartitionPolicy::Hash => AnyPartition::Hash(Hash::new(parts)),
            PartitionPolicy::Replicated => AnyPartition::Replicated(Replicated),
        };
        let block = if policy == PartitionPolicy::BlockCyclic { block } else { 1 };
        Distribution { extent, parts, block, partition }
    }

    /// The same division of another number of elements.
    pub(crate) fn of_extent(&self, extent: u64) -> Self {
        Distribution::new(self.policy(), extent, self.block, self.parts)
    }

    pub(super) fn partition(&self) -> &dyn Partition {
        match &self.partition {
            AnyPartition::Block(partition) => partition,
            AnyPartition::Cyclic(partition) => partition,
            AnyPartition::BlockCyclic(partition) => partition,
            AnyPartition::Hash(partition) => partition,
            AnyPartition::Replicated(partition) => partition,
        }
    }

    pub(crate) fn policy(&self) -> PartitionPolicy {
        match self.partition {
            AnyPartition::Block(_) => PartitionPolicy::Block,
            AnyPartition::Cyclic(_) => PartitionPolicy::Cyclic,
            AnyPartition::BlockCyclic(_) => PartitionPolicy::BlockCyclic,
            AnyPartition::Hash(_) => PartitionPolicy::Hash,
            AnyPartition::Replicated(_) => PartitionPolicy::Replicated,
        }
    }

    pub(crate) fn extent(&self) -> u64 {
        self.extent
    }

    pub(crate) fn parts(&self) -> u64 {
        self.parts
    }

    /// Whether there are several parts that have everything.
    pub(crate) fn is_replicated(&self) -> bool {
        self.parts > 1 && self.policy() == PartitionPolicy::Replicated
    }

    /// Whether each part is one range of consecutive elements, in the order of the parts.
    pub(crate) fn is_contiguous(&self) -> bool {
        self.parts == 1 || matches!(self.partition, AnyPartition::Block(_) | AnyPartition::Replicated(_))
    }

    /// The part that has element `global`, for the holder of `part`: a replicated element is wherever it is asked for.
    pub(crate) fn owner(&self, global: u64, part: u64) -> u64 {
        match &self.partition {
            AnyPartition::Replicated(_) => part,
            _ => self.partition().owner(global),
        }
    }

    /// The element that is number `local` of `part`.
    pub(crate) fn index_of(&self, part: u64, local: u64) -> u64 {
        self.partition().global_index(part, local)
    }

    /// Equal numbers where every element is in the same part: of one part it does not matter how it would be divided.
    pub(super) fn numbers(&self) -> [i64; 4] {
        let (policy, block) = match self.parts {
            1 => (0, 0),
            _ => (self.policy().code(), self.block.min(self.extent.max(1))),
        };
        [self.extent as i64, self.parts as i64, policy.into(), block as i64]
    }

    /// The number of elements of `part`.
    pub(crate) fn local_extent(&self, part: u64) -> u64 {
        self.partition().position(part, self.extent)
    }
}

impl fmt::Display for Distribution {
    /// The name of the partition, and how large its blocks are where that is a choice.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.policy() {
            PartitionPolicy::BlockCyclic => write!(f, "{}({})", self.policy().name(), self.block),
            policy => f.write_str(policy.name()),
        }
    }
}

impl PartialEq for Distribution {
    /// Equal if every element is in the same part of both.
    fn eq(&self, other: &Self) -> bool {
        self.numbers() == other.numbers()
    }
}
