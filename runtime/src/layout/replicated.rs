//! The replicated partition: every rank has all elements, so every question about ownership is answered by the asker.

use super::Partition;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Replicated {
    size: u64,
    rank: u64,
}

impl Replicated {
    pub(super) fn new(size: u64, rank: u64) -> Self {
        Replicated { size, rank }
    }
}

impl Partition for Replicated {
    fn owner(&self, _global: u64) -> u64 {
        self.rank
    }

    fn local_index(&self, global: u64) -> u64 {
        global
    }

    fn global_index(&self, _rank: u64, local: u64) -> u64 {
        local
    }

    fn local_size(&self, _rank: u64) -> u64 {
        self.size
    }
}
