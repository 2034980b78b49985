//! Messages between two ranks above the packets of the transports. `state.rs` is a rank's part on one communicator, with the messages that
//! have come (`incoming.rs`, `unmatched.rs`) and those that it is sending (`outgoing.rs`), at which receives and sends wait
//! (`waiting.rs`); `packet.rs` is what ranks write to each other, `wanted.rs` what a receive accepts. `send.rs` and `receive.rs`
//! are the futures of which the operations in `messages.rs` are made.

mod incoming;
mod outgoing;
mod packet;
mod receive;
mod send;
mod state;
#[cfg(test)]
mod tests;
mod unmatched;
mod waiting;
mod wanted;

pub(crate) use receive::{Received, for_others, iprobe, last_received, note, probe, receive};
pub(crate) use send::send;
pub(crate) use state::{Mailbox, attend, leave_all};
pub(crate) use waiting::look_after;
pub(crate) use wanted::{Label, Source, Wanted};

use dtl_types::SpecEnum;
use packet::Envelope;

/// Says on stderr which messages have come that nobody has received, as nobody can any more.
pub(crate) fn report_lost(mailbox: &Mailbox) {
    if let Some(unwanted) = mailbox.unwanted() {
        dtl_plugin_abi::say(&format!(
            "rank {} closes a context and has not received {unwanted}.",
            mailbox.rank
        ));
    }
}

/// The elements of a message, in a sentence.
fn noun(envelope: &Envelope) -> String {
    let (count, dtype) = (envelope.count(), envelope.dtype.name());
    match envelope.shape() {
        _ if envelope.is_object => format!("an object of {count} bytes"),
        [] | [1] => format!("1 element of {dtype}"),
        [_] => format!("{count} elements of {dtype}"),
        shape => format!("{count} elements of {dtype} with shape {shape:?}"),
    }
}
