//! Blocks of any size, which MPI moves to and from the caller's memory. It can neither be stopped nor left alone in that: where a
//! rank that is needed has gone, or does not come, the job ends.

use crate::collective;
use crate::end::{End, POLLS};
use crate::exit;
use crate::library::{Code, check};
use dtl_plugin_abi::{Movement, outcome};
use mpi_sys::*;

/// A movement of such blocks.
pub(crate) struct Posted {
    messages: Vec<Message>,
    /// Its number among the movements of the end.
    number: u64,
    polls: u32,
}

/// What MPI has been asked for: a collective, or a message to or from another rank.
pub(crate) struct Message {
    pub(crate) request: MPI_Request,
    pub(crate) peer: Option<i32>,
}

impl Posted {
    /// Starts a movement.
    ///
    /// # Safety
    /// The memory must be as the movement describes it until this is complete; all ranks must start the same.
    pub(crate) unsafe fn start(end: &End, number: u64, movement: &Movement) -> Result<Self, Code> {
        // SAFETY: the caller guarantees that the memory is as the movement describes it until this is complete, and that
        // all ranks start the same.
        Ok(Posted { messages: unsafe { collective::start(end, movement)? }, number, polls: 0 })
    }

    /// Makes progress; one of `outcome`. The job ends if a rank has left that is needed.
    pub(crate) fn test(&mut self, end: &End) -> i32 {
        match self.advance() {
            Err(code) => return end.fail_with(code),
            Ok(true) => return outcome::COMPLETE,
            Ok(false) => self.polls += 1,
        }
        if !self.polls.is_multiple_of(POLLS) {
            return outcome::PENDING;
        }
        match end.look_for_farewells(self.number) {
            outcome::PENDING => outcome::PENDING,
            outcome::LEFT => {
                let ranks: Vec<String> = end.fault_ranks().iter().map(ToString::to_string).collect();
                end_job(&format!(
                    "rank {} left a context in the middle of moving data",
                    ranks.join(", rank ")
                ))
            }
            _ => give_up(end.fault_text()),
        }
    }

    /// Whether all messages are complete; forgets those that are.
    fn advance(&mut self) -> Result<bool, Code> {
        while let Some(message) = self.messages.last_mut() {
            let mut flag = 0;
            // SAFETY: the request was started, and is not tested again once complete.
            check(unsafe { MPI_Test(&mut message.request, &mut flag, RSMPI_STATUS_IGNORE) })?;
            if flag == 0 {
                return Ok(false);
            }
            self.messages.pop();
        }
        Ok(true)
    }

    /// The ranks with which messages are not complete or, where MPI does not tell with whom it deals, those that have not announced
    /// themselves.
    pub(crate) fn missing(&mut self, end: &End) -> Vec<i32> {
        if self.messages.iter().any(|message| message.peer.is_none()) {
            return end.unannounced();
        }
        let is_pending = |message: &mut Message| {
            let mut flag = 0;
            // SAFETY: the request was started; one that is complete is null from then on, and counts as complete.
            unsafe { MPI_Test(&mut message.request, &mut flag, RSMPI_STATUS_IGNORE) != 0 || flag == 0 }
        };
        let messages = self.messages.iter_mut();
        let mut peers: Vec<i32> =
            messages.filter_map(|message| message.peer.filter(|_| is_pending(message))).collect();
        peers.sort_unstable();
        peers.dedup();
        peers
    }
}

/// Ends the job for this reason, because MPI may write to the caller's memory at any time.
pub(crate) fn give_up(reason: &str) -> ! {
    end_job(&format!("{reason}. That was in the middle of moving data"))
}

fn end_job(what: &str) -> ! {
    dtl_plugin_abi::say(&format!("{what}, which cannot be undone; the job ends here."));
    exit::abort(1)
}
