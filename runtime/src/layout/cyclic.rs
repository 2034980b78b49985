//! The cyclic partition: element `i` is on rank `i mod ranks`, like cards dealt round.

use super::Partition;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cyclic {
    size: u64,
    ranks: u64,
}

impl Cyclic {
    pub(super) fn new(size: u64, ranks: u64) -> Self {
        Cyclic { size, ranks }
    }
}

impl Partition for Cyclic {
    fn owner(&self, global: u64) -> u64 {
        global % self.ranks
    }

    fn local_index(&self, global: u64) -> u64 {
        global / self.ranks
    }

    fn global_index(&self, rank: u64, local: u64) -> u64 {
        local * self.ranks + rank
    }

    fn local_size(&self, rank: u64) -> u64 {
        self.size / self.ranks + u64::from(rank < self.size % self.ranks)
    }
}
