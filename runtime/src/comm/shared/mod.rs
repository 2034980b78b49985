//! A transport for ranks that run on one machine, over another transport that connects them already: blocks go through
//! memory that all ranks map, and everything else through the other transport. No library stands between two ranks, so a
//! small message takes as long as a cache line; and no rank's memory is in use by anybody else, so every wait can be given up.
//!
//! `segment.rs` is the memory and `board.rs` what is in it. `transfer.rs` is a movement, which may go through the memory
//! (`pieces.rs`) or around it (`direct.rs`). This file agrees with the other ranks to use it, and keeps this rank's part.

mod board;
mod direct;
mod pieces;
mod segment;
#[cfg(test)]
mod tests;
mod transfer;

use super::endpoint::wait_for;
use super::transport::{Blocks, Comm, Fault, Pattern, Progress, Request, Split, Start, Transport};
use crate::comm::Settings;
use board::Board;
use segment::Segment;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use transfer::{Counts, Transfer};

/// The ranks other than this one, the next one first, so that not all read from the same rank at the same time.
fn peer(rank: usize, size: usize, position: usize) -> usize {
    (rank + 1 + position) % size
}

/// The most ranks that share memory: each of them looks at the places of all others.
const MOST_RANKS: usize = 64;
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
}

/// What this rank has done so far.
#[derive(Debug, Default)]
struct Course {
    started: u64,
    counts: Counts,
    /// The movement in progress; the next one starts when it is over. None if it was refused.
    current: Option<Transfer>,
    looks: u32,
}

/// The ends that are in use in this process.
static ENDS: Mutex<Vec<Weak<Shared>>> = Mutex::new(Vec::new());

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A transport over shared memory for the ranks of a communicator, or the given one where they do not all run on this
/// machine. Collective.
pub(super) fn over(
    inner: Arc<dyn Transport>,
    comm: Comm,
    settings: Settings,
) -> Result<Arc<dyn Transport>, Fault> {
    let (rank, size) = (inner.rank(comm) as usize, inner.size(comm) as usize);
    if size == 1 || size > MOST_RANKS || !settings.shared_memory {
        return Ok(inner);
    }
    let everybody: Vec<i32> = (0..size as i32).collect();
    let connection = agree(inner.as_ref(), comm, settings, rank, &everybody)?;
    Ok(connection.map_or(inner.clone(), |connection| Shared::of(inner, Some(comm), settings, connection)))
}

/// What ranks find out about each other as they begin to share memory.
#[derive(Debug)]
struct Connection {
    board: Board,
    /// The processes of the ranks.
    processes: Vec<u32>,
    /// Whether all can read each other's memory.
    direct: bool,
}

/// Shared memory for the groups into which the ranks of a communicator part, each rank with the members of its own; `None`
/// where a member of the group cannot use it, or without members. Collective.
fn agree(
    through: &dyn Transport,
    comm: Comm,
    settings: Settings,
    rank: usize,
    members: &[i32],
) -> Result<Option<Connection>, Fault> {
    let (size, position) = (members.len(), members.iter().position(|member| *member as usize == rank));
    // Both stay until all have seen them: the file of the first member and every rank's cookie.
    let cookie = Box::new(cookie());
    let made = if position == Some(0) { make(size, *cookie) } else { None };
    direct::allow_reading();
    let own = Offer {
        length: made.as_ref().map_or(0, |_| Board::length(size) as u64),
        descriptor: made.as_ref().map_or(-1, |(_, file)| file.as_raw_fd()),
        process: std::process::id(),
        cookie: *cookie,
        witness: (&raw const *cookie) as u64,
    };
    let all = exchange(through, comm, settings, own)?;
    let offers: Vec<&Offer> = members.iter().map(|member| &all[*member as usize]).collect();
    let (board, _file) = match (made, position) {
        (Some((board, file)), _) => (Some(board), Some(file)),
        (None, Some(position)) => (offers[0].accept(position, size), None),
        (None, None) => (None, None),
    };
    let can = [board.is_some(), offers.iter().all(|offer| offer.can_be_read())].map(u8::from);
    let answers = exchange(through, comm, settings, can)?;
    let all_can = |what: usize| members.iter().all(|member| answers[*member as usize][what] == 1);
    let processes = offers.iter().map(|offer| offer.process).collect();
    Ok(board.filter(|_| all_can(0)).map(|board| Connection { board, processes, direct: all_can(1) }))
}

/// Bytes that nobody else has; all zero where the system has none.
fn cookie() -> [u8; 16] {
    let mut cookie = [0; 16];
    // SAFETY: there is room for so many bytes.
    let random = unsafe { libc::syscall(libc::SYS_getrandom, cookie.as_mut_ptr(), cookie.len(), 0) };
    if random == cookie.len() as libc::c_long { cookie } else { [0; 16] }
}

/// Makes shared memory, if the system has some.
fn make(size: usize, cookie: [u8; 16]) -> Option<(Board, File)> {
    let (segment, file) = Segment::create(Board::length(size)).ok()?;
    let board = Board::of(segment, 0, size);
    board.sign(cookie);
    Some((board, file))
}

/// A rank that waits in an operation for this one, on any communicator whose ranks share memory. For the end of the process,
/// which other threads may have left at any point.
pub(super) fn waiting_rank() -> Option<i32> {
    let ends = ENDS.try_lock().ok()?;
    ends.iter().filter_map(Weak::upgrade).find_map(|end| end.waiting_rank())
}

/// Where to find what a rank has for the others.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
struct Offer {
    /// The length of the shared memory; 0 if the rank has not made any.
    length: u64,
    /// Where the rank itself keeps its cookie.
    witness: u64,
    process: u32,
    descriptor: i32,
    cookie: [u8; 16],
}

impl Offer {
    /// Maps the shared memory, if it is on this machine and this process may.
    fn accept(&self, rank: usize, size: usize) -> Option<Board> {
        let length = Board::length(size);
        if self.length != length as u64 {
            return None;
        }
        let board = Board::of(Segment::open(self.process, self.descriptor, length).ok()?, rank, size);
        board.is_signed(self.cookie).then_some(board)
    }

    /// Whether this process can read the memory of the one that made the offer.
    fn can_be_read(&self) -> bool {
        let mut cookie = [0; 16];
        // SAFETY: there is room for a cookie.
        let read = unsafe { direct::read(self.process, self.witness, cookie.as_mut_ptr(), cookie.len()) };
        read.is_ok() && cookie == self.cookie && cookie != [0; 16]
    }
}

/// Every rank's message, through a transport that connects them.
fn exchange<T: Copy>(inner: &dyn Transport, comm: Comm, settings: Settings, own: T) -> Result<Vec<T>, Fault> {
    let mut all = vec![own; inner.size(comm) as usize];
    let bytes = size_of::<T>();
    let (send, receive) =
        (Blocks::from((&raw const own).cast(), 0), Blocks::to(all.as_mut_ptr().cast(), bytes));
    let start = Start { pattern: Pattern::Allgather, bytes, send, receive, arrived: false };
    // SAFETY: one message is sent and there is room for all; both stay until the movement is over.
    let request = unsafe { inner.start(comm, &start) };
    wait_for(inner, comm, request, settings.timeout).unwrap_or_else(|| {
        let reason = format!("the ranks of a new context did not all come within {:?}", settings.timeout);
        inner.abandon(comm, request, &reason);
        Err(Fault::Broken(reason))
    })?;
    Ok(all)
}

impl Shared {
    fn of(
        inner: Arc<dyn Transport>,
        inner_comm: Option<Comm>,
        settings: Settings,
        connection: Connection,
    ) -> Arc<dyn Transport> {
        let course = Mutex::new(Course::default());
        let shared = Arc::new(Shared { inner, inner_comm, settings, connection, course });
        let mut ends = lock(&ENDS);
        ends.retain(|end| end.strong_count() > 0);
        ends.push(Arc::downgrade(&shared));
        shared
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

    fn waiting_rank(&self) -> Option<i32> {
        let (own, size) = self.board().ranks();
        let started = self.board().started(own);
        let waits = |rank: &usize| self.board().started(*rank) > started && !self.board().has_left(own);
        (0..size).find(waits).map(|rank| rank as i32)
    }
}

impl Transport for Shared {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn rank(&self, _comm: Comm) -> i32 {
        self.board().ranks().0 as i32
    }

    fn size(&self, _comm: Comm) -> i32 {
        self.board().ranks().1 as i32
    }

    fn split(self: Arc<Self>, comm: Comm, members: &[i32]) -> Result<Option<Split>, Fault> {
        match agree(self.as_ref(), comm, self.settings, self.board().ranks().0, members)? {
            Some(connection) => {
                Ok(Some((Shared::of(self.inner.clone(), None, self.settings, connection), comm)))
            }
            None if members.is_empty() => Ok(None),
            None => Err(Fault::Failed(
                "a rank has no memory for another context; close some that are not needed".to_owned(),
            )),
        }
    }

    fn leave(&self, _comm: Comm) {
        self.board().show_left();
        if let Some(comm) = self.inner_comm {
            self.inner.leave(comm);
        }
    }

    fn free(&self, comm: Comm) {
        self.leave(comm);
        if let Some(comm) = self.inner_comm {
            self.inner.free(comm);
        }
    }

    unsafe fn start(&self, _comm: Comm, start: &Start) -> Request {
        let mut course = lock(&self.course);
        let number = course.started;
        course.started += 1;
        course.looks = 0;
        self.board().show_started(course.started);
        // On a communicator that others have given up, what they have written is no answer.
        if self.board().broken().is_none() {
            // SAFETY: the caller's promise.
            course.current = Some(unsafe {
                Transfer::start(self.board(), self.connection.direct, &mut course.counts, *start)
            });
        }
        Request(number)
    }

    fn test(&self, _comm: Comm, request: Request) -> Result<Progress, Fault> {
        let mut course = lock(&self.course);
        let Course { current, looks, .. } = &mut *course;
        let Some(transfer) = current else {
            return Err(Fault::Broken(self.board().broken().unwrap_or_default()));
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
        if progress == Ok(Progress::Complete) || progress.is_err() {
            *current = None;
        }
        progress
    }

    fn missing(&self, _comm: Comm, request: Request) -> Vec<i32> {
        let late = |rank: &usize| self.board().started(*rank) <= request.0;
        (0..self.board().ranks().1).filter(late).map(|rank| rank as i32).collect()
    }

    fn abandon(&self, _comm: Comm, _request: Request, reason: &str) {
        self.board().break_for(reason);
        lock(&self.course).current = None;
    }

    fn abort(&self, code: i32) -> ! {
        self.inner.abort(code)
    }
}
