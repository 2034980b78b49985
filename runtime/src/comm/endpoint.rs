//! One rank's end of a communicator: the transport with everything that is asked for often kept at hand. Faults become errors
//! for users here.

use super::hold::Hold;
use super::mailbox::{self, Mailbox};
use super::mpi;
use super::process::Process;
use super::progress::Deadline;
use super::ranks::Ranks;
use super::settings::Settings;
use super::transport::{Capabilities, Comm, Fault, Progress, Request, Transport};
use super::turns::{Turn, Turns};
use super::wait::{self, Look};
use crate::error::{Error, Result};
use crate::execution::threads_of_a_rank;
use dtl_types::{Operation, SpecEnum, Status};
use std::future::poll_fn;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use std::time::Duration;

/// One rank's end of a communicator.
pub(crate) struct Endpoint {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) comm: Comm,
    rank: i32,
    size: i32,
    pub(crate) settings: Settings,
    /// The process whose end it is; one that was forked from it has no part in it.
    process: Process,
    /// Whether it ends with MPI.
    is_of_mpi: bool,
    /// The order of the collective calls.
    turns: Turns,
    /// Number and operation of the last call to which all ranks have come, in the upper and lower half; 0 before the first.
    last_call: AtomicU64,
    /// How many threads may work on this rank's elements.
    threads: OnceLock<usize>,
    /// The messages to and from single ranks.
    mailbox: Arc<Mailbox>,
    /// On the communicator, and on what its ranks make together.
    hold: Arc<Hold>,
}

impl Endpoint {
    /// An end of a communicator that was made from no other.
    pub(crate) fn new(transport: Arc<dyn Transport>, comm: Comm, settings: Settings) -> Self {
        Self::holding(Hold::outermost(), transport, comm, settings)
    }

    /// An end of a communicator on which this rank has this hold.
    pub(crate) fn holding(
        hold: Arc<Hold>,
        transport: Arc<dyn Transport>,
        comm: Comm,
        settings: Settings,
    ) -> Self {
        let (rank, size) = (transport.rank(comm), transport.size(comm));
        let mailbox = Mailbox::new(transport.clone(), comm, settings);
        let Capabilities { is_of_mpi, .. } = transport.capabilities();
        Endpoint {
            transport,
            comm,
            rank,
            size,
            settings,
            process: Process::this(),
            is_of_mpi,
            turns: Turns::default(),
            last_call: AtomicU64::new(0),
            threads: OnceLock::new(),
            mailbox,
            hold,
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

    /// This rank's hold on the communicator.
    pub(crate) fn hold(&self) -> &Arc<Hold> {
        &self.hold
    }

    pub(crate) fn settings(&self) -> Settings {
        self.settings
    }

    /// How many threads may work on this rank's elements.
    pub(crate) fn threads(&self) -> usize {
        // Finding out reads files of the system.
        *self.threads.get_or_init(|| {
            let ranks_here = match self.transport.capabilities().shares_address_space {
                true => self.size as usize,
                false => mpi::ranks_here(),
            };
            self.settings.threads.unwrap_or_else(|| threads_of_a_rank(ranks_here))
        })
    }

    /// Whether MPI connects its ranks.
    pub(crate) fn is_of_mpi(&self) -> bool {
        self.is_of_mpi
    }

    /// This rank's end of a new communicator of `members`, after an exchange; `None` without members.
    pub(crate) fn split(&self, caller: &str, members: &[i32]) -> Result<Option<Endpoint>> {
        let split = self.transport.clone().split(self.comm, members, self.settings.timeout);
        let split = split.map_err(|fault| {
            self.hold.add_failed();
            failure(caller, fault)
        })?;
        let part = split.as_ref().and_then(|(transport, comm)| transport.clone().freed_together(*comm));
        let hold = self.hold.add(part);
        Ok(split.map(|(transport, comm)| Endpoint::holding(hold, transport, comm, self.settings)))
    }

    /// Waits in line until the collective calls that this rank has issued before are over.
    pub(crate) async fn take_turn(&self, caller: &str) -> Result<Turn<'_>> {
        let turn = self.turns.queue();
        let mut deadline = Deadline::new(self.settings.timeout);
        let mut before = turn.before();
        let has_come = poll_fn(|task| {
            if turn.has_come() {
                return Poll::Ready(true);
            }
            turn.wake_when_it_comes(task.waker());
            let now = turn.before();
            if std::mem::replace(&mut before, now) != now {
                deadline.put_off();
            }
            if deadline.has_passed() { Poll::Ready(false) } else { Poll::Pending }
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

    /// All ranks have come to the call with this number.
    pub(crate) fn note_call(&self, number: u32, operation: Operation) {
        self.last_call.store(u64::from(number) << 32 | operation.code() as u64, Ordering::Relaxed);
    }

    /// The last call to which all ranks have come.
    pub(crate) fn last_call(&self) -> Option<(u32, Operation)> {
        let word = self.last_call.load(Ordering::Relaxed);
        let operation = Operation::from_code(word as u32 as i32).filter(|_| word != 0)?;
        Some(((word >> 32) as u32, operation))
    }

    /// Says on stderr which messages nobody has received, as nobody will; a forked process knows nothing of them.
    pub(crate) fn report_lost_messages(&self) {
        if self.is_own() {
            mailbox::report_lost(&self.mailbox);
        }
    }

    /// Tells peers that wait for this rank that it will not come any more.
    pub(crate) fn leave(&self) {
        if self.is_own() {
            self.transport.leave(self.comm);
        }
    }

    /// Whether this process made it, rather than inherit it through `fork`.
    fn is_own(&self) -> bool {
        self.process.is_this()
    }

    /// Whether this process may use it: it has made it, and not left MPI since then.
    #[inline]
    pub(crate) fn is_usable(&self) -> bool {
        self.process.is_this() && !(self.is_of_mpi && mpi::is_over())
    }

    /// Why this process may not use it.
    #[cold]
    pub(crate) fn why_unusable(&self) -> Error {
        let text = if self.is_own() {
            "MPI is being finalised in this process, or has been, and its contexts end with it; finalise MPI after the last use of \
             dtl"
        } else {
            "the context was made by another process, from which this one was forked: a forked process is no rank. Let the \
             process that made the context communicate, or make a new context here, which is of this process alone"
        };
        Error::new(Status::InvalidState, text)
    }

    /// Ends the job, or this process where that is no rank of it.
    pub(crate) fn abort(&self, code: i32) -> ! {
        if self.is_own() { self.transport.abort(code) } else { std::process::exit(code) }
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        if self.is_own() {
            self.mailbox.close();
            self.transport.close(self.comm);
        }
    }
}

/// Waits, while a context is made, until a request is complete. If nothing has moved for `timeout`, it is given up.
pub(crate) fn wait_for(
    transport: &dyn Transport,
    comm: Comm,
    request: Request,
    timeout: Duration,
) -> std::result::Result<(), Fault> {
    let look = || match transport.test(comm, request) {
        Ok(Progress::Complete) => Look::Ready(Ok(())),
        Ok(Progress::Moving) => Look::Moving,
        Ok(Progress::Waiting) => Look::Idle,
        Err(fault) => Look::Ready(Err(fault)),
    };
    if let Some(outcome) = wait::poll(timeout / 2, look) {
        return outcome;
    }
    transport.announce(comm, request);
    wait::poll(timeout / 2, look).unwrap_or_else(|| {
        let (rank, whom) = (transport.rank(comm), whom(transport, comm, Some(request)));
        let reason = format!("rank {rank} waited {timeout:?} for {whom} to make a context and gave up");
        transport.abandon(comm, request, &reason);
        mpi::waited_in_vain(true);
        Err(Fault::Broken(reason))
    })
}

/// The ranks that are waited for, in words.
pub(crate) fn whom(transport: &dyn Transport, comm: Comm, request: Option<Request>) -> String {
    let missing = request.map_or_else(Vec::new, |request| transport.missing(comm, request));
    if missing.is_empty() { "the other ranks".to_owned() } else { Ranks(&missing).to_string() }
}

/// A fault in a collective call as an error for users, which says what such calls need.
pub(crate) fn failure(caller: &str, fault: Fault) -> Error {
    let cure = match fault {
        Fault::Left(_) => {
            " Every rank must make the same collective calls before it closes its context or ends."
        }
        Fault::Broken(_) => {
            " Every rank must make the same collective calls in the same order; the time to wait is the environment variable \
             DTL_TIMEOUT, in seconds."
        }
        Fault::Failed(_) => "",
    };
    let error = fault.into_error();
    let told = Error::new(error.status(), format!("{caller}: {}{cure}", error.message()));
    match error.rank() {
        Some(rank) => told.found_on(rank),
        None => told,
    }
}

impl Fault {
    /// The fault as an error for users.
    pub(crate) fn into_error(self) -> Error {
        if !matches!(self, Fault::Failed(_)) {
            mpi::waited_in_vain(false);
        }
        match self {
            Fault::Left(ranks) => {
                let text = format!("{} left the context and will not take part.", Ranks(&ranks));
                Error::new(Status::RankFailure, text).found_on(ranks[0])
            }
            Fault::Failed(words) => Error::new(Status::Mpi, words),
            Fault::Broken(reason) => {
                let text = format!("{reason}. This context can no longer be used for communication.");
                Error::new(Status::Timeout, text)
            }
        }
    }
}
