//! A panic in the midst of a collective call: the rank returns an error and says so to the others, so that none waits for a rank that
//! has gone. Before the call's first round they are in it, or will be, and learn why; later, this rank leaves the context, which
//! the call sees to when it is dropped.

use super::call::Call;
use crate::comm::Wait;
use crate::context::Context;
use crate::error::{Error, Result};
use dtl_types::Operation;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Carries out a collective operation, or what one consists of.
#[inline]
pub(crate) fn collectively<T>(
    context: &Context,
    operation: Operation,
    body: impl FnOnce() -> Result<T>,
) -> Result<T> {
    // What the body was changing is reached through locks that ignore poison, and through the context.
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| {
        let error = Error::of_panic(payload);
        Err(told(context, operation, error).wait())
    })
}

/// The error of a collective operation that has panicked, once the other ranks know of it.
#[cold]
pub(crate) async fn told(context: &Context, operation: Operation, error: Error) -> Error {
    if context.is_open() {
        return Call::new(context, operation).refuse(error).await;
    }
    error.of(operation).found_on(context.endpoint().rank())
}
