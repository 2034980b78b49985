//! Receiving and probing. A receive takes its place in line when it begins, and has its message from when that comes. It looks at
//! data type and size before it takes anything: a message that does not fit stays where it was, for another receive.

use super::incoming::{Body, Message, Target};
use super::noun;
use super::outgoing::Answer;
use super::packet::Envelope;
use super::state::{Mailbox, State};
use super::waiting::{Awaited, Failure, Party};
use super::wanted::{Source, Wanted};
use crate::array::Output;
use crate::comm::progress::Deadline;
use crate::comm::ranks::Ranks;
use crate::comm::transport::Fault;
use crate::error::{Error, Result};
use crate::observe;
use dtl_types::{MessageInfo, Operation, SpecEnum, Status};
use std::cell::Cell;
use std::future::poll_fn;
use std::task::Poll;

/// Read at once; between two reads others go on.
const STEP: usize = 8 << 20;

/// What is known of a message.
#[derive(Debug, Clone, Copy)]
struct Sight {
    source: i32,
    number: u64,
    envelope: Envelope,
}

impl Sight {
    fn of(message: &Message) -> Self {
        Sight { source: message.source, number: message.number, envelope: message.envelope }
    }

    fn info(&self) -> MessageInfo {
        MessageInfo { source: self.source, tag: self.envelope.label.tag, count: self.envelope.count() as u64 }
    }
}

/// Receives a message into `output`, on behalf of an operation.
pub(crate) async fn receive(
    mailbox: &Mailbox,
    operation: Operation,
    wanted: Wanted,
    output: &mut dyn Output,
) -> Result<()> {
    let id = mailbox.lock().incoming.issue(wanted.clone());
    let receiving = Receiving { mailbox, operation, wanted, id, is_over: Cell::new(false) };
    let look = |state: &mut State| Ok(state.incoming.message_of(id).map(|message| Sight::of(message)));
    let seen = mailbox.until(&receiving, look).await.map_err(|failure| receiving.error(failure))?;
    let (envelope, bytes) = (seen.envelope, seen.envelope.bytes());
    seen.must_be_object(operation.carries_objects())?;
    let whole = seen.room(output)?;
    let mut memory = output.provide(envelope.dtype, whole.as_deref().unwrap_or(envelope.shape()))?;
    assert!(memory.nbytes() >= bytes, "a message fits into the memory that is provided for it");
    // SAFETY: the memory has room for the message, and is borrowed until the receive is over.
    let filled = unsafe { receiving.fill(&seen, memory.as_mut_ptr(), bytes).await };
    filled.map_err(|failure| receiving.error(failure))??;
    if seen.source != mailbox.rank && bytes > 0 {
        observe::received(operation, bytes, 1);
    }
    note(Received { mailbox: std::ptr::from_ref(mailbox).addr(), info: seen.info() });
    Ok(())
}

thread_local! {
    /// The message that this thread has received last.
    static LAST: Cell<Option<Received>> = const { Cell::new(None) };
}

/// What is known of a message that was received, and the address of the mailbox in which it was.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Received {
    mailbox: usize,
    info: MessageInfo,
}

/// From here on it is the message that this thread has received last.
pub(crate) fn note(received: Received) {
    LAST.set(Some(received));
}

/// Does something that may receive a message for others: it is not the last one of this thread then.
pub(crate) fn for_others<R>(receive: impl FnOnce() -> R) -> (R, Option<Received>) {
    let own = LAST.take();
    let result = receive();
    (result, LAST.replace(own))
}

/// What is known of the message that this thread has received last.
pub(crate) fn last_received(mailbox: &Mailbox) -> Result<MessageInfo> {
    match LAST.get() {
        Some(last) if last.mailbox == std::ptr::from_ref(mailbox).addr() => Ok(last.info),
        _ => Err(Error::new(
            Status::InvalidState,
            "the last message that this thread has received, if any, was not on this context",
        )),
    }
}

/// Waits for a message, which stays.
pub(crate) async fn probe(mailbox: &Mailbox, wanted: Wanted) -> Result<MessageInfo> {
    let look = |state: &mut State| Ok(state.incoming.first(&wanted).map(Sight::of));
    let seen = mailbox.until(&Probing { mailbox, wanted: &wanted }, look).await;
    seen.map(|seen| seen.info()).map_err(|failed| missing(mailbox, &wanted, failed))
}

/// Whether a message has come, which stays.
pub(crate) fn iprobe(mailbox: &Mailbox, wanted: Wanted) -> Result<Option<MessageInfo>> {
    let mut state = mailbox.lock();
    if state.incoming.first(&wanted).is_none() {
        mailbox.advance(&mut state).map_err(Fault::into_error)?;
    }
    Ok(state.incoming.first(&wanted).map(|message| Sight::of(message).info()))
}

impl Sight {
    /// Refuses an array where an object is wanted, and the other way around.
    fn must_be_object(&self, is_wanted: bool) -> Result<()> {
        if self.envelope.is_object == is_wanted {
            return Ok(());
        }
        let (wanted, cure) = if is_wanted {
            ("an object is wanted", "receive it by recv, or send an object by send_object")
        } else {
            ("an array is wanted", "receive it by recv_object, or send an array by send")
        };
        Err(self.refused(Status::InvalidArgument, wanted, cure))
    }

    /// Refuses a message that does not fit; otherwise the shape to ask for, if it is that of memory which may be larger than the
    /// message.
    fn room(&self, output: &dyn Output) -> Result<Option<Vec<usize>>> {
        let (dtype, count) = (self.envelope.dtype, self.envelope.count());
        if let Some(wanted) = output.expected_dtype().filter(|wanted| *wanted != dtype) {
            let cure = format!("receive elements of {}", dtype.name());
            return Err(self.refused(
                Status::InvalidArgument,
                &format!("{} is wanted", wanted.name()),
                &cure,
            ));
        }
        let cure = || format!("receive {count} elements, or ask for the size with probe first");
        if let Some(most) = output.most_expected().filter(|most| *most < count) {
            let but = format!("{most} are expected at most");
            return Err(self.refused(Status::BufferTooSmall, &but, &cure()));
        }
        if let Some(shape) = output.expected_shape() {
            // An array with a shape takes what has the same, or as many elements one after another.
            let sent = self.envelope.shape();
            let room: usize = shape.iter().product();
            if room == count && (shape == sent || shape.len() == 1 || sent.len() == 1) {
                return Ok(Some(shape.to_vec()));
            }
            let status = if room < count { Status::BufferTooSmall } else { Status::ExtentMismatch };
            return Err(self.refused(status, &format!("the memory for it has the shape {shape:?}"), &cure()));
        }
        if let Some(room) = output.shape_of_room().filter(|room| !takes(room, self.envelope.shape())) {
            let but = format!("the memory for it has the shape {room:?}");
            let cure = "receive it in an array that differs from it in the first of these dimensions at most, or has \
                        only one";
            return Err(self.refused(Status::ExtentMismatch, &but, cure));
        }
        match output.expected() {
            Some((_, room)) if room < count => Err(self.refused(
                Status::BufferTooSmall,
                &format!("there is room for {room} elements"),
                &cure(),
            )),
            room => Ok(room.map(|(_, room)| vec![room])),
        }
    }

    fn refused(&self, status: Status, but: &str, cure: &str) -> Error {
        Error::new(
            status,
            format!(
                "rank {} sent {} with tag {}, but {but}. The message has not been received: {cure}.",
                self.source,
                noun(&self.envelope),
                self.envelope.label.tag
            ),
        )
    }
}

/// Whether memory of a shape takes a message without scrambling it; whether it is large enough is another question.
fn takes(room: &[usize], sent: &[usize]) -> bool {
    sent.len() <= 1 || (sent.len() == room.len() && sent[1..] == room[1..])
}

/// A receive in progress. If it is dropped, its message is for others.
struct Receiving<'a> {
    mailbox: &'a Mailbox,
    operation: Operation,
    wanted: Wanted,
    id: u64,
    /// It has taken its message.
    is_over: Cell<bool>,
}

impl Awaited for Receiving<'_> {
    fn operation(&self) -> Operation {
        self.operation
    }

    fn party(&self) -> Option<Party> {
        Some(Party::Receive(self.id))
    }

    fn is_hopeless(&self, left: &[i32]) -> bool {
        is_hopeless(self.mailbox, &self.wanted, left)
    }

    fn describe(&self) -> String {
        self.wanted.to_string()
    }
}

/// A receive that waits for the rest of a message.
struct Filling<'a> {
    receiving: &'a Receiving<'a>,
    seen: &'a Sight,
}

impl Awaited for Filling<'_> {
    fn operation(&self) -> Operation {
        self.receiving.operation
    }

    fn party(&self) -> Option<Party> {
        self.receiving.party()
    }

    fn is_hopeless(&self, left: &[i32]) -> bool {
        left.contains(&self.seen.source)
    }

    fn describe(&self) -> String {
        let Sight { source, envelope, .. } = self.seen;
        format!("the rest of the {} ({}) from rank {source}", envelope.label, noun(envelope))
    }
}

/// Somebody who waits for a message without receiving it.
struct Probing<'a> {
    mailbox: &'a Mailbox,
    wanted: &'a Wanted,
}

impl Awaited for Probing<'_> {
    fn operation(&self) -> Operation {
        Operation::Probe
    }

    /// What has come is for whoever receives it, so that nobody is told of it.
    fn party(&self) -> Option<Party> {
        None
    }

    fn is_hopeless(&self, left: &[i32]) -> bool {
        is_hopeless(self.mailbox, self.wanted, left)
    }

    fn describe(&self) -> String {
        self.wanted.to_string()
    }
}

impl Receiving<'_> {
    /// Copies the elements of the message to `target`, and is done with it.
    ///
    /// # Safety
    /// `target` must be writable for the bytes of the message until the future is over or dropped.
    async unsafe fn fill(
        &self,
        seen: &Sight,
        target: *mut u8,
        bytes: usize,
    ) -> std::result::Result<Result<()>, Failure> {
        let mailbox = self.mailbox;
        let lent = {
            let mut state = mailbox.lock();
            let Some(message) = self.own(&mut state, seen) else { return Ok(Err(seen.withdrawn())) };
            match message.body {
                // SAFETY: `target` is writable for the bytes of the message, which the caller guarantees.
                Body::Here(_) => return unsafe { self.take(&mut state, seen, target, bytes, false) },
                Body::Lent(address) if mailbox.reads_lent() => Some(address),
                Body::Lent(_) => {
                    let target = Target::Caller(target);
                    message.body = Body::Coming { arrived: 0, target };
                    mailbox.answer(&mut state, seen.source, seen.number, Answer::Ask)?;
                    None
                }
                Body::Coming { .. } => None,
            }
        };
        if let Some(address) = lent {
            // SAFETY: the caller guarantees that `target` is writable for `bytes` bytes until the future is over or
            // dropped.
            unsafe { self.read(seen.source, address, target, bytes).await? };
            // A sender that takes its message back says so before it uses its memory for something else.
            mailbox.advance(&mut mailbox.lock())?;
        } else {
            let is_here = |state: &mut State| {
                let Some(message) = self.own(state, seen) else { return Ok(Some(())) };
                let is_coming = matches!(message.body, Body::Coming { arrived, .. } if arrived < bytes);
                Ok((!is_coming).then_some(()))
            };
            mailbox.until(&Filling { receiving: self, seen }, is_here).await?;
        }
        let mut state = mailbox.lock();
        if self.own(&mut state, seen).is_none() {
            return Ok(Err(seen.withdrawn()));
        }
        // SAFETY: `target` is writable for the bytes of the message, which the caller guarantees, and holds them unless the
        // message does.
        unsafe { self.take(&mut state, seen, target, bytes, lent.is_some()) }
    }

    /// Takes the message out of the mailbox, with elements that are here or in `target` already, and tells its sender if that
    /// waits for it, as one does that has lent them.
    ///
    /// # Safety
    /// `target` must be writable for the bytes of the message.
    unsafe fn take(
        &self,
        state: &mut State,
        seen: &Sight,
        target: *mut u8,
        bytes: usize,
        is_lent: bool,
    ) -> std::result::Result<Result<()>, Failure> {
        let Some(message) = state.incoming.take(self.id) else { return Ok(Err(seen.withdrawn())) };
        self.is_over.set(true);
        if let Body::Here(memory) = &message.body {
            // SAFETY: the caller guarantees that `target` is writable for `bytes` bytes, and the memory has as many bytes
            // as the message.
            unsafe { target.copy_from_nonoverlapping(memory.bytes.as_ptr(), bytes) };
        }
        if message.is_synchronous || is_lent {
            self.mailbox.answer(state, seen.source, seen.number, Answer::Taken)?;
        }
        Ok(Ok(()))
    }

    /// The message that was seen, unless it was taken back.
    fn own<'s>(&self, state: &'s mut State, seen: &Sight) -> Option<&'s mut Message> {
        let message = state.incoming.message_of(self.id)?;
        ((message.source, message.number) == (seen.source, seen.number)).then_some(message)
    }

    /// Reads what the sender has lent, piece by piece. Nothing is read in the first poll: a receive that does not block returns
    /// before that, so that what this rank sends next does not wait for the reading, and two ranks read at the same time.
    ///
    /// # Safety
    /// As for `fill`.
    async unsafe fn read(
        &self,
        source: i32,
        address: u64,
        target: *mut u8,
        bytes: usize,
    ) -> std::result::Result<(), Failure> {
        let mut deadline = Deadline::new(self.mailbox.settings.timeout);
        let (mut is_begun, mut done) = (false, 0);
        poll_fn(|task| {
            task.waker().wake_by_ref();
            if !std::mem::replace(&mut is_begun, true) {
                deadline.put_off();
                return Poll::Pending;
            }
            let step = STEP.min(bytes - done);
            // SAFETY: the piece lies in the message, for whose `bytes` bytes the caller guarantees that `target` is
            // writable.
            let read =
                unsafe { self.mailbox.read(source, address + done as u64, target.wrapping_add(done), step) };
            done += step;
            match read {
                Err(fault) => Poll::Ready(Err(fault.into())),
                Ok(()) if done == bytes => Poll::Ready(Ok(())),
                Ok(()) => {
                    deadline.put_off();
                    Poll::Pending
                }
            }
        })
        .await
    }

    fn error(&self, failed: Failure) -> Error {
        missing(self.mailbox, &self.wanted, failed)
    }
}

impl Drop for Receiving<'_> {
    fn drop(&mut self) {
        if !self.is_over.get() {
            self.mailbox.lock().cancel(self.id);
        }
    }
}

impl Sight {
    fn withdrawn(&self) -> Error {
        Error::new(
            Status::RecvFailed,
            format!("rank {} has taken the message with tag {} back", self.source, self.envelope.label.tag),
        )
        .found_on(self.source)
    }
}

/// Whether no message can come once these ranks have left.
fn is_hopeless(mailbox: &Mailbox, wanted: &Wanted, left: &[i32]) -> bool {
    wanted.source.is_hopeless(mailbox.rank, mailbox.size, left)
}

/// The error when no message has come.
fn missing(mailbox: &Mailbox, wanted: &Wanted, failed: Failure) -> Error {
    let Wanted { source, label } = wanted;
    match failed {
        Failure::Fault(fault) => fault.into_error(),
        Failure::Left(left) => {
            let (message, rank) = match source {
                Source::One(source) => {
                    (format!("rank {source} left the context and has not sent a {label}"), *source)
                }
                Source::Any => {
                    let gone = Ranks(&left);
                    (format!("{gone} left the context, so that nobody can send a {label} any more"), left[0])
                }
                Source::Among(_) => {
                    let gone = Ranks(&left);
                    (
                        format!(
                            "{gone} left the context, so that nobody who has the role can send a {label} any more"
                        ),
                        left[0],
                    )
                }
            };
            Error::new(Status::RankFailure, message).found_on(rank)
        }
        Failure::TimedOut => {
            let others = mailbox.unwanted();
            let others = others.map_or_else(String::new, |others| {
                format!(" What has come and was not asked for: {others}.")
            });
            Error::new(
                Status::Timeout,
                format!(
                    "rank {} waited {:?} for {wanted} and gave up.{others} The time to wait is the environment variable \
                     DTL_TIMEOUT, in seconds.",
                    mailbox.rank, mailbox.settings.timeout
                ),
            )
        }
    }
}
