//! The messages that have come for a rank and that nobody has taken, and the receives that wait for one. Each message is for
//! the first receive that accepts it, and each receive gets the first message that it accepts. Nothing here waits or sends.

use super::packet::Envelope;
use super::wanted::Wanted;
use crate::memory_limit::Reservation;
use std::collections::VecDeque;

/// A message that has come, of which the elements may be elsewhere.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) source: i32,
    /// Its number among those of the sender.
    pub(super) number: u64,
    pub(super) is_synchronous: bool,
    pub(super) envelope: Envelope,
    pub(super) body: Body,
    /// The receive that it is for.
    pub(super) receive: Option<u64>,
}

/// Where the elements of a message are.
#[derive(Debug)]
pub(super) enum Body {
    Here(Memory),
    /// In the sender's memory, at this address.
    Lent(u64),
    /// On their way, in parts; so many bytes have come.
    Coming {
        arrived: usize,
        target: Target,
    },
}

/// Where parts are put.
#[derive(Debug)]
pub(super) enum Target {
    Own(Memory),
    /// Memory of whoever receives the message, which stays until the receive ends or is cancelled.
    Caller(*mut u8),
}

// SAFETY: the address belongs to no thread.
unsafe impl Send for Target {}

/// Memory for the elements of a message, and what of the allowed memory it takes, if it is much.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) bytes: Vec<u8>,
    pub(super) _reservation: Option<Reservation>,
}

impl Memory {
    /// So much memory, if the process may have it.
    pub(super) fn of(bytes: usize) -> Option<Self> {
        let reservation = Reservation::of(bytes).ok()?;
        let mut memory = Vec::new();
        memory.try_reserve_exact(bytes).ok()?;
        memory.resize(bytes, 0);
        Some(Memory { bytes: memory, _reservation: Some(reservation) })
    }
}

#[derive(Debug)]
struct Receive {
    id: u64,
    wanted: Wanted,
    has_message: bool,
}

/// The messages and receives of a rank, in the order in which they have come.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    messages: VecDeque<Message>,
    receives: VecDeque<Receive>,
    issued: u64,
}

impl Incoming {
    /// A message has come.
    pub(super) fn add(&mut self, mut message: Message) {
        message.receive = next_receive(&mut self.receives, &message);
        self.messages.push_back(message);
    }

    /// A receive begins.
    pub(super) fn issue(&mut self, wanted: Wanted) -> u64 {
        let id = self.issued;
        self.issued += 1;
        let has_message = self.assign(id, &wanted);
        self.receives.push_back(Receive { id, wanted, has_message });
        id
    }

    /// Gives a receive the first message that it accepts; whether there is one.
    fn assign(&mut self, receive: u64, wanted: &Wanted) -> bool {
        let first = self.messages.iter_mut().find(|it| it.receive.is_none() && wanted.accepts(it));
        first.map(|message| message.receive = Some(receive)).is_some()
    }

    /// The message that a receive has.
    pub(super) fn message_of(&mut self, receive: u64) -> Option<&mut Message> {
        self.messages.iter_mut().find(|message| message.receive == Some(receive))
    }

    /// The message that a receive has got, which is done with.
    pub(super) fn take(&mut self, receive: u64) -> Option<Message> {
        self.receives.retain(|other| other.id != receive);
        let at = self.messages.iter().position(|message| message.receive == Some(receive))?;
        self.messages.remove(at)
    }

    /// A receive ends without its message, which stays where it was in the order and is for others.
    pub(super) fn cancel(&mut self, receive: u64) {
        self.receives.retain(|other| other.id != receive);
        let Some(at) = self.messages.iter().position(|message| message.receive == Some(receive)) else {
            return;
        };
        let message = &mut self.messages[at];
        message.body.leave_the_caller(message.envelope.bytes());
        message.receive = next_receive(&mut self.receives, message);
    }

    /// The first message of those wanted that is for nobody yet.
    pub(super) fn first(&self, wanted: &Wanted) -> Option<&Message> {
        self.messages.iter().find(|message| message.receive.is_none() && wanted.accepts(message))
    }

    /// How many messages are for nobody yet, and the first of them.
    pub(super) fn unwanted(&self) -> (usize, Option<&Message>) {
        let mut unwanted = self.messages.iter().filter(|message| message.receive.is_none());
        let first = unwanted.next();
        (usize::from(first.is_some()) + unwanted.count(), first)
    }

    /// The first message whose elements wait in the sender's memory although nobody wants it.
    pub(super) fn first_lent(&mut self) -> Option<&mut Message> {
        let is_lent = |it: &&mut Message| {
            it.receive.is_none() && !it.is_synchronous && matches!(it.body, Body::Lent(_))
        };
        self.messages.iter_mut().find(is_lent)
    }

    fn position(&self, source: i32, number: u64) -> Option<usize> {
        self.messages.iter().position(|message| (message.source, message.number) == (source, number))
    }

    /// The message of this number.
    pub(super) fn message(&mut self, source: i32, number: u64) -> Option<&mut Message> {
        self.position(source, number).map(|at| &mut self.messages[at])
    }

    /// Puts a part of a message where it belongs; true if it was the last one.
    pub(super) fn put(&mut self, source: i32, number: u64, offset: usize, part: &[u8]) -> bool {
        let Some(message) = self.message(source, number) else { return false };
        let bytes = message.envelope.bytes();
        message.body.put(offset, part, bytes)
    }

    /// The sender has taken a message back. The receive that it was for waits for another one.
    pub(super) fn withdraw(&mut self, source: i32, number: u64) {
        let message = self.position(source, number).and_then(|at| self.messages.remove(at));
        let Some(id) = message.and_then(|message| message.receive) else { return };
        let Some(at) = self.receives.iter().position(|receive| receive.id == id) else { return };
        let wanted = self.receives[at].wanted.clone();
        let has_message = self.assign(id, &wanted);
        self.receives[at].has_message = has_message;
    }
}

/// The first receive that waits for such a message, which has it from now on.
fn next_receive(receives: &mut VecDeque<Receive>, message: &Message) -> Option<u64> {
    let receive = receives.iter_mut().find(|it| !it.has_message && it.wanted.accepts(message))?;
    receive.has_message = true;
    Some(receive.id)
}

impl Body {
    fn put(&mut self, offset: usize, part: &[u8], bytes: usize) -> bool {
        let Body::Coming { arrived, target } = self else { return false };
        assert!(offset + part.len() <= bytes, "a part lies in its message");
        match target {
            Target::Own(memory) => memory.bytes[offset..][..part.len()].copy_from_slice(part),
            // SAFETY: the memory is for the whole message, and stays as long as the receive.
            Target::Caller(start) => unsafe {
                start.wrapping_add(offset).copy_from_nonoverlapping(part.as_ptr(), part.len());
            },
        }
        *arrived += part.len();
        let is_last = *arrived == bytes;
        if let (true, Target::Own(memory)) = (is_last, target) {
            *self = Body::Here(std::mem::take(memory));
        }
        is_last
    }

    /// Keeps what has come so far in memory of this rank, as that of the caller is not to be written any more.
    fn leave_the_caller(&mut self, bytes: usize) {
        let Body::Coming { arrived, target } = self else { return };
        let Target::Caller(start) = *target else { return };
        // Parts come in their order.
        // SAFETY: so much has been written there, and the caller's memory is there until this receive is cancelled.
        let mut own = unsafe { std::slice::from_raw_parts(start, *arrived) }.to_vec();
        let is_whole = own.len() == bytes;
        own.resize(bytes, 0);
        let memory = Memory { bytes: own, _reservation: None };
        *self = if is_whole {
            Body::Here(memory)
        } else {
            Body::Coming { arrived: *arrived, target: Target::Own(memory) }
        };
    }
}
