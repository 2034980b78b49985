//! The last error of each thread: the status and text of its last call, for C, which has no other place for a text.

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, CString, c_char};

use dtl::Error;
use dtl_types::{SpecEnum, Status};

use crate::texts;

thread_local! {
    static STATUS: Cell<i32> = const { Cell::new(0) };
    static MESSAGE: RefCell<CString> = RefCell::new(CString::default());
}

/// The status of this thread's last call.
#[inline]
pub fn status() -> i32 {
    STATUS.get()
}

/// The text of this thread's last call; empty after a success. It stays until the thread's next call that fails.
pub fn message() -> *const c_char {
    if status() == Status::Success as i32 {
        return c"".as_ptr();
    }
    // A thread that is ending may have lost its text already.
    MESSAGE.try_with(|message| message.borrow().as_ptr()).unwrap_or(c"".as_ptr())
}

/// The same text for Rust.
pub fn message_text() -> String {
    // SAFETY: `message` returns a text that ends, and this thread makes no other call meanwhile.
    unsafe { CStr::from_ptr(message()) }.to_string_lossy().into_owned()
}

/// A call succeeded.
#[inline]
pub(crate) fn forget() {
    STATUS.set(Status::Success as i32);
}

/// A call failed.
#[cold]
pub(crate) fn remember(error: &Error) {
    STATUS.set(error.status().code());
    let text = texts::terminated(error.message());
    // Nothing can be done for the text of a thread that is ending.
    let _ = MESSAGE.try_with(|message| message.replace(text));
}
