//! Packets from one rank to another. MPI sends and receives them in memory of this plugin, so that whoever waits for one can
//! give it up at any time.

use crate::end::End;
use crate::exchange::posted;
use crate::library::{Code, check};
use dtl_plugin_abi::{Part, outcome};
use mpi_sys::*;
use std::ffi::c_int;
use std::mem::MaybeUninit;

/// The packets that may be on their way to each rank.
const MOST_UNDER_WAY: usize = 16;

/// The packets of an end that MPI is moving.
#[derive(Default)]
pub(crate) struct Packets {
    leaving: Vec<Leaving>,
    arriving: Option<Arriving>,
    /// The packet that was received last.
    received: Vec<u8>,
}

struct Leaving {
    to: i32,
    request: MPI_Request,
    packet: Vec<u8>,
}

struct Arriving {
    from: i32,
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
            // SAFETY: the caller's promise.
            packet.extend_from_slice(unsafe { std::slice::from_raw_parts(part.start, part.bytes) });
        }
        let (data, length, raw) = (packet.as_ptr().cast(), packet.len() as c_int, end.communicator().raw);
        let tag = end.packets_tag();
        // SAFETY: the packet stays until the request is complete, or for ever.
        let request =
            posted(|request| unsafe { MPI_Isend(data, length, RSMPI_UINT8_T, to, tag, raw, request) })?;
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
        if self.arriving.is_none() {
            self.arriving = announced(end)?;
        }
        let Some(arriving) = &mut self.arriving else { return Ok(None) };
        if !is_complete(&mut arriving.request)? {
            return Ok(None);
        }
        let Some(Arriving { from, packet, .. }) = self.arriving.take() else { return Ok(None) };
        self.received = packet;
        Ok(Some(from))
    }
}

/// Begins to receive the next packet, if there is one.
fn announced(end: &End) -> Result<Option<Arriving>, Code> {
    let (mut there, mut length) = (0, 0);
    let (mut message, mut status) = (MaybeUninit::zeroed(), MaybeUninit::<MPI_Status>::zeroed());
    // SAFETY: the communicator is usable, MPI writes what has a place, and what it receives has memory of its length until
    // the request is complete, or for ever; zeroes are a valid status.
    unsafe {
        let (raw, tag) = (end.communicator().raw, end.packets_tag());
        let (message, status) = (message.as_mut_ptr(), status.as_mut_ptr());
        check(MPI_Improbe(RSMPI_ANY_SOURCE, tag, raw, &mut there, message, status))?;
        if there == 0 {
            return Ok(None);
        }
        check(MPI_Get_count(status, RSMPI_UINT8_T, &mut length))?;
        let mut packet = vec![0u8; length as usize];
        let target = packet.as_mut_ptr().cast();
        let request = posted(|request| MPI_Imrecv(target, length, RSMPI_UINT8_T, message, request))?;
        Ok(Some(Arriving { from: (*status).MPI_SOURCE, request, packet }))
    }
}

impl Drop for Packets {
    fn drop(&mut self) {
        let leaving = self.leaving.drain(..).map(|leaving| (leaving.request, leaving.packet));
        let arriving = self.arriving.take().map(|arriving| (arriving.request, arriving.packet));
        for (mut request, packet) in leaving.chain(arriving) {
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
