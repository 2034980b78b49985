//! What MPI moves at once: one of its collectives on bytes, or messages between pairs of ranks where blocks differ in size. Where
//! blocks are not adjacent, a derived type describes them. Nothing here waits: MPI's blocking collectives cannot be given up, and
//! cost no less.

use crate::communicator::Communicator;
use crate::end::{End, tag};
use crate::exchange::posted;
use crate::library::{Code, IN_PLACE, check};
use crate::posted::Message;
use dtl_plugin_abi::{Movement, Place, pattern};
use mpi_sys::*;
use std::ffi::{c_int, c_void};

/// Starts what moves these blocks.
///
/// # Safety
/// The memory must be as the movement describes it until all messages are complete; all ranks must start the same.
pub(crate) unsafe fn start(end: &End, movement: &Movement) -> Result<Vec<Message>, Code> {
    if movement.pattern == pattern::EXCHANGE {
        // SAFETY: the movement is an exchange, and its memory stays until all messages are complete, which the caller
        // guarantees.
        return unsafe { parcels(end, movement) };
    }
    // SAFETY: the caller guarantees that the memory is as the movement describes it until the request is complete, and that
    // all ranks start the same.
    let request = unsafe { collective(end.communicator(), movement)? };
    Ok(vec![Message { request, peer: None }])
}

/// Sends a block of its own size to each other rank that gets any, and receives likewise.
///
/// # Safety
/// As for `start`; the movement is an exchange.
unsafe fn parcels(end: &End, movement: &Movement) -> Result<Vec<Message>, Code> {
    let communicator = end.communicator();
    let place = |places: *const Place, rank: i32| {
        // SAFETY: an exchange has a place for each rank.
        let Place { start, bytes } = unsafe { *places.add(rank as usize) };
        let bytes = movement.bytes.min(bytes.saturating_sub(movement.skipped));
        (start.wrapping_add(movement.skipped), bytes)
    };
    // SAFETY: a constant of the library.
    let (raw, t) = (communicator.raw, unsafe { RSMPI_UINT8_T });
    let mut messages = Vec::new();
    for peer in communicator.peers() {
        let (to, bytes) = place(movement.receive_places, peer);
        if bytes > 0 {
            let to = to.cast();
            // SAFETY: the exchange receives this block from `peer`, and the caller guarantees that its memory is writable
            // until the request is complete.
            let post =
                |request| unsafe { MPI_Irecv(to, bytes as c_int, t, peer, tag::MOVEMENTS, raw, request) };
            messages.push(Message { request: posted(post)?, peer: Some(peer) });
        }
    }
    for peer in communicator.peers() {
        let (from, bytes) = place(movement.send_places, peer);
        if bytes > 0 {
            let from = from.cast();
            // SAFETY: the exchange sends this block to `peer`, and the caller guarantees that its memory stays as it is
            // until the request is complete.
            let post =
                |request| unsafe { MPI_Isend(from, bytes as c_int, t, peer, tag::MOVEMENTS, raw, request) };
            messages.push(Message { request: posted(post)?, peer: Some(peer) });
        }
    }
    let (from, bytes) = place(movement.send_places, communicator.rank);
    let (to, _) = place(movement.receive_places, communicator.rank);
    // SAFETY: this rank's block for itself, which has the same size on both sides.
    unsafe { std::ptr::copy(from, to, bytes) };
    Ok(messages)
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

/// Starts MPI's collective for a movement.
///
/// # Safety
/// As for `start`.
unsafe fn collective(communicator: &Communicator, movement: &Movement) -> Result<MPI_Request, Code> {
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
    // SAFETY: the memory is as the movement describes it, and the types describe the same; all ranks call the same.
    posted(|r| unsafe {
        match pattern {
            pattern::BROADCAST => {
                MPI_Ibcast(if is_root { send.cast_mut() } else { receive }, n, t, root, raw, r)
            }
            pattern::GATHER => MPI_Igather(send, n, t, receive, to_n, to_t, root, raw, r),
            pattern::SCATTER => MPI_Iscatter(send, n, t, receive, to_n, to_t, root, raw, r),
            pattern::ALLGATHER => MPI_Iallgather(send, n, t, receive, to_n, to_t, raw, r),
            _ => MPI_Ialltoall(send, n, t, receive, to_n, to_t, raw, r),
        }
    })
}
