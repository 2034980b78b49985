//! The request of Rust programs, which knows the type of its result, and is a future.

use super::DynRequest;
use crate::array::{Pair, VecOutput};
use crate::element::Element;
use crate::error::{Error, Result};
use crate::slices::VecBuffer;
use dtl_types::{Operation, SpecEnum, Status};
use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// An operation that has been issued, and gives a `T` when it is over.
///
/// It owns what it was given, so that it may be dropped at any time: the operation goes on whenever this process waits for
/// anything, as the other ranks expect.
///
/// As a future it is for any executor. There is no thread that could wake a task, so that it asks to be polled again and again until
/// it is over.
pub struct Request<T> {
    inner: DynRequest,
    take: fn(&DynRequest) -> Option<T>,
}

/// What an operation leaves in its request and a Rust program gets as a `T`.
pub trait Gives<T>: Any {
    /// The result.
    fn into_result(self) -> T;
}

impl Gives<()> for () {
    fn into_result(self) {}
}

impl<T: Element> Gives<Vec<T>> for VecOutput<T> {
    fn into_result(self) -> Vec<T> {
        self.into_vec()
    }
}

impl<T: Element> Gives<Option<Vec<T>>> for VecOutput<T> {
    fn into_result(self) -> Option<Vec<T>> {
        self.is_provided().then(|| self.into_vec())
    }
}

impl<A: Gives<X>, B: Gives<Y>, X, Y> Gives<(X, Y)> for Pair<A, B> {
    fn into_result(self) -> (X, Y) {
        (self.0.into_result(), self.1.into_result())
    }
}

impl<T: Element> Gives<Vec<T>> for VecBuffer<T> {
    fn into_result(self) -> Vec<T> {
        self.into_vec()
    }
}

impl<T> Request<T> {
    /// The request whose operation leaves an `O`.
    pub(crate) fn of<O: Gives<T>>(inner: DynRequest) -> Self {
        Request { inner, take: |request| request.take::<O>().map(O::into_result) }
    }

    /// The operation that was issued.
    pub fn operation(&self) -> Operation {
        self.inner.operation()
    }

    /// Whether the operation is over, without looking for what may have come meanwhile.
    pub fn is_over(&self) -> bool {
        self.inner.is_over()
    }

    /// Lets all requests of this process go on as far as they can; whether this one is over. An error if its operation has
    /// failed.
    pub fn test(&self) -> Result<bool> {
        self.reported(self.inner.test())
    }

    /// Waits until the operation is over, and gives its result.
    pub fn wait(self) -> Result<T> {
        self.reported(self.inner.wait(None))?;
        self.result()
    }

    /// Waits for at most `timeout`; `None` if the operation is not over by then.
    pub fn wait_for(&mut self, timeout: Duration) -> Result<Option<T>> {
        match self.inner.wait(Some(timeout)) {
            Err(error) if error.status() == Status::Timeout && !self.is_over() => Ok(None),
            outcome => self.reported(outcome).and_then(|()| self.result().map(Some)),
        }
    }

    /// Tells the error handler of the context of an error.
    fn reported<R>(&self, outcome: Result<R>) -> Result<R> {
        outcome.map_err(|error| self.inner.context().report(error))
    }

    /// The request without the type of its result.
    pub(crate) fn erased(&self) -> DynRequest {
        self.inner.clone()
    }

    /// The result of an operation that is over, once.
    pub(crate) fn result(&self) -> Result<T> {
        (self.take)(&self.inner).ok_or_else(|| {
            let name = self.operation().name();
            Error::new(Status::InvalidState, format!("{name}: the result was taken before; wait for it once"))
        })
    }
}

/// Waits for all of the operations, and gives their results in the order of the requests. The error is that of the first that has
/// failed, after all are over, and says which have.
pub fn waitall<T>(requests: impl IntoIterator<Item = Request<T>>) -> Result<Vec<T>> {
    let requests: Vec<Request<T>> = requests.into_iter().collect();
    super::operations::all_over(&handles(&requests), None)?;
    requests.iter().map(Request::result).collect()
}

fn handles<T>(requests: &[Request<T>]) -> Vec<Option<DynRequest>> {
    requests.iter().map(|request| Some(request.inner.clone())).collect()
}

/// Waits for one of the operations; takes its request out of `requests`, and gives its place there and the result.
pub fn waitany<T>(requests: &mut Vec<Request<T>>) -> Result<(usize, Result<T>)> {
    let place = super::operations::first_over(&handles(requests), None)?;
    Ok((place, requests.remove(place).wait()))
}

impl<T> Future for Request<T> {
    type Output = Result<T>;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<T>> {
        match self.test() {
            Ok(true) => Poll::Ready(self.result()),
            Ok(false) => {
                std::thread::yield_now();
                task.waker().wake_by_ref();
                Poll::Pending
            }
            Err(error) => Poll::Ready(Err(error)),
        }
    }
}

impl<T> fmt::Debug for Request<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Request").field(&super::describe(&self.inner)).finish()
    }
}
