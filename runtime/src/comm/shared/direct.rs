//! Movements of large blocks without a copy in between: every rank lends what it sends to the others, which read it out of
//! its memory with the system's help, and returns when all have done so. Nobody writes to another rank's memory, so a rank
//! that gives up can use its own again at once; whoever was reading there learns that what it has read is worth nothing.

use super::board::Board;
use super::peer;
use crate::comm::transport::{Blocks, Fault, Pattern, Start};
use std::io::Error;
use std::sync::atomic::{Ordering, fence};

/// Blocks from this size on are worth the calls of the system.
pub(super) const FROM: usize = 32 << 10;
/// Read at once; between two reads there is a look at the time.
const STEP: usize = 8 << 20;

/// A movement of lent memory.
#[derive(Debug)]
pub(super) struct Direct {
    start: Start,
    /// The number of this movement, among all that lent memory.
    number: u64,
    /// From how many of the ranks that send to this one everything has been read, and how much from the next one.
    sources: usize,
    moved: usize,
    /// A copy of what is sent, where it is also where this rank receives.
    _copy: Option<Vec<u8>>,
}

/// Lets the processes that this one's launcher has started read this one's memory, where the system asks for that.
pub(super) fn allow_reading() {
    // SAFETY: both are plain system calls. Where there is no such setting, the error says so and nothing else happens.
    unsafe { libc::prctl(libc::PR_SET_PTRACER, libc::getppid() as libc::c_ulong, 0, 0, 0) };
}

/// Reads the memory of a process, as much as there is room for in `target`.
///
/// # Safety
/// `target` must be writable for `bytes` bytes.
pub(super) unsafe fn read(process: u32, address: u64, target: *mut u8, bytes: usize) -> Result<(), Error> {
    let mut done = 0;
    while done < bytes {
        let local = libc::iovec { iov_base: target.wrapping_add(done).cast(), iov_len: bytes - done };
        let remote = libc::iovec { iov_base: (address as usize + done) as *mut _, iov_len: bytes - done };
        // SAFETY: the caller guarantees that `target` is writable for `bytes` bytes, of which `done` are read; the system
        // checks the addresses of the other process.
        match unsafe { libc::process_vm_readv(process as libc::pid_t, &local, 1, &remote, 1, 0) } {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            count if count > 0 => done += count as usize,
            _ => return Err(Error::last_os_error()),
        }
    }
    Ok(())
}

impl Direct {
    /// Lends this rank's memory.
    ///
    /// # Safety
    /// The memory must be as the movement describes it, and stay until the movement is over.
    pub(super) unsafe fn start(board: &Board, number: u64, start: Start) -> Self {
        let (rank, size) = board.ranks();
        let (send, receive) = (start.send, start.receive);
        // SAFETY: the caller guarantees that the memory is as the movement describes it for all ranks of the board.
        let copy = unsafe { start.set_aside(size) };
        let lent = copy.as_ref().map_or(send, |copy| Blocks::from(copy.as_ptr(), send.stride));
        board.lend(number, |target| match start.pattern {
            Pattern::Scatter { .. } | Pattern::Alltoall | Pattern::Exchange => lent.of(target),
            _ => lent.start,
        });
        if let Some(own) = start.own_block(rank).filter(|own| *own != receive.of(rank)) {
            let bytes = receive.bytes(rank, start.bytes);
            // SAFETY: this rank's own block, which it sends and receives; these do not overlap unless they are the same.
            unsafe { std::ptr::copy_nonoverlapping(own, receive.of(rank), bytes) };
        }
        Direct { start, number, sources: 0, moved: 0, _copy: copy }
    }

    /// What changes whenever this rank has read something.
    pub(super) fn position(&self) -> (usize, usize) {
        (self.sources, self.moved)
    }

    /// Reads what can be read now; true when all ranks have read everything.
    pub(super) fn advance(&mut self, board: &Board, processes: &[u32]) -> Result<bool, Fault> {
        let (rank, size) = board.ranks();
        if let Some(source) = self.source(rank, size) {
            let Some(address) = board.borrowed(source, self.number) else { return Ok(false) };
            self.read_from(source, rank, processes[source], address)?;
            return Ok(false);
        }
        board.show_returned(self.number + 1);
        if (0..size).any(|reader| !board.has_returned(reader, self.number + 1)) {
            return Ok(false);
        }
        // A rank that gives up says so before it uses its memory for something else, which may be what was read.
        fence(Ordering::Acquire);
        board.broken().map_or(Ok(true), |reason| Err(Fault::Broken(reason)))
    }

    /// The other ranks that have not read everything.
    pub(super) fn missing(&self, board: &Board) -> Vec<usize> {
        let (rank, size) = board.ranks();
        (0..size).filter(|reader| *reader != rank && !board.has_returned(*reader, self.number + 1)).collect()
    }

    /// Reads the next part of what a rank sends.
    fn read_from(&mut self, source: usize, rank: usize, process: u32, address: u64) -> Result<(), Fault> {
        let receive = &self.start.receive;
        let place = match self.start.pattern {
            Pattern::Broadcast { .. } | Pattern::Scatter { .. } => 0,
            _ => source,
        };
        let (to, bytes) =
            (receive.of(place).wrapping_add(self.moved), receive.bytes(place, self.start.bytes));
        let step = STEP.min(bytes - self.moved);
        // SAFETY: this rank receives a block of so many bytes from the source.
        unsafe { read(process, address + self.moved as u64, to, step) }.map_err(|error| {
            Fault::Failed(format!("rank {rank} cannot read the memory of rank {source}: {error}"))
        })?;
        self.moved += step;
        if self.moved == bytes {
            (self.sources, self.moved) = (self.sources + 1, 0);
        }
        Ok(())
    }

    /// The next rank to read from.
    fn source(&self, rank: usize, size: usize) -> Option<usize> {
        let (count, source) = match self.start.pattern {
            Pattern::Broadcast { root } | Pattern::Scatter { root } => {
                (usize::from(root as usize != rank), root as usize)
            }
            Pattern::Gather { root } if root as usize != rank => (0, 0),
            _ => (size - 1, peer(rank, size, self.sources)),
        };
        (self.sources < count).then_some(source)
    }
}
