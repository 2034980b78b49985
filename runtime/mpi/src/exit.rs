//! How the process leaves MPI. A rank that ends leaves all contexts first, so that whoever waits for it gets an error; it then waits
//! for the others to end, however long they work, unless they show no sign of life (`heartbeat.rs`). Where dtl has initialised MPI,
//! ranks that end with one exit code finalise it, and others end the job with the worst; a rank that ends with an error while others
//! go on ends the job soon. Where somebody else has, who will also finalise it, dtl only sees to it that a rank which ends with an
//! error does not wait in there for ever.

use crate::base;
use crate::communicator;
use crate::heartbeat::Heartbeats;
use crate::library::{self, Code, IN_PLACE, check, is_ready};
use crate::making;
use crate::watchdog::{self, _exit};
use mpi_sys::*;
use std::ffi::{c_char, c_int, c_void};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, mpsc};
use std::time::{Duration, Instant};

unsafe extern "C" {
    /// Calls a function with the exit code when the process ends (GNU).
    fn on_exit(function: extern "C" fn(c_int, *mut c_void), argument: *mut c_void) -> c_int;
    /// Writes out what is buffered; all streams if null.
    fn fflush(stream: *mut c_void) -> c_int;
    /// The function of this name in the process, if there is one; with null, in all that programs see of each other.
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
}

/// The process that uses MPI; one that was forked from it leaves its MPI alone.
static PROCESS: OnceLock<u32> = OnceLock::new();

/// Whether this is a process that was forked from the one that uses MPI.
fn is_forked() -> bool {
    PROCESS.get().is_some_and(|process| *process != std::process::id())
}

/// What the end of the process needs.
struct Watch {
    /// The rank among all processes.
    rank: c_int,
    /// A communicator for the farewell alone.
    farewell: MPI_Comm,
    /// Whether dtl is to finalise MPI.
    ours: bool,
    /// What shows that other ranks live, where there is anything.
    heartbeats: Option<Heartbeats>,
}

// SAFETY: the handle of the communicator is a plain value, which MPI knows in every thread.
unsafe impl Send for Watch {}
// SAFETY: nothing of it changes, and one thread at a time uses the communicator: that of the heartbeats until the process ends, then
// the one that ends it.
unsafe impl Sync for Watch {}

static WATCH: OnceLock<Watch> = OnceLock::new();

/// The process ends because it aborts the job: some libraries call `exit` for that, when there is nothing left to agree on.
static ABORTING: AtomicBool = AtomicBool::new(false);

/// How long to wait for the other ranks to end as well, when this one ends with an error.
const AFTER_ERROR: Duration = Duration::from_secs(2);

/// How long to wait for them when some have been waited for until the deadline, in vain: as long as those need which gave up at
/// the same time.
const AFTER_DEADLINE: Duration = Duration::from_millis(500);

/// The least time to wait for them when that was no error for the program: they may have been late and be well.
const AFTER_SUCCESS: Duration = Duration::from_secs(60);

/// How long gfortran's library may take to write out what is buffered.
const FOR_WRITING: Duration = Duration::from_millis(100);

/// Launchers stop passing on what ranks print as soon as one aborts; this gives them time for what was printed before.
const FOR_LAST_WORDS: Duration = Duration::from_millis(100);

/// The pause between looks, after the first.
const LONGEST_PAUSE: Duration = Duration::from_millis(1);

/// Takes care of the end of this process, whose MPI dtl has initialised. Collective over all processes.
pub(crate) fn watch() -> Result<(), Code> {
    if set_watch(true)? {
        // SAFETY: the function lives as long as the process, because plugins are never closed.
        unsafe { on_exit(say_farewell, std::ptr::null_mut()) };
    }
    Ok(())
}

/// Makes ready for the end of an MPI that somebody else has initialised, unless dtl has. Collective over all processes.
pub(crate) fn watch_as_guest() -> Result<(), Code> {
    if WATCH.get().is_none() {
        set_watch(false)?;
    }
    Ok(())
}

/// Has MPI call a function when it is finalised, by whomever: what hangs on MPI_COMM_SELF goes first then, while everything
/// still works. Local.
pub(crate) fn notice_finalizing() -> Result<(), Code> {
    if PROCESS.set(std::process::id()).is_err() {
        return Ok(());
    }
    // SAFETY: constants of the library, and functions with the signatures that it wants.
    unsafe {
        let mut keyval = 0;
        let (copy, delete) = (Some(base::do_not_copy as _), Some(before_finalizing as _));
        check(MPI_Comm_create_keyval(copy, delete, &mut keyval, std::ptr::null_mut()))?;
        check(MPI_Comm_set_attr(RSMPI_COMM_SELF, keyval, std::ptr::null_mut()))
    }
}

fn set_watch(ours: bool) -> Result<bool, Code> {
    // SAFETY: constants of the library; the new handle and the rank have their places.
    let (farewell, rank) = unsafe {
        let (mut farewell, mut rank) = (RSMPI_COMM_NULL, 0);
        check(MPI_Comm_dup(RSMPI_COMM_WORLD, &mut farewell))?;
        check(MPI_Comm_set_errhandler(farewell, RSMPI_ERRORS_RETURN))?;
        check(MPI_Comm_rank(farewell, &mut rank))?;
        (farewell, rank)
    };
    let heartbeats = Heartbeats::start(farewell)?;
    Ok(WATCH.set(Watch { rank, farewell, ours, heartbeats }).is_ok())
}

/// What is to be called first when the process ends: a function of each copy of the runtime in it.
static BEFORE_ENDING: Mutex<Vec<extern "C" fn()>> = Mutex::new(Vec::new());

/// Adds a function that leaves all ends of a copy of the runtime.
pub(crate) extern "C" fn call_before_ending(leave_all: extern "C" fn()) {
    before_ending().push(leave_all);
}

fn before_ending() -> MutexGuard<'static, Vec<extern "C" fn()>> {
    BEFORE_ENDING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tells all ranks that this one takes part in nothing more.
fn leave_all() {
    before_ending().iter().for_each(|leave_all| leave_all());
}

/// Whether other ranks were waited for in vain.
static IN_VAIN: AtomicBool = AtomicBool::new(false);
/// Whether that was until the deadline.
static MISSED_DEADLINE: AtomicBool = AtomicBool::new(false);

/// Notes that other ranks were waited for in vain.
pub(crate) extern "C" fn waited_in_vain(until_deadline: i32) {
    IN_VAIN.store(true, Ordering::Relaxed);
    MISSED_DEADLINE.fetch_or(until_deadline != 0, Ordering::Relaxed);
}

/// How long a rank that ends with an error waits for the others to end as well.
fn after_error() -> Duration {
    if MISSED_DEADLINE.load(Ordering::Relaxed) { AFTER_DEADLINE } else { AFTER_ERROR }
}

/// Called when the process ends.
extern "C" fn say_farewell(code: c_int, _: *mut c_void) {
    if is_forked() || !is_ready() {
        return;
    }
    if ABORTING.load(Ordering::Relaxed) {
        return;
    }
    write_out();
    // As whoever waits for the process will see it.
    let code = code & 0xff;
    settle(code);
    watchdog::while_finalizing(code, || {
        // SAFETY: MPI is ready, and all ranks do the same.
        unsafe { MPI_Finalize() };
    });
}

/// Called by MPI when somebody finalises it, which all ranks do. Farewells are received meanwhile; where only groups of the
/// user are in use, nobody knows about the other ranks.
unsafe extern "C" fn before_finalizing(_: MPI_Comm, _: c_int, _: *mut c_void, _: *mut c_void) -> c_int {
    if is_forked() {
        end_child();
    }
    if WATCH.get().is_some() {
        settle(0)
    } else {
        leave_all()
    }
    library::note_end();
    if !is_ours() {
        watchdog::until_finalized();
    }
    0
}

/// Whether dtl is to finalise MPI.
fn is_ours() -> bool {
    WATCH.get().is_some_and(|watch| watch.ours)
}

/// The exit code of a forked process, as far as it has been told; otherwise below 0.
static CODE_OF_CHILD: AtomicI32 = AtomicI32::new(-1);

/// Ends a forked process that is about to finalise the MPI of its parent, as mpi4py does in every process that ends by `exit`: the
/// job would hang, or break.
fn end_child() -> ! {
    let told = CODE_OF_CHILD.load(Ordering::Relaxed);
    if told < 0 {
        dtl_plugin_abi::say(
            "a process that was forked from a rank finalises MPI, which only ranks may do; it ends here.",
        );
    }
    // SAFETY: null means all streams; then the process ends.
    unsafe {
        fflush(std::ptr::null_mut());
        _exit(if told < 0 { 1 } else { told })
    }
}

/// Called when the process is about to end with this code, as far as that is known, while MPI can still be used and before those
/// who have initialised it wait for all ranks to finalise it. Returns if they may.
pub(crate) extern "C" fn end_as_guest(code: c_int) {
    if is_forked() {
        CODE_OF_CHILD.store(code, Ordering::Relaxed);
        return;
    }
    if code != 0 && !is_ours() && is_ready() {
        settle(code);
    }
}

/// Comes to an agreement on the end with all ranks, once, or ends the job. Returns if all may finalise MPI.
fn settle(code: c_int) {
    static IS_SETTLED: AtomicBool = AtomicBool::new(false);
    if IS_SETTLED.swap(true, Ordering::Relaxed) {
        return;
    }
    let Some(watch) = WATCH.get() else {
        // Only groups of the user are in use, so nobody knows about the other ranks; they may end in the same way.
        leave_all();
        std::thread::sleep(after_error());
        abort(code)
    };
    match watch.agree(code) {
        // Where all ranks have come to their ends, what they make together is made in a moment.
        Ok(codes) if codes.are_equal && making::has_ended() => {}
        Ok(codes) if codes.are_equal => abort(failure(code)),
        Ok(codes) => codes.end_job(code),
        Err(reason) => watch.end_job(code, &reason),
    }
}

/// An exit code that is not that of success.
fn failure(code: c_int) -> c_int {
    if code == 0 { 1 } else { code }
}

/// The exit codes of all ranks.
struct Codes {
    /// The highest of those that did not end because others went.
    worst: c_int,
    are_equal: bool,
}

/// The highest exit code.
const HIGHEST: c_int = 255;

impl Codes {
    /// The exit code of one rank as numbers, of each of which the maximum is found: how bad it is, the code, and what is left to the
    /// highest code, which turns the lowest into a maximum.
    fn encode(code: c_int) -> [c_int; 3] {
        let has_own_reason = code != 0 && !IN_VAIN.load(Ordering::Relaxed);
        [code + c_int::from(has_own_reason) * (HIGHEST + 1), code, HIGHEST - code]
    }

    fn decode([worst, most, left]: [c_int; 3]) -> Self {
        Codes { worst: worst % (HIGHEST + 1), are_equal: most == HIGHEST - left }
    }

    /// Ends a job whose ranks end with different codes. The worst becomes that of the job.
    fn end_job(&self, code: c_int) -> ! {
        if code != self.worst {
            std::thread::sleep(after_error());
        }
        abort(self.worst)
    }
}

impl Watch {
    /// Ends a job whose other ranks do not come to an end with this one. Launchers do not always tell which rank it was.
    fn end_job(&self, code: c_int, reason: &str) -> ! {
        let rank = self.rank;
        dtl_plugin_abi::say(&format!(
            "rank {rank} ends with exit code {code}, and the job with it, because {reason}."
        ));
        abort(failure(code))
    }

    /// Waits until all ranks have come to their ends and told their exit codes, or says why that will not happen. A rank that ends
    /// in success waits for as long as the others work and show that they live: none of them waits for it, as it has left all
    /// contexts. After a deadline that they have missed, it does not rely on them.
    fn agree(&self, code: c_int) -> Result<Codes, String> {
        leave_all();
        let mut silence = self.heartbeats.map(Heartbeats::wait).filter(|_| code == 0);
        // MPI may write there for as long as the process lives: who gives up waiting does not take the memory back.
        let codes: &'static mut [c_int; 3] = Box::leak(Box::new(Codes::encode(code)));
        let (data, count) = (codes.as_mut_ptr(), codes.len() as c_int);
        // SAFETY: a constant of the library.
        let mut request = unsafe { RSMPI_REQUEST_NULL };
        // SAFETY: the communicator is used for nothing else, and by every rank once; the memory stays.
        check(unsafe {
            MPI_Iallreduce(
                IN_PLACE,
                data.cast(),
                count,
                RSMPI_INT32_T,
                RSMPI_MAX,
                self.farewell,
                &mut request,
            )
        })
        .map_err(library::error_text)?;
        let limit = match code {
            0 if MISSED_DEADLINE.load(Ordering::Relaxed) => watchdog::limit().max(AFTER_SUCCESS),
            0 => Duration::MAX,
            _ => after_error(),
        };
        let start = Instant::now();
        let mut pause = Duration::from_micros(1);
        loop {
            let mut done = 0;
            // SAFETY: the request was started, and is not tested again once complete.
            check(unsafe { MPI_Test(&mut request, &mut done, RSMPI_STATUS_IGNORE) })
                .map_err(library::error_text)?;
            // Some libraries complain of messages that nobody has received.
            communicator::drop_messages();
            if done != 0 {
                // SAFETY: MPI has written both and does not touch them any more.
                return Ok(Codes::decode(unsafe { data.cast::<[c_int; 3]>().read() }));
            }
            if start.elapsed() > limit {
                return Err(format!("other ranks have not ended within {limit:?}"));
            }
            if let Some(silence) = &mut silence {
                silence.look()?;
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// Writes out what C and Fortran have buffered. That is done at the very end of a process, which does not come when this or
/// another rank ends the job.
fn write_out() {
    // SAFETY: null means all streams.
    unsafe { fflush(std::ptr::null_mut()) };
    // SAFETY: a name.
    let flush = unsafe { dlsym(std::ptr::null_mut(), c"_gfortran_flush_i4".as_ptr()) };
    if flush.is_null() {
        return;
    }
    // SAFETY: gfortran's library has had this function with this signature in every version.
    let flush: extern "C" fn(*const i32) = unsafe { std::mem::transmute(flush) };
    // It waits for a unit that is in use, which it stays for ever when it was an error of input or output that ends us.
    let (done, ended) = mpsc::channel::<()>();
    std::thread::spawn(move || {
        // Null means all units.
        flush(std::ptr::null());
        drop(done);
    });
    // Either way there is nothing that could be done about it.
    let _ = ended.recv_timeout(FOR_WRITING);
}

/// Ends all processes of the job with this exit code.
pub(crate) extern "C" fn abort(code: c_int) -> ! {
    if is_ready() {
        write_out();
        std::thread::sleep(FOR_LAST_WORDS);
        ABORTING.store(true, Ordering::Relaxed);
        watchdog::while_aborting(code);
        // SAFETY: MPI is ready.
        unsafe { MPI_Abort(RSMPI_COMM_WORLD, code) };
    }
    std::process::exit(code)
}
