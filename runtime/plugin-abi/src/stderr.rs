//! What dtl says on stderr. Several ranks mostly write to one terminal or file: each message is written at once, so that no other
//! rank's comes between its parts.

use std::io::Write;

/// Says something, in a line of its own that begins with dtl's name.
pub fn say(message: &str) {
    // Where nobody listens there is nothing to be done about it.
    let _ = std::io::stderr().write_all(format!("dtl: {message}\n").as_bytes());
}
