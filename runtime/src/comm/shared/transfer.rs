//! One movement between ranks that share memory, from start to completion on this rank: small blocks that go from all to all
//! are letters; large blocks are read out of their senders' memory where the system allows it (`direct.rs`); all others go
//! through buffers (`pieces.rs`). Ranks choose from the size of the blocks, on which they agree.

use super::board::{Board, LETTER};
use super::direct::{self, Direct};
use super::peer;
use super::pieces::Pieces;
use crate::comm::transport::{Fault, Pattern, Progress, Start, keep_common_bits};

/// How much has gone each way; all ranks count the same.
#[derive(Debug, Default)]
pub(super) struct Counts {
    letters: u64,
    pieces: u64,
    direct: u64,
}

/// A movement in progress.
#[derive(Debug)]
pub(super) enum Transfer {
    Letter(Letter),
    Pieces(Pieces),
    Direct(Direct),
}

// SAFETY: the addresses are those of a movement, whose memory stays as long as it is in progress.
unsafe impl Send for Transfer {}

/// A movement in which each rank writes a letter and reads those of all others.
#[derive(Debug)]
pub(super) struct Letter {
    start: Start,
    number: u64,
    /// How many letters have been read.
    read: usize,
}

impl Transfer {
    /// Starts a movement; `direct` if all ranks can read each other's memory.
    ///
    /// # Safety
    /// The memory must be as the movement describes it, and stay until it is complete or given up.
    pub(super) unsafe fn start(board: &Board, direct: bool, counts: &mut Counts, start: Start) -> Self {
        if matches!(start.pattern, Pattern::Allgather | Pattern::And) && start.bytes <= LETTER {
            counts.letters += 1;
            // SAFETY: the caller guarantees that the memory is as the movement describes it until that is complete or given
            // up. As every movement, this one starts when the last is complete here, for which all ranks had to write a
            // letter, and so had read the letter before.
            return Transfer::Letter(unsafe { Letter::start(board, counts.letters - 1, start) });
        }
        if direct && start.bytes >= direct::FROM {
            counts.direct += 1;
            // SAFETY: the caller guarantees that the memory is as the movement describes it, and stays until that is
            // complete or given up.
            return Transfer::Direct(unsafe { Direct::start(board, counts.direct - 1, start) });
        }
        let pieces = Pieces::start(board, counts.pieces, start);
        counts.pieces += pieces.count();
        Transfer::Pieces(pieces)
    }

    /// Moves what can be moved now. `processes` are those of the ranks.
    pub(super) fn advance(&mut self, board: &Board, processes: &[u32]) -> Result<Progress, Fault> {
        let before = self.position();
        let complete = match self {
            Transfer::Letter(letter) => letter.advance(board),
            Transfer::Pieces(pieces) => pieces.advance(board),
            Transfer::Direct(direct) => direct.advance(board, processes)?,
        };
        Ok(match complete {
            true => Progress::Complete,
            false if self.position() != before => Progress::Moving,
            false => Progress::Waiting,
        })
    }

    /// The ranks that are missing though all have started, as far as it is known.
    pub(super) fn missing(&self, board: &Board) -> Vec<usize> {
        match self {
            Transfer::Direct(direct) => direct.missing(board),
            Transfer::Letter(_) | Transfer::Pieces(_) => Vec::new(),
        }
    }

    /// Whether others may be reading this rank's memory.
    pub(super) fn lends_memory(&self) -> bool {
        matches!(self, Transfer::Direct(_))
    }

    /// What changes whenever anything moves.
    fn position(&self) -> (usize, usize) {
        match self {
            Transfer::Letter(letter) => (0, letter.read),
            Transfer::Pieces(pieces) => pieces.position(),
            Transfer::Direct(direct) => direct.position(),
        }
    }
}

impl Letter {
    /// Writes this rank's letter.
    ///
    /// # Safety
    /// As for `Transfer::start`; all ranks must have read the letter before the last.
    unsafe fn start(board: &Board, number: u64, start: Start) -> Self {
        let own = match start.pattern {
            Pattern::And => start.receive.start,
            _ => start.receive.of(board.ranks().0),
        };
        // SAFETY: the movement has a small block to send, and room for one of each rank. In place, it is there already.
        unsafe {
            board.write_letter(number, start.send.start, start.bytes);
            std::ptr::copy(start.send.start, own, start.bytes);
        }
        Letter { start, number, read: 0 }
    }

    /// True when all letters have been read.
    fn advance(&mut self, board: &Board) -> bool {
        let (rank, size) = board.ranks();
        while self.read < size - 1 {
            let source = peer(rank, size, self.read);
            let Start { pattern, bytes, receive, .. } = self.start;
            let mut letter = [0; LETTER];
            let target = if pattern == Pattern::And { letter.as_mut_ptr() } else { receive.of(source) };
            // SAFETY: the movement has room for a block of each rank, and is small.
            if !unsafe { board.read_letter(source, self.number, target, bytes) } {
                return false;
            }
            if pattern == Pattern::And {
                // SAFETY: the movement has room for one block, and the letter is nobody else's.
                unsafe { keep_common_bits(receive.start, letter.as_ptr(), bytes) };
            }
            self.read += 1;
        }
        true
    }
}
