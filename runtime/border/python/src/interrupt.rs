//! Signals that arrive while dtl waits: Python's handlers run, and what they raise, such as `KeyboardInterrupt`, ends the wait.

use pyo3::{ffi, prelude::*};
use std::cell::{OnceCell, RefCell};
use std::ffi::{c_int, c_void};

use crate::guard::caught;

thread_local! {
    /// Whether this is the thread in which Python runs handlers of signals.
    static IS_MAIN: OnceCell<bool> = const { OnceCell::new() };
    /// What a handler has raised, until it is raised from the call that it has ended.
    static RAISED: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// Runs the handlers of signals that have arrived; whether one has raised.
pub(crate) fn is_interrupted() -> bool {
    if IS_MAIN.with(|is_main| is_main.get() == Some(&false)) {
        return false;
    }
    let run = |py: Python<'_>| {
        if RAISED.with_borrow(Option::is_some) {
            return true;
        }
        if !IS_MAIN.with(|is_main| *is_main.get_or_init(|| is_main_thread(py).unwrap_or(false))) {
            return false;
        }
        let Err(raised) = py.check_signals() else { return false };
        RAISED.set(Some(raised));
        // SAFETY: the function has the type that is asked for and needs no argument. Where there is no room for it among those
        // that wait for their turn, the next wait ends instead.
        unsafe { ffi::Py_AddPendingCall(Some(raise_what_is_left), std::ptr::null_mut()) };
        true
    };
    // There is no interpreter any more while the process ends.
    Python::try_attach(run).unwrap_or(false)
}

/// What a handler has raised in this thread.
pub(crate) fn raised() -> Option<PyErr> {
    RAISED.take()
}

/// The wait may have succeeded all the same; then Python raises this as soon as its main thread goes on.
extern "C" fn raise_what_is_left(_: *mut c_void) -> c_int {
    let restore = |py: Python<'_>| {
        raised().map_or(0, |raised| {
            raised.restore(py);
            -1
        })
    };
    // Nothing may unwind into C.
    caught(|| Python::try_attach(restore).unwrap_or(0)).unwrap_or(0)
}

fn is_main_thread(py: Python<'_>) -> PyResult<bool> {
    let threading = py.import("threading")?;
    let (own, main) = (threading.call_method0("current_thread")?, threading.call_method0("main_thread")?);
    Ok(own.is(&main))
}
