//! The block partition: each rank has one contiguous range, and the first `size mod ranks` ranks have one element more.

use super::Partition;

#[derive(Debug, Clone)]
pub(super) struct Block {
    /// Elements of a rank without an extra one.
    base: u64,
    /// Ranks with an extra element; they come first.
    extra: u64,
}

impl Block {
    pub(super) fn new(size: u64, ranks: u64) -> Self {
        Block { base: size / ranks, extra: size % ranks }
    }

    fn start(&self, rank: u64) -> u64 {
        rank * self.base + rank.min(self.extra)
    }
}

impl Partition for Block {
    fn owner(&self, global: u64) -> u64 {
        let long = self.base + 1;
        let in_long_blocks = self.extra * long;
        if global < in_long_blocks {
            global / long
        } else {
            self.extra + (global - in_long_blocks) / self.base
        }
    }

    fn local_index(&self, global: u64) -> u64 {
        global - self.start(self.owner(global))
    }

    fn global_index(&self, rank: u64, local: u64) -> u64 {
        self.start(rank) + local
    }

    fn position(&self, rank: u64, global: u64) -> u64 {
        global.clamp(self.start(rank), self.start(rank + 1)) - self.start(rank)
    }

    fn run_end(&self, global: u64) -> u64 {
        self.start(self.owner(global) + 1)
    }
}
