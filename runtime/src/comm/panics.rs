//! A panic in the midst of a collective call: the rank returns an error and says so to the others, so that none waits for a rank that
//! has gone. Before the call's first round they are in it, or will be, and learn why; later, this rank leaves the context.

use super::call::Call;
use super::progress::Wait;
use crate::error::{Error, Result};
use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;

impl Call<'_> {
    /// Carries the call out.
    #[inline]
    pub fn carried_out<T>(&self, body: impl FnOnce() -> Result<T>) -> Result<T> {
        // What the body was changing is reached through locks that ignore poison, and through the context.
        catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| Err(self.panicked(payload).wait()))
    }

    /// Carries the call out by a future, which stays where it is: to move it takes as long as a part of a short call.
    #[inline]
    pub async fn carried_out_by<T>(
        &self,
        mut future: Pin<&mut impl Future<Output = Result<T>>>,
    ) -> Result<T> {
        let polled = poll_fn(|context| {
            // What it was changing is reached as said above; it is not polled again.
            match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
                Ok(polled) => polled.map(Ok),
                Err(payload) => Poll::Ready(Err(payload)),
            }
        });
        match polled.await {
            Ok(outcome) => outcome,
            Err(payload) => Err(Box::pin(self.panicked(payload)).await),
        }
    }

    #[cold]
    async fn panicked(&self, payload: Box<dyn Any + Send>) -> Error {
        let error = Error::of_panic(payload);
        match self.has_begun() {
            false => self.refuse(error).await,
            true => self.leave_with(error),
        }
    }
}
