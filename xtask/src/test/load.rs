//! How busy the machine is with what others do, so that a limit on what a job does beside waiting holds there as well.

use std::time::Duration;

use crate::repository;

/// By how much this machine is slower at present than when it is idle: 1 when nothing else runs, 3 with two programs more for
/// each core. What else this program has started counts among the others.
pub fn slowdown() -> f64 {
    const LOOKS: u32 = 4;
    let mut running = 0;
    for _ in 0..LOOKS {
        std::thread::sleep(Duration::from_millis(5));
        running += others_running();
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    1.0 + f64::from(running) / f64::from(LOOKS) / cores as f64
}

/// How many threads are running or could, without the one that asks; none where the system does not tell.
fn others_running() -> u32 {
    let text = repository::read("/proc/stat".as_ref()).unwrap_or_default();
    let running = text.lines().find_map(|line| line.strip_prefix("procs_running ")?.trim().parse().ok());
    running.map_or(0, |running: u32| running.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn programs_that_run_are_noticed() {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let over = AtomicBool::new(false);
        let busy = std::thread::scope(|scope| {
            for _ in 0..4 * cores {
                scope.spawn(|| {
                    while !over.load(Ordering::Relaxed) {
                        std::hint::spin_loop()
                    }
                });
            }
            let busy = super::slowdown();
            over.store(true, Ordering::Relaxed);
            busy
        });
        assert!(busy > 2.0, "{busy}");
        assert!(super::slowdown() >= 1.0);
    }
}
