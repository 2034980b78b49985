//! The bits that are set in the small blocks of all ranks: in each step a rank passes on what it has heard to a rank twice as far
//! away as in the step before, so that after as many steps as the number of ranks has binary digits every rank has heard of all
//! others. (The dissemination algorithm of Hensgen, Finkel and Manber, "Two algorithms for barrier synchronization", 1988.)
//! Like an exchange, and unlike MPI's collectives, it can be given up.

use crate::end::{End, POLLS, tag};
use crate::exchange::{LONGEST, posted, withdraw};
use crate::library::{Code, check};
use dtl_plugin_abi::{Movement, outcome};
use mpi_sys::*;
use std::ffi::c_int;

/// A conjunction in progress. It has memory of its own, because MPI may use it after the conjunction was given up.
pub(crate) struct Conjunction {
    /// The bits that are set on all ranks of which this one has heard.
    known: Vec<u8>,
    incoming: Vec<u8>,
    /// The message to receive and the one to send.
    requests: [MPI_Request; 2],
    /// How far away the ranks are of which this one hears in the current step.
    distance: i32,
    target: *mut u8,
    /// Its number among the movements of the end.
    number: u64,
    polls: u32,
}

// SAFETY: one thread at a time tests it; the address is used only until it is over, and `start` demands that the memory
// stays until then.
unsafe impl Send for Conjunction {}

impl Conjunction {
    /// Takes the first step.
    ///
    /// # Safety
    /// The movement's memory must stay until the conjunction is over.
    pub(crate) unsafe fn start(end: &End, number: u64, movement: &Movement) -> Result<Self, Code> {
        assert!(movement.bytes <= LONGEST, "only small blocks are joined");
        // SAFETY: the caller guarantees that the movement's memory has a block to send; the request is a constant of the
        // library.
        let (known, none) = unsafe {
            (std::slice::from_raw_parts(movement.send, movement.bytes).to_vec(), RSMPI_REQUEST_NULL)
        };
        let mut conjunction = Conjunction {
            incoming: vec![0; known.len()],
            known,
            requests: [none; 2],
            distance: 1,
            target: movement.receive,
            number,
            polls: 0,
        };
        conjunction.post(end)?;
        Ok(conjunction)
    }

    /// Makes progress; one of `outcome`.
    pub(crate) fn test(&mut self, end: &End) -> i32 {
        match self.step(end) {
            Err(code) => return end.fail_with(code),
            Ok(true) => {
                // SAFETY: `start` demands memory with room for a block until the conjunction is over, which it is with
                // this.
                unsafe { std::ptr::copy_nonoverlapping(self.known.as_ptr(), self.target, self.known.len()) };
                return outcome::COMPLETE;
            }
            Ok(false) => self.polls += 1,
        }
        if self.polls.is_multiple_of(POLLS) { end.look_for_farewells(self.number) } else { outcome::PENDING }
    }

    /// Takes as many steps as it can; whether there are no more.
    fn step(&mut self, end: &End) -> Result<bool, Code> {
        while self.distance < end.communicator().size {
            let mut flag = 0;
            // SAFETY: there are two requests; those that are complete are null by now.
            check(unsafe { MPI_Testall(2, self.requests.as_mut_ptr(), &mut flag, RSMPI_STATUSES_IGNORE) })?;
            if flag == 0 {
                return Ok(false);
            }
            self.known.iter_mut().zip(&self.incoming).for_each(|(known, heard)| *known &= heard);
            self.distance *= 2;
            self.post(end)?;
        }
        Ok(true)
    }

    /// Sends what is known, and gets ready for what a rank on the other side knows.
    fn post(&mut self, end: &End) -> Result<(), Code> {
        let (raw, rank, size) = (end.communicator().raw, end.communicator().rank, end.communicator().size);
        if self.distance >= size {
            return Ok(());
        }
        let (from, to) = ((rank - self.distance + size) % size, (rank + self.distance) % size);
        let (length, incoming) = (self.incoming.len() as c_int, self.incoming.as_mut_ptr().cast());
        let known = self.known.as_ptr().cast();
        // SAFETY: both have so many bytes, which stay as they are until the requests are complete or, given up, for ever.
        unsafe {
            let t = RSMPI_UINT8_T;
            self.requests[0] =
                posted(|request| MPI_Irecv(incoming, length, t, from, tag::MOVEMENTS, raw, request))?;
            self.requests[1] =
                posted(|request| MPI_Isend(known, length, t, to, tag::MOVEMENTS, raw, request))?;
        }
        Ok(())
    }
}

impl Drop for Conjunction {
    fn drop(&mut self) {
        if withdraw(&mut self.requests) {
            // MPI may still use the memory.
            std::mem::forget((std::mem::take(&mut self.known), std::mem::take(&mut self.incoming)));
        }
    }
}
