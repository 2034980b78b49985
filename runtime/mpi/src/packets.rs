//! Packets from one rank to another. MPI sends and receives them in memory of this plugin, so that whoever waits for one can
//! give it up at any time.

use crate::end::{End, tag};
use crate::exchange::posted;
use crate::inbox::Inbox;
use crate::library::{Code, check};
use dtl_plugin_abi::{Part, outcome};
use mpi_sys::*;
use std::ffi::c_int;

/// The packets that may be on their way to each rank.
const MOST_UNDER_WAY: usize = 16;

/// The packets of an end that MPI is moving.
#[derive(Default)]
pub(crate) struct Packets {
    leaving: Vec<Leaving>,
    inbox: Inbox,
    /// The packet that was received last.
    received: Vec<u8>,
}

struct Leaving {
    to: i32,
    request: MPI_Request,
    packet: Vec<u8>,
}

// SAFETY: requests are plain values; which threads may use them is what `library::turn` and MPI itself arrange.
unsafe impl Send for Packets {}

/// Sends a packet, if not too many are under way to that rank.
///
/// # Safety
/// The parts must be readable for as many bytes as they say.
pub(crate) unsafe fn post(end: &End, to: i32, parts: &[Part], is_urgent: bool) -> i32 {
    if end.is_given_up() {
        return end.outcome();
    }
    let mut packets = end.packets();
    let sent = packets.let_go().and_then(|()| {
        if !is_urgent && packets.leaving.iter().filter(|packet| packet.to == to).count() >= MOST_UNDER_WAY {
            return Ok(outcome::PENDING);
        }
        let mut packet = Vec::with_capacity(parts.iter().map(|part| part.bytes).sum());
        for part in parts.iter().filter(|part| part.bytes > 0) {
            // SAFETY: the caller guarantees that a part is readable for as many bytes as it says.
            packet.extend_from_slice(unsafe { std::slice::from_raw_parts(part.start, part.bytes) });
        }
        let (data, length, raw) = (packet.as_ptr().cast(), packet.len() as c_int, end.communicator().raw);
        // SAFETY: the packet stays until the request is complete, or for ever.
        let request = posted(|request| unsafe {
            MPI_Isend(data, length, RSMPI_UINT8_T, to, tag::PACKETS, raw, request)
        })?;
        packets.leaving.push(Leaving { to, request, packet });
        packets.let_go().map(|()| outcome::COMPLETE)
    });
    sent.unwrap_or_else(|code| end.fail_with(code))
}

/// Receives the next packet, if it is there.
pub(crate) fn collect(end: &End, from: &mut i32, packet: &mut Part) -> i32 {
    if end.is_given_up() {
        return end.outcome();
    }
    let mut packets = end.packets();
    match packets.let_go().and_then(|()| packets.receive(end)) {
        Err(code) => end.fail_with(code),
        Ok(None) => outcome::PENDING,
        Ok(Some(source)) => {
            *from = source;
            *packet = Part { start: packets.received.as_ptr(), bytes: packets.received.len() };
            outcome::COMPLETE
        }
    }
}

/// The ranks that have left; what they have sent has come by then, as MPI keeps the order of messages.
pub(crate) fn departed(end: &End) -> (i32, Vec<i32>) {
    if end.is_given_up() {
        return (end.outcome(), Vec::new());
    }
    match end.departed() {
        Ok(ranks) => (outcome::COMPLETE, ranks),
        Err(fault) => (end.fail(fault), Vec::new()),
    }
}

/// Whether a request is complete.
fn is_complete(request: &mut MPI_Request) -> Result<bool, Code> {
    let mut flag = 0;
    // SAFETY: the request was started; one that is complete is null from then on.
    check(unsafe { MPI_Test(request, &mut flag, RSMPI_STATUS_IGNORE) })?;
    Ok(flag != 0)
}

impl Packets {
    /// Frees the memory of packets that have been sent.
    fn let_go(&mut self) -> Result<(), Code> {
        let mut at = 0;
        while at < self.leaving.len() {
            if is_complete(&mut self.leaving[at].request)? {
                self.leaving.swap_remove(at);
            } else {
                at += 1;
            }
        }
        Ok(())
    }

    /// Goes on receiving the next packet; its sender, if it is complete.
    fn receive(&mut self, end: &End) -> Result<Option<i32>, Code> {
        let next = self.inbox.next(end.communicator().raw, tag::PACKETS)?;
        Ok(next.map(|(from, packet)| {
            self.received = packet;
            from
        }))
    }
}

impl Drop for Packets {
    fn drop(&mut self) {
        for Leaving { mut request, packet, .. } in self.leaving.drain(..) {
            if !crate::library::is_ready() || !is_complete(&mut request).unwrap_or(false) {
                // MPI may still use the memory, and needs nobody to wait for it.
                std::mem::forget(packet);
                if crate::library::is_ready() {
                    // SAFETY: the request was started and is not complete.
                    unsafe { MPI_Request_free(&mut request) };
                }
            }
        }
    }
}
