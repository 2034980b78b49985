//! The number of contexts, containers and requests alive in this process. Tests of every language compare it before and after,
//! so that a forgotten reference is a failing test and not a slow leak in somebody's job.

use std::sync::atomic::{AtomicU64, Ordering};

static LIVE: AtomicU64 = AtomicU64::new(0);

/// The number of contexts, containers and requests that are alive in this process.
pub fn live_objects() -> u64 {
    LIVE.load(Ordering::Relaxed)
}

/// A member of each counted object: counts from its creation to its drop.
#[derive(Debug)]
pub(crate) struct Live(());

impl Live {
    pub(crate) fn new() -> Self {
        LIVE.fetch_add(1, Ordering::Relaxed);
        Live(())
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        LIVE.fetch_sub(1, Ordering::Relaxed);
    }
}
