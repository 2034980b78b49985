//! Movements of blocks, by MPI's collectives on bytes. Where blocks are not adjacent, a derived type describes them. A
//! blocking collective costs less than a non-blocking one; it is used where nobody can be kept waiting by it: all ranks are
//! known to have come, each has a core to itself, and no thread of a rank keeps another out of MPI.

use crate::communicator::Communicator;
use crate::conjunction::Conjunction;
use crate::end::{End, Fault, POLLS};
use crate::exchange::{self, Exchange, posted};
use crate::exit;
use crate::library::{self, Code, IN_PLACE, check};
use dtl_plugin_abi::{Movement, Place, outcome, pattern};
use mpi_sys::*;
use std::ffi::{c_int, c_void};

/// A movement in progress.
pub(crate) enum Request {
    /// Small messages.
    Exchange(Option<Exchange>),
    /// Bits of small messages.
    Conjunction(Conjunction),
    /// A collective of MPI, or messages of any size between pairs of ranks.
    Posted(Posted),
    /// It was complete as it started.
    Complete,
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
    let communicator = end.communicator();
    let number = end.count_movement();
    let small = movement.pattern == pattern::ALLGATHER && movement.bytes <= exchange::LONGEST;
    let started = if small && communicator.size <= exchange::MOST_RANKS {
        // SAFETY: the caller's promise, and the movement is small.
        unsafe { Exchange::start(end, number, movement) }.map(|exchange| Request::Exchange(Some(exchange)))
    } else if movement.pattern == pattern::AND {
        // SAFETY: the caller's promise.
        unsafe { Conjunction::start(end, number, movement) }.map(Request::Conjunction)
    } else if movement.pattern == pattern::EXCHANGE {
        // SAFETY: the caller's promise.
        unsafe { parcels(end, movement) }.map(|requests| Request::Posted(Posted::new(requests, number)))
    } else {
        let blocking = movement.arrived != 0 && communicator.roomy;
        // SAFETY: the caller's promise.
        unsafe { collective(communicator, movement, blocking) }.map(|posted| match posted {
            Some(request) => Request::Posted(Posted::new(vec![request], number)),
            None => Request::Complete,
        })
    };
    started.unwrap_or_else(|code| {
        end.fail_with(code);
        Request::Faulty
    })
}

impl Request {
    /// Makes progress; one of `outcome`.
    pub(crate) fn test(&mut self, end: &End) -> i32 {
        if end.is_over() {
            return end.outcome();
        }
        match self {
            Request::Complete => outcome::COMPLETE,
            Request::Faulty => end.outcome(),
            Request::Posted(posted) => posted.test(end),
            Request::Conjunction(conjunction) => conjunction.test(end),
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

    /// The ranks from which nothing has come, where that is known.
    pub(crate) fn missing(&mut self) -> Vec<i32> {
        match self {
            Request::Exchange(Some(exchange)) if !library::is_over() => exchange.missing(),
            _ => Vec::new(),
        }
    }

    /// Gives the end up, and tells the other ranks so.
    pub(crate) fn abandon(self, end: &End, reason: &str) {
        if end.is_over() {
            return;
        }
        exit::never_finalize();
        end.leave(reason.as_bytes());
        end.fail(Fault::Broken(reason.to_owned()));
        match self {
            Request::Exchange(Some(exchange)) => exchange.give_up(),
            Request::Posted(_) => end_job(reason),
            _ => {}
        }
    }
}

/// What MPI moves to or from the caller's memory, and can neither be cancelled nor left alone.
pub(crate) struct Posted {
    requests: Vec<MPI_Request>,
    /// Its number among the movements of the end.
    number: u64,
    polls: u32,
}

impl Posted {
    fn new(requests: Vec<MPI_Request>, number: u64) -> Self {
        Posted { requests, number, polls: 0 }
    }

    /// Makes progress; one of `outcome`. The job ends if a rank has left that is needed.
    fn test(&mut self, end: &End) -> i32 {
        let (count, mut flag) = (self.requests.len() as c_int, 0);
        // SAFETY: there are as many requests; those that are complete are null by now.
        let code =
            unsafe { MPI_Testall(count, self.requests.as_mut_ptr(), &mut flag, RSMPI_STATUSES_IGNORE) };
        match check(code) {
            Err(code) => return end.fail_with(code),
            Ok(()) if flag != 0 => return outcome::COMPLETE,
            Ok(()) => self.polls += 1,
        }
        if !self.polls.is_multiple_of(POLLS) {
            return outcome::PENDING;
        }
        match end.look_for_farewells(self.number) {
            outcome::PENDING => outcome::PENDING,
            outcome::LEFT => {
                let ranks: Vec<String> = end.fault_ranks().iter().map(ToString::to_string).collect();
                end_job(&format!("rank {} left a context", ranks.join(", rank ")))
            }
            _ => end_job(end.fault_text()),
        }
    }
}

/// Ends the job because MPI may write to the caller's memory at any time.
fn end_job(reason: &str) -> ! {
    eprintln!("dtl: {reason} in the middle of moving data, which cannot be undone; the job ends here.");
    exit::abort(1)
}

/// Sends a block of its own size to each other rank that gets any, and receives likewise.
///
/// # Safety
/// As for `start`; the movement is an exchange.
unsafe fn parcels(end: &End, movement: &Movement) -> Result<Vec<MPI_Request>, Code> {
    let communicator = end.communicator();
    let place = |places: *const Place, rank: i32| {
        // SAFETY: an exchange has a place for each rank.
        let Place { start, bytes } = unsafe { *places.add(rank as usize) };
        let bytes = movement.bytes.min(bytes.saturating_sub(movement.skipped));
        (start.wrapping_add(movement.skipped), bytes)
    };
    // SAFETY: a constant of the library.
    let (raw, t) = (communicator.raw, unsafe { RSMPI_UINT8_T });
    let mut requests = Vec::new();
    for peer in communicator.peers() {
        let (to, bytes) = place(movement.receive_places, peer);
        if bytes > 0 {
            let to = to.cast();
            // SAFETY: the caller's memory has this block, and stays until the request is complete.
            let post = |request| unsafe { MPI_Irecv(to, bytes as c_int, t, peer, end.tag, raw, request) };
            requests.push(posted(post)?);
        }
    }
    for peer in communicator.peers() {
        let (from, bytes) = place(movement.send_places, peer);
        if bytes > 0 {
            let from = from.cast();
            // SAFETY: as above.
            let post = |request| unsafe { MPI_Isend(from, bytes as c_int, t, peer, end.tag, raw, request) };
            requests.push(posted(post)?);
        }
    }
    let (from, bytes) = place(movement.send_places, communicator.rank);
    let (to, _) = place(movement.receive_places, communicator.rank);
    // SAFETY: this rank's block for itself, which has the same size on both sides.
    unsafe { std::ptr::copy(from, to, bytes) };
    Ok(requests)
}

/// The blocks of one side of a movement as MPI wants them.
struct Blocks {
    count: c_int,
    datatype: MPI_Datatype,
    derived: bool,
}

impl Blocks {
    /// One block.
    fn one(bytes: usize) -> Self {
        // SAFETY: a constant of the library.
        Blocks { count: bytes as c_int, datatype: unsafe { RSMPI_UINT8_T }, derived: false }
    }

    /// `ranks` blocks at this distance. Where the bytes of all together are too many for an `int`, some libraries
    /// compute wrong addresses unless a block counts as one.
    fn many(bytes: usize, stride: usize, ranks: c_int) -> Result<Self, Code> {
        if stride == bytes && bytes.saturating_mul(ranks as usize) <= c_int::MAX as usize {
            return Ok(Self::one(bytes));
        }
        // SAFETY: the types are made and freed here; those that are written have a place.
        unsafe {
            let (mut block, mut placed) = (RSMPI_DATATYPE_NULL, RSMPI_DATATYPE_NULL);
            check(MPI_Type_contiguous(bytes as c_int, RSMPI_UINT8_T, &mut block))?;
            check(MPI_Type_create_resized(block, 0, stride as MPI_Aint, &mut placed))?;
            check(MPI_Type_commit(&mut placed))?;
            check(MPI_Type_free(&mut block))?;
            Ok(Blocks { count: 1, datatype: placed, derived: true })
        }
    }
}

impl Drop for Blocks {
    fn drop(&mut self) {
        if self.derived {
            // SAFETY: made by `many`; movements under way keep what they need of it.
            unsafe { MPI_Type_free(&mut self.datatype) };
        }
    }
}

/// Starts MPI's collective for a movement, or completes it if it may block; the request, unless it is complete.
///
/// # Safety
/// As for `start`.
unsafe fn collective(
    communicator: &Communicator,
    movement: &Movement,
    blocking: bool,
) -> Result<Option<MPI_Request>, Code> {
    let Movement { pattern, root, bytes, send_stride, receive_stride, .. } = *movement;
    let Communicator { raw, rank, size, .. } = *communicator;
    let is_root = rank == root;
    let sends_many = pattern == pattern::ALLTOALL || pattern == pattern::SCATTER && is_root;
    let receives_many = pattern == pattern::ALLTOALL
        || pattern == pattern::ALLGATHER
        || pattern == pattern::GATHER && is_root;
    let from = if sends_many { Blocks::many(bytes, send_stride, size)? } else { Blocks::one(bytes) };
    let to = if receives_many { Blocks::many(bytes, receive_stride, size)? } else { Blocks::one(bytes) };
    let (n, t, to_n, to_t) = (from.count, from.datatype, to.count, to.datatype);

    let mut receive: *mut c_void = movement.receive.cast();
    let mut send: *const c_void = movement.send.cast();
    let own_place = if sends_many {
        receive
    } else {
        movement.receive.wrapping_add(rank as usize * receive_stride).cast()
    };
    if receives_many && send == own_place.cast_const() {
        send = IN_PLACE;
    } else if sends_many && !receives_many {
        // The root of a scatter keeps its own block.
        receive = IN_PLACE;
    }
    // SAFETY: a constant of the library.
    let mut request = unsafe { RSMPI_REQUEST_NULL };
    let r = &mut request;
    // SAFETY: the memory is as the movement describes it, and the types describe the same; all ranks call the same.
    check(unsafe {
        match (pattern, blocking) {
            (pattern::BROADCAST, _) => {
                let data = if is_root { send.cast_mut() } else { receive };
                if blocking { MPI_Bcast(data, n, t, root, raw) } else { MPI_Ibcast(data, n, t, root, raw, r) }
            }
            (pattern::GATHER, true) => MPI_Gather(send, n, t, receive, to_n, to_t, root, raw),
            (pattern::GATHER, false) => MPI_Igather(send, n, t, receive, to_n, to_t, root, raw, r),
            (pattern::SCATTER, true) => MPI_Scatter(send, n, t, receive, to_n, to_t, root, raw),
            (pattern::SCATTER, false) => MPI_Iscatter(send, n, t, receive, to_n, to_t, root, raw, r),
            (pattern::ALLGATHER, true) => MPI_Allgather(send, n, t, receive, to_n, to_t, raw),
            (pattern::ALLGATHER, false) => MPI_Iallgather(send, n, t, receive, to_n, to_t, raw, r),
            (_, true) => MPI_Alltoall(send, n, t, receive, to_n, to_t, raw),
            (_, false) => MPI_Ialltoall(send, n, t, receive, to_n, to_t, raw, r),
        }
    })?;
    Ok((!blocking).then_some(request))
}
