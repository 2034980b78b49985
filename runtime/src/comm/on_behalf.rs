//! Operations that are made of others, outside the runtime: those on objects of a language, of which it moves the bytes. To the
//! other ranks, in errors and in counters, the calls that such an operation makes are calls of it. So they do not meet those of
//! somebody who calls the others by themselves, and would take the bytes of an object for numbers.

use crate::observe;
use dtl_types::Operation;
use std::cell::Cell;

thread_local! {
    /// The operation whose parts this thread calls now.
    static WHOLE: Cell<Option<Operation>> = const { Cell::new(None) };
}

/// Calls the main part of `whole`, which counts as a call of it.
pub fn on_behalf_of<R>(whole: Operation, part: impl FnOnce() -> R) -> R {
    observe::call(whole);
    aside(whole, part)
}

/// Calls something that `whole` needs besides its main part.
pub fn aside<R>(whole: Operation, part: impl FnOnce() -> R) -> R {
    struct Restored(Option<Operation>);
    impl Drop for Restored {
        fn drop(&mut self) {
            WHOLE.set(self.0);
        }
    }
    let _restored = Restored(WHOLE.replace(Some(whole)));
    part()
}

/// What is called in truth, when this thread calls `operation`.
#[inline]
pub fn whole_of(operation: Operation) -> Operation {
    WHOLE.get().unwrap_or(operation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Context, ReduceOp, Status, allreduce};

    #[test]
    fn a_part_is_a_call_of_the_whole_while_it_lasts() {
        let ranks = Context::threads(2).unwrap();
        std::thread::scope(|scope| {
            for ctx in ranks {
                scope.spawn(move || {
                    let sum = || allreduce(&ctx, &[1], ReduceOp::Sum);
                    let failing =
                        if ctx.rank() == 0 { on_behalf_of(Operation::GatherObject, sum) } else { sum() };
                    let error = failing.unwrap_err();
                    assert_eq!(error.status(), Status::CollectiveParticipation);
                    assert!(
                        error.message().contains("rank 0 calls gather_object, rank 1 calls allreduce"),
                        "{error}"
                    );
                    assert_eq!(on_behalf_of(Operation::GatherObject, sum).unwrap(), [2]);
                    assert_eq!(sum().unwrap(), [2]);
                });
            }
        });
    }
}
