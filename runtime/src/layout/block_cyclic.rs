//! The block-cyclic partition: blocks of `block` elements are dealt round, block `k` to rank `k mod ranks`.

use super::Partition;

#[derive(Debug, Clone)]
pub(super) struct BlockCyclic {
    ranks: u64,
    block: u64,
}

impl BlockCyclic {
    /// A block larger than the sequence is the same as one as large, and keeps the arithmetic below from overflowing.
    pub(super) fn new(size: u64, ranks: u64, block: u64) -> Self {
        BlockCyclic { ranks, block: block.min(size.max(1)) }
    }
}

impl Partition for BlockCyclic {
    fn owner(&self, global: u64) -> u64 {
        global / self.block % self.ranks
    }

    fn local_index(&self, global: u64) -> u64 {
        global / self.block / self.ranks * self.block + global % self.block
    }

    fn global_index(&self, rank: u64, local: u64) -> u64 {
        (local / self.block * self.ranks + rank) * self.block + local % self.block
    }

    fn position(&self, rank: u64, global: u64) -> u64 {
        // A product that saturates is larger than the size, which is all that matters to what follows.
        let round = self.block.saturating_mul(self.ranks);
        let before = self.block.saturating_mul(rank);
        let last_round = (global % round).saturating_sub(before).min(self.block);
        global / round * self.block + last_round
    }

    fn run_end(&self, global: u64) -> u64 {
        (global / self.block + 1).saturating_mul(self.block)
    }

    fn teeth(&self) -> Option<(u64, u64)> {
        Some((self.block.saturating_mul(self.ranks), self.block))
    }
}
