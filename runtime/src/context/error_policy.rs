//! What happens when an operation on a context fails: the error policy of the context and its handler. The checked operations
//! (`generated/rust/ops.rs`) report each error here before they return it; the language's own way of failing comes after.

use super::{self as context, Context};
use crate::ErrorHandler;
use crate::error::{Error, Result};
use dtl_types::{ErrorPolicy, SpecEnum, Status};
use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

/// The exit code of a job that the policy `Terminate` ends.
const EXIT_CODE: i32 = 1;

/// The policy of a context and the handler that is called under `Callback`.
#[derive(Default)]
pub(crate) struct Errors {
    choice: Mutex<Choice>,
}

#[derive(Clone)]
struct Choice {
    policy: ErrorPolicy,
    handler: Option<Arc<ErrorHandler>>,
}

impl Default for Choice {
    fn default() -> Self {
        Choice { policy: ErrorPolicy::ReturnStatus, handler: None }
    }
}

impl Clone for Errors {
    fn clone(&self) -> Self {
        Errors { choice: Mutex::new(self.get()) }
    }
}

impl fmt::Debug for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Errors").field(&self.get().policy).finish()
    }
}

impl Errors {
    fn get(&self) -> Choice {
        self.choice.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the choice. The old handler is dropped without the lock, because dropping it may run code of the user.
    fn set(&self, choice: Choice) {
        let old = {
            let mut current = self.choice.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *current, choice)
        };
        drop(old);
    }

    /// Gives the handler up: errors are only returned from now on.
    pub(crate) fn forget_handler(&self) {
        self.set(Choice::default());
    }
}

impl Context {
    /// Does what the error policy says about an error that an operation is about to return, and gives it back.
    #[cold]
    pub(crate) fn report(&self, error: Error) -> Error {
        let Choice { policy, handler } = self.errors().get();
        match (policy, handler) {
            (ErrorPolicy::Terminate, _) => {
                dtl_plugin_abi::say(&format!("{error} (the error policy of the context is to end the job)"));
                context::abort(self, EXIT_CODE)
            }
            (ErrorPolicy::Callback, Some(handler)) => tell(&handler, &error),
            _ => {}
        }
        error
    }
}

thread_local! {
    /// Whether this thread is inside a handler, whose own errors are not told to anybody.
    static TELLING: Cell<bool> = const { Cell::new(false) };
}

fn tell(handler: &ErrorHandler, error: &Error) {
    if TELLING.replace(true) {
        return;
    }
    // A handler that panics has said so on stderr; the operation goes on to return its own error.
    let _ = catch_unwind(AssertUnwindSafe(|| handler(error.status().code(), error.message())));
    TELLING.set(false);
}

/// What happens when an operation on the context fails.
pub fn error_policy(context: &Context) -> ErrorPolicy {
    context.errors().get().policy
}

/// Has `handler` called for each error from now on; `None` has errors only returned.
pub fn set_error_handler(context: &Context, handler: Option<ErrorHandler>) -> Result<()> {
    let choice = handler
        .map(|handler| Choice { policy: ErrorPolicy::Callback, handler: Some(Arc::new(handler)) })
        .unwrap_or_default();
    context.errors().set(choice);
    Ok(())
}

/// Chooses what happens when an operation fails; a handler that is set stays.
pub fn set_error_policy(context: &Context, policy: ErrorPolicy) -> Result<()> {
    let Choice { handler, .. } = context.errors().get();
    if policy == ErrorPolicy::Callback && handler.is_none() {
        return Err(Error::new(
            Status::InvalidState,
            "policy is callback, but the context has no handler; set one with set_error_handler, which chooses this policy",
        ));
    }
    context.errors().set(Choice { policy, handler });
    Ok(())
}
