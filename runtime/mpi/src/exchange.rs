//! The exchange of small messages with which every collective of dtl starts: each rank sends one message of the same size to
//! each other rank. Point-to-point messages do it in one step, show which rank has not come, and can be given up; none of
//! that holds for MPI's collectives.

use crate::communicator::Communicator;
use crate::end::{End, POLLS, tag};
use crate::library::Code;
use dtl_plugin_abi::{Movement, outcome};
use mpi_sys::*;
use std::ffi::c_int;

/// The longest message, in bytes. MPI libraries send such messages at once, without waiting for the receiver.
pub(crate) const LONGEST: usize = 256;

/// The most ranks for which messages between all pairs are worth it.
pub(crate) const MOST_RANKS: i32 = 64;

/// An exchange in progress. It has memory of its own, because MPI may use it after the exchange was given up.
pub(crate) struct Exchange {
    message: Box<[u8; LONGEST]>,
    inbox: Vec<u8>,
    /// One for each message to receive, in the order of `Communicator::peers`, then one for each to send.
    requests: Vec<MPI_Request>,
    peers: Vec<i32>,
    bytes: usize,
    target: *mut u8,
    stride: usize,
    /// Its number among the movements of the end.
    number: u64,
    polls: u32,
}

// SAFETY: one thread at a time tests it; the addresses are used only until it is over, and `start` demands that the memory
// stays until then.
unsafe impl Send for Exchange {}

impl Exchange {
    fn new(communicator: &Communicator) -> Self {
        Exchange {
            message: Box::new([0; LONGEST]),
            inbox: vec![0; communicator.size as usize * LONGEST],
            requests: Vec::with_capacity(2 * communicator.size as usize),
            peers: communicator.peers().collect(),
            bytes: 0,
            target: std::ptr::null_mut(),
            stride: 0,
            number: 0,
            polls: 0,
        }
    }

    /// Sends this rank's message and gets ready for the others'.
    ///
    /// # Safety
    /// The movement's memory must stay until the exchange is over; `bytes` is at most `LONGEST`.
    pub(crate) unsafe fn start(end: &End, number: u64, movement: &Movement) -> Result<Exchange, Code> {
        let spare = end.spare().take();
        let mut exchange = spare.unwrap_or_else(|| Exchange::new(end.communicator()));
        exchange.bytes = movement.bytes;
        exchange.target = movement.receive;
        exchange.stride = movement.receive_stride;
        exchange.number = number;
        exchange.polls = 0;
        // SAFETY: the message has `bytes` bytes, at most `LONGEST`.
        unsafe { std::ptr::copy(movement.send, exchange.message.as_mut_ptr(), movement.bytes) };
        let posted = exchange.post(end);
        match posted {
            Ok(()) => Ok(exchange),
            Err(code) => {
                exchange.give_up();
                Err(code)
            }
        }
    }

    fn post(&mut self, end: &End) -> Result<(), Code> {
        let (raw, length) = (end.communicator().raw, self.bytes as c_int);
        self.requests.clear();
        for peer in &self.peers {
            let place = self.inbox[*peer as usize * LONGEST..][..LONGEST].as_mut_ptr().cast();
            // SAFETY: each peer has a place of its own, which stays as long as the exchange or, given up, for ever.
            self.requests.push(unsafe {
                posted(|request| {
                    MPI_Irecv(place, length, RSMPI_UINT8_T, *peer, tag::MOVEMENTS, raw, request)
                })?
            });
        }
        for peer in &self.peers {
            let message = self.message.as_ptr().cast();
            // SAFETY: the message stays like the places.
            self.requests.push(unsafe {
                posted(|request| {
                    MPI_Isend(message, length, RSMPI_UINT8_T, *peer, tag::MOVEMENTS, raw, request)
                })?
            });
        }
        Ok(())
    }

    /// Makes progress; one of `outcome`.
    pub(crate) fn test(&mut self, end: &End) -> i32 {
        match self.test_all() {
            Err(code) => return end.fail_with(code),
            Ok(true) => {
                self.deliver(end.communicator().rank);
                return outcome::COMPLETE;
            }
            Ok(false) => self.polls += 1,
        }
        if self.polls.is_multiple_of(POLLS) { end.look_for_farewells(self.number) } else { outcome::PENDING }
    }

    fn test_all(&mut self) -> Result<bool, Code> {
        let (count, mut flag) = (self.requests.len() as c_int, 0);
        // SAFETY: there are as many requests.
        let code =
            unsafe { MPI_Testall(count, self.requests.as_mut_ptr(), &mut flag, RSMPI_STATUSES_IGNORE) };
        crate::library::check(code).map(|()| flag != 0)
    }

    /// Puts everybody's message where the caller wants it.
    fn deliver(&self, rank: i32) {
        let put = |source: i32, message: *const u8| {
            let place = self.target.wrapping_add(source as usize * self.stride);
            // SAFETY: the caller's memory has a block of `bytes` bytes for each rank.
            unsafe { std::ptr::copy_nonoverlapping(message, place, self.bytes) };
        };
        put(rank, self.message.as_ptr());
        for peer in &self.peers {
            put(*peer, self.inbox[*peer as usize * LONGEST..].as_ptr());
        }
    }

    /// The ranks whose messages have not come.
    pub(crate) fn missing(&mut self) -> Vec<i32> {
        let has_come = |request: &mut MPI_Request| {
            let mut flag = 0;
            // SAFETY: a request of this exchange; one that was complete before counts as complete.
            unsafe { MPI_Test(request, &mut flag, RSMPI_STATUS_IGNORE) == 0 && flag != 0 }
        };
        let receives = self.requests.iter_mut().zip(&self.peers);
        let mut missing: Vec<i32> =
            receives.filter_map(|(request, peer)| (!has_come(request)).then_some(*peer)).collect();
        missing.sort_unstable();
        missing
    }

    /// Keeps the memory for the next exchange.
    pub(crate) fn recycle(self, end: &End) {
        *end.spare() = Some(self);
    }

    /// Ends an exchange that cannot complete.
    pub(crate) fn give_up(mut self) {
        withdraw(&mut self.requests);
        // MPI may still use the memory.
        std::mem::forget(self);
    }
}

/// Calls one of MPI's functions that give a request.
pub(crate) fn posted(call: impl FnOnce(*mut MPI_Request) -> Code) -> Result<MPI_Request, Code> {
    // SAFETY: a constant of the library.
    let mut request = unsafe { RSMPI_REQUEST_NULL };
    crate::library::check(call(&mut request)).map(|()| request)
}

/// Gives up messages that were posted; whether there are any that MPI has not completed.
pub(crate) fn withdraw(requests: &mut [MPI_Request]) -> bool {
    let mut are_there = false;
    for request in requests {
        // SAFETY: requests that were posted, or null ones, which are left alone. Freeing lets MPI finish by itself.
        unsafe {
            if *request != RSMPI_REQUEST_NULL {
                are_there = true;
                if crate::library::is_over() {
                    break;
                }
                MPI_Cancel(request);
                MPI_Request_free(request);
            }
        }
    }
    are_there
}
