//! Waiting at a mailbox: for a message, for the receiver of one, or for room on the way. A thread that waits looks after its
//! mailbox itself. Requests that wait are woken when something has come for them, and every look of the process looks after
//! their mailboxes, once for all of them.

use super::state::{Mailbox, State};
use crate::comm::mpi;
use crate::comm::progress::{self, Deadline};
use crate::comm::transport::Fault;
use crate::numbered::Numbered;
use dtl_types::Operation;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

/// How often to look for packets before looking for ranks that have left.
const LOOKS: u32 = 64;
/// How often to look for packets before taking large messages that nobody wants yet out of their senders' hands. A receive
/// that is about to begin would save copying them; but a sender may wait for just this rank, which waits for that one.
const PATIENCE: u32 = 512;

/// The mailboxes at which requests wait.
static AWAITED: Mutex<Vec<Arc<Mailbox>>> = Mutex::new(Vec::new());

/// What has come for a mailbox, and who is to be told of it.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    receives: Numbered<Waker>,
    sends: Numbered<Waker>,
    looks: u32,
    /// How often anything had moved when stderr was told last that somebody waits.
    reported: Option<u64>,
    /// The ranks that have left, all of whose packets have come.
    left: Vec<i32>,
    /// Why nothing moves any more.
    fault: Option<Fault>,
}

/// Who may be waiting: a receive or a message that is being sent, by their numbers.
#[derive(Debug, Clone, Copy)]
pub(super) enum Party {
    Receive(u64),
    Send(u64),
}

/// What is waited for.
pub(super) trait Awaited {
    /// The operation that waits.
    fn operation(&self) -> Operation;

    /// Whose number is told when it may have come; `None` where only looking again tells.
    fn party(&self) -> Option<Party>;

    /// Whether it will not come, once these ranks have left.
    fn is_hopeless(&self, left: &[i32]) -> bool;

    /// What it is, in a sentence about waiting for it.
    fn describe(&self) -> String;
}

/// Why something that was waited for will not come.
#[derive(Debug)]
pub(super) enum Failure {
    /// These ranks have left, one of which was waited for.
    Left(Vec<i32>),
    TimedOut,
    Fault(Fault),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Failure::Fault(fault)
    }
}

fn awaited() -> MutexGuard<'static, Vec<Arc<Mailbox>>> {
    AWAITED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Looks after the mailboxes at which requests wait, and wakes those for which something has come.
pub(crate) fn look_after() {
    let mut at = 0;
    loop {
        // Mailboxes may come and go meanwhile; one that is missed is looked at next time.
        let next = awaited().get(at).cloned();
        let Some(mailbox) = next else { return };
        let mut state = mailbox.lock();
        if mailbox.is_in_use(&state)
            && let Err(fault) = mailbox.look(&mut state)
        {
            state.waiting.fault = Some(fault);
            state.waiting.wake_all();
        }
        at += 1;
    }
}

impl Waiting {
    /// How many are to be woken when something has come for them.
    fn count(&self) -> usize {
        self.receives.len() + self.sends.len()
    }

    pub(super) fn wake(&self, party: Party) {
        let waker = match party {
            Party::Receive(number) => self.receives.get(number),
            Party::Send(number) => self.sends.get(number),
        };
        if let Some(waker) = waker {
            waker.wake_by_ref();
        }
    }

    fn wake_all(&self) {
        self.receives.values().chain(self.sends.values()).for_each(Waker::wake_by_ref);
    }

    /// The wakers of those that are like this party, and its number among them.
    fn of(&mut self, party: Party) -> (&mut Numbered<Waker>, u64) {
        match party {
            Party::Receive(number) => (&mut self.receives, number),
            Party::Send(number) => (&mut self.sends, number),
        }
    }
}

impl Mailbox {
    /// Does what can be done now; whether anything has moved.
    fn look(&self, state: &mut State) -> Result<bool, Fault> {
        let mut has_moved = self.advance(state)?;
        state.waiting.looks = state.waiting.looks.wrapping_add(1);
        let looks = state.waiting.looks;
        if looks.is_multiple_of(LOOKS) {
            let left = self.transport.departed(self.comm)?;
            if left.len() > state.waiting.left.len() {
                // What they sent may have come between the two looks.
                has_moved |= self.advance(state)?;
                state.waiting.left = left;
                state.waiting.wake_all();
            }
        }
        if looks.is_multiple_of(PATIENCE) {
            has_moved |= self.relieve_a_sender(state)?;
        }
        if has_moved {
            progress::note_movement();
        }
        Ok(has_moved)
    }

    /// Waits until `look` gives something; a failure if it cannot be hoped for any more, or nothing has moved for too long.
    pub(super) async fn until<T>(
        &self,
        awaited: &impl Awaited,
        mut look: impl FnMut(&mut State) -> Result<Option<T>, Fault>,
    ) -> Result<T, Failure> {
        let deadline = Deadline::new(self.settings.timeout);
        let mut visit =
            Visit { mailbox: self, awaited, deadline, moves: None, is_waiting: false, is_reported: false };
        poll_fn(|task| visit.poll(task.waker(), &mut look).transpose().map_or(Poll::Pending, Poll::Ready))
            .await
    }
}

/// Somebody who waits at a mailbox.
struct Visit<'a, A: Awaited> {
    mailbox: &'a Mailbox,
    awaited: &'a A,
    deadline: Deadline,
    /// How often something had moved when this one has looked last.
    moves: Option<u64>,
    /// Whether it is to be woken.
    is_waiting: bool,
    is_reported: bool,
}

impl<A: Awaited> Visit<'_, A> {
    fn poll<T>(
        &mut self,
        waker: &Waker,
        look: &mut impl FnMut(&mut State) -> Result<Option<T>, Fault>,
    ) -> Result<Option<T>, Failure> {
        let mut state = self.mailbox.lock();
        if let Some(found) = look(&mut state)? {
            return Ok(Some(found));
        }
        if let Some(fault) = &state.waiting.fault {
            return Err(fault.clone().into());
        }
        if self.mailbox.look(&mut state)?
            && let Some(found) = look(&mut state)?
        {
            return Ok(Some(found));
        }
        let moves = state.moves;
        if self.moves.replace(moves).is_some_and(|before| before != moves) {
            self.deadline.put_off();
        }
        if !state.waiting.left.is_empty() && self.awaited.is_hopeless(&state.waiting.left) {
            mpi::waited_in_vain(false);
            return Err(Failure::Left(state.waiting.left.clone()));
        }
        if self.deadline.has_passed() {
            mpi::waited_in_vain(true);
            return Err(Failure::TimedOut);
        }
        if !self.is_reported && self.deadline.waited() >= self.mailbox.settings.report_after {
            self.is_reported = true;
            self.report(&mut state);
        }
        self.wait(&mut state, waker);
        Ok(None)
    }

    /// Has itself woken, unless it is polled anyway.
    fn wait(&mut self, state: &mut State, waker: &Waker) {
        if waker.will_wake(Waker::noop()) {
            return;
        }
        let Some(party) = self.awaited.party() else { return waker.wake_by_ref() };
        if !self.is_waiting && state.waiting.count() == 0 {
            awaited().extend(self.mailbox.own.upgrade());
        }
        self.is_waiting = true;
        let (wakers, number) = state.waiting.of(party);
        wakers.insert(number, waker.clone());
    }

    /// Says for what it waits. Of the requests that wait here, one does so for all until something moves again.
    #[cold]
    fn report(&self, state: &mut State) {
        let moves = Some(state.moves);
        if std::mem::replace(&mut state.waiting.reported, moves) == moves && self.is_waiting {
            return;
        }
        let others = match state.waiting.count() - usize::from(self.is_waiting) {
            0 => String::new(),
            1 => "; one more send or receive on this context waits, too".to_owned(),
            others => format!("; {others} more sends and receives on this context wait, too"),
        };
        let unwanted = state.incoming.described_unwanted();
        let unwanted =
            unwanted.map_or_else(String::new, |it| format!("; what has come and was not asked for: {it}"));
        let what = format!("{}{others}{unwanted}", self.awaited.describe());
        let who = format!("rank {}", self.mailbox.rank);
        self.mailbox.settings.report_wait(self.awaited.operation(), &who, &what);
    }
}

impl<A: Awaited> Drop for Visit<'_, A> {
    fn drop(&mut self) {
        if !self.is_waiting {
            return;
        }
        let mut state = self.mailbox.lock();
        if let Some(party) = self.awaited.party() {
            let (wakers, number) = state.waiting.of(party);
            wakers.remove(number);
        }
        if state.waiting.count() == 0 {
            awaited().retain(|other| !std::ptr::eq(Arc::as_ptr(other), self.mailbox));
        }
    }
}
