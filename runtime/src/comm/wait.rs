//! The one loop in which dtl waits: poll, at first without giving up the processor (what is waited for mostly comes within
//! microseconds), then letting others run, then sleeping; never beyond the deadline, which counts from when anything moved last.

use super::{interruption, mailbox, progress};
use std::time::{Duration, Instant};

/// Long enough for a message between two running threads, short enough not to matter when the peer's thread needs this core.
const SPIN: Duration = Duration::from_micros(20);
/// While spinning; looking at the clock takes as long as looking for a small message.
const POLLS_BETWEEN_LOOKS: u32 = 8;
const YIELD: Duration = Duration::from_millis(2);
const LONGEST_SLEEP: Duration = Duration::from_millis(1);

/// What a look has found.
#[derive(Debug)]
pub(crate) enum Look<T> {
    /// What was waited for.
    Ready(T),
    /// Not yet that, but something has moved since the last look: peers are there and at work.
    Moving,
    /// Nothing.
    Idle,
}

impl<T> From<Option<T>> for Look<T> {
    fn from(found: Option<T>) -> Self {
        found.map_or(Look::Idle, Look::Ready)
    }
}

/// Calls `look` until it gives something, or until nothing has moved for `timeout`; `None` then.
pub(crate) fn poll<T, L: Into<Look<T>>>(timeout: Duration, mut look: impl FnMut() -> L) -> Option<T> {
    loop {
        match look().into() {
            Look::Ready(value) => return Some(value),
            Look::Moving => {}
            Look::Idle => {
                let found = poll_idle(timeout, &mut look);
                progress::forget_time();
                match found {
                    Look::Ready(value) => return Some(value),
                    Look::Moving => {}
                    Look::Idle => return None,
                }
            }
        }
    }
}

/// Calls `look` until something is there or moves, or until `timeout` has passed.
fn poll_idle<T, L: Into<Look<T>>>(timeout: Duration, look: &mut impl FnMut() -> L) -> Look<T> {
    let start = Instant::now();
    let mut sleep = Duration::from_micros(10);
    let mut polls = POLLS_BETWEEN_LOOKS;
    let mut asked = Duration::ZERO;
    loop {
        for _ in 0..polls {
            match look().into() {
                Look::Idle => {}
                found => return found,
            }
        }
        let now = Instant::now();
        progress::tell_time(now);
        let waited = now - start;
        if waited >= SPIN {
            polls = 1;
        }
        match waited {
            waited if waited >= timeout => return Look::Idle,
            waited if waited < SPIN => std::hint::spin_loop(),
            waited if waited < YIELD => std::thread::yield_now(),
            waited => {
                // Others may need this rank to go on, which would not come back to them for as long as this takes.
                mailbox::attend();
                if waited - asked >= interruption::PAUSE {
                    asked = waited;
                    interruption::ask();
                }
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
    fn movement_puts_the_deadline_off() {
        let (start, limit) = (Instant::now(), Duration::from_millis(50));
        let found = poll(limit, || {
            std::thread::sleep(Duration::from_millis(10));
            if start.elapsed() < 4 * limit { Look::Moving } else { Look::Ready("done") }
        });
        assert_eq!(found, Some("done"));
    }

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
