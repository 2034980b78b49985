//! A watchdog for the few calls of MPI that wait for other processes and that nothing can interrupt: to begin, to make a
//! communicator, to finalise, to abort. After its limit it is the process that ends, with a sentence and a code.

use crate::library;
use std::ffi::c_int;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

unsafe extern "C" {
    /// Ends the process without calling anything.
    pub(crate) fn _exit(code: c_int) -> !;
}

/// Why MPI may not return from its last calls, and what comes of it.
const WITHOUT_LAUNCHER: &str = ", in vain: the launcher or other processes cannot be reached, or MPI has no end of its own. This process ends without it.";

/// How long MPI may take to abort a job whose launcher it cannot reach.
const FOR_ABORTING: Duration = Duration::from_millis(1500);

/// The longest time that MPI may take to finalise, for which all ranks have come to their ends.
const FOR_FINALIZING: Duration = Duration::from_secs(30);

/// How many seconds to wait for other processes, as the bits of an `f64`; at first a value that stands for no limit.
static LIMIT: AtomicU64 = AtomicU64::new(f64::INFINITY.to_bits());

/// Sets [`limit`].
pub(crate) fn set_limit(seconds: f64) {
    LIMIT.store(seconds.to_bits(), Ordering::Relaxed);
}

/// How long to wait for other processes where MPI itself waits for them.
pub(crate) fn limit() -> Duration {
    Duration::try_from_secs_f64(f64::from_bits(LIMIT.load(Ordering::Relaxed))).unwrap_or(Duration::MAX)
}

/// Calls a function that waits for other processes to make what this one makes.
pub(crate) fn bounded<T>(function: impl FnOnce() -> T) -> T {
    let limit = limit();
    let reason = format!(
        "waited {limit:?} for other processes, of which some do not make the context that this one makes, or have ended. This \
         process ends, as nothing can interrupt MPI in that."
    );
    within(limit, 1, reason, function)
}

/// Calls a function that finalises MPI, as all ranks do, in a process that ends with this code.
pub(crate) fn while_finalizing(code: c_int, function: impl FnOnce()) {
    let limit = limit().min(FOR_FINALIZING);
    let reason = format!("waited {limit:?} for MPI_Finalize{WITHOUT_LAUNCHER}");
    within(limit, code, reason, function);
}

/// MPI is about to be finalised by somebody else.
pub(crate) fn until_finalized() {
    let limit = limit().min(FOR_FINALIZING);
    std::thread::spawn(move || {
        std::thread::sleep(limit);
        if !library::is_finalized() {
            end(1, &format!("waited {limit:?} for MPI_Finalize{WITHOUT_LAUNCHER}"))
        }
    });
}

/// MPI is about to abort the job with this code: should that not end the process, this does.
pub(crate) fn while_aborting(code: c_int) {
    std::thread::spawn(move || {
        std::thread::sleep(FOR_ABORTING);
        end(code, &format!("waited {FOR_ABORTING:?} for MPI_Abort{WITHOUT_LAUNCHER}"))
    });
}

/// Calls a function; where it does not return within the limit, the process ends.
fn within<T>(limit: Duration, code: c_int, reason: String, function: impl FnOnce() -> T) -> T {
    let (done, ended) = mpsc::channel::<()>();
    std::thread::spawn(move || {
        if ended.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
            end(code, &reason)
        }
    });
    let result = function();
    drop(done);
    result
}

fn end(code: c_int, reason: &str) -> ! {
    dtl_plugin_abi::say(reason);
    // SAFETY: another thread is inside MPI, so nothing that runs at exit may run.
    unsafe { _exit(code) }
}
