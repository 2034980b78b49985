//! Movements of blocks: small ones in messages that can be given up (`exchange.rs`, `conjunction.rs`), all others in what
//! MPI has for blocks of any size (`posted.rs`). Nothing here waits.

use crate::conjunction::Conjunction;
use crate::end::{End, Fault};
use crate::exchange::{self, Exchange};
use crate::library;
use crate::making::Making;
use crate::posted::{self, Posted};
use dtl_plugin_abi::{Movement, outcome, pattern};

/// A movement in progress.
pub(crate) enum Request {
    /// Small messages.
    Exchange(Option<Exchange>),
    /// Bits of small messages.
    Conjunction(Conjunction),
    /// Blocks of any size.
    Posted(Posted),
    /// A new communicator, which is no movement of blocks and counts as one.
    Making(Making),
    /// The end is faulty, and says how.
    Faulty,
}

/// Starts a movement.
///
/// # Safety
/// The memory must be as the movement describes it until the request is gone; all ranks must start the same.
pub(crate) unsafe fn start(end: &End, movement: &Movement) -> Request {
    if end.is_faulty() {
        return Request::Faulty;
    }
    let number = end.count_movement();
    let small = movement.pattern == pattern::ALLGATHER && movement.bytes <= exchange::LONGEST;
    let started = if small && end.communicator().size <= exchange::MOST_RANKS {
        // SAFETY: the movement is small, and the caller guarantees that its memory stays until the request is gone and that
        // all ranks start the same.
        unsafe { Exchange::start(end, number, movement) }.map(|exchange| Request::Exchange(Some(exchange)))
    } else if movement.pattern == pattern::AND {
        // SAFETY: the caller guarantees that the movement's memory stays until the request is gone.
        unsafe { Conjunction::start(end, number, movement) }.map(Request::Conjunction)
    } else {
        // SAFETY: the caller guarantees that the movement's memory stays until the request is gone and that all ranks start
        // the same.
        unsafe { Posted::start(end, number, movement) }.map(Request::Posted)
    };
    started.unwrap_or_else(|code| {
        end.fail_with(code);
        Request::Faulty
    })
}

/// Starts making a communicator of these members; the number of its end, or 0 without members, goes to `target`, which must stay
/// until the request is gone. All ranks must start the same, each with the members of the group that it is to be in.
pub(crate) fn split(end: &End, members: &[i32], target: *mut u64) -> Request {
    if end.is_faulty() {
        return Request::Faulty;
    }
    Request::Making(Making::start(end, end.count_movement(), members, target))
}

impl Request {
    /// Makes progress; one of `outcome`.
    pub(crate) fn test(&mut self, end: &End) -> i32 {
        if end.is_over() {
            return end.outcome();
        }
        match self {
            Request::Faulty => end.outcome(),
            Request::Posted(posted) => posted.test(end),
            Request::Conjunction(conjunction) => conjunction.test(end),
            Request::Making(making) => making.test(end),
            Request::Exchange(place) => {
                let Some(exchange) = place else { return end.outcome() };
                let outcome = exchange.test(end);
                match (outcome, place.take()) {
                    (outcome::PENDING, exchange) => *place = exchange,
                    (outcome::COMPLETE, Some(exchange)) => exchange.recycle(end),
                    (_, Some(exchange)) => exchange.give_up(),
                    (_, None) => {}
                }
                outcome
            }
        }
    }

    /// Tells the other ranks that this one waits.
    pub(crate) fn announce(&self, end: &End) {
        match self {
            Request::Conjunction(_) | Request::Posted(_) | Request::Making(_) => end.announce(),
            // They know of what they have received.
            Request::Exchange(_) | Request::Faulty => {}
        }
    }

    /// The ranks from which nothing has come, or which have not announced themselves.
    pub(crate) fn missing(&mut self, end: &End) -> Vec<i32> {
        match self {
            _ if library::is_over() => Vec::new(),
            Request::Exchange(Some(exchange)) => exchange.missing(),
            Request::Conjunction(_) | Request::Making(_) => end.unannounced(),
            Request::Posted(posted) => posted.missing(end),
            Request::Exchange(None) | Request::Faulty => Vec::new(),
        }
    }

    /// Gives the end up, and tells the other ranks so.
    pub(crate) fn abandon(self, end: &End, reason: &str) {
        if end.is_over() {
            return;
        }
        end.leave(reason.as_bytes());
        end.fail(Fault::Broken(reason.to_owned()));
        match self {
            Request::Exchange(Some(exchange)) => exchange.give_up(),
            Request::Posted(_) => posted::give_up(reason),
            _ => {}
        }
    }
}
