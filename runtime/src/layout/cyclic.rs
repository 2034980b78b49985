//! The cyclic partition: element `i` is on rank `i mod ranks`, like cards dealt round.

use super::Partition;

#[derive(Debug, Clone)]
pub(super) struct Cyclic {
    ranks: u64,
}

impl Cyclic {
    pub(super) fn new(ranks: u64) -> Self {
        Cyclic { ranks }
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

    fn position(&self, rank: u64, global: u64) -> u64 {
        global / self.ranks + u64::from(rank < global % self.ranks)
    }

    fn run_end(&self, global: u64) -> u64 {
        global + 1
    }

    fn teeth(&self) -> Option<(u64, u64)> {
        Some((self.ranks, 1))
    }
}
