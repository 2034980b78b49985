//! A movement that has begun, of blocks of any size: it goes piece by piece, and each piece arrives, or fails, or is waited for
//! beyond the deadline. A rank that waits long says on stderr for whom, well before it gives up.

use super::endpoint::{Endpoint, failure, whom};
use super::interruption::is_interrupted;
use super::mpi;
use super::progress::Deadline;
use super::transport::{Blocks, Fault, Pattern, Progress, Request, Start};
use crate::error::{Error, Result};
use crate::observe;
use dtl_types::{Operation, SpecEnum};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// A movement that has begun.
#[derive(Debug)]
pub(crate) struct Movement {
    whole: Start,
    /// Bytes of each block that are moved or on their way.
    started: usize,
    /// The piece that is on its way.
    request: Option<Request>,
}

// SAFETY: the addresses in it are used by whoever waits for it, and belong to no thread.
unsafe impl Send for Movement {}

impl Movement {
    /// Begins a movement; nothing else may move on the endpoint's communicator before it is over.
    ///
    /// # Safety
    /// The memory must be as `Start` describes it, and stay until the movement is over or its `Arrival` is dropped; all ranks
    /// must begin the same.
    pub(crate) unsafe fn begin(endpoint: &Endpoint, whole: Start) -> Self {
        let reaches = |blocks: &Blocks| blocks.kind.is_host() || endpoint.transport.reaches(blocks.kind);
        assert!(reaches(&whole.send) && reaches(&whole.receive), "the transport does not reach the blocks");
        let mut movement = Movement { whole, started: 0, request: None };
        // SAFETY: the caller guarantees that the memory stays until the movement is over or its `Arrival` is dropped, and
        // that all ranks begin the same.
        unsafe { movement.start_piece(endpoint) };
        movement
    }

    /// Starts the next piece, if there is one.
    ///
    /// # Safety
    /// The memory must be there still.
    unsafe fn start_piece(&mut self, endpoint: &Endpoint) {
        let Start { bytes, send, receive, pattern } = self.whole;
        let piece = match pattern {
            _ if endpoint.transport.capabilities().tells_of_progress => endpoint.settings.largest_block,
            Pattern::Broadcast { .. } => endpoint.settings.piece(1),
            _ => endpoint.settings.piece(endpoint.size() as usize),
        };
        let piece = piece.min(bytes - self.started);
        if piece > 0 {
            let (send, receive) = (send.skip(self.started), receive.skip(self.started));
            let start = Start { bytes: piece, send, receive, ..self.whole };
            // SAFETY: a piece is a part of the caller's blocks.
            self.request = Some(unsafe { endpoint.transport.start(endpoint.comm, &start) });
            self.started += piece;
        }
    }

    /// Whether it is over, as far as can be said without waiting; its memory is then nobody else's any more.
    pub(crate) fn is_over(&self, endpoint: &Endpoint) -> bool {
        let is_last = self.started == self.whole.bytes;
        let is_complete = |request| endpoint.transport.test(endpoint.comm, request) == Ok(Progress::Complete);
        self.request.is_none_or(|request| endpoint.is_usable() && is_last && is_complete(request))
    }
}

/// A movement begins: a block between two ranks is a message.
pub(crate) fn count(operation: Operation, endpoint: &Endpoint, start: &Start) {
    let (rank, size) = (endpoint.rank(), endpoint.size());
    let Start { pattern, bytes, .. } = *start;
    let others = size as usize - 1;
    if bytes == 0 || others == 0 {
        return;
    }
    let (sends, receives) = match pattern {
        Pattern::Broadcast { root } | Pattern::Scatter { root } if root == rank => (others, 0),
        Pattern::Broadcast { .. } | Pattern::Scatter { .. } => (0, 1),
        Pattern::Gather { root } if root == rank => (0, others),
        Pattern::Gather { .. } => (1, 0),
        Pattern::Allgather | Pattern::Alltoall => (others, others),
        // Each step doubles the number of ranks of which a rank has heard.
        Pattern::And => {
            let steps = others.ilog2() as usize + 1;
            (steps, steps)
        }
        Pattern::Exchange => return count_exchange(operation, rank, size, start),
    };
    if sends > 0 {
        observe::sent(operation, bytes, sends);
    }
    if receives > 0 {
        observe::received(operation, bytes, receives);
    }
}

/// Blocks of their own sizes, of which empty ones are no messages.
fn count_exchange(operation: Operation, rank: i32, size: i32, start: &Start) {
    for other in (0..size).filter(|other| *other != rank) {
        let (out, back) =
            (start.send.bytes(other as usize, start.bytes), start.receive.bytes(other as usize, start.bytes));
        if out > 0 {
            observe::sent(operation, out, 1);
        }
        if back > 0 {
            observe::received(operation, back, 1);
        }
    }
}

/// The end of a movement, for which an operation waits. Where it is dropped before that, nobody can wait for it any
/// more, so the communicator is given up.
pub(crate) struct Arrival<'a> {
    endpoint: &'a Endpoint,
    operation: Operation,
    movement: Movement,
    deadline: Deadline,
    /// How long it was waited for before the deadline was put off.
    waited: Duration,
    /// Whether the other ranks know that this one waits, since something has moved last.
    is_announced: bool,
    is_reported: bool,
}

impl<'a> Arrival<'a> {
    pub(crate) fn new(endpoint: &'a Endpoint, operation: Operation, movement: Movement) -> Self {
        let deadline = Deadline::new(endpoint.settings.timeout);
        Arrival {
            endpoint,
            operation,
            movement,
            deadline,
            waited: Duration::ZERO,
            is_announced: false,
            is_reported: false,
        }
    }

    fn give_up(&mut self) -> Error {
        let (whom, progress) = (self.whom(), self.progress());
        let (rank, timeout) = (self.endpoint.rank(), self.endpoint.settings.timeout);
        let reason = if is_interrupted() {
            format!("rank {rank} was interrupted while it waited for {whom}; {progress}")
        } else {
            format!("rank {rank} waited {timeout:?} for {whom} and gave up; {progress}")
        };
        self.abandon(&reason);
        mpi::waited_in_vain(true);
        failure(self.operation.name(), Fault::Broken(reason))
    }

    /// Tells others of a wait that has become long: the other ranks, in time for them to say whom they do not hear of, and whoever
    /// reads stderr.
    fn speak(&mut self, request: Request) {
        let Endpoint { transport, comm, settings, .. } = self.endpoint;
        let waited = self.deadline.waited();
        if !self.is_announced && waited >= settings.report_after.min(settings.timeout) / 2 {
            self.is_announced = true;
            transport.announce(*comm, request);
        }
        if !self.is_reported && waited >= settings.report_after {
            self.is_reported = true;
            self.report();
        }
    }

    #[cold]
    fn report(&self) {
        let who = format!("rank {}", self.endpoint.rank());
        let what = format!("{}; {}", self.whom(), self.progress());
        self.endpoint.settings.report_wait(self.operation, &who, &what);
    }

    /// The ranks that are waited for.
    fn whom(&self) -> String {
        let Endpoint { transport, comm, .. } = self.endpoint;
        whom(transport.as_ref(), *comm, self.movement.request)
    }

    /// How far all ranks are known to have come.
    fn progress(&self) -> String {
        match self.endpoint.last_call() {
            Some((number, operation)) => format!(
                "the last call on this context that all ranks came to was number {number}, {}",
                operation.name()
            ),
            None => "it is the first call on this context".to_owned(),
        }
    }

    fn abandon(&mut self, reason: &str) {
        if let Some(request) = self.movement.request.take()
            && self.endpoint.is_usable()
        {
            self.endpoint.transport.abandon(self.endpoint.comm, request, reason);
        }
    }
}

impl Future for Arrival<'_> {
    type Output = Result<()>;

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<()>> {
        let this = &mut *self;
        let later = || {
            // What other ranks do wakes nobody here.
            task.waker().wake_by_ref();
            Poll::Pending
        };
        let Endpoint { transport, comm, .. } = this.endpoint;
        if !this.endpoint.is_usable() {
            return Poll::Ready(Err(this.endpoint.why_unusable().of(this.operation)));
        }
        while let Some(request) = this.movement.request {
            match transport.test(*comm, request) {
                Ok(Progress::Complete) => {
                    this.movement.request = None;
                    this.waited += this.deadline.waited();
                    this.deadline.put_off();
                    this.is_announced = false;
                    // SAFETY: `begin` was given memory that stays until this is over or dropped, which it is not yet.
                    unsafe { this.movement.start_piece(this.endpoint) };
                }
                Err(fault) => {
                    this.movement.request = None;
                    return Poll::Ready(Err(failure(this.operation.name(), fault)));
                }
                Ok(Progress::Moving) => {
                    this.waited += this.deadline.waited();
                    this.deadline.put_off();
                    this.is_announced = false;
                    return later();
                }
                Ok(Progress::Waiting) if this.deadline.has_passed() => {
                    return Poll::Ready(Err(this.give_up()));
                }
                Ok(Progress::Waiting) => {
                    this.speak(request);
                    return later();
                }
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl Drop for Arrival<'_> {
    fn drop(&mut self) {
        let waited = self.waited + self.deadline.waited();
        if !waited.is_zero() {
            observe::wait(self.operation, waited);
        }
        if self.movement.request.is_some() {
            let reason = format!("rank {} gave up an operation that was not over", self.endpoint.rank());
            self.abandon(&reason);
        }
    }
}
