//! The one loop in which dtl waits: poll, at first without giving up the processor (what is waited for mostly comes within
//! microseconds), then letting others run, then sleeping; never beyond the deadline.

use std::time::{Duration, Instant};

/// Long enough for a message between two running threads, short enough not to matter when the peer's thread needs this core.
const SPIN: Duration = Duration::from_micros(20);
/// While spinning; looking at the clock takes as long as looking for a small message.
const POLLS_BETWEEN_LOOKS: u32 = 8;
const YIELD: Duration = Duration::from_millis(2);
const LONGEST_SLEEP: Duration = Duration::from_millis(1);

/// Calls `ready` until it gives something, or until `timeout` has passed; `None` then.
pub(crate) fn poll<T>(timeout: Duration, mut ready: impl FnMut() -> Option<T>) -> Option<T> {
    if let Some(value) = ready() {
        return Some(value);
    }
    let start = Instant::now();
    let mut sleep = Duration::from_micros(10);
    let mut polls = POLLS_BETWEEN_LOOKS;
    loop {
        for _ in 0..polls {
            if let Some(value) = ready() {
                return Some(value);
            }
        }
        let waited = start.elapsed();
        if waited >= SPIN {
            polls = 1;
        }
        match waited {
            waited if waited >= timeout => return None,
            waited if waited < SPIN => std::hint::spin_loop(),
            waited if waited < YIELD => std::thread::yield_now(),
            waited => {
                std::thread::sleep(sleep.min(timeout - waited));
                sleep = (sleep * 2).min(LONGEST_SLEEP);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polls_until_ready_or_the_deadline() {
        let mut calls = 0;
        let found = poll(Duration::from_secs(10), || {
            calls += 1;
            (calls == 5).then_some("ready")
        });
        assert_eq!(found, Some("ready"));
        let start = Instant::now();
        assert_eq!(poll(Duration::from_millis(20), || None::<()>), None);
        assert!((20..2000).contains(&start.elapsed().as_millis()));
    }
}
