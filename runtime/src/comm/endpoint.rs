//! One rank's end of a communicator: the transport with everything that is asked for often kept at hand, and movements, which
//! are waited for under the deadline. Faults become errors for users here.

use super::mpi;
use super::progress::Deadline;
use super::ranks::Ranks;
use super::settings::Settings;
use super::transport::{Blocks, Comm, Fault, Pattern, Progress, Request, Start, Transport};
use super::turns::{Turn, Turns};
use super::wait::{self, Look};
use crate::error::{Error, Result};
use crate::execution::threads_of_a_rank;
use crate::messages::Mailbox;
use dtl_types::Status;
use std::future::poll_fn;
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use std::time::Duration;

/// One rank's end of a communicator.
pub(crate) struct Endpoint {
    transport: Arc<dyn Transport>,
    comm: Comm,
    rank: i32,
    size: i32,
    settings: Settings,
    /// The process whose end it is; one that was forked from it has no part in it.
    process: u32,
    /// The order of the collective calls.
    turns: Turns,
    /// How many threads may work on this rank's elements.
    threads: OnceLock<usize>,
    /// The messages to and from single ranks.
    mailbox: Arc<Mailbox>,
}

impl Endpoint {
    pub(crate) fn new(transport: Arc<dyn Transport>, comm: Comm, settings: Settings) -> Self {
        let (rank, size) = (transport.rank(comm), transport.size(comm));
        let mailbox = Mailbox::new(transport.clone(), comm, settings.timeout);
        Endpoint {
            transport,
            comm,
            rank,
            size,
            settings,
            process: std::process::id(),
            turns: Turns::default(),
            threads: OnceLock::new(),
            mailbox,
        }
    }

    pub(crate) fn rank(&self) -> i32 {
        self.rank
    }

    pub(crate) fn size(&self) -> i32 {
        self.size
    }

    /// The messages to and from single ranks.
    pub(crate) fn mailbox(&self) -> &Mailbox {
        &self.mailbox
    }

    /// How many threads may work on this rank's elements.
    pub(crate) fn threads(&self) -> usize {
        // Finding out reads files of the system.
        *self.threads.get_or_init(|| {
            let ranks_here = match self.transport_name() {
                "threads" => self.size as usize,
                _ => mpi::ranks_here(),
            };
            self.settings.threads.unwrap_or_else(|| threads_of_a_rank(ranks_here))
        })
    }

    /// What moves the bytes: "single", "threads", "mpi".
    pub(crate) fn transport_name(&self) -> &'static str {
        self.transport.name()
    }

    /// This rank's end of a new communicator of `members`, after an exchange; `None` without members.
    pub(super) fn split(&self, caller: &str, members: &[i32]) -> Result<Option<Endpoint>> {
        let split =
            self.transport.clone().split(self.comm, members).map_err(|fault| failure(caller, fault))?;
        Ok(split.map(|(transport, comm)| Endpoint::new(transport, comm, self.settings)))
    }

    /// Waits in line until the collective calls that this rank has issued before are over.
    pub(super) async fn take_turn(&self, caller: &str) -> Result<Turn<'_>> {
        let turn = self.turns.queue();
        let mut deadline = Deadline::new(self.settings.timeout);
        let has_come = poll_fn(|_| match turn.has_come() {
            true => Poll::Ready(true),
            false if deadline.has_passed() => Poll::Ready(false),
            false => Poll::Pending,
        });
        if has_come.await {
            return Ok(turn);
        }
        Err(Error::new(
            Status::Timeout,
            format!(
                "{caller}: waited {:?} for another collective call of this rank on the same context to end; give \
                 each thread a context of its own with dup()",
                self.settings.timeout
            ),
        ))
    }

    /// Moves blocks of `bytes` bytes between all ranks, in as many pieces as the transport needs, and waits for them.
    ///
    /// # Safety
    /// `send` and `receive` must be memory as `Start` describes it until the future is over or dropped, and all ranks must
    /// pass the same pattern, size and `arrived`.
    pub(super) async unsafe fn transfer(
        &self,
        caller: &str,
        pattern: Pattern,
        bytes: usize,
        send: Blocks,
        receive: Blocks,
        arrived: bool,
    ) -> Result<()> {
        // SAFETY: the caller's promise.
        unsafe { self.complete(caller, self.begin(Start { pattern, bytes, send, receive, arrived })).await }
    }

    /// Starts a movement, of blocks as large as they are; nothing else may move on the communicator before it is complete.
    ///
    /// # Safety
    /// As for `transfer`; the memory must stay until `complete` returns, or for ever.
    pub(super) unsafe fn begin(&self, whole: Start) -> Movement {
        let mut movement = Movement { whole, started: 0, request: None };
        // SAFETY: the caller's promise.
        unsafe { self.start_piece(&mut movement) };
        movement
    }

    /// Waits for a movement.
    ///
    /// # Safety
    /// The memory that was given to `begin` must be there until the future is over or dropped.
    pub(super) async unsafe fn complete(&self, caller: &str, mut movement: Movement) -> Result<()> {
        while let Some(request) = movement.request.take() {
            self.finish(caller, request).await?;
            // SAFETY: the caller's promise.
            unsafe { self.start_piece(&mut movement) };
        }
        Ok(())
    }

    /// Whether a movement is over, as far as can be said without waiting; its memory is then nobody else's any more.
    pub(crate) fn is_over(&self, movement: Movement) -> bool {
        let is_last = movement.started == movement.whole.bytes;
        let is_complete = |request| self.transport.test(self.comm, request) == Ok(Progress::Complete);
        movement.request.is_none_or(|request| is_last && is_complete(request))
    }

    /// Starts the next piece, if there is one.
    unsafe fn start_piece(&self, movement: &mut Movement) {
        let Start { bytes, send, receive, .. } = movement.whole;
        let piece = self.settings.largest_block.min(bytes - movement.started);
        if piece > 0 {
            let (send, receive) = (send.skip(movement.started), receive.skip(movement.started));
            let start = Start { bytes: piece, send, receive, ..movement.whole };
            // SAFETY: a piece is a part of the caller's blocks.
            movement.request = Some(unsafe { self.transport.start(self.comm, &start) });
            movement.started += piece;
        }
    }

    async fn finish(&self, caller: &str, request: Request) -> Result<()> {
        let mut piece = Piece { endpoint: self, request: Some(request) };
        let mut deadline = Deadline::new(self.settings.timeout);
        poll_fn(|_| match self.transport.test(self.comm, request) {
            Ok(Progress::Waiting) if deadline.has_passed() => Poll::Ready(Err(piece.give_up(caller))),
            Ok(Progress::Waiting) => Poll::Pending,
            Ok(Progress::Moving) => {
                deadline.put_off();
                Poll::Pending
            }
            Ok(Progress::Complete) => {
                piece.request = None;
                Poll::Ready(Ok(()))
            }
            Err(fault) => {
                piece.request = None;
                Poll::Ready(Err(failure(caller, fault)))
            }
        })
        .await
    }

    /// Tells peers that wait for this rank that it will not come any more.
    pub(crate) fn leave(&self) {
        if self.is_own() {
            self.transport.leave(self.comm);
        }
    }

    /// Whether this process made it, rather than inherit it through `fork`.
    fn is_own(&self) -> bool {
        self.process == std::process::id()
    }

    pub(crate) fn abort(&self, code: i32) -> ! {
        self.transport.abort(code)
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        if self.is_own() {
            self.mailbox.close();
            self.transport.free(self.comm);
        }
    }
}

/// A piece of a movement that is on its way. Where it is dropped before it has arrived, nobody can wait for it any more, so
/// the communicator is given up.
struct Piece<'a> {
    endpoint: &'a Endpoint,
    request: Option<Request>,
}

impl Piece<'_> {
    fn give_up(&mut self, caller: &str) -> Error {
        let Endpoint { transport, comm, rank, settings, .. } = self.endpoint;
        let missing = self.request.map_or_else(Vec::new, |request| transport.missing(*comm, request));
        let whom =
            if missing.is_empty() { "the other ranks".to_owned() } else { Ranks(&missing).to_string() };
        let reason = format!("rank {rank} waited {:?} for {whom} and gave up", settings.timeout);
        self.abandon(&reason);
        failure(caller, Fault::Broken(reason))
    }

    fn abandon(&mut self, reason: &str) {
        if let Some(request) = self.request.take() {
            self.endpoint.transport.abandon(self.endpoint.comm, request, reason);
        }
    }
}

impl Drop for Piece<'_> {
    fn drop(&mut self) {
        if self.request.is_some() {
            let reason = format!("rank {} gave up an operation that was not over", self.endpoint.rank);
            self.abandon(&reason);
        }
    }
}

/// A movement that has begun, of blocks of any size.
#[derive(Debug)]
pub(crate) struct Movement {
    whole: Start,
    /// Bytes of each block that are moved or on their way.
    started: usize,
    /// The piece that is on its way.
    request: Option<Request>,
}

// SAFETY: the addresses in it are used by whoever completes it, and belong to no thread.
unsafe impl Send for Movement {}

/// Waits until a movement is over; `None` if nothing has moved for `timeout`.
pub(super) fn wait_for(
    transport: &dyn Transport,
    comm: Comm,
    request: Request,
    timeout: Duration,
) -> Option<std::result::Result<(), Fault>> {
    wait::poll(timeout, || match transport.test(comm, request) {
        Ok(Progress::Complete) => Look::Ready(Ok(())),
        Ok(Progress::Moving) => Look::Moving,
        Ok(Progress::Waiting) => Look::Idle,
        Err(fault) => Look::Ready(Err(fault)),
    })
}

/// A fault as an error for users.
pub(super) fn failure(caller: &str, fault: Fault) -> Error {
    match fault {
        Fault::Left(ranks) => Error::new(
            Status::RankFailure,
            format!(
                "{caller}: {} left the context and will not take part. Every rank must make the same collective calls \
                 before it closes its context or ends.",
                Ranks(&ranks)
            ),
        )
        .found_on(ranks[0]),
        Fault::Failed(words) => Error::new(Status::Mpi, format!("{caller}: {words}")),
        Fault::Broken(reason) => Error::new(
            Status::Timeout,
            format!(
                "{caller}: {reason}. Every rank must make the same collective calls in the same order; the time to wait \
                 is the environment variable DTL_TIMEOUT, in seconds. This context can no longer be used for them."
            ),
        ),
    }
}
