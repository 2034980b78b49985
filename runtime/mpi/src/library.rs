//! MPI in this process: its state, its init, its texts, and the turn that threads take where the library cannot be used by
//! several at once.

use dtl_plugin_abi::{refusal, state};
use mpi_sys::*;
use std::ffi::{c_int, c_void};
use std::ptr::without_provenance_mut;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// An error code: of MPI, or one of `refusal`.
pub(crate) type Code = c_int;

/// Success, as MPI numbers it.
const SUCCESS: Code = 0;

/// The place in which MPI wants what it sends to be the memory in which it receives.
///
/// mpi-sys does not have this constant. The two families, which differ in how they represent handles, define it differently.
pub(crate) const IN_PLACE: *mut c_void =
    without_provenance_mut(if size_of::<MPI_Comm>() == size_of::<c_int>() { usize::MAX } else { 1 });

/// Whether threads must take turns.
static TAKE_TURNS: AtomicBool = AtomicBool::new(false);
static TURN: Mutex<()> = Mutex::new(());

/// Whether threads must take turns. None of them may then wait inside MPI, as what it waits for may need another one's turn.
pub(crate) fn takes_turns() -> bool {
    TAKE_TURNS.load(Ordering::Relaxed)
}

/// Waits for this thread's turn to use MPI, if its threads must take turns.
#[inline]
pub(crate) fn turn() -> Option<MutexGuard<'static, ()>> {
    takes_turns().then(|| TURN.lock().unwrap_or_else(PoisonError::into_inner))
}

/// A code as a result.
#[inline]
pub(crate) fn check(code: Code) -> Result<(), Code> {
    if code == SUCCESS { Ok(()) } else { Err(code) }
}

/// A result as a code.
pub(crate) fn code_of(result: Result<(), Code>) -> Code {
    result.err().unwrap_or(SUCCESS)
}

/// The answer of one of MPI's yes-or-no functions.
fn ask(function: unsafe extern "C" fn(*mut c_int) -> c_int) -> bool {
    let mut flag = 0;
    // SAFETY: these functions write their flag, and may be called at any time.
    unsafe { function(&mut flag) };
    flag != 0
}

/// Whether somebody has begun to finalise MPI, and everything that is to be done before that has been done.
static IS_OVER: AtomicBool = AtomicBool::new(false);

/// Notes that MPI must not be called any more.
pub(crate) fn note_end() {
    IS_OVER.store(true, Ordering::Release);
}

/// Whether MPI must not be called any more, as far as dtl has been told: it is told before anything is finalised.
#[inline]
pub(crate) fn is_over() -> bool {
    IS_OVER.load(Ordering::Acquire)
}

/// Whether MPI has been finalised, as far as it says.
pub(crate) fn is_finalized() -> bool {
    ask(MPI_Finalized)
}

/// What MPI is doing: one of `state`.
pub(crate) extern "C" fn state() -> i32 {
    if is_over() || is_finalized() {
        state::OVER
    } else if ask(MPI_Initialized) {
        state::READY
    } else {
        state::ASLEEP
    }
}

/// Whether MPI can be used now.
pub(crate) fn is_ready() -> bool {
    state() == state::READY
}

/// Initialises MPI, unless it has been; true if so.
pub(crate) fn initialize() -> Result<bool, Code> {
    let ours = state() == state::ASLEEP;
    if ours {
        let mut level = 0;
        // SAFETY: MPI has not been initialised; it accepts null for the program's arguments.
        check(unsafe {
            MPI_Init_thread(std::ptr::null_mut(), std::ptr::null_mut(), RSMPI_THREAD_MULTIPLE, &mut level)
        })?;
    }
    // SAFETY: a constant of the library.
    let any_thread = unsafe { RSMPI_THREAD_MULTIPLE };
    TAKE_TURNS.store(raw_thread_level() != any_thread, Ordering::Relaxed);
    Ok(ours)
}

fn raw_thread_level() -> c_int {
    let mut level = 0;
    // SAFETY: MPI is initialised, and writes the level.
    unsafe { MPI_Query_thread(&mut level) };
    level
}

/// The level of thread support from 0 to 3, the same for all libraries.
pub(crate) extern "C" fn thread_level() -> i32 {
    let level = raw_thread_level();
    // SAFETY: constants of the library.
    let levels = unsafe {
        [RSMPI_THREAD_SINGLE, RSMPI_THREAD_FUNNELED, RSMPI_THREAD_SERIALIZED, RSMPI_THREAD_MULTIPLE]
    };
    levels.iter().position(|known| *known == level).map_or(-1, |position| position as i32)
}

/// The number of processes that MPI has started together.
pub(crate) extern "C" fn world_size() -> i32 {
    let mut size = 0;
    // SAFETY: MPI is initialised, and writes the size.
    unsafe { MPI_Comm_size(RSMPI_COMM_WORLD, &mut size) };
    size
}

/// What the library calls itself.
pub(crate) fn version() -> String {
    // SAFETY: a constant of the library, which is the longest text that it writes.
    let mut text = vec![0u8; unsafe { RSMPI_MAX_LIBRARY_VERSION_STRING } as usize + 1];
    let mut length = 0;
    // SAFETY: there is room for the longest text.
    unsafe { MPI_Get_library_version(text.as_mut_ptr().cast(), &mut length) };
    text.truncate(length as usize);
    String::from_utf8_lossy(&text).trim_end_matches(['\0', '\n']).to_owned()
}

/// The explanation of a code.
pub(crate) fn error_text(code: Code) -> String {
    match code {
        refusal::NULL => return "the communicator is MPI_COMM_NULL".to_owned(),
        refusal::INTER => return "the communicator joins two groups (an intercommunicator)".to_owned(),
        refusal::UNKNOWN => {
            return "the number belongs to no communicator; it may have been freed".to_owned();
        }
        _ => {}
    }
    if is_over() {
        return format!("MPI error {code}");
    }
    let mut text = [0u8; LONGEST_ERROR];
    let mut length = 0;
    // SAFETY: the text has room for more than any library's longest.
    let found = unsafe { MPI_Error_string(code, text.as_mut_ptr().cast(), &mut length) };
    match found {
        SUCCESS => String::from_utf8_lossy(&text[..length as usize]).into_owned(),
        _ => format!("MPI error {code}"),
    }
}

/// More than MPI_MAX_ERROR_STRING of any library (256 and 512 are in use).
const LONGEST_ERROR: usize = 4096;
