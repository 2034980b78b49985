//! Sending: a short message goes on its way and is done with; a large one is offered, and waits for the receiver to read it
//! or to ask for its parts.

use super::incoming::{Body, Memory, Message};
use super::noun;
use super::outgoing::Word;
use super::packet::{Envelope, Packet};
use super::state::{Mailbox, State};
use super::waiting::{Awaited, Failure, Party};
use super::wanted::Label;
use crate::array::Array;
use crate::comm::transport::Fault;
use crate::error::{Error, Result};
use crate::memory::{Kind, Reservation};
use crate::observe;
use dtl_types::{Operation, Status};
use std::cell::Cell;
use std::fmt;

/// Sends a message on behalf of an operation; a synchronous one until it is received.
pub(crate) async fn send(
    mailbox: &Mailbox,
    operation: Operation,
    data: Array<'_>,
    to: i32,
    label: Label,
    is_synchronous: bool,
) -> Result<()> {
    let mut envelope = Envelope::new(label, data.dtype(), data.shape())?;
    envelope.is_object = operation.carries_objects();
    let number = mailbox.lock().outgoing.number();
    let is_queued = Cell::new(false);
    let mut sending = Sending { mailbox, operation, to, number, envelope, is_queued, is_offered: false };
    let sent = sending.run(data.bytes(), is_synchronous).await;
    sent.map_err(|failure| sending.error(failure))??;
    if to != mailbox.rank && envelope.bytes() > 0 {
        observe::sent(operation, envelope.bytes(), 1);
    }
    Ok(())
}

/// A message that is being sent. One that the receiver may know of and that is not received is taken back when this is dropped.
struct Sending<'a> {
    mailbox: &'a Mailbox,
    operation: Operation,
    to: i32,
    number: u64,
    envelope: Envelope,
    /// Whether it has waited for room on the way, and may wait still.
    is_queued: Cell<bool>,
    is_offered: bool,
}

impl Awaited for Sending<'_> {
    fn operation(&self) -> Operation {
        self.operation
    }

    fn party(&self) -> Option<Party> {
        Some(Party::Send(self.number))
    }

    fn is_hopeless(&self, left: &[i32]) -> bool {
        left.contains(&self.to)
    }

    fn describe(&self) -> String {
        format!("rank {} to receive {self}", self.to)
    }
}

/// A message for which there is no room on the way.
struct Crowded<'a>(&'a Sending<'a>);

impl Awaited for Crowded<'_> {
    fn operation(&self) -> Operation {
        self.0.operation
    }

    /// The receiver makes room without a word.
    fn party(&self) -> Option<Party> {
        None
    }

    fn is_hopeless(&self, left: &[i32]) -> bool {
        self.0.is_hopeless(left)
    }

    fn describe(&self) -> String {
        self.0.describe()
    }
}

impl Sending<'_> {
    async fn run(&mut self, bytes: &[u8], is_synchronous: bool) -> std::result::Result<Result<()>, Failure> {
        let Sending { number, envelope, .. } = *self;
        if self.to == self.mailbox.rank {
            if let Err(error) = self.keep(bytes, is_synchronous) {
                return Ok(Err(error));
            }
        } else {
            let is_short = envelope.packet_bytes() <= self.mailbox.packet_limits.longest;
            let packet = match is_short {
                true => Packet::Whole { number, is_synchronous, envelope, body: bytes },
                false => Packet::Offer { number, is_synchronous, envelope, address: bytes.as_ptr() as u64 },
            };
            self.is_offered = !is_short || is_synchronous;
            self.post(packet).await?;
        }
        if !self.is_offered {
            return Ok(Ok(()));
        }
        if self.word_after(Word::Nothing).await? == Word::Ask {
            self.send_parts(bytes).await?;
            self.word_after(Word::Ask).await?;
        }
        Ok(Ok(()))
    }

    /// Puts a message to this rank itself where it will be received.
    fn keep(&mut self, bytes: &[u8], is_synchronous: bool) -> Result<()> {
        /// From here on it counts towards what the process may use.
        const MUCH: usize = 64 << 10;
        let _reservation =
            (bytes.len() >= MUCH).then(|| Reservation::of(Kind::Host, bytes.len())).transpose()?;
        let memory = Memory { bytes: bytes.to_vec(), _reservation };
        let Sending { number, envelope, .. } = *self;
        let (source, body) = (self.to, Body::Here(memory));
        self.is_offered = is_synchronous;
        let mut state = self.mailbox.lock();
        if is_synchronous {
            state.outgoing.expect_word(number);
        }
        state.add(Message { source, number, is_synchronous, envelope, body, receive: None });
        Ok(())
    }

    /// Sends the packet that tells the receiver of the message, after those of all earlier ones.
    async fn post(&self, packet: Packet<'_>) -> std::result::Result<(), Failure> {
        let Sending { mailbox, to, number, is_offered, .. } = *self;
        let post = |state: &mut State| {
            if !state.outgoing.is_next(to, number) || !mailbox.post(to, packet, false)? {
                return Ok::<_, Fault>(None);
            }
            state.leave_line(to, number);
            if is_offered {
                state.outgoing.expect_word(number);
            }
            Ok(Some(()))
        };
        {
            // Mostly there is room, and no other message waits for some.
            let mut state = mailbox.lock();
            if post(&mut state)?.is_some() {
                return Ok(());
            }
            self.is_queued.set(true);
            state.outgoing.queue(to, number);
        }
        let is_next = |state: &mut State| Ok(state.outgoing.is_next(to, number).then_some(()));
        mailbox.until(self, is_next).await?;
        mailbox.until(&Crowded(self), post).await
    }

    async fn send_parts(&self, bytes: &[u8]) -> std::result::Result<(), Failure> {
        let Sending { mailbox, to, number, .. } = *self;
        let longest = mailbox.packet_limits.longest_part - PART_HEAD;
        for (index, body) in bytes.chunks(longest).enumerate() {
            let part = Packet::Part { number, offset: (index * longest) as u64, body };
            let post = |_: &mut State| Ok(mailbox.post(to, part, false)?.then_some(()));
            mailbox.until(&Crowded(self), post).await?;
        }
        Ok(())
    }

    /// What the receiver says next.
    async fn word_after(&self, before: Word) -> std::result::Result<Word, Failure> {
        let Sending { mailbox, number, .. } = *self;
        let word = |state: &mut State| {
            let word = state.outgoing.word(number);
            Ok::<_, Fault>((word != before).then_some(word))
        };
        mailbox.until(self, word).await
    }

    fn error(&self, failed: Failure) -> Error {
        match failed {
            Failure::Left(_) => Error::new(
                Status::RankFailure,
                format!("rank {} has left the context and does not receive {self}", self.to),
            )
            .found_on(self.to),
            Failure::TimedOut => Error::new(
                Status::Timeout,
                format!(
                    "rank {} waited {:?} for rank {} to receive {self}, and has taken it back. Every message needs a receive; the \
                     time to wait is the environment variable DTL_TIMEOUT, in seconds.",
                    self.mailbox.rank, self.mailbox.settings.timeout, self.to
                ),
            ),
            Failure::Fault(fault) => fault.into_error(),
        }
    }
}

/// More than the head of a part.
const PART_HEAD: usize = 64;

impl fmt::Display for Sending<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} ({})", self.envelope.label, noun(&self.envelope))
    }
}

impl Drop for Sending<'_> {
    fn drop(&mut self) {
        let Sending { mailbox, to, number, ref is_queued, is_offered, .. } = *self;
        if !is_queued.get() && !is_offered {
            return;
        }
        let mut state = mailbox.lock();
        state.leave_line(to, number);
        let is_pending = is_offered && state.outgoing.forget(number).is_some_and(|word| word != Word::Taken);
        if is_pending && to == mailbox.rank {
            state.withdraw(to, number);
        } else if is_pending {
            // If it cannot be said, the communicator has been given up, and nobody trusts what it reads.
            let _ = mailbox.post(to, Packet::Withdrawn { number }, true);
        }
    }
}
