//! Operations that are made of others, outside the runtime: those on objects of a language, of which it moves the bytes. To the
//! other ranks, in errors and in counters, the calls that such an operation makes are calls of it. So they do not meet those of
//! somebody who calls the others by themselves, and would take the bytes of an object for numbers.

use dtl_types::Operation;
use std::cell::Cell;

thread_local! {
    /// The operation whose parts this thread calls now.
    static WHOLE: Cell<Option<Operation>> = const { Cell::new(None) };
}

/// Calls a part of `whole`.
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
