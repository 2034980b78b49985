//! The requests that are not over, and which of them are polled next. A request is woken when what it waits for may have come, so
//! that thousands of others cost nothing. What only looking can find, such as data on its way, wakes itself while it is
//! polled, and is polled in every look. Now and then all are polled, for their deadlines.

use super::Issued;
use crate::comm::mailbox;
use crate::comm::progress;
use crate::context::Context;
use crate::numbered::Numbered;
use crate::observe::REQUESTS;
use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Wake;
use std::time::{Duration, Instant};

/// Between two times at which all are polled, and for how many more each of them counts: most of the time is for others.
const PAUSE: Duration = Duration::from_millis(1);
const PAUSE_FOR_EACH: Duration = Duration::from_micros(20);

/// A program that issues request after request lets them go on whenever there are so many more: it may wait for none of them.
const MANY: usize = 16;

struct Unfinished {
    /// All, in the order in which they were issued.
    all: Numbered<Arc<Issued>>,
    /// Those that are polled next.
    woken: VecDeque<Arc<Issued>>,
    /// When all were polled last.
    all_polled: Option<Instant>,
}

static UNFINISHED: Mutex<Unfinished> =
    Mutex::new(Unfinished { all: Numbered::new(), woken: VecDeque::new(), all_polled: None });

thread_local! {
    /// Room for those that are polled again in the next look.
    static AGAIN: Cell<Vec<Arc<Issued>>> = const { Cell::new(Vec::new()) };
}

/// Whether a request is to be polled. It is among the woken ones where it is `WOKEN` and nothing else.
#[derive(Debug)]
pub(super) struct Mark(AtomicU8);

const WOKEN: u8 = 1;
/// Somebody polls it, or it is over.
const POLLED: u8 = 2;

impl Mark {
    /// Of a request that is about to be polled for the first time.
    pub(super) fn polled() -> Self {
        Mark(AtomicU8::new(POLLED))
    }

    /// Notes that it is to be polled; true if it must be put among the woken ones for that.
    fn wake(&self) -> bool {
        self.0.fetch_or(WOKEN, Ordering::AcqRel) == 0
    }

    fn begin(&self) {
        self.0.store(POLLED, Ordering::Release);
    }

    /// Nobody polls it any more; whether it was woken meanwhile.
    fn end(&self) -> bool {
        self.0.fetch_and(!POLLED, Ordering::AcqRel) & WOKEN != 0
    }
}

impl Wake for Issued {
    fn wake(self: Arc<Self>) {
        if self.mark.wake() {
            lock().woken.push_back(self);
        }
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.mark.wake() {
            lock().woken.push_back(self.clone());
        }
    }
}

fn lock() -> MutexGuard<'static, Unfinished> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The number of requests that are not over.
pub(crate) fn count() -> usize {
    REQUESTS.load(Ordering::Acquire)
}

/// Polls a request for the first time, and keeps it until it is over.
pub(super) fn begin(issued: &Arc<Issued>) {
    progress::also_poll(poll);
    issued.poll();
    if issued.is_over() {
        return;
    }
    let mut unfinished = lock();
    unfinished.all.insert(issued.number, issued.clone());
    let count = unfinished.all.len();
    REQUESTS.store(count, Ordering::Release);
    if issued.mark.end() {
        unfinished.woken.push_back(issued.clone());
    }
    drop(unfinished);
    if count.is_multiple_of(MANY) {
        poll();
    }
}

/// Lets every request that can go on do so, as far as it can without waiting.
pub(crate) fn poll() {
    let count = count();
    if count == 0 {
        return;
    }
    mailbox::look_after();
    if let Some(now) = progress::time() {
        wake_all_now_and_then(now);
    }
    let mut again = AGAIN.take();
    // Other threads may wake more at the same time.
    for _ in 0..=count {
        let Some(issued) = lock().woken.pop_front() else { break };
        issued.mark.begin();
        issued.poll();
        if issued.is_over() {
            end(&issued);
        } else if issued.mark.end() {
            again.push(issued);
        }
    }
    if !again.is_empty() {
        lock().woken.extend(again.drain(..));
    }
    AGAIN.set(again);
}

fn end(issued: &Issued) {
    let mut unfinished = lock();
    // What it holds is dropped when others may look again.
    let _held = unfinished.all.remove(issued.number);
    REQUESTS.store(unfinished.all.len(), Ordering::Release);
    drop(unfinished);
    super::note_end();
    progress::note_movement();
}

fn wake_all_now_and_then(now: Instant) {
    let mut unfinished = lock();
    let pause = PAUSE + PAUSE_FOR_EACH * unfinished.all.len() as u32;
    if unfinished.all_polled.is_none_or(|last| now >= last + pause) {
        unfinished.all_polled = Some(now);
        unfinished.wake(|_| true);
    }
}

/// Gives up the requests of a context that is being closed, whose other ranks are told.
pub(crate) fn cancel(context: &Context) {
    poll();
    // All at once, so that none of them gets its turn because another has ended.
    lock().wake(|issued| {
        let is_of_it = issued.context.is_same(context);
        if is_of_it {
            issued.is_canceled.store(true, Ordering::Release);
        }
        is_of_it
    });
    poll();
}

impl Unfinished {
    /// Wakes those of the requests of which `which` is true.
    fn wake(&mut self, which: impl Fn(&Issued) -> bool) {
        let Unfinished { all, woken, .. } = self;
        let chosen = all.values().filter(|issued| which(issued) && issued.mark.wake());
        woken.extend(chosen.cloned());
    }
}
