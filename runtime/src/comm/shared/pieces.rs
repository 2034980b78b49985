//! Movements through the two buffers of each rank, piece by piece: while a rank's peers copy one piece out, it copies the next
//! one in. A piece is as large as a buffer, or its share of one where a rank sends a block to each other. Works wherever
//! memory can be shared; large blocks are faster through `direct.rs` where the system allows it.

use super::board::{BUFFER, Board};
use super::peer;
use crate::comm::transport::{Blocks, Pattern, Start};

/// Pieces begin at multiples of this, which suits caches and every data type.
const ALIGNMENT: usize = 64;

/// A movement through buffers.
#[derive(Debug)]
pub(super) struct Pieces {
    start: Start,
    /// The number of the first piece, among all that have ever gone through the memory.
    first: u64,
    /// Bytes of each block in a piece; the last may have fewer.
    piece: usize,
    /// Bytes of each block that are done with.
    moved: usize,
    /// Whether the current piece is in this rank's buffer.
    posted: bool,
    /// From how many ranks the current piece has been read.
    read: usize,
}

impl Pieces {
    /// A movement whose first piece has this number; its memory must stay until it is over.
    pub(super) fn start(board: &Board, first: u64, start: Start) -> Self {
        let (_, size) = board.ranks();
        let piece = match start.pattern {
            Pattern::Scatter { .. } | Pattern::Alltoall | Pattern::Exchange => {
                BUFFER / size / ALIGNMENT * ALIGNMENT
            }
            _ => BUFFER,
        };
        Pieces { start, first, piece, moved: 0, posted: false, read: 0 }
    }

    /// How many pieces there are.
    pub(super) fn count(&self) -> u64 {
        self.start.bytes.div_ceil(self.piece) as u64
    }

    /// What changes whenever anything moves.
    pub(super) fn position(&self) -> (usize, usize) {
        (self.moved + usize::from(self.posted), self.read)
    }

    /// True when all pieces have been moved.
    pub(super) fn advance(&mut self, board: &Board) -> bool {
        while self.moved < self.start.bytes {
            let number = self.first + (self.moved / self.piece) as u64;
            if !self.posted && !self.post(board, number) {
                return false;
            }
            if !self.read_all(board, number) {
                return false;
            }
            board.show_consumed(number + 1);
            self.moved += self.piece.min(self.start.bytes - self.moved);
            (self.posted, self.read) = (false, 0);
        }
        true
    }

    /// Puts this rank's part of a piece into its buffer, as soon as all have done with what was there.
    fn post(&mut self, board: &Board, number: u64) -> bool {
        let (rank, size) = board.ranks();
        let start = &self.start;
        let sends = match start.pattern {
            Pattern::Broadcast { root } | Pattern::Scatter { root } => root as usize == rank,
            Pattern::Gather { root } => root as usize != rank,
            Pattern::Allgather | Pattern::Alltoall | Pattern::Exchange => true,
            Pattern::And => unreachable!("only letters are joined"),
        };
        if sends {
            let free = (0..size - 1)
                .all(|position| number < 2 || board.has_consumed(peer(rank, size, position), number - 1));
            if !free {
                return false;
            }
            let buffer = board.buffer(rank, number);
            if self.sends_many() {
                for target in (0..size - 1).map(|position| peer(rank, size, position)) {
                    let (from, bytes) = self.part(&start.send, target);
                    copy(from, buffer.wrapping_add(target * self.piece), bytes);
                }
            } else {
                let (from, bytes) = self.part(&start.send, 0);
                copy(from, buffer, bytes);
            }
            board.show_posted(number + 1);
        }
        if let Some(own) = start.own_block(rank) {
            // While it is in the cache.
            let (to, bytes) = self.part(&start.receive, rank);
            let from = own.wrapping_add(self.moved);
            if from != to {
                copy(from, to, bytes);
            }
        }
        self.posted = true;
        true
    }

    /// Whether the ranks that send do so to each rank separately.
    fn sends_many(&self) -> bool {
        matches!(self.start.pattern, Pattern::Scatter { .. } | Pattern::Alltoall | Pattern::Exchange)
    }

    /// Where the current piece of a block is, and how much of it there is.
    fn part(&self, blocks: &Blocks, rank: usize) -> (*mut u8, usize) {
        let bytes = blocks.bytes(rank, self.start.bytes).saturating_sub(self.moved);
        (blocks.of(rank).wrapping_add(self.moved), bytes.min(self.piece))
    }

    /// Copies the parts of a piece that are for this rank; true when there are no more.
    fn read_all(&mut self, board: &Board, number: u64) -> bool {
        let (rank, size) = board.ranks();
        let start = &self.start;
        let offset = if self.sends_many() { rank * self.piece } else { 0 };
        let (sources, one) = match start.pattern {
            Pattern::Broadcast { root } | Pattern::Scatter { root } => {
                (usize::from(root as usize != rank), Some(root as usize))
            }
            Pattern::Gather { root } if root as usize != rank => (0, None),
            Pattern::Gather { .. } | Pattern::Allgather | Pattern::Alltoall | Pattern::Exchange => {
                (size - 1, None)
            }
            Pattern::And => unreachable!("only letters are joined"),
        };
        while self.read < sources {
            let source = one.unwrap_or_else(|| peer(rank, size, self.read));
            if !board.has_posted(source, number + 1) {
                return false;
            }
            let (to, bytes) = self.part(&start.receive, if one.is_some() { 0 } else { source });
            copy(board.buffer(source, number).wrapping_add(offset), to, bytes);
            self.read += 1;
        }
        true
    }
}

/// Copies between memory of the movement, or between that and a buffer.
fn copy(from: *const u8, to: *mut u8, bytes: usize) {
    if !std::ptr::eq(from, to) {
        // SAFETY: both are part of memory that `Transfer::start` was promised, or of a buffer that the counters give to this
        // rank; the only blocks that overlap are the same ones.
        unsafe { std::ptr::copy_nonoverlapping(from, to, bytes) };
    }
}
