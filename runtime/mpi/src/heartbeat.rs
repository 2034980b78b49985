//! Heartbeats: messages without bytes, which say that a rank lives. A rank that has ended well waits for the others however long they
//! work, and their programs may not call dtl meanwhile. So it sends heartbeats to all of them and expects some from each: a rank that
//! waits, too, sends its own; for one that works a thread answers, which sleeps almost always. Nothing comes from a rank that is
//! stopped, has died or cannot be reached. There are no heartbeats unless MPI lets several threads in on every rank.

use crate::communicator::wait_for;
use crate::exchange::posted;
use crate::library::{self, Code, check};
use crate::watchdog;
use mpi_sys::*;
use std::ffi::c_int;
use std::mem::MaybeUninit;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

unsafe extern "C" {
    /// Makes a set of all signals.
    fn sigfillset(set: *mut SignalSet) -> c_int;
    /// Changes which signals are blocked in this thread.
    fn pthread_sigmask(how: c_int, set: *const SignalSet, old: *mut SignalSet) -> c_int;
}

/// A set of signals, as C libraries on Linux have it.
type SignalSet = [u64; 16];

/// Tells `pthread_sigmask` to block what is in the set and nothing else; its value on Linux.
const SIG_SETMASK: c_int = 2;

/// How many heartbeats in a row a rank may leave unanswered. They are counted, and not the time, because a rank that was stopped
/// together with all others hears of none when it goes on.
const UNANSWERED: u32 = 4;

/// The shortest time to wait for a sign of life: threads of ranks that share a core with many others come late.
const SHORTEST_LIMIT: Duration = Duration::from_secs(2);

/// How many times a rank that works looks for heartbeats between two of them.
const LOOKS: u32 = 2;

/// How many times in a row it asks MPI in vain when it looks. MPI connects ranks only while it is called on both, in several steps.
const POLLS: u32 = 10;

/// The pause between these.
const PAUSE: Duration = Duration::from_millis(1);

/// The tag of heartbeats.
const TAG: c_int = 0;

/// Whether this rank works, so that its thread may use MPI, which it does with this lock.
static WORKS: Mutex<bool> = Mutex::new(true);

fn works() -> MutexGuard<'static, bool> {
    WORKS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The heartbeats between the ranks of a communicator.
#[derive(Clone, Copy)]
pub(crate) struct Heartbeats {
    raw: MPI_Comm,
    rank: c_int,
    size: c_int,
    /// How long to wait for a sign of life.
    limit: Duration,
}

// SAFETY: the handle is a plain value, and where there are heartbeats MPI lets every thread use it.
unsafe impl Send for Heartbeats {}
// SAFETY: no thread changes it.
unsafe impl Sync for Heartbeats {}

impl Heartbeats {
    /// Begins to answer those of other ranks; nothing where there are none. Collective over the communicator, which is used for no
    /// other messages.
    pub(crate) fn start(raw: MPI_Comm) -> Result<Option<Self>, Code> {
        let (mut rank, mut size) = (0, 0);
        // SAFETY: the communicator is usable; both numbers have their places.
        unsafe {
            check(MPI_Comm_rank(raw, &mut rank))?;
            check(MPI_Comm_size(raw, &mut size))?;
        }
        let Some(limit) = longest_limit(raw)?.filter(|_| size > 1) else { return Ok(None) };
        let heartbeats = Heartbeats { raw, rank, size, limit: limit.max(SHORTEST_LIMIT) };
        std::thread::spawn(move || heartbeats.answer());
        Ok(Some(heartbeats))
    }

    /// Ends the answers of this rank, which works no more, so that its thread does not use MPI from here on. Begins to wait for
    /// signs of life of the others.
    pub(crate) fn wait(self) -> Silence {
        *works() = false;
        Silence { heartbeats: self, unanswered: vec![0; self.size as usize], sent: Instant::now() }
    }

    fn interval(self) -> Duration {
        self.limit / (UNANSWERED + 1)
    }

    /// Answers while this rank works.
    fn answer(self) {
        block_signals();
        loop {
            std::thread::sleep(self.interval() / LOOKS);
            let mut polls = 0;
            while polls < POLLS {
                let works = works();
                if !*works {
                    return;
                }
                match self.receive() {
                    Ok(Some(rank)) => {
                        self.send(rank);
                        polls = 0;
                    }
                    // What does not work now may work when it looks again.
                    Ok(None) | Err(_) => polls += 1,
                }
                drop(works);
                std::thread::sleep(PAUSE);
            }
        }
    }

    /// Receives one, if there is one, and gives the rank that it has come from. One thread at a time does.
    fn receive(self) -> Result<Option<c_int>, Code> {
        let mut there = 0;
        let mut status = MaybeUninit::<MPI_Status>::zeroed();
        // SAFETY: the communicator is usable, zeroes are a valid status, and no bytes are written. A message without bytes that has
        // been found is there as a whole.
        unsafe {
            check(MPI_Iprobe(RSMPI_ANY_SOURCE, TAG, self.raw, &mut there, status.as_mut_ptr()))?;
            if there == 0 {
                return Ok(None);
            }
            let (data, rank) = (std::ptr::null_mut(), status.assume_init().MPI_SOURCE);
            check(MPI_Recv(data, 0, RSMPI_UINT8_T, rank, TAG, self.raw, RSMPI_STATUS_IGNORE))?;
            Ok(Some(rank))
        }
    }

    /// Sends one, and waits for nobody to receive it. Whether that works shows in what comes back.
    fn send(self, to: c_int) {
        let data = std::ptr::null();
        // SAFETY: the communicator is usable, and no bytes are read.
        let send = |request| unsafe { MPI_Isend(data, 0, RSMPI_UINT8_T, to, TAG, self.raw, request) };
        if let Ok(mut request) = posted(send) {
            // SAFETY: the request was started. MPI completes one that is given back.
            unsafe { MPI_Request_free(&mut request) };
        }
    }
}

/// The ranks that are waited for, and how long nothing has come from each.
pub(crate) struct Silence {
    heartbeats: Heartbeats,
    /// How many heartbeats have been sent to each rank since one came from it.
    unanswered: Vec<u32>,
    /// When the last were sent, or when the wait began.
    sent: Instant,
}

impl Silence {
    /// Receives what has come, and sends heartbeats when it is time to; an error names the ranks that have been silent for too long.
    pub(crate) fn look(&mut self) -> Result<(), String> {
        let heartbeats = self.heartbeats;
        while let Some(rank) = heartbeats.receive().map_err(library::error_text)? {
            self.unanswered[rank as usize] = 0;
        }
        if self.sent.elapsed() < heartbeats.interval() {
            return Ok(());
        }
        self.sent = Instant::now();
        if self.unanswered.contains(&UNANSWERED) {
            return Err(self.complaint());
        }
        // The next ranks first, so that not everybody sends to the same one at the same time.
        for rank in (1..heartbeats.size).map(|distance| (heartbeats.rank + distance) % heartbeats.size) {
            heartbeats.send(rank);
            self.unanswered[rank as usize] += 1;
        }
        Ok(())
    }

    /// Why this rank waits no longer.
    fn complaint(&self) -> String {
        // Of ranks that were lost together, some may have been heard once more than others.
        let lost = |(rank, unanswered): (usize, &u32)| {
            (*unanswered > UNANSWERED / 2).then(|| format!("rank {rank}"))
        };
        let lost: Vec<_> = self.unanswered.iter().enumerate().filter_map(lost).collect();
        format!(
            "no sign of life has come for {:?} from {}, which may be stopped, dead or cut off. Look after the process and its \
             machine; the time to wait is the environment variable DTL_TIMEOUT, in seconds",
            self.heartbeats.limit,
            lost.join(", ")
        )
    }
}

/// The longest time that any rank waits for others; nothing where one has no limit or cannot answer. Collective.
fn longest_limit(raw: MPI_Comm) -> Result<Option<Duration>, Code> {
    let mut seconds = if library::takes_turns() { f64::INFINITY } else { watchdog::limit().as_secs_f64() };
    let data = (&raw mut seconds).cast();
    // SAFETY: the communicator is usable, and all ranks do the same; the number stays until the request is complete.
    wait_for(|request| unsafe {
        MPI_Iallreduce(library::IN_PLACE, data, 1, RSMPI_DOUBLE, RSMPI_MAX, raw, request)
    })?;
    Ok(Duration::try_from_secs_f64(seconds).ok())
}

/// Leaves all signals to the threads of the program, which may have handlers that expect them there.
fn block_signals() {
    let mut all: SignalSet = [0; 16];
    // SAFETY: the set has its place, and nobody wants to know the old one.
    unsafe {
        sigfillset(&mut all);
        pthread_sigmask(SIG_SETMASK, &all, std::ptr::null_mut());
    }
}
