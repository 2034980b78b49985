//! How ranks come to share memory: one of them makes it and tells the others, through a transport that connects them, where it is;
//! all say whether they could use it. Nothing is believed: that memory is the one on offer, and that another process can be
//! read, is seen by bytes that only its maker can have written.

use super::board::Board;
use super::direct;
use crate::comm::Settings;
use crate::comm::endpoint::wait_for;
use crate::comm::transport::{Blocks, Comm, Fault, Pattern, Start, Transport};
use crate::memory::segment::Segment;
use std::fs::File;
use std::os::fd::AsRawFd;

/// What ranks find out about each other as they begin to share memory.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) board: Board,
    /// The processes of the ranks.
    pub(super) processes: Vec<u32>,
    /// Whether all can read each other's memory.
    pub(super) direct: bool,
}

/// What the groups into which the ranks of a communicator part have come to.
#[derive(Debug)]
pub(super) struct Agreement {
    /// Of this rank's group; `None` where a member of it cannot use shared memory, or without members.
    pub(super) connection: Option<Connection>,
    /// Whether every group has one, as all ranks know.
    pub(super) is_complete: bool,
}

/// What a rank says of its group after each attempt.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
struct Answer {
    /// It has the group's memory before it, or is in no group.
    can_share: bool,
    /// It can read the memory of all members.
    can_read: bool,
    /// Whoever was to make the memory could not, and there is another member.
    can_try_again: bool,
}

impl Connection {
    /// Shared memory for the groups into which the ranks of a communicator part, each rank with the members of its own. The first
    /// member that can makes it. Collective.
    pub(super) fn agree(
        through: &dyn Transport,
        comm: Comm,
        settings: Settings,
        rank: usize,
        members: &[i32],
    ) -> Result<Agreement, Fault> {
        let (size, position) = (members.len(), members.iter().position(|member| *member as usize == rank));
        // It stays until all have seen it, as does the file of whoever makes the memory.
        let cookie = Box::new(cookie().unwrap_or(NO_COOKIE));
        direct::allow_reading();
        let mut connection = None;
        let mut maker = 0;
        loop {
            let is_open = connection.is_none() && position.is_some();
            let made = if is_open && position == Some(maker) { make(maker, size, *cookie) } else { None };
            let own = Offer {
                length: made.as_ref().map_or(0, |_| Board::length(size) as u64),
                descriptor: made.as_ref().and_then(|(_, file)| file.as_ref()).map_or(-1, File::as_raw_fd),
                process: std::process::id(),
                cookie: *cookie,
                witness: (&raw const *cookie) as u64,
            };
            let all = tell_all(through, comm, settings, own)?;
            let offers: Vec<&Offer> = members.iter().map(|member| &all[*member as usize]).collect();
            let offer = offers.get(maker).filter(|_| is_open);
            let (board, _file) = match (made, position) {
                (Some((board, file)), _) => (Some(board), file),
                (None, Some(position)) => (offer.and_then(|offer| offer.accept(position, size)), None),
                (None, None) => (None, None),
            };
            let answer = Answer {
                can_share: board.is_some() || !is_open,
                can_read: offers.iter().all(|offer| offer.can_be_read()),
                can_try_again: maker + 1 < size && offer.is_some_and(|offer| offer.length == 0),
            };
            let answers = tell_all(through, comm, settings, answer)?;
            let mut of_group = members.iter().map(|member| answers[*member as usize]);
            if of_group.clone().all(|answer| answer.can_share)
                && let Some(board) = board
            {
                let processes = offers.iter().map(|offer| offer.process).collect();
                connection = Some(Connection { board, processes, direct: of_group.all(|it| it.can_read) });
            }
            if !answers.iter().any(|answer| answer.can_try_again) {
                let is_complete = answers.iter().all(|answer| answer.can_share);
                return Ok(Agreement { connection, is_complete });
            }
            maker += 1;
        }
    }
}

/// Of a rank that could make none: it proves nothing.
const NO_COOKIE: [u8; 16] = [0; 16];

/// Bytes that nobody else has, if the system has some.
pub(super) fn cookie() -> Option<[u8; 16]> {
    let mut cookie = [0; 16];
    // SAFETY: there is room for so many bytes.
    let random = unsafe { libc::syscall(libc::SYS_getrandom, cookie.as_mut_ptr(), cookie.len(), 0) };
    (random == cookie.len() as libc::c_long && cookie != NO_COOKIE).then_some(cookie)
}

/// Makes shared memory, if the system has some, and the file in which the other members of the group find it, if there are any.
pub(super) fn make(rank: usize, size: usize, cookie: [u8; 16]) -> Option<(Board, Option<File>)> {
    if cookie == NO_COOKIE {
        return None;
    }
    let length = Board::length(size);
    let (segment, file) = match size {
        1 => (Segment::alone(length).ok()?, None),
        _ => Segment::create(length).map(|(segment, file)| (segment, Some(file))).ok()?,
    };
    let board = Board::of(segment, rank, size);
    board.sign(cookie);
    Some((board, file))
}

/// Where to find what a rank has for the others.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub(super) struct Offer {
    /// The length of the shared memory; 0 if the rank has not made any.
    pub(super) length: u64,
    /// Where the rank itself keeps its cookie.
    pub(super) witness: u64,
    pub(super) process: u32,
    pub(super) descriptor: i32,
    pub(super) cookie: [u8; 16],
}

impl Offer {
    /// Maps the shared memory, if it is on this machine and this process may.
    pub(super) fn accept(&self, rank: usize, size: usize) -> Option<Board> {
        let length = Board::length(size);
        if self.length != length as u64 || self.cookie == NO_COOKIE {
            return None;
        }
        let board = Board::of(Segment::open(self.process, self.descriptor, length).ok()?, rank, size);
        board.is_signed(self.cookie).then_some(board)
    }

    /// Whether this process can read the memory of the one that made the offer.
    pub(super) fn can_be_read(&self) -> bool {
        let mut cookie = NO_COOKIE;
        // SAFETY: there is room for a cookie.
        let read = unsafe { direct::read(self.process, self.witness, cookie.as_mut_ptr(), cookie.len()) };
        read.is_ok() && cookie == self.cookie && cookie != NO_COOKIE
    }
}

/// Every rank's message, through a transport that connects them.
pub(in crate::comm) fn tell_all<T: Copy>(
    inner: &dyn Transport,
    comm: Comm,
    settings: Settings,
    own: T,
) -> Result<Vec<T>, Fault> {
    let mut all = vec![own; inner.size(comm) as usize];
    let bytes = size_of::<T>();
    let (send, receive) =
        (Blocks::from((&raw const own).cast(), 0), Blocks::to(all.as_mut_ptr().cast(), bytes));
    let start = Start { pattern: Pattern::Allgather, bytes, send, receive };
    // SAFETY: one message is sent and there is room for all; both stay until the movement is over.
    let request = unsafe { inner.start(comm, &start) };
    wait_for(inner, comm, request, settings.timeout)?;
    Ok(all)
}
