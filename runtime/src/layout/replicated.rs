//! The replicated partition: every part has all elements. Where one of the copies is meant, it is that of the first part.

use super::Partition;

#[derive(Debug, Clone)]
pub(super) struct Replicated;

impl Partition for Replicated {
    fn owner(&self, _global: u64) -> u64 {
        0
    }

    fn local_index(&self, global: u64) -> u64 {
        global
    }

    fn global_index(&self, _rank: u64, local: u64) -> u64 {
        local
    }

    fn position(&self, _rank: u64, global: u64) -> u64 {
        global
    }

    fn run_end(&self, _global: u64) -> u64 {
        u64::MAX
    }
}
