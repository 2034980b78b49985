//! Every operation that communicates is a future. Here is how futures are driven, without an executor: [`Wait::wait`] polls one
//! in the loop of `wait.rs`, and lets unfinished requests of the process go on between its looks, as does a program that tests one
//! (`request/unfinished.rs`). Whatever really waits, for a message or for its turn, is a future at the bottom: it has
//! itself woken when it may go on, says when something has moved, and has a [`Deadline`].

use super::interruption;
use super::wait::{self, Look};
use std::cell::Cell;
use std::pin::{Pin, pin};
use std::sync::OnceLock;
use std::task::{self, Poll, Waker};
use std::time::{Duration, Instant};

thread_local! {
    /// What the clock showed when this thread's loop last looked at it. To read it takes as long as to look for a small
    /// message, so that what is polled does not.
    static TIME: Cell<Option<Instant>> = const { Cell::new(None) };
    /// Whether something that this thread has polled since its last look has moved.
    static MOVED: Cell<bool> = const { Cell::new(false) };
}

/// What lets unfinished requests go on, once there has been one.
static REQUESTS: OnceLock<fn()> = OnceLock::new();

/// From here on `poll` is called in every look of every wait.
pub(crate) fn also_poll(poll: fn()) {
    REQUESTS.get_or_init(|| poll);
}

/// Tells everything that is polled next what time it is.
pub(super) fn tell_time(now: Instant) {
    TIME.set(Some(now));
}

/// The loop looks at the clock no more: what is polled next may be polled an hour later.
pub(super) fn forget_time() {
    TIME.set(None);
}

/// The time that is told to what is polled.
pub(crate) fn time() -> Option<Instant> {
    TIME.get()
}

/// Something has moved in what this thread polls.
pub(crate) fn note_movement() {
    MOVED.set(true);
}

/// Polls what `poll` polls, at a time that its deadlines go by.
pub(crate) fn at_this_time(now: Instant, poll: impl FnOnce()) {
    TIME.set(Some(now));
    poll();
    TIME.set(None);
}

/// Waiting for a future in the only way there is.
pub trait Wait: Future + Sized {
    /// Polls the future until it is over. Ends in bounded time if everything in it that waits has a deadline.
    #[inline]
    fn wait(self) -> Self::Output {
        let mut future = pin!(self);
        match poll_once(future.as_mut()) {
            Poll::Ready(value) => value,
            Poll::Pending => wait_for(future),
        }
    }
}

impl<F: Future> Wait for F {}

/// One loop for all operations that give the same: a loop for each would make the library larger, and no wait shorter.
#[inline(never)]
fn wait_for<T>(mut future: Pin<&mut dyn Future<Output = T>>) -> T {
    let value = wait::poll(Duration::MAX, || look(future.as_mut()));
    interruption::forget();
    value.expect("there is no end of the time to wait")
}

fn look<T>(future: Pin<&mut dyn Future<Output = T>>) -> Look<T> {
    match poll_once(future) {
        Poll::Ready(value) => Look::Ready(value),
        Poll::Pending => {
            if let Some(poll) = REQUESTS.get() {
                poll();
            }
            if !MOVED.take() {
                return Look::Idle;
            }
            // What the clock showed before is of no use to a time that begins now.
            TIME.set(None);
            Look::Moving
        }
    }
}

/// Polls a future. Nobody is to be woken: it is polled again anyway.
#[inline]
pub(crate) fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut task::Context::from_waker(Waker::noop()))
}

/// How long something that is polled may go without moving. Only time in which somebody polls counts: a program that
/// computes for an hour between two tests of a request has not waited.
#[derive(Debug)]
pub(crate) struct Deadline {
    limit: Duration,
    waited: Duration,
    last: Option<Instant>,
}

impl Deadline {
    pub(crate) fn new(limit: Duration) -> Self {
        Deadline { limit, waited: Duration::ZERO, last: None }
    }

    /// How long nothing has moved, in time that counts.
    pub(crate) fn waited(&self) -> Duration {
        self.waited
    }

    /// Something has moved, so that the time begins anew.
    pub(crate) fn put_off(&mut self) {
        *self = Deadline::new(self.limit);
        MOVED.set(true);
    }

    /// Whether the time is over, as nothing has moved again, or somebody does not want to wait any longer.
    pub(crate) fn has_passed(&mut self) -> bool {
        if interruption::is_interrupted() {
            return true;
        }
        let Some(now) = TIME.get() else { return false };
        if let Some(last) = self.last {
            self.waited += now.saturating_duration_since(last).min(self.limit / 8);
        }
        self.last = Some(now);
        self.waited >= self.limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;

    fn waits_until(mut ended: impl FnMut(&mut Deadline) -> bool, limit: Duration) -> Result<(), ()> {
        let mut deadline = Deadline::new(limit);
        poll_fn(|_| match ended(&mut deadline) {
            true => Poll::Ready(Ok(())),
            false if deadline.has_passed() => Poll::Ready(Err(())),
            false => Poll::Pending,
        })
        .wait()
    }

    #[test]
    fn a_deadline_passes_unless_something_moves() {
        let limit = Duration::from_millis(40);
        let start = Instant::now();
        assert_eq!(waits_until(|_| false, limit), Err(()));
        assert!((limit..50 * limit).contains(&start.elapsed()));
        let start = Instant::now();
        let moves = |deadline: &mut Deadline| {
            std::thread::sleep(limit / 8);
            deadline.put_off();
            start.elapsed() > 3 * limit
        };
        assert_eq!(waits_until(moves, limit), Ok(()));
    }

    #[test]
    fn a_wait_knows_nothing_of_the_time_of_an_earlier_one() {
        let limit = Duration::from_millis(20);
        assert_eq!(waits_until(|_| false, limit), Err(()));
        std::thread::sleep(limit);
        let mut deadline = Deadline::new(8 * limit);
        let mut looks = 0;
        poll_fn(|_| {
            looks += 1;
            assert!(!deadline.has_passed());
            if looks == 3 { Poll::Ready(()) } else { Poll::Pending }
        })
        .wait();
        assert!(deadline.waited() < limit / 2, "{deadline:?}");
    }

    #[test]
    fn time_in_which_nobody_polls_does_not_count() {
        let mut deadline = Deadline::new(Duration::from_secs(8));
        let now = Instant::now();
        for (seconds, passed) in [(0, false), (3600, false), (3601, false), (3607, false)] {
            tell_time(now + Duration::from_secs(seconds));
            assert_eq!(deadline.has_passed(), passed, "{seconds}");
        }
        for seconds in 3608..3614 {
            tell_time(now + Duration::from_secs(seconds));
            assert_eq!(deadline.has_passed(), seconds >= 3612, "{seconds}");
        }
        TIME.set(None);
    }
}
