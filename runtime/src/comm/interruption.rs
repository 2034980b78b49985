//! Waits that end before their time because a person wants them to. A language whose programs expect that, such as one with a prompt,
//! has whoever waits ask it again and again. A wait that is interrupted ends as it does at its deadline: what was sent is
//! taken back, what was to come stays for others, and the ranks that wait for this one are told.

use crate::computing::computing;
use std::cell::Cell;
use std::sync::OnceLock;
use std::time::Duration;

/// Between two questions. A person does not notice, and the answer may take a lock.
pub(super) const PAUSE: Duration = Duration::from_millis(50);

static ASK: OnceLock<fn() -> bool> = OnceLock::new();

thread_local! {
    static IS_INTERRUPTED: Cell<bool> = const { Cell::new(false) };
}

/// From here on `ask` is called now and then in each thread that waits; where it says true, the wait ends.
pub fn ask_while_waiting(ask: fn() -> bool) {
    // Those that come second are answered by the first.
    let _ = ASK.set(ask);
}

/// Asks. What is called then may not communicate: it would wait for the operation that waits for it.
pub(super) fn ask() {
    if ASK.get().is_some_and(computing) {
        IS_INTERRUPTED.set(true);
    }
}

/// Whether what this thread waits for is to be given up.
#[inline]
pub(crate) fn is_interrupted() -> bool {
    IS_INTERRUPTED.get()
}

/// The wait is over.
pub(super) fn forget() {
    IS_INTERRUPTED.set(false);
}

/// Does something that this thread does not wait for, and that goes on.
pub(crate) fn not_interrupted<R>(action: impl FnOnce() -> R) -> R {
    let before = IS_INTERRUPTED.replace(false);
    let result = action();
    IS_INTERRUPTED.set(before);
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Context, ReduceOp, Status, allreduce};
    use std::time::Instant;

    thread_local! {
        static IS_IMPATIENT: Cell<bool> = const { Cell::new(false) };
    }

    #[test]
    fn a_wait_ends_when_whoever_waits_is_impatient() {
        ask_while_waiting(|| IS_IMPATIENT.get());
        let [first, other] = Context::threads(2).unwrap().try_into().unwrap();
        let start = Instant::now();
        IS_IMPATIENT.set(true);
        let sum = |ctx| allreduce(ctx, &[1], ReduceOp::Sum).unwrap_err();
        let error = sum(&first);
        assert_eq!(error.status(), Status::Timeout);
        assert!(error.message().contains("rank 0 was interrupted while it waited for rank 1"), "{error}");
        assert!(start.elapsed() < Duration::from_secs(10));
        IS_IMPATIENT.set(false);
        assert!(sum(&other).message().contains("rank 0 was interrupted"), "the other rank is told");
        assert!(!is_interrupted());
    }
}
