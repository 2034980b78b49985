//! Whether this thread is inside a function of the caller that an operation has called: one that combines arrays, or a handler of a
//! signal. What such a function waits for might be the very operation that has called it, so communication from there is
//! refused at once rather than at the deadline.

use crate::error::{Error, Result};
use dtl_types::Status;
use std::cell::Cell;

thread_local! {
    static IS_COMPUTING: Cell<bool> = const { Cell::new(false) };
}

/// Says on this thread how it was before, even after a panic.
struct Before(bool);

impl Drop for Before {
    fn drop(&mut self) {
        IS_COMPUTING.set(self.0);
    }
}

/// Calls a function of the caller that is to compute only.
pub(crate) fn computing<T>(function: impl FnOnce() -> T) -> T {
    let _before = Before(IS_COMPUTING.replace(true));
    function()
}

/// An error inside such a function.
#[inline]
pub(crate) fn refuse_inside_function() -> Result<()> {
    if IS_COMPUTING.get() { Err(refusal()) } else { Ok(()) }
}

#[cold]
fn refusal() -> Error {
    Error::new(
        Status::InvalidState,
        "called by a function that combines arrays, or by a handler of a signal during an operation, for which other ranks wait; such a \
         function may only compute. Communicate before or after the operation.",
    )
}
