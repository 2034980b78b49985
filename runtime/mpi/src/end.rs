//! The end of a communicator: what this rank does on it and hears of the others. When it leaves, a farewell goes to the other ranks, so
//! that those which wait for this rank learn that it will not come. The end and its communicator stay until all ranks free them.

use crate::communicator::Communicator;
use crate::exchange::{Exchange, posted};
use crate::inbox::Inbox;
use crate::library::{self, Code, is_ready};
use crate::packets::Packets;
use crate::watchdog;
use dtl_plugin_abi::outcome;
use mpi_sys::*;
use std::ffi::c_int;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// By which messages on a communicator are told apart.
pub(crate) mod tag {
    use std::ffi::c_int;

    /// What moves in movements.
    pub(crate) const MOVEMENTS: c_int = 0;
    /// Farewells.
    pub(crate) const FAREWELLS: c_int = 1;
    /// Packets.
    pub(crate) const PACKETS: c_int = 2;
    /// Announcements.
    pub(crate) const ANNOUNCEMENTS: c_int = 3;
}

/// The end of a communicator.
pub(crate) struct End {
    communicator: Arc<Communicator>,
    has_left: AtomicBool,
    /// Whether the other ranks have been told that this one waits.
    waits: AtomicBool,
    /// How many movements have been started.
    started: AtomicU64,
    heard: Mutex<Heard>,
    /// Why it moves nothing any more.
    fault: OnceLock<Fault>,
    /// An exchange that is over, whose memory the next one uses again.
    spare: Mutex<Option<Exchange>>,
    packets: Mutex<Packets>,
}

/// How often to look for what has come before looking for farewells.
pub(crate) const POLLS: u32 = 200;

/// What other ranks have said on this end.
#[derive(Default)]
struct Heard {
    farewells: Vec<Farewell>,
    more_farewells: Inbox,
    /// Ranks that have announced that they wait, and not that they go on.
    waiting: Vec<i32>,
    more_announcements: Inbox,
}

/// What announcements say.
const WAITS: u8 = 1;
const GOES_ON: u8 = 0;

/// The longest reason in a farewell, in bytes.
const REASON: usize = 512;

/// What a rank says when it leaves.
struct Farewell {
    rank: i32,
    /// How many movements it had started: it takes part in these, and in no other.
    started: u64,
    /// Why it gives the end up for all ranks; empty if it does not.
    reason: String,
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
    /// The end of a new communicator.
    pub(crate) fn open(communicator: Arc<Communicator>) -> Self {
        End {
            communicator,
            has_left: AtomicBool::new(false),
            waits: AtomicBool::new(false),
            started: AtomicU64::new(0),
            heard: Mutex::default(),
            fault: OnceLock::new(),
            spare: Mutex::new(None),
            packets: Mutex::default(),
        }
    }

    /// Its number, by which the runtime knows it until it is freed.
    pub(crate) fn into_number(self) -> u64 {
        Box::into_raw(Box::new(self)) as u64
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

    /// Counts a movement that is about to start; gives its number, which is the same on all ranks.
    pub(crate) fn count_movement(&self) -> u64 {
        self.started.fetch_add(1, Ordering::Relaxed)
    }

    /// Sends the farewell, once, with the reason if this rank gives up.
    pub(crate) fn leave(&self, reason: &[u8]) {
        if self.has_left.swap(true, Ordering::Relaxed) || !is_ready() {
            return;
        }
        let started = self.started.load(Ordering::Relaxed).to_le_bytes();
        self.tell_all(tag::FAREWELLS, [&started, &reason[..reason.len().min(REASON)]].concat());
    }

    /// Tells the other ranks that this one waits.
    pub(crate) fn announce(&self) {
        self.waits.store(true, Ordering::Relaxed);
        self.tell_all(tag::ANNOUNCEMENTS, vec![WAITS]);
    }

    /// Takes back what was announced, as a movement is complete.
    pub(crate) fn go_on(&self) {
        if self.waits.load(Ordering::Relaxed) && self.waits.swap(false, Ordering::Relaxed) {
            self.tell_all(tag::ANNOUNCEMENTS, vec![GOES_ON]);
        }
    }

    /// Sends a short text to all other ranks, and waits for nobody to take it.
    fn tell_all(&self, tag: c_int, text: Vec<u8>) {
        let mut is_in_use = false;
        for peer in self.communicator.peers() {
            let (data, length, raw) = (text.as_ptr().cast(), text.len() as c_int, self.communicator.raw);
            // SAFETY: the communicator is usable. Where MPI has not taken the text yet it stays for ever, so that nobody need wait
            // for the request.
            unsafe {
                let send = |request| MPI_Isend(data, length, RSMPI_UINT8_T, peer, tag, raw, request);
                // A rank that MPI cannot reach any more is told nothing.
                let Ok(mut request) = posted(send) else { continue };
                let mut is_sent = 0;
                MPI_Test(&mut request, &mut is_sent, RSMPI_STATUS_IGNORE);
                if is_sent == 0 {
                    MPI_Request_free(&mut request);
                    is_in_use = true;
                }
            }
        }
        if is_in_use {
            std::mem::forget(text);
        }
    }

    /// Whether it moves nothing any more.
    pub(crate) fn is_faulty(&self) -> bool {
        self.is_over() || self.fault.get().is_some()
    }

    /// Whether MPI must not be called any more, which is a fault from then on.
    pub(crate) fn is_over(&self) -> bool {
        let is_over = library::is_over();
        if is_over {
            self.fail(Fault::Failed("MPI has been finalised".to_owned()));
        }
        is_over
    }

    /// Whether not even packets between ranks that are still there can be moved any more.
    pub(crate) fn is_given_up(&self) -> bool {
        self.is_over() || matches!(self.fault.get(), Some(Fault::Broken(_) | Fault::Failed(_)))
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
        self.fail(Fault::of(code))
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

    /// Whether the movement with this number cannot complete, because ranks have left that have not started it; one of `outcome`.
    pub(crate) fn look_for_farewells(&self, number: u64) -> i32 {
        let gone = self.heard().map(|heard| {
            let mut gone: Vec<i32> =
                heard.farewells.iter().filter(|it| it.started <= number).map(|it| it.rank).collect();
            gone.sort_unstable();
            gone
        });
        match gone {
            Ok(gone) if gone.is_empty() => outcome::PENDING,
            Ok(gone) => self.fail(Fault::Left(gone)),
            Err(fault) => self.fail(fault),
        }
    }

    /// The ranks that have left.
    pub(crate) fn departed(&self) -> Result<Vec<i32>, Fault> {
        self.heard().map(|heard| heard.farewells.iter().map(|farewell| farewell.rank).collect())
    }

    /// The ranks that have not announced that they wait.
    pub(crate) fn unannounced(&self) -> Vec<i32> {
        let (raw, tag) = (self.communicator.raw, tag::ANNOUNCEMENTS);
        let mut heard = self.lock_heard();
        // An error shows in the movement itself.
        while let Ok(Some((rank, text))) = heard.more_announcements.next(raw, tag) {
            heard.waiting.retain(|waiting| *waiting != rank);
            heard.waiting.extend((text == [WAITS]).then_some(rank));
        }
        let mut missing: Vec<i32> =
            self.communicator.peers().filter(|peer| !heard.waiting.contains(peer)).collect();
        missing.sort_unstable();
        missing
    }

    /// Goes on freeing an end with its communicator, which all ranks have left and free together; one of `outcome`. Unless that is
    /// pending, the end is gone.
    ///
    /// # Safety
    /// The number must be that of an end, and of no use to anybody else.
    pub(crate) unsafe fn free(number: u64) -> i32 {
        let end = number as *mut End;
        // SAFETY: the caller guarantees that this is the number of an end, which is alive until it is dropped below.
        let outcome = unsafe { &*end }.go_on_freeing();
        if outcome != outcome::PENDING {
            // SAFETY: the end was made by `into_number`, and its number is used no more.
            drop(unsafe { Box::from_raw(end) });
        }
        outcome
    }

    /// Frees the communicator as soon as all messages have come.
    fn go_on_freeing(&self) -> i32 {
        if self.is_over() {
            return self.outcome();
        }
        match self.departed() {
            Err(fault) => self.fail(fault),
            // The farewell is the last message of a rank.
            Ok(ranks) if ranks.len() as i32 == self.communicator.size - 1 => {
                self.communicator.drop_messages();
                watchdog::bounded(|| self.communicator.free())
                    .map_or_else(|code| self.fail_with(code), |()| outcome::COMPLETE)
            }
            Ok(_) => outcome::PENDING,
        }
    }

    fn lock_heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has been heard, with the farewells that have come, unless one of them gives the end up.
    fn heard(&self) -> Result<MutexGuard<'_, Heard>, Fault> {
        let mut heard = self.lock_heard();
        let next = |heard: &mut Heard| heard.more_farewells.next(self.communicator.raw, tag::FAREWELLS);
        while let Some((rank, text)) = next(&mut heard).map_err(Fault::of)? {
            heard.farewells.extend(Farewell::read(rank, &text));
        }
        match heard.farewells.iter().find(|farewell| !farewell.reason.is_empty()) {
            Some(farewell) => Err(Fault::Broken(farewell.reason.clone())),
            None => Ok(heard),
        }
    }
}

impl Farewell {
    fn read(rank: i32, text: &[u8]) -> Option<Self> {
        let (started, reason) = text.split_first_chunk()?;
        let reason = String::from_utf8_lossy(reason).into_owned();
        Some(Farewell { rank, started: u64::from_le_bytes(*started), reason })
    }
}

impl Fault {
    /// MPI failed.
    fn of(code: Code) -> Self {
        Fault::Failed(format!("MPI failed: {}", library::error_text(code)))
    }
}
