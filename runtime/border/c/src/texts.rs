//! Texts: C's end with a zero byte and belong to somebody.

use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char};

use dtl::{Error, Result};
use dtl_types::Status;

use crate::results::null;

thread_local! {
    static LENT: RefCell<CString> = RefCell::new(CString::default());
}

/// Lends `text` to the caller until this thread's next call that gives a text.
pub fn lend(text: impl Into<String>) -> *const c_char {
    let text = terminated(&text.into());
    let lent = LENT.try_with(|place| {
        place.replace(text);
        place.borrow().as_ptr()
    });
    // Only a thread that is ending has no place any more.
    lent.unwrap_or(c"".as_ptr())
}

/// The text at `address`.
///
/// # Safety
/// Unless it is null, `address` must be readable up to a zero byte.
pub unsafe fn read(name: &str, address: *const c_char) -> Result<String> {
    if address.is_null() {
        return Err(null(name, "a text that ends with a zero byte"));
    }
    // SAFETY: the address is not null, so the caller guarantees that a text that ends with a zero byte is there.
    let text = unsafe { CStr::from_ptr(address) };
    text.to_str().map(str::to_owned).map_err(|_| {
        Error::new(
            Status::InvalidArgument,
            format!("{name} is {text:?}, which is not UTF-8; pass a text in UTF-8"),
        )
    })
}

/// `text` with a zero byte at its end; a zero byte inside would end it early, so it becomes a visible sign.
pub fn terminated(text: &str) -> CString {
    CString::new(text.replace('\0', "\u{2400}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_goes_out_and_comes_back() {
        let lent = lend("vector of 7 \0 float64");
        // SAFETY: `lend` gives a text that ends, and no other is lent meanwhile.
        assert_eq!(unsafe { read("text", lent) }.expect("it is UTF-8"), "vector of 7 \u{2400} float64");
    }

    #[test]
    fn what_is_no_text_is_refused() {
        // SAFETY: null is allowed, and the other text ends with a zero byte.
        let (none, bytes) = unsafe { (read("name", std::ptr::null()), read("name", c"\xff".as_ptr())) };
        assert_eq!(none.expect_err("null is no text").status(), Status::NullPointer);
        assert_eq!(bytes.expect_err("0xff is not UTF-8").status(), Status::InvalidArgument);
    }
}
