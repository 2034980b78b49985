//! How the process leaves MPI, when dtl has initialised it: ranks that end together finalise it; a rank that ends while
//! others do not come, or while others wait for it, ends the job with its exit code.

use crate::communicator;
use crate::library::{Code, check, is_ready};
use mpi_sys::*;
use std::ffi::{c_int, c_void};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

unsafe extern "C" {
    /// Calls a function with the exit code when the process ends (GNU).
    fn on_exit(function: extern "C" fn(c_int, *mut c_void), argument: *mut c_void) -> c_int;
    /// Writes out what is buffered; all streams if null.
    fn fflush(stream: *mut c_void) -> c_int;
}

/// What the end of the process needs.
struct Watch {
    process: u32,
    /// A communicator for the farewell alone.
    farewell: MPI_Comm,
    timeout: Duration,
}

// SAFETY: the handle is a plain value, used once, when the process ends.
unsafe impl Send for Watch {}
// SAFETY: as above.
unsafe impl Sync for Watch {}

static WATCH: OnceLock<Watch> = OnceLock::new();
static NEVER_FINALIZE: AtomicBool = AtomicBool::new(false);

/// How long to wait for the other ranks to end as well, when this one ends with an error.
const AFTER_ERROR: Duration = Duration::from_secs(2);

/// Launchers stop passing on what ranks print as soon as one aborts; this gives them time for what was printed before.
const FOR_LAST_WORDS: Duration = Duration::from_millis(100);

/// The pause between looks, after the first.
const LONGEST_PAUSE: Duration = Duration::from_millis(1);

/// Takes care of the end of this process. Collective over all processes.
pub(crate) fn watch(timeout_seconds: f64) -> Result<(), Code> {
    // SAFETY: constants of the library; the new handle has its place.
    let farewell = unsafe {
        let mut farewell = RSMPI_COMM_NULL;
        check(MPI_Comm_dup(RSMPI_COMM_WORLD, &mut farewell))?;
        farewell
    };
    let timeout = Duration::try_from_secs_f64(timeout_seconds).unwrap_or(Duration::MAX);
    if WATCH.set(Watch { process: std::process::id(), farewell, timeout }).is_ok() {
        // SAFETY: the function lives as long as the process, because plugins are never closed.
        unsafe { on_exit(say_farewell, std::ptr::null_mut()) };
    }
    Ok(())
}

/// Notes that MPI is in a state that cannot be finalised.
pub(crate) fn never_finalize() {
    NEVER_FINALIZE.store(true, Ordering::Relaxed);
}

/// Called when the process ends. A process that this one has forked leaves the parent's MPI alone.
extern "C" fn say_farewell(code: c_int, _: *mut c_void) {
    let Some(watch) = WATCH.get() else { return };
    if std::process::id() != watch.process || !is_ready() {
        return;
    }
    if NEVER_FINALIZE.load(Ordering::Relaxed) {
        abort(failure(code));
    }
    match watch.wait_for_all(code) {
        // SAFETY: MPI is ready, and all ranks do the same.
        Ok(()) => unsafe {
            MPI_Finalize();
        },
        Err(reason) => {
            if code == 0 {
                eprintln!("dtl: this process ends, but {reason}; the job ends with it.");
            }
            abort(failure(code))
        }
    }
}

/// An exit code that is not that of success.
fn failure(code: c_int) -> c_int {
    if code == 0 { 1 } else { code }
}

impl Watch {
    /// Waits until all ranks have come to their ends, or says why that will not happen.
    fn wait_for_all(&self, code: c_int) -> Result<(), String> {
        // SAFETY: a constant of the library.
        let mut request = unsafe { RSMPI_REQUEST_NULL };
        // SAFETY: the communicator is used for nothing else, and by every rank once.
        check(unsafe { MPI_Ibarrier(self.farewell, &mut request) }).map_err(crate::library::error_text)?;
        let limit = if code == 0 { self.timeout } else { self.timeout.min(AFTER_ERROR) };
        let start = Instant::now();
        let mut pause = Duration::from_micros(1);
        loop {
            let mut done = 0;
            // SAFETY: the request was started, and is not tested again once complete.
            check(unsafe { MPI_Test(&mut request, &mut done, RSMPI_STATUS_IGNORE) })
                .map_err(crate::library::error_text)?;
            // Farewells are received on the way: some libraries complain of messages that nobody has received.
            let waiting = communicator::waiting_rank();
            if done != 0 {
                return Ok(());
            }
            if let Some(rank) = waiting {
                return Err(format!("rank {rank} waits for it in an operation"));
            }
            if start.elapsed() > limit {
                return Err(format!("other ranks have not ended within {limit:?}"));
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// Ends all processes of the job with this exit code.
pub(crate) extern "C" fn abort(code: c_int) -> ! {
    if is_ready() {
        // SAFETY: writes out all streams, which MPI's way to end would lose.
        unsafe { fflush(std::ptr::null_mut()) };
        std::thread::sleep(FOR_LAST_WORDS);
        // SAFETY: MPI is ready.
        unsafe { MPI_Abort(RSMPI_COMM_WORLD, code) };
    }
    std::process::exit(code)
}
