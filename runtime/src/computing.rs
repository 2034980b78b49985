//! Whether this thread is inside a function of the caller that an operation has called: one that combines arrays or works on elements,
//! or a handler of a signal. What such a function waits for might be the very operation that has called it, so communication from
//! there is refused at once rather than at the deadline.
//!
//! Such a function may fail. Where its language has no way to say so by what it returns, it says so by a call, `fail_function`,
//! which is noted here until it returns.

use crate::error::{Error, Result};
use dtl_types::Status;
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static IS_COMPUTING: Cell<bool> = const { Cell::new(false) };
    static HAS_FAILED: Cell<bool> = const { Cell::new(false) };
    static FAILURE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Says on this thread how it was before, even after a panic.
struct Before {
    is_computing: bool,
    failure: Option<String>,
}

impl Drop for Before {
    fn drop(&mut self) {
        IS_COMPUTING.set(self.is_computing);
        HAS_FAILED.set(self.failure.is_some());
        if let Some(failure) = self.failure.take() {
            FAILURE.set(failure);
        }
    }
}

/// Calls a function of the caller that is to compute only.
pub(crate) fn computing<T>(function: impl FnOnce() -> T) -> T {
    let failure = HAS_FAILED.replace(false).then(|| FAILURE.take());
    let _before = Before { is_computing: IS_COMPUTING.replace(true), failure };
    function()
}

/// Calls a function of the caller that is to compute only, and says what it `does`. If it fails or panics, that is an error of this
/// status. What a function that panics has captured is the caller's to look after: it is told of the panic as of any failure.
pub(crate) fn call_function(status: Status, does: &str, function: impl FnOnce() -> Result<()>) -> Result<()> {
    let reason = match catch_unwind(AssertUnwindSafe(|| computing(function))) {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => error.message().to_owned(),
        Err(panic) => format!("it panicked: {}", said(&*panic)),
    };
    Err(Error::new(status, format!("the function that {does} has failed: {reason}")))
}

/// What was said when it panicked.
fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a text")
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
        "called by a function that combines arrays or works on elements, or by a handler of a signal during an operation, for which other \
         ranks wait; such a function may only compute. Communicate before or after the operation.",
    )
}

/// Notes that the function of the caller that runs on this thread has failed, and why. The first failure counts.
pub fn fail_function(message: &str) -> Result<()> {
    if !IS_COMPUTING.get() {
        return Err(Error::new(
            Status::InvalidState,
            "no function that an operation has called runs on this thread; call it in such a function, before that returns",
        ));
    }
    if !HAS_FAILED.replace(true) {
        FAILURE.with_borrow_mut(|failure| message.clone_into(failure));
    }
    Ok(())
}

/// What `fail_function` has noted since the function was called, as an error of this status.
#[inline]
pub fn function_outcome(status: Status) -> Result<()> {
    if HAS_FAILED.get() { Err(noted(status)) } else { Ok(()) }
}

#[cold]
fn noted(status: Status) -> Error {
    HAS_FAILED.set(false);
    Error::new(status, FAILURE.take())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_that_of_the_function_that_runs() {
        assert_eq!(fail_function("too early").unwrap_err().status(), Status::InvalidState);
        computing(|| {
            function_outcome(Status::Algorithm).unwrap();
            fail_function("the first").unwrap();
            fail_function("the second").unwrap();
            let error = function_outcome(Status::Algorithm).unwrap_err();
            assert_eq!((error.status(), error.message()), (Status::Algorithm, "the first"));
            function_outcome(Status::Algorithm).unwrap();
            fail_function("nobody asks").unwrap();
        });
        computing(|| function_outcome(Status::Algorithm).unwrap());
    }

    #[test]
    fn a_function_called_inside_another_leaves_its_failure_alone() {
        computing(|| {
            fail_function("the outer one").unwrap();
            computing(|| {
                function_outcome(Status::Algorithm).unwrap();
                fail_function("the inner one").unwrap();
                assert_eq!(function_outcome(Status::Algorithm).unwrap_err().message(), "the inner one");
            });
            assert_eq!(function_outcome(Status::Algorithm).unwrap_err().message(), "the outer one");
        });
    }
}
