//! Messages from one rank to another, with tags: what `send`, `recv` and their like are above the packets of the transports. The
//! other ranks take no part, so that nothing is agreed on: data type and shape travel with a message, and the receiver looks
//! at them before it takes it.
//!
//! `mailbox.rs` is a rank's part on one communicator, with the messages that have come (`incoming.rs`, `unmatched.rs`) and those
//! that it is sending (`outgoing.rs`), at which receives and sends wait (`waiting.rs`); `packet.rs` is what ranks write to each
//! other, `wanted.rs` what a receive accepts. The operations are futures: `send.rs`, `receive.rs`. Messages between roles are found
//! by `roles.rs`, and travel like the others.

mod incoming;
mod mailbox;
mod outgoing;
mod packet;
mod receive;
mod send;
#[cfg(test)]
mod tests;
mod unmatched;
mod waiting;
mod wanted;

pub(crate) use mailbox::{Mailbox, attend, leave_all};
pub(crate) use receive::{Received, for_others, note};
pub(crate) use waiting::look_after;
pub(crate) use wanted::Source;

use crate::array::{Array, Output};
use crate::collectives::refuse_inside_function;
use crate::comm::{Call, Wait};
use crate::context::Context;
use crate::error::Result;
use dtl_types::{MessageInfo, Operation, SpecEnum};
use packet::Envelope;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use wanted::{Label, Wanted};

/// Sends an array to a rank. Returns when `data` may be written to again, which says nothing about whether the message has been
/// received; a large one, of which there is no copy on the way, the receiver has by then, or keeps it in memory of its own.
pub async fn send(call: &Call<'_>, data: Array<'_>, dest: i32, tag: i32) -> Result<()> {
    send::send(mailbox(call.context())?, call.operation(), data, dest, plain(tag), false).await
}

/// Sends an array to a rank, and returns when that receives it.
pub async fn ssend(call: &Call<'_>, data: Array<'_>, dest: i32, tag: i32) -> Result<()> {
    send::send(mailbox(call.context())?, call.operation(), data, dest, plain(tag), true).await
}

/// Receives the first message from this rank with this tag, or from any rank and with any tag. An error if its data type or
/// its number of elements is not what `output` takes.
pub async fn recv(call: &Call<'_>, source: i32, tag: i32, output: &mut dyn Output) -> Result<()> {
    receive::receive(mailbox(call.context())?, call.operation(), Wanted::of(source, tag), output).await
}

/// Sends one message and receives another at the same time.
pub async fn sendrecv(
    call: &Call<'_>,
    data: Array<'_>,
    dest: i32,
    sendtag: i32,
    source: i32,
    recvtag: i32,
    output: &mut dyn Output,
) -> Result<()> {
    let (mailbox, operation) = (mailbox(call.context())?, call.operation());
    let mut sending = pin!(send::send(mailbox, operation, data, dest, plain(sendtag), false));
    let wanted = Wanted::of(source, recvtag);
    let mut receiving = pin!(receive::receive(mailbox, operation, wanted, output));
    let (mut is_sent, mut is_received) = (false, false);
    poll_fn(|task| {
        if !is_sent && let Poll::Ready(sent) = sending.as_mut().poll(task) {
            sent?;
            is_sent = true;
        }
        if !is_received && let Poll::Ready(received) = receiving.as_mut().poll(task) {
            received?;
            is_received = true;
        }
        if is_sent && is_received { Poll::Ready(Ok(())) } else { Poll::Pending }
    })
    .await
}

/// Waits for a message and says what is known of it, without receiving it.
pub fn probe(context: &Context, source: i32, tag: i32) -> Result<MessageInfo> {
    receive::probe(mailbox(context)?, Wanted::of(source, tag)).wait()
}

/// What is known of the message that this thread has received last, if it has come on this context.
pub fn last_received(context: &Context) -> Result<MessageInfo> {
    receive::last_received(mailbox(context)?)
}

/// What is known of the first such message that has come, which is not received; `None` if there is none.
pub fn iprobe(context: &Context, source: i32, tag: i32) -> Result<Option<MessageInfo>> {
    receive::iprobe(mailbox(context)?, Wanted::of(source, tag))
}

/// Sends an array to a rank that was found by its role.
pub(crate) async fn send_between_roles(call: &Call<'_>, data: Array<'_>, dest: i32, tag: i32) -> Result<()> {
    let label = Label { tag, is_between_roles: true };
    send::send(mailbox(call.context())?, call.operation(), data, dest, label, false).await
}

/// Receives the first message with this tag that ranks which were found by their role have sent so.
pub(crate) async fn recv_between_roles(
    call: &Call<'_>,
    source: Source,
    tag: i32,
    output: &mut dyn Output,
) -> Result<()> {
    let wanted = Wanted { source, label: Label { tag, is_between_roles: true } };
    receive::receive(mailbox(call.context())?, call.operation(), wanted, output).await
}

/// The label of a message that is not between roles.
fn plain(tag: i32) -> Label {
    Label { tag, is_between_roles: false }
}

/// Whether an operation sends or receives objects of a language, which travel as bytes.
fn concerns_objects(operation: Operation) -> bool {
    use Operation::{IrecvObject, IsendObject, RecvObject, SendObject};
    matches!(operation, SendObject | IsendObject | RecvObject | IrecvObject)
}

fn mailbox(context: &Context) -> Result<&Mailbox> {
    refuse_inside_function()?;
    context.check_open()?;
    Ok(context.endpoint().mailbox())
}

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
