//! A context's hold on a communicator. Several may share one: each tells its small messages apart by a tag of its own. When
//! one is closed here, a farewell goes to the other ranks, so that those which wait for this rank learn that it will not come.

use crate::communicator::{Communicator, FAREWELL};
use crate::exchange::Exchange;
use crate::library::{self, Code, is_ready};
use crate::packets::Packets;
use dtl_plugin_abi::outcome;
use mpi_sys::*;
use std::ffi::c_int;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// A hold on a communicator.
pub(crate) struct End {
    communicator: Arc<Communicator>,
    /// The tag of its small messages; those of its farewells and of its packets are the next higher ones.
    pub(crate) tag: c_int,
    has_left: AtomicBool,
    /// Farewells received while waiting, which need not be received later.
    heard: AtomicI32,
    /// Why it moves nothing any more.
    fault: OnceLock<Fault>,
    /// An exchange that is over, whose memory the next one uses again.
    spare: Mutex<Option<Exchange>>,
    packets: Mutex<Packets>,
}

/// Why an end moves nothing any more.
#[derive(Debug)]
pub(crate) enum Fault {
    /// These ranks have closed theirs.
    Left(Vec<i32>),
    /// It was given up.
    Broken(String),
    /// MPI failed.
    Failed(String),
}

impl End {
    /// A new hold. All ranks open theirs in the same order.
    pub(crate) fn open(communicator: Arc<Communicator>) -> Self {
        let tag = communicator.open_end();
        End {
            communicator,
            tag,
            has_left: AtomicBool::new(false),
            heard: AtomicI32::new(0),
            fault: OnceLock::new(),
            spare: Mutex::new(None),
            packets: Mutex::default(),
        }
    }

    pub(crate) fn communicator(&self) -> &Arc<Communicator> {
        &self.communicator
    }

    /// The place for an exchange that is over.
    pub(crate) fn spare(&self) -> MutexGuard<'_, Option<Exchange>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The packets that MPI is moving for it.
    pub(crate) fn packets(&self) -> MutexGuard<'_, Packets> {
        self.packets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The tag of its packets.
    pub(crate) fn packets_tag(&self) -> c_int {
        self.tag + 2
    }

    /// Sends the farewell, once: empty, or the reason for which this rank gives up.
    pub(crate) fn leave(&self, reason: &[u8]) {
        if self.has_left.swap(true, Ordering::Relaxed) || !is_ready() {
            return;
        }
        // MPI may read the text after this function has returned; giving up is rare, and the process ends soon after it.
        let text: &'static [u8] = Vec::leak(reason[..reason.len().min(FAREWELL)].to_vec());
        for peer in self.communicator.peers() {
            let mut request = MaybeUninit::zeroed();
            // SAFETY: the communicator is usable and the text stays for ever, so nobody need wait for the request.
            unsafe {
                let (data, length, raw) = (text.as_ptr().cast(), text.len() as c_int, self.communicator.raw);
                MPI_Isend(data, length, RSMPI_UINT8_T, peer, self.tag + 1, raw, request.as_mut_ptr());
                MPI_Request_free(request.as_mut_ptr());
            }
        }
    }

    /// Whether it moves nothing any more.
    pub(crate) fn is_faulty(&self) -> bool {
        self.fault.get().is_some()
    }

    /// Whether not even packets between ranks that are still there can be moved any more.
    pub(crate) fn is_given_up(&self) -> bool {
        matches!(self.fault.get(), Some(Fault::Broken(_) | Fault::Failed(_)))
    }

    /// What tests answer once it is faulty.
    pub(crate) fn outcome(&self) -> i32 {
        match self.fault.get() {
            Some(Fault::Left(_)) => outcome::LEFT,
            Some(Fault::Failed(_)) => outcome::FAILED,
            _ => outcome::BROKEN,
        }
    }

    /// Notes why it moves nothing any more. The first reason stays.
    pub(crate) fn fail(&self, fault: Fault) -> i32 {
        self.communicator.spoil();
        let _ = self.fault.set(fault);
        self.outcome()
    }

    /// Notes that MPI failed.
    pub(crate) fn fail_with(&self, code: Code) -> i32 {
        self.fail(Fault::Failed(format!("MPI failed: {}", library::error_text(code))))
    }

    /// The ranks that have left.
    pub(crate) fn fault_ranks(&self) -> Vec<i32> {
        match self.fault.get() {
            Some(Fault::Left(ranks)) => ranks.clone(),
            _ => Vec::new(),
        }
    }

    /// Why it is broken.
    pub(crate) fn fault_text(&self) -> &str {
        match self.fault.get() {
            Some(Fault::Broken(reason) | Fault::Failed(reason)) => reason,
            _ => "",
        }
    }

    /// The fault if any of these ranks has sent its farewell.
    pub(crate) fn farewell_from(&self, ranks: &[i32]) -> Option<Fault> {
        let farewells: Vec<(i32, usize)> =
            ranks.iter().filter_map(|rank| Some((*rank, self.probe_farewell(*rank)?))).collect();
        match farewells.iter().find(|(_, length)| *length > 0) {
            Some((rank, length)) => Some(Fault::Broken(self.receive_farewell(*rank, *length))),
            None if farewells.is_empty() => None,
            None => Some(Fault::Left(farewells.into_iter().map(|(rank, _)| rank).collect())),
        }
    }

    /// The length of a rank's farewell, if it has come.
    fn probe_farewell(&self, rank: i32) -> Option<usize> {
        let (mut there, mut length) = (0, 0);
        let mut status = MaybeUninit::zeroed();
        // SAFETY: the communicator is usable, and MPI writes what has a place.
        unsafe {
            MPI_Iprobe(rank, self.tag + 1, self.communicator.raw, &mut there, status.as_mut_ptr());
            if there != 0 {
                MPI_Get_count(status.as_ptr(), RSMPI_UINT8_T, &mut length);
            }
        }
        (there != 0).then_some(length as usize)
    }

    fn receive_farewell(&self, rank: i32, length: usize) -> String {
        let mut text = vec![0u8; length];
        // SAFETY: a message of this length has come, and there is memory for it.
        unsafe {
            MPI_Recv(
                text.as_mut_ptr().cast(),
                length as c_int,
                RSMPI_UINT8_T,
                rank,
                self.tag + 1,
                self.communicator.raw,
                RSMPI_STATUS_IGNORE,
            );
        }
        self.heard.fetch_add(1, Ordering::Relaxed);
        String::from_utf8_lossy(&text).into_owned()
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.leave(&[]);
        self.communicator
            .close_end(self.tag, self.communicator.size - 1 - self.heard.load(Ordering::Relaxed));
    }
}
