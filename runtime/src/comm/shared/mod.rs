//! A transport for ranks that run on one machine, over another transport that connects them already: blocks go through
//! memory that all ranks map, and everything else through the other transport. No library stands between two ranks, so a
//! small message takes as long as a cache line; and no rank's memory is in use by anybody else, so every wait can be given up.
//!
//! The memory is a segment (`memory/segment.rs`), and `board.rs` says what is in it. `transfer.rs` is a movement, which may go through the memory
//! (`pieces.rs`) or around it (`direct.rs`). Packets go through a ring between each two ranks (`ring.rs`). How ranks agree to use it is in `connection.rs`; this file keeps one rank's part.

mod board;
mod connection;
mod direct;
mod pieces;
mod ring;
#[cfg(test)]
mod tests;
mod transfer;

use super::hold::FreedTogether;
use super::transport::{
    Capabilities, Comm, Fault, Membership, Movements, PacketLimits, Packets, Progress, RemoteMemory, Request,
    Split, Start, Transport,
};
use crate::comm::Settings;
use board::{Board, MOST_RANKS};
use connection::Connection;
pub(super) use connection::tell_all;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use transfer::{Counts, Transfer};

/// The ranks other than this one, the next one first, so that not all read from the same rank at the same time.
fn peer(rank: usize, size: usize, position: usize) -> usize {
    (rank + 1 + position) % size
}

/// How often to look for a movement to go on before looking for ranks that have left.
const LOOKS: u32 = 64;

/// One rank's end of a communicator whose ranks share memory.
#[derive(Debug)]
pub(super) struct Shared {
    /// The transport that connects the ranks otherwise, and this rank's end there; groups that were split off have none.
    inner: Arc<dyn Transport>,
    inner_comm: Option<Comm>,
    settings: Settings,
    connection: Connection,
    course: Mutex<Course>,
    /// Held while packets are written, and while they are read.
    posting: Mutex<()>,
    collecting: Mutex<()>,
}

/// What this rank has done so far.
#[derive(Debug, Default)]
struct Course {
    started: u64,
    counts: Counts,
    /// The movement in progress; the next one starts when it is over. None if it was refused.
    current: Option<Transfer>,
    /// Why a movement has failed, and every later one does: a rank that has left takes part in none. What this rank wrote for the
    /// one that failed stays, as others may still be about to read what it wrote before.
    fault: Option<Fault>,
    looks: u32,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A transport over shared memory for the ranks of a communicator, or the given one where they do not all run on this
/// machine. Collective.
pub(crate) fn over(
    inner: Arc<dyn Transport>,
    comm: Comm,
    settings: Settings,
) -> Result<Arc<dyn Transport>, Fault> {
    let (rank, size) = (inner.rank(comm) as usize, inner.size(comm) as usize);
    if size == 1 || size > MOST_RANKS || !settings.shared_memory {
        return Ok(inner);
    }
    let everybody: Vec<i32> = (0..size as i32).collect();
    let agreement = Connection::agree(inner.as_ref(), comm, settings, rank, &everybody)?;
    Ok(agreement
        .connection
        .map_or(inner.clone(), |connection| Shared::of(inner, Some(comm), settings, connection)))
}

impl Shared {
    fn of(
        inner: Arc<dyn Transport>,
        inner_comm: Option<Comm>,
        settings: Settings,
        connection: Connection,
    ) -> Arc<dyn Transport> {
        let course = Mutex::new(Course::default());
        let (posting, collecting) = Default::default();
        Arc::new(Shared { inner, inner_comm, settings, connection, course, posting, collecting })
    }

    fn board(&self) -> &Board {
        &self.connection.board
    }

    /// Why the movement with this number cannot complete, if so.
    fn fault(&self, number: u64) -> Option<Fault> {
        if let Some(reason) = self.board().broken() {
            return Some(Fault::Broken(reason));
        }
        let gone = |rank: &usize| self.board().has_left(*rank) && self.board().started(*rank) <= number;
        let gone: Vec<i32> = (0..self.board().ranks().1).filter(gone).map(|rank| rank as i32).collect();
        (!gone.is_empty()).then_some(Fault::Left(gone))
    }
}

impl Membership for Shared {
    fn rank(&self, _comm: Comm) -> i32 {
        self.board().ranks().0 as i32
    }

    fn size(&self, _comm: Comm) -> i32 {
        self.board().ranks().1 as i32
    }

    fn split(
        self: Arc<Self>,
        comm: Comm,
        members: &[i32],
        timeout: Duration,
    ) -> Result<Option<Split>, Fault> {
        let (rank, settings) = (self.board().ranks().0, self.settings);
        let agreement = Connection::agree(self.as_ref(), comm, settings, rank, members)?;
        // The transport underneath carries the groups that cannot share memory; all ranks take part in that, if they know of any.
        let beneath = match self.inner_comm.filter(|_| !agreement.is_complete) {
            Some(inner_comm) => self.inner.clone().split(inner_comm, members, timeout)?,
            None => None,
        };
        match (agreement.connection, beneath) {
            (Some(connection), beneath) => {
                let (inner, inner_comm) =
                    beneath.map_or((self.inner.clone(), None), |(inner, comm)| (inner, Some(comm)));
                Ok(Some((Shared::of(inner, inner_comm, settings, connection), comm)))
            }
            (None, Some(beneath)) => Ok(Some(beneath)),
            (None, None) if members.is_empty() => Ok(None),
            (None, None) => Err(Fault::Failed(
                "a rank has no memory for another context; close some that are not needed, or split the context that all \
                 others were made from"
                    .to_owned(),
            )),
        }
    }

    fn leave(&self, _comm: Comm) {
        self.board().show_left();
        if let Some(comm) = self.inner_comm {
            self.inner.leave(comm);
        }
    }

    fn close(&self, comm: Comm) {
        self.leave(comm);
        if let Some(comm) = self.inner_comm {
            self.inner.close(comm);
        }
    }

    fn freed_together(self: Arc<Self>, _comm: Comm) -> Option<Box<dyn FreedTogether>> {
        // The memory itself is each rank's to unmap.
        self.inner.clone().freed_together(self.inner_comm?)
    }

    fn abort(&self, code: i32) -> ! {
        self.inner.abort(code)
    }
}

impl Movements for Shared {
    unsafe fn start(&self, _comm: Comm, start: &Start) -> Request {
        let mut course = lock(&self.course);
        let number = course.started;
        course.started += 1;
        course.looks = 0;
        self.board().show_started(course.started);
        // On a communicator that others have given up, what they have written is no answer.
        if course.fault.is_none() && self.board().broken().is_none() {
            // SAFETY: the caller guarantees that the memory is as `start` describes it, and stays until the request is
            // complete or given up.
            course.current = Some(unsafe {
                Transfer::start(self.board(), self.connection.direct, &mut course.counts, *start)
            });
        }
        Request(number)
    }

    fn test(&self, _comm: Comm, request: Request) -> Result<Progress, Fault> {
        let mut course = lock(&self.course);
        let Course { current, looks, fault: failed, .. } = &mut *course;
        let Some(transfer) = current else {
            let broken = || Fault::Broken(self.board().broken().unwrap_or_default());
            return Err(failed.clone().unwrap_or_else(broken));
        };
        let mut advance = || transfer.advance(self.board(), &self.connection.processes);
        let mut progress = advance();
        if progress == Ok(Progress::Waiting) {
            *looks += 1;
            let fault = if looks.is_multiple_of(LOOKS) { self.fault(request.0) } else { None };
            let Some(fault) = fault else { return progress };
            // What was waited for may have come between the two looks.
            progress = advance();
            if progress == Ok(Progress::Waiting) {
                progress = Err(fault);
            }
        }
        if progress.is_err() && transfer.lends_memory() {
            self.board().break_for("a rank gave up in the middle of moving data");
        }
        if let Err(fault) = &progress {
            *failed = Some(fault.clone());
        }
        if progress == Ok(Progress::Complete) || progress.is_err() {
            *current = None;
        }
        progress
    }

    fn missing(&self, _comm: Comm, request: Request) -> Vec<i32> {
        let late = |rank: &usize| self.board().started(*rank) <= request.0;
        let mut missing: Vec<usize> = (0..self.board().ranks().1).filter(late).collect();
        if let (true, Some(transfer)) = (missing.is_empty(), &lock(&self.course).current) {
            missing = transfer.missing(self.board());
        }
        missing.into_iter().map(|rank| rank as i32).collect()
    }

    fn abandon(&self, _comm: Comm, _request: Request, reason: &str) {
        self.board().break_for(reason);
        lock(&self.course).current = None;
    }
}

impl Packets for Shared {
    fn packet_limits(&self, _comm: Comm) -> PacketLimits {
        PacketLimits { longest: ring::PACKET, longest_part: ring::PACKET }
    }

    fn post(&self, _comm: Comm, to: i32, parts: [&[u8]; 2], urgent: bool) -> Result<bool, Fault> {
        let _posting = lock(&self.posting);
        // SAFETY: the lock is held.
        let has_room = unsafe { self.board().outgoing(to as usize).write(parts, urgent) };
        if urgent && !has_room {
            self.board().break_for("a rank gave up a message in the middle of moving data");
        }
        Ok(has_room)
    }

    fn collect(&self, _comm: Comm, take: &mut dyn FnMut(i32, &[u8])) -> Result<(), Fault> {
        let (rank, size) = self.board().ranks();
        let _collecting = lock(&self.collecting);
        for position in 0..size - 1 {
            let from = peer(rank, size, position);
            // SAFETY: the lock is held.
            unsafe { self.board().incoming(from).read(|packet| take(from as i32, packet)) };
        }
        Ok(())
    }

    fn departed(&self, _comm: Comm) -> Result<Vec<i32>, Fault> {
        let (_, size) = self.board().ranks();
        match self.board().broken() {
            Some(reason) => Err(Fault::Broken(reason)),
            None => Ok((0..size as i32).filter(|rank| self.board().has_left(*rank as usize)).collect()),
        }
    }
}

impl RemoteMemory for Shared {
    unsafe fn read(
        &self,
        _comm: Comm,
        from: i32,
        address: u64,
        target: *mut u8,
        bytes: usize,
    ) -> Result<(), Fault> {
        let process = self.connection.processes[from as usize];
        // SAFETY: the caller guarantees that `target` is writable for `bytes` bytes.
        unsafe { direct::read(process, address, target, bytes) }
            .map_err(|error| Fault::Failed(format!("the memory of rank {from} cannot be read: {error}")))
    }
}

impl Transport for Shared {
    fn capabilities(&self) -> Capabilities {
        // Its pieces are small enough to see each of them move.
        Capabilities { tells_of_progress: true, ..self.inner.capabilities() }
    }

    fn remote_memory(&self) -> Option<&dyn RemoteMemory> {
        self.connection.direct.then_some(self as &dyn RemoteMemory)
    }
}
