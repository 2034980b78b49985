//! The future of Rust programs, which knows the type of its value.

use super::{DynFuture, Outcome, Value, operations};
use crate::error::{Error, Result};
use crate::request::Request;
use dtl_types::Status;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// A `T` that is not there yet. Clones are the same future, which any thread may set or wait for.
///
/// ```
/// use dtl::future::{self, Future};
///
/// let (first, second) = (Future::new(), Future::new());
/// let both = future::when_all([first.clone(), second.clone()])?;
/// std::thread::spawn(move || first.set(1).and_then(|()| second.set(2)));
/// assert_eq!(both.wait()?, [1, 2]);
/// # Ok::<(), dtl::Error>(())
/// ```
pub struct Future<T> {
    inner: DynFuture,
    /// Its value, once it is over.
    value: Arc<dyn Fn() -> Result<T> + Send + Sync>,
}

impl<T: Clone + Send + Sync + 'static> Future<T> {
    /// A future that somebody sets.
    pub fn new() -> Self {
        let inner = DynFuture::new();
        let own = inner.clone();
        let value = move || match own.outcome() {
            Some(Outcome::Value(value)) => value.downcast_ref::<T>().cloned().ok_or_else(no_value),
            _ => Err(no_value()),
        };
        Future { inner, value: Arc::new(value) }
    }

    /// Sets it to `value`, for once and all.
    pub fn set(&self, value: T) -> Result<()> {
        self.inner.set(Value::new(value))
    }

    /// Whether it is over, without looking for what may have come meanwhile.
    pub fn is_over(&self) -> bool {
        self.inner.is_over()
    }

    /// Lets all requests of this process go on as far as they can; whether it is over. An error if it has failed.
    pub fn test(&self) -> Result<bool> {
        self.inner.test()
    }

    /// Waits until it is over, and gives the value.
    pub fn wait(&self) -> Result<T> {
        self.inner.wait(None)?;
        (self.value)()
    }

    /// Waits for at most `timeout`; `None` if it is not over by then.
    pub fn wait_for(&self, timeout: Duration) -> Result<Option<T>> {
        match self.inner.wait(Some(timeout)) {
            Err(error) if error.status() == Status::Timeout && !self.is_over() => Ok(None),
            outcome => outcome.and_then(|()| (self.value)().map(Some)),
        }
    }
}

impl<T: Clone + Send + Sync + 'static> From<Request<T>> for Future<T> {
    /// The future that is over with a request, and has its result.
    fn from(request: Request<T>) -> Self {
        let (inner, result) = (DynFuture::of_request(request.erased()), OnceLock::new());
        // A request gives its result once, a future as often as one asks.
        let value = move || result.get_or_init(|| request.result()).clone();
        Future { inner, value: Arc::new(value) }
    }
}

/// The future of the values of all of these, in their order. If some fail, its error is that of the first of them.
pub fn when_all<T: Clone + Send + Sync + 'static>(
    futures: impl IntoIterator<Item = Future<T>>,
) -> Result<Future<Vec<T>>> {
    let parts: Vec<Future<T>> = futures.into_iter().collect();
    let inner = DynFuture::all(parts.iter().map(|part| part.inner.clone()).collect())?;
    let value = move || parts.iter().map(|part| (part.value)()).collect();
    Ok(Future { inner, value: Arc::new(value) })
}

/// The future of the place and the value of the first of these that is over. An error if there are none.
pub fn when_any<T: Clone + Send + Sync + 'static>(
    futures: impl IntoIterator<Item = Future<T>>,
) -> Result<Future<(usize, T)>> {
    let parts: Vec<Future<T>> = futures.into_iter().collect();
    let inner = DynFuture::first(parts.iter().map(|part| part.inner.clone()).collect())?;
    let own = inner.clone();
    let value = move || {
        let place = own.place().ok_or_else(no_value)?;
        Ok((place, (parts[place].value)()?))
    };
    Ok(Future { inner, value: Arc::new(value) })
}

fn no_value() -> Error {
    Error::new(Status::Internal, "a future that is over has no value; this is an error of dtl")
}

impl<T> Clone for Future<T> {
    fn clone(&self) -> Self {
        Future { inner: self.inner.clone(), value: self.value.clone() }
    }
}

impl<T: Clone + Send + Sync + 'static> Default for Future<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for Future<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Future").field(&operations::describe(&self.inner)).finish()
    }
}
