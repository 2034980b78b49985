//! Messages from one rank to another, with tags: what `send`, `recv` and their like are above the packets of the transports. The
//! other ranks take no part, so that nothing is agreed on: data type and shape travel with a message, and the receiver looks
//! at them before it takes it.
//!
//! Messages between roles are found by `roles.rs`, and travel like the others. `comm/mailbox` carries them.

use crate::array::{Array, Output};
use crate::calls::Call;
use crate::comm::Wait;
use crate::comm::mailbox::{self, Label, Mailbox, Source, Wanted};
use crate::computing::refuse_inside_function;
use crate::context::Context;
use crate::error::Result;
use dtl_types::MessageInfo;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

/// Sends an array to a rank. Returns when `data` may be written to again, which says nothing about whether the message has been
/// received; a large one, of which there is no copy on the way, the receiver has by then, or keeps it in memory of its own.
pub async fn send(call: &Call<'_>, data: Array<'_>, dest: i32, tag: i32) -> Result<()> {
    mailbox::send(mailbox(call.context())?, call.operation(), data, dest, Label::plain(tag), false).await
}

/// Sends an array to a rank, and returns when that receives it.
pub async fn ssend(call: &Call<'_>, data: Array<'_>, dest: i32, tag: i32) -> Result<()> {
    mailbox::send(mailbox(call.context())?, call.operation(), data, dest, Label::plain(tag), true).await
}

/// Receives the first message from this rank with this tag, or from any rank and with any tag. An error if its data type or
/// its number of elements is not what `output` takes.
pub async fn recv(call: &Call<'_>, source: i32, tag: i32, output: &mut dyn Output) -> Result<()> {
    mailbox::receive(mailbox(call.context())?, call.operation(), Wanted::of(source, tag), output).await
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
    let (own, operation) = (mailbox(call.context())?, call.operation());
    let mut sending = pin!(mailbox::send(own, operation, data, dest, Label::plain(sendtag), false));
    let wanted = Wanted::of(source, recvtag);
    let mut receiving = pin!(mailbox::receive(own, operation, wanted, output));
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
    mailbox::probe(mailbox(context)?, Wanted::of(source, tag)).wait()
}

/// What is known of the message that this thread has received last, if it has come on this context.
pub fn last_received(context: &Context) -> Result<MessageInfo> {
    mailbox::last_received(mailbox(context)?)
}

/// What is known of the first such message that has come, which is not received; `None` if there is none.
pub fn iprobe(context: &Context, source: i32, tag: i32) -> Result<Option<MessageInfo>> {
    mailbox::iprobe(mailbox(context)?, Wanted::of(source, tag))
}

/// Sends an array to a rank that was found by its role.
pub(crate) async fn send_between_roles(call: &Call<'_>, data: Array<'_>, dest: i32, tag: i32) -> Result<()> {
    let label = Label { tag, is_between_roles: true };
    mailbox::send(mailbox(call.context())?, call.operation(), data, dest, label, false).await
}

/// Receives the first message with this tag that ranks which were found by their role have sent so.
pub(crate) async fn recv_between_roles(
    call: &Call<'_>,
    source: Source,
    tag: i32,
    output: &mut dyn Output,
) -> Result<()> {
    let wanted = Wanted { source, label: Label { tag, is_between_roles: true } };
    mailbox::receive(mailbox(call.context())?, call.operation(), wanted, output).await
}

fn mailbox(context: &Context) -> Result<&Mailbox> {
    refuse_inside_function()?;
    context.check_open()?;
    Ok(context.endpoint().mailbox())
}
