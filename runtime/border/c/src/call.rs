//! Running a C call: nothing unwinds into C, and what went wrong is remembered for the calling thread.

use std::panic::{AssertUnwindSafe, catch_unwind};

use dtl::{Error, Result};
use dtl_types::Status;

use crate::{last_error, shapes};

/// Runs a call that returns a status.
#[inline]
pub fn status(call: impl FnOnce() -> Result<()>) -> i32 {
    let outcome = run(call);
    shapes::forget();
    match outcome {
        Some(()) => Status::Success as i32,
        None => last_error::status(),
    }
}

/// Runs a call that returns a value, or `invalid` when it fails.
#[inline]
pub fn query<T>(invalid: T, call: impl FnOnce() -> Result<T>) -> T {
    run(call).unwrap_or(invalid)
}

/// Runs a call that returns nothing.
#[inline]
pub fn nothing(call: impl FnOnce() -> Result<()>) {
    run(call);
}

#[inline]
fn run<T>(call: impl FnOnce() -> Result<T>) -> Option<T> {
    // Whatever a panicking call was changing is reached through handles only, whose tables do not depend on it.
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => {
            last_error::forget();
            Some(value)
        }
        Ok(Err(error)) => {
            last_error::remember(&error);
            None
        }
        Err(payload) => {
            last_error::remember(&Error::of_panic(payload));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_status_and_a_text() {
        assert_eq!(status(|| panic!("the sky fell")), 900);
        assert!(last_error::message_text().contains("the sky fell"));
        assert_eq!(query(-1, || -> Result<i32> { panic!("{}", 7) }), -1);
        assert_eq!(last_error::status(), 900);
    }

    #[test]
    fn success_forgets_the_last_error() {
        assert_eq!(status(|| Err(Error::new(Status::InvalidRank, "rank is 7"))), 403);
        assert_eq!(last_error::message_text(), "rank is 7");
        assert_eq!(query(0, || Ok(3)), 3);
        assert_eq!((last_error::status(), last_error::message_text()), (0, String::new()));
    }
}
