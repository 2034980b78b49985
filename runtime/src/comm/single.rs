//! The transport of a context with one process: there is nobody to wait for, so every movement completes as it starts.

use super::transport::{
    Capabilities, Comm, Fault, Membership, Movements, PacketLimits, Packets, Progress, Request, Split, Start,
    Transport, deliver,
};
use std::sync::Arc;
use std::time::Duration;

/// The transport of one process by itself.
#[derive(Debug)]
pub(crate) struct Single;

impl Membership for Single {
    fn rank(&self, _comm: Comm) -> i32 {
        0
    }

    fn size(&self, _comm: Comm) -> i32 {
        1
    }

    fn split(
        self: Arc<Self>,
        comm: Comm,
        members: &[i32],
        _timeout: Duration,
    ) -> Result<Option<Split>, Fault> {
        // Nothing tells the communicators of one process apart, so they are all the same.
        Ok((!members.is_empty()).then_some((self, comm)))
    }

    fn leave(&self, _comm: Comm) {}

    fn close(&self, _comm: Comm) {}

    fn abort(&self, code: i32) -> ! {
        std::process::exit(code)
    }
}

impl Movements for Single {
    unsafe fn start(&self, comm: Comm, start: &Start) -> Request {
        // SAFETY: the caller guarantees that the memory is as `start` describes it, and no other rank writes to it.
        unsafe { deliver(std::slice::from_ref(start), 0) };
        Request(comm.0)
    }

    fn test(&self, _comm: Comm, _request: Request) -> Result<Progress, Fault> {
        Ok(Progress::Complete)
    }

    fn missing(&self, _comm: Comm, _request: Request) -> Vec<i32> {
        Vec::new()
    }

    fn abandon(&self, _comm: Comm, _request: Request, _reason: &str) {}
}

impl Packets for Single {
    fn packet_limits(&self, _comm: Comm) -> PacketLimits {
        PacketLimits { longest: 0, longest_part: 0 }
    }

    fn post(&self, _comm: Comm, to: i32, _parts: [&[u8]; 2], _urgent: bool) -> Result<bool, Fault> {
        unreachable!("there is no other rank {to}")
    }

    fn collect(&self, _comm: Comm, _take: &mut dyn FnMut(i32, &[u8])) -> Result<(), Fault> {
        Ok(())
    }

    fn departed(&self, _comm: Comm) -> Result<Vec<i32>, Fault> {
        Ok(Vec::new())
    }
}

impl Transport for Single {
    fn capabilities(&self) -> Capabilities {
        Capabilities { shares_address_space: false, is_of_mpi: false, tells_of_progress: true }
    }
}
