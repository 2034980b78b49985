//! Values that are not there yet: a [`DynFuture`] is set once by whoever holds it, or is over with a request, or with all of
//! several others, or with the first of them. Nothing runs for it: whoever waits looks at it again and again, in the loop in
//! which requests are waited for, so that these go on meanwhile.
//!
//! `operations.rs` is what the specification names, `typed.rs` the future of Rust programs. What a request is, is in `request`.

pub(crate) mod operations;
mod typed;

pub use typed::{Future, when_all, when_any};

use crate::array::Array;
use crate::comm::{Settings, progress};
use crate::error::{Error, Result};
use crate::live::Live;
use crate::request::{self, DynRequest};
use dtl_types::{Operation, Status};
use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// A value that is not there yet. Clones are the same future.
#[derive(Clone)]
pub struct DynFuture {
    inner: Arc<Inner>,
}

struct Inner {
    source: Source,
    /// How many of the first futures that it is made of were seen to be over.
    over: AtomicUsize,
    /// When it was seen not to be over: one more than the number of things that had ended.
    looked: AtomicU64,
    /// How many futures stand behind each other at most: looking at this one looks at those.
    depth: u32,
    _live: Live,
}

/// Whatever looks at a future, or drops it, calls itself for those that it is made of.
const DEEPEST: u32 = 1000;

enum Source {
    Set(OnceLock<Value>),
    Request(DynRequest),
    All(Vec<DynFuture>),
    /// The place of the one that was seen to be over first, which stays the first.
    First(Vec<DynFuture>, OnceLock<usize>),
}

/// What a future is set to: bytes, or an object of the language whose program it is.
pub struct Value(Box<dyn Any + Send + Sync>);

/// What a future that is over has come to.
pub enum Outcome<'a> {
    /// The value that it was set to.
    Value(&'a Value),
    /// What this request has given.
    OfRequest(&'a DynRequest),
    /// What each of these has come to.
    All(&'a [DynFuture]),
    /// What this one has come to, and its place.
    First(usize, &'a DynFuture),
}

impl Value {
    /// A value of any type.
    pub fn new<T: Any + Send + Sync>(value: T) -> Self {
        Value(Box::new(value))
    }

    /// The value, if it has this type.
    pub fn downcast_ref<T: Any>(&self) -> Option<&T> {
        self.0.downcast_ref()
    }

    fn bytes(&self) -> Option<&[u8]> {
        self.downcast_ref::<Box<[u8]>>().map(|bytes| &**bytes)
    }
}

impl From<Array<'_>> for Value {
    /// A copy of the bytes of all elements.
    fn from(array: Array<'_>) -> Self {
        Value::new(Box::<[u8]>::from(array.bytes()))
    }
}

impl DynFuture {
    /// A future that somebody sets.
    pub fn new() -> Self {
        Self::from_source(Source::Set(OnceLock::new()), 0)
    }

    /// The future that is over with a request.
    pub fn of_request(request: DynRequest) -> Self {
        Self::from_source(Source::Request(request), 0)
    }

    /// The future that is over when all of these are.
    pub fn all(parts: Vec<DynFuture>) -> Result<Self> {
        let depth = depth(&parts)?;
        Ok(Self::from_source(Source::All(parts), depth))
    }

    /// The future that is over when the first of these is.
    pub fn first(parts: Vec<DynFuture>) -> Result<Self> {
        if parts.is_empty() {
            let text = "there is no future among futures, so that none can be the first; pass at least one";
            return Err(Error::new(Status::InvalidArgument, text));
        }
        let depth = depth(&parts)?;
        Ok(Self::from_source(Source::First(parts, OnceLock::new()), depth))
    }

    fn from_source(source: Source, depth: u32) -> Self {
        let (over, looked) = Default::default();
        DynFuture { inner: Arc::new(Inner { source, over, looked, depth, _live: Live::new() }) }
    }

    /// Sets it to `value`, for once and all.
    pub fn set(&self, value: Value) -> Result<()> {
        let text = match &self.inner.source {
            Source::Set(place) if place.set(value).is_ok() => {
                request::note_end();
                return Ok(());
            }
            Source::Set(_) => "the future has a value already, which stays; a future is set once",
            _ => "the future follows a request or other futures; set only one that was created without them",
        };
        Err(Error::new(Status::InvalidState, text))
    }

    /// Whether it is over, well or not, without looking for what may have come meanwhile.
    pub fn is_over(&self) -> bool {
        match &self.inner.source {
            Source::Set(value) => value.get().is_some(),
            Source::Request(request) => request.is_over(),
            Source::All(parts) => self
                .may_have_ended(|| {
                    let over = self.inner.over.load(Ordering::Relaxed);
                    let over = over + parts[over..].iter().take_while(|part| part.is_over()).count();
                    self.inner.over.store(over, Ordering::Relaxed);
                    (over == parts.len()).then_some(())
                })
                .is_some(),
            Source::First(..) => self.place().is_some(),
        }
    }

    /// What `look` gives, which looks at all that this is made of; `None` without looking where nothing has ended since it last
    /// gave nothing.
    fn may_have_ended<T>(&self, look: impl FnOnce() -> Option<T>) -> Option<T> {
        let now = request::ends() + 1;
        if self.inner.looked.load(Ordering::Relaxed) == now {
            return None;
        }
        let found = look();
        if found.is_none() {
            self.inner.looked.store(now, Ordering::Relaxed);
        }
        found
    }

    /// The place of the first of the futures that it is made of that is over; `None` if there is none yet, or no such future.
    pub fn place(&self) -> Option<usize> {
        let over = |parts: &[DynFuture]| parts.iter().position(DynFuture::is_over);
        match &self.inner.source {
            Source::Set(_) | Source::Request(_) => None,
            Source::All(parts) => over(parts),
            Source::First(parts, first) => first.get().copied().or_else(|| {
                let place = self.may_have_ended(|| over(parts))?;
                Some(*first.get_or_init(|| place))
            }),
        }
    }

    /// The futures that it is made of.
    pub fn parts(&self) -> &[DynFuture] {
        match &self.inner.source {
            Source::Set(_) | Source::Request(_) => &[],
            Source::All(parts) | Source::First(parts, _) => parts,
        }
    }

    /// What it has come to, if it is over and nothing in it has failed.
    pub fn outcome(&self) -> Option<Outcome<'_>> {
        match &self.inner.source {
            Source::Set(value) => value.get().map(Outcome::Value),
            Source::Request(request) => Some(Outcome::OfRequest(request)),
            Source::All(parts) => Some(Outcome::All(parts)),
            Source::First(parts, _) => self.place().map(|place| Outcome::First(place, &parts[place])),
        }
    }

    /// Looks for what has come; whether it is over. An error if it has failed.
    pub fn test(&self) -> Result<bool> {
        if !self.is_over() {
            progress::at_this_time(Instant::now(), request::unfinished::poll);
        }
        if self.is_over() { self.failure(&mut Known::new()).map(|()| true) } else { Ok(false) }
    }

    /// Waits until it is over, or for `timeout`, after which it is as before. Without one, what nobody sets is waited for as long as
    /// other ranks are. An error if it has failed.
    pub fn wait(&self, timeout: Option<Duration>) -> Result<()> {
        if self.is_over() {
            return self.failure(&mut Known::new());
        }
        let settings = Settings::from_environment()?;
        let limit = timeout.unwrap_or(settings.timeout);
        // Requests say themselves that they wait long, and have deadlines of their own.
        let is_to_be_set = || self.is_to_be_set(&mut Known::new());
        let mut silence = if timeout.is_none() { settings.report_after.min(limit) } else { limit };
        let mut start = Instant::now();
        loop {
            let time = silence.saturating_sub(start.elapsed());
            if request::wait_until(Some(time), || self.is_over().then_some(())).is_some() {
                return self.failure(&mut Known::new());
            }
            let is_interrupted = start.elapsed() < silence;
            if is_interrupted || (silence == limit && (timeout.is_some() || is_to_be_set())) {
                let text =
                    format!("the future is not over after {limit:?}. It is as before; wait for it again.");
                return Err(Error::new(Status::Timeout, text));
            }
            if silence == limit {
                start = Instant::now();
            } else if is_to_be_set() {
                settings.report_wait(Operation::FutureWait, "this process", "a future that nobody has set");
            }
            silence = limit;
        }
    }

    /// Whether somebody has to set it, or a future that it is made of, before it is over. What was found out about others is
    /// in `known`.
    fn is_to_be_set(&self, known: &mut Known<bool>) -> bool {
        match &self.inner.source {
            Source::Set(value) => value.get().is_none(),
            Source::Request(_) => false,
            Source::All(parts) => self.once(known, |known| parts.iter().any(|part| part.is_to_be_set(known))),
            Source::First(parts, _) => {
                self.once(known, |known| parts.iter().all(|part| part.is_to_be_set(known)))
            }
        }
    }

    /// The error of one that is over and has failed. The contexts of requests that have failed are told.
    fn failure(&self, known: &mut Known<Result<()>>) -> Result<()> {
        self.once(known, |known| match &self.inner.source {
            Source::Set(_) => Ok(()),
            Source::Request(request) => request.wait(None).map_err(|error| request.context().report(error)),
            Source::All(parts) => {
                let failures = parts.iter().enumerate().map(|(place, part)| part.failure_at(place, known));
                let failures: Vec<Result<()>> = failures.collect();
                failures.into_iter().collect()
            }
            Source::First(parts, _) => {
                self.place().map_or(Ok(()), |place| parts[place].failure_at(place, known))
            }
        })
    }

    fn failure_at(&self, place: usize, known: &mut Known<Result<()>>) -> Result<()> {
        self.failure(known).map_err(|error| {
            let text = format!("futures[{place}] has failed: {}", error.message());
            request::like(&error, text)
        })
    }

    /// What is known of this future, or `find` finds out: it may be a part of many others, which are parts of others.
    fn once<T: Clone>(&self, known: &mut Known<T>, find: impl FnOnce(&mut Known<T>) -> T) -> T {
        let own = Arc::as_ptr(&self.inner);
        if let Some(known) = known.get(&own) {
            return known.clone();
        }
        let found = find(known);
        known.insert(own, found.clone());
        found
    }
}

/// What was found out about futures in one go.
type Known<T> = HashMap<*const Inner, T>;

/// How deep a future is that is made of these.
fn depth(parts: &[DynFuture]) -> Result<u32> {
    let depth = 1 + parts.iter().map(|part| part.inner.depth).max().unwrap_or(0);
    if depth <= DEEPEST {
        return Ok(depth);
    }
    let text = format!(
        "the future would be made of futures that are made of others, {DEEPEST} times and more; pass all in one list"
    );
    Err(Error::new(Status::NotSupported, text))
}

impl Default for DynFuture {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for DynFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DynFuture").field(&operations::describe(self)).finish()
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Value").field(&self.bytes().map(<[u8]>::len)).finish()
    }
}
