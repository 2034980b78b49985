//! Operations that have been issued and may not be over: a [`DynRequest`] stands for one. Its future is polled when it is issued,
//! and then by every wait and every test of the process, of whatever context, until it is over; so a request that nobody
//! asks about any more completes as well, and keeps what it uses until then.
//!
//! `unfinished.rs` knows which requests are to be polled, `operations.rs` is what the specification names, `typed.rs` the request
//! of Rust programs.

mod operations;
pub(crate) mod typed;
pub(crate) mod unfinished;

pub use operations::{describe, done, test, wait, waitall, waitany};
pub(crate) use operations::{like, limit};
pub use typed::{Gives, Request};

use crate::calls::panics;
use crate::comm::interruption::{is_interrupted, not_interrupted};
use crate::comm::mailbox::{self, Received};
use crate::comm::progress::{self, Wait};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::live::Live;
use crate::on_behalf::whole_of;
use dtl_types::{Operation, SpecEnum, Status};
use std::any::Any;
use std::fmt;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};
use std::task::{self, Poll, Waker};
use std::time::{Duration, Instant};
use unfinished::Mark;

/// An operation that has been issued. Clones are the same request.
#[derive(Clone)]
pub struct DynRequest {
    issued: Arc<Issued>,
    /// What is given instead of what the operation gives.
    instead: Option<Arc<Mutex<Option<Outcome>>>>,
}

struct Issued {
    /// Its number among all that this process has issued.
    number: u64,
    context: Context,
    operation: Operation,
    state: Mutex<State>,
    mark: Mark,
    is_over: AtomicBool,
    /// Its context was closed, which ends it when it is polled next.
    is_canceled: AtomicBool,
    /// The message that it has received, which is that of whoever waits for it, and not of whoever lets it go on.
    received: OnceLock<Received>,
    _live: Live,
}

type Outcome = Box<dyn Any + Send>;

enum State {
    Running(Pin<Box<dyn Running>>),
    Over(Result<Option<Outcome>>),
}

/// The future of an operation, whatever it gives. Another future around it would be twice as large, and move it once more.
trait Running {
    fn poll(self: Pin<&mut Self>, task: &mut task::Context<'_>) -> Poll<Result<Outcome>>;
}

impl<T: Any + Send, F: Future<Output = Result<T>>> Running for F {
    fn poll(self: Pin<&mut Self>, task: &mut task::Context<'_>) -> Poll<Result<Outcome>> {
        Future::poll(self, task).map(|given| given.map(|value| Box::new(value) as Outcome))
    }
}

// SAFETY: a future of the runtime is used by one thread at a time, under the lock of its request, and nothing in it belongs to
// the thread that made it: it holds addresses of memory that `issue` is promised, values that can be sent, and references
// to contexts, which all threads share.
unsafe impl Send for State {}

/// How many requests have been issued, and how often something has ended for which somebody may wait: nobody needs to look again
/// before that.
static ISSUED: AtomicU64 = AtomicU64::new(0);
static ENDS: AtomicU64 = AtomicU64::new(0);

impl DynRequest {
    /// Issues an operation. What its future gives can be taken once it is over.
    ///
    /// # Safety
    /// The future must be one of this runtime's operations. It must own what it refers to, or that must stay until it is over:
    /// addresses of memory are used until then.
    pub unsafe fn issue<T: Any + Send>(
        context: &Context,
        operation: Operation,
        future: impl Future<Output = Result<T>> + 'static,
    ) -> DynRequest {
        Self::begin(context, operation, Box::pin(future))
    }

    fn begin(context: &Context, operation: Operation, future: Pin<Box<dyn Running>>) -> DynRequest {
        let issued = Arc::new(Issued {
            number: ISSUED.fetch_add(1, Ordering::Relaxed),
            context: context.clone(),
            operation: whole_of(operation),
            state: Mutex::new(State::Running(future)),
            mark: Mark::polled(),
            is_over: AtomicBool::new(false),
            is_canceled: AtomicBool::new(false),
            received: OnceLock::new(),
            _live: Live::new(),
        });
        unfinished::begin(&issued);
        DynRequest { issued, instead: None }
    }

    /// The same request, which gives `outcome` if the operation succeeds.
    pub fn then<T: Any + Send>(&self, outcome: T) -> DynRequest {
        DynRequest {
            issued: self.issued.clone(),
            instead: Some(Arc::new(Mutex::new(Some(Box::new(outcome))))),
        }
    }

    /// The context of the operation.
    pub fn context(&self) -> &Context {
        &self.issued.context
    }

    /// The operation that was issued.
    pub fn operation(&self) -> Operation {
        self.issued.operation
    }

    /// Whether the operation is over, well or not, without looking for what may have come meanwhile.
    pub fn is_over(&self) -> bool {
        self.issued.is_over()
    }

    /// Looks for what has come; whether the operation is over. An error if it has failed.
    pub fn test(&self) -> Result<bool> {
        if !self.is_over() {
            progress::at_this_time(Instant::now(), unfinished::poll);
        }
        if self.is_over() { self.outcome().map(|()| true) } else { Ok(false) }
    }

    /// Waits until the operation is over, or for `timeout`, after which the request is as before. An error if the operation has
    /// failed.
    pub fn wait(&self, timeout: Option<Duration>) -> Result<()> {
        if wait_until(timeout, || self.is_over().then_some(())).is_none() {
            return Err(self.unfinished(timeout.unwrap_or_default()));
        }
        self.outcome()
    }

    /// What the operation has given, once: `None` before it is over, if it has failed, and when it was taken.
    pub fn take<T: Any>(&self) -> Option<T> {
        self.given(|outcome| outcome.take()?.downcast().ok().map(|value| *value))
    }

    /// What `look` makes of what the operation has given, in its place; `None` where that is nothing of this type. `look` must
    /// not wait for another thread.
    pub fn with_outcome<T: Any, R>(&self, look: impl FnOnce(&T) -> R) -> Option<R> {
        self.given(|outcome| outcome.as_ref()?.downcast_ref().map(look))
    }

    /// What `look` makes of what an operation that has succeeded gives.
    fn given<R>(&self, look: impl FnOnce(&mut Option<Outcome>) -> Option<R>) -> Option<R> {
        match (&mut *self.issued.lock(), &self.instead) {
            (State::Over(Ok(outcome)), None) => look(outcome),
            (State::Over(Ok(_)), Some(instead)) => {
                look(&mut instead.lock().unwrap_or_else(PoisonError::into_inner))
            }
            _ => None,
        }
    }

    /// The error of an operation that has failed.
    fn outcome(&self) -> Result<()> {
        if !self.issued.is_over.load(Ordering::Acquire) {
            return Err(self.context().endpoint().why_unusable().of(self.operation()));
        }
        if let State::Over(Err(error)) = &*self.issued.lock() {
            return Err(error.clone());
        }
        if let Some(received) = self.issued.received.get() {
            mailbox::note(*received);
        }
        Ok(())
    }

    #[cold]
    fn unfinished(&self, timeout: Duration) -> Error {
        Error::new(
            Status::Timeout,
            format!(
                "{} is not over after {timeout:?}. The request and its memory are as before; wait for it again.",
                self.operation().name()
            ),
        )
    }
}

impl fmt::Debug for DynRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DynRequest").field(&describe(self)).finish()
    }
}

/// Lets requests go on until `look` gives something, or for `timeout` or until this is interrupted; `None` then.
pub(crate) fn wait_until<T>(timeout: Option<Duration>, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    // What is there already needs no clock.
    if let Some(value) = look() {
        return Some(value);
    }
    let (start, mut seen) = (Instant::now(), None);
    poll_fn(|_| {
        let before = seen.replace(ends());
        match if before == seen { None } else { look() } {
            Some(value) => Poll::Ready(Some(value)),
            None if is_interrupted() || timeout.is_some_and(|timeout| start.elapsed() >= timeout) => {
                Poll::Ready(None)
            }
            None => Poll::Pending,
        }
    })
    .wait()
}

/// Something has ended for which somebody may wait.
pub(crate) fn note_end() {
    ENDS.fetch_add(1, Ordering::Release);
}

/// How often something has ended: while it is the same, what was not over is not over.
pub(crate) fn ends() -> u64 {
    ENDS.load(Ordering::Acquire)
}

impl Drop for Issued {
    fn drop(&mut self) {
        if self.may_go_on() {
            return;
        }
        // To drop the future would tell other ranks that this one gives up.
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        std::mem::forget(std::mem::replace(state, State::Over(Ok(None))));
    }
}

impl Issued {
    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire) || !self.may_go_on()
    }

    /// Whether this process may go on with it.
    fn may_go_on(&self) -> bool {
        self.context.endpoint().is_usable()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Polls the future. Only whoever has marked the request as polled does so.
    fn poll(self: &Arc<Self>) {
        if !self.may_go_on() {
            return;
        }
        let mut state = match self.state.try_lock() {
            Ok(state) => state,
            Err(TryLockError::Poisoned(state)) => state.into_inner(),
            // Somebody looks at what is not there yet.
            Err(TryLockError::WouldBlock) => return Waker::from(self.clone()).wake(),
        };
        let State::Running(future) = &mut *state else { return };
        let outcome = if self.is_canceled.load(Ordering::Acquire) {
            Err(self.canceled())
        } else {
            let waker = Waker::from(self.clone());
            let mut task = task::Context::from_waker(&waker);
            let poll = || catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut task)));
            let (polled, received) = mailbox::for_others(|| not_interrupted(poll));
            if let Some(received) = received {
                let _ = self.received.set(received);
            }
            match polled {
                Ok(Poll::Pending) => return,
                Ok(Poll::Ready(outcome)) => outcome.map(Some),
                Err(payload) => {
                    let error = Error::of_panic(payload);
                    if self.operation.is_collective() {
                        *future = self.told(error);
                        drop(state);
                        return Waker::from(self.clone()).wake();
                    }
                    Err(error.of(self.operation))
                }
            }
        };
        *state = State::Over(outcome);
        self.is_over.store(true, Ordering::Release);
    }

    fn canceled(&self) -> Error {
        let text = format!(
            "{}: its context was closed before it was over; wait for the request first",
            self.operation.name()
        );
        Error::new(Status::Canceled, text)
    }

    /// What becomes of a collective operation that has panicked.
    fn told(&self, error: Error) -> Pin<Box<dyn Running>> {
        let (context, operation) = (self.context.clone(), self.operation);
        Box::pin(async move { Err::<(), _>(panics::told(&context, operation, error).await) })
    }
}
