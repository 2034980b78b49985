//! The communicators from which contexts are made: dtl's copies of the communicator of all processes and of those that users hand
//! over, kept as attributes of them. A copy goes with the user's communicator if all ranks have then let go of what was made from
//! it, and otherwise stays for as long as the process does.

use crate::communicator::{Communicator, pause_after};
use crate::end::End;
use crate::exit;
use crate::library::{Code, check, is_ready};
use crate::movement;
use crate::watchdog;
use dtl_plugin_abi::{Movement, outcome, pattern, refusal};
use mpi_sys::*;
use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;
use std::ptr::{null, null_mut};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The number of the end of dtl's copy of the communicator of all processes.
static WORLD: Mutex<Option<u64>> = Mutex::new(None);

/// What a copy of the runtime does when a user frees a communicator.
#[derive(Clone, Copy)]
struct Listener {
    /// Whether this rank has let go of all that was made from the end with this number.
    has_released_all: extern "C" fn(u64) -> i32,
    /// Frees that, as all ranks have let go of it.
    free_all: extern "C" fn(u64),
}

/// One for each copy of the runtime in this process.
static LISTENERS: Mutex<Vec<Listener>> = Mutex::new(Vec::new());

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Adds functions to be called when a user frees a communicator.
pub(crate) extern "C" fn call_when_freed(
    has_released_all: extern "C" fn(u64) -> i32,
    free_all: extern "C" fn(u64),
) {
    lock(&LISTENERS).push(Listener { has_released_all, free_all });
}

/// The end of dtl's copy of the communicator of all processes. The first call is collective.
pub(crate) fn world() -> Result<u64, Code> {
    let mut world = lock(&WORLD);
    if let Some(number) = *world {
        return Ok(number);
    }
    let copy = watchdog::bounded(|| {
        exit::watch_as_guest()?;
        // SAFETY: a constant of the library.
        Communicator::copy_of(unsafe { RSMPI_COMM_WORLD })
    })?;
    Ok(*world.insert(End::open(copy).into_number()))
}

/// The end of dtl's copy of a communicator of the user, given as Fortran knows it. The first call for each is collective.
pub(crate) fn adopt(fortran: i32) -> Result<u64, Code> {
    // SAFETY: the conversion is a look-up that accepts any number.
    let user = unsafe { RSMPI_Comm_f2c(fortran as RSMPI_Fint) };
    check_usable(user)?;
    // SAFETY: a constant of the library.
    if user == unsafe { RSMPI_COMM_WORLD } {
        return world();
    }
    let keyval = keyval()?;
    let mut value: *mut c_void = null_mut();
    let mut found = 0;
    // SAFETY: the communicator is usable; the attribute's value is written where it is wanted.
    check(unsafe { MPI_Comm_get_attr(user, keyval, (&raw mut value).cast(), &mut found) })?;
    if found != 0 {
        return Ok(value as u64);
    }
    let number = End::open(watchdog::bounded(|| Communicator::copy_of(user))?).into_number();
    // SAFETY: the attribute owns the end from here on, until `forget`.
    check(unsafe { MPI_Comm_set_attr(user, keyval, number as *mut c_void) })?;
    Ok(number)
}

/// Refuses what is no communicator of one group.
fn check_usable(user: MPI_Comm) -> Result<(), Code> {
    // SAFETY: a constant of the library.
    if user == unsafe { RSMPI_COMM_NULL } {
        return Err(refusal::NULL);
    }
    // SAFETY: any bits are a handle; null is what Open MPI gives for a number that it does not know.
    if user == unsafe { MaybeUninit::zeroed().assume_init() } {
        return Err(refusal::UNKNOWN);
    }
    let mut inter = 0;
    // SAFETY: MPI checks the handle; its errors are made codes meanwhile.
    let code = unsafe { without_fatal_errors(|| MPI_Comm_test_inter(user, &mut inter)) };
    match (code, inter) {
        (0, 0) => Ok(()),
        (0, _) => Err(refusal::INTER),
        _ => Err(refusal::UNKNOWN),
    }
}

/// Calls MPI with a handle that may be no communicator. Such errors are raised on the predefined communicators, where
/// they are fatal unless something else has been asked for.
unsafe fn without_fatal_errors(call: impl FnOnce() -> Code) -> Code {
    // SAFETY: the predefined communicators exist, and get back the handlers that they had.
    unsafe {
        let predefined = [RSMPI_COMM_WORLD, RSMPI_COMM_SELF];
        let before = predefined.map(|comm| {
            let mut handler = MaybeUninit::zeroed();
            MPI_Comm_get_errhandler(comm, handler.as_mut_ptr());
            MPI_Comm_set_errhandler(comm, RSMPI_ERRORS_RETURN);
            handler.assume_init()
        });
        let code = call();
        for (comm, mut handler) in predefined.into_iter().zip(before) {
            MPI_Comm_set_errhandler(comm, handler);
            MPI_Errhandler_free(&mut handler);
        }
        code
    }
}

/// The key of the attribute in which a user's communicator keeps dtl's copy.
fn keyval() -> Result<c_int, Code> {
    static KEYVAL: Mutex<Option<c_int>> = Mutex::new(None);
    let mut keyval = lock(&KEYVAL);
    if keyval.is_none() {
        let mut new = 0;
        // SAFETY: both functions have the signatures that MPI wants.
        check(unsafe {
            MPI_Comm_create_keyval(Some(do_not_copy), Some(forget), &mut new, std::ptr::null_mut())
        })?;
        *keyval = Some(new);
    }
    Ok(keyval.expect("it has just been made"))
}

/// A copy of a user's communicator gets a copy of dtl's own when it is handed over, not before.
pub(crate) unsafe extern "C" fn do_not_copy(
    _: MPI_Comm,
    _: c_int,
    _: *mut c_void,
    _: *mut c_void,
    _: *mut c_void,
    flag: *mut c_int,
) -> c_int {
    // SAFETY: MPI passes a place for the answer.
    unsafe { flag.write(0) };
    0
}

/// Called by MPI when a user's communicator is freed, on all its ranks.
unsafe extern "C" fn forget(_: MPI_Comm, _: c_int, value: *mut c_void, _: *mut c_void) -> c_int {
    if is_ready() {
        // SAFETY: the value is the number of the end that the attribute owned.
        unsafe { free_with_all(value as u64) };
    }
    0
}

/// Frees what was made from a base, and the base, if all ranks have let go of all that. All ranks call this.
///
/// # Safety
/// The number must be that of an end from which no more is made; it may be gone afterwards.
unsafe fn free_with_all(number: u64) {
    let listeners = lock(&LISTENERS).clone();
    let is_released = listeners.iter().all(|listener| (listener.has_released_all)(number) != 0);
    // SAFETY: the caller guarantees that this is the number of an end, which stays until it is freed below.
    if !have_all(unsafe { &*(number as *const End) }, is_released) {
        return;
    }
    listeners.iter().for_each(|listener| (listener.free_all)(number));
    // SAFETY: the end is there still, as only what was made from it has been freed.
    unsafe { &*(number as *const End) }.leave(&[]);
    let start = Instant::now();
    while start.elapsed() < watchdog::limit() {
        // SAFETY: all contexts made from it are gone, and the end is alive until this has said that it is not.
        if unsafe { End::free(number) } != outcome::PENDING {
            return;
        }
        pause_after(start.elapsed());
    }
}

/// Whether this holds on all ranks, as far as they can be asked.
fn have_all(end: &End, own: bool) -> bool {
    let (own, mut common) = (u8::from(own), 0);
    let movement = Movement {
        pattern: pattern::AND,
        root: 0,
        bytes: 1,
        send: &own,
        send_stride: 0,
        receive: &mut common,
        receive_stride: 0,
        send_places: null(),
        receive_places: null(),
        skipped: 0,
    };
    // SAFETY: both bytes stay until the movement is over or given up.
    let mut request = unsafe { movement::start(end, &movement) };
    let start = Instant::now();
    loop {
        match request.test(end) {
            outcome::PENDING if start.elapsed() > watchdog::limit() => {
                request.abandon(end, "a rank waited in vain for the others to free a communicator");
                return false;
            }
            outcome::PENDING => pause_after(start.elapsed()),
            outcome => return outcome == outcome::COMPLETE && common == 1,
        }
    }
}
