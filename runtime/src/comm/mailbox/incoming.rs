//! The messages that have come for a rank and that nobody has taken, and the receives that wait for one. Each message is for
//! the first receive that accepts it, and each receive gets the first message that it accepts. Nothing here waits or sends.

use super::packet::Envelope;
use super::unmatched::Unmatched;
use super::wanted::{Key, Wanted};
use crate::memory::{Kind, Reservation};
use crate::numbered::Numbered;
use std::collections::{BTreeSet, HashMap};

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
        let reservation = Reservation::of(Kind::Host, bytes).ok()?;
        let mut memory = Vec::new();
        memory.try_reserve_exact(bytes).ok()?;
        memory.resize(bytes, 0);
        Some(Memory { bytes: memory, _reservation: Some(reservation) })
    }
}

#[derive(Debug)]
struct Receive {
    wanted: Wanted,
    /// The number of the message that it has.
    message: Option<u64>,
}

/// The messages and receives of a rank. Both are numbered in the order in which they have come, each in its own; and what has
/// no counterpart is found by the keys that both have, so that thousands of them are as quickly found as one.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    /// In boxes, as they are large and would be moved more than once.
    messages: Numbered<Box<Message>>,
    receives: Numbered<Receive>,
    /// Messages that are for nobody yet.
    unwanted: Unmatched,
    /// Receives without a message.
    waiting: Unmatched,
    /// Messages about which their senders may say more, by the sender and its number.
    mentioned: HashMap<(i32, u64), u64>,
    /// Unwanted messages whose elements wait in the sender's memory.
    lent: BTreeSet<u64>,
    arrived: u64,
    issued: u64,
}

impl Incoming {
    /// A message has come. Gives the receive that has it from now on.
    pub(super) fn add(&mut self, message: Message) -> Option<u64> {
        let number = self.arrived;
        self.arrived += 1;
        if message.is_synchronous || !matches!(message.body, Body::Here(_)) {
            self.mentioned.insert((message.source, message.number), number);
        }
        self.messages.insert(number, Box::new(message));
        self.offer(number)
    }

    /// A receive begins.
    pub(super) fn issue(&mut self, wanted: Wanted) -> u64 {
        let id = self.issued;
        self.issued += 1;
        self.receives.insert(id, Receive { wanted, message: None });
        self.assign(id);
        id
    }

    /// Gives a message to the first receive that waits for such a one, or keeps it for a later one.
    fn offer(&mut self, number: u64) -> Option<u64> {
        let Incoming { messages, receives, waiting, unwanted, lent, .. } = self;
        let message = messages.get_mut(number)?;
        let accepts = |id| receives.get(id).is_some_and(|receive| receive.wanted.accepts(message));
        let Some(id) = waiting.find(|| Key::all_of(message), accepts) else {
            if message.may_be_relieved() {
                lent.insert(number);
            }
            unwanted.add(number, |number| {
                messages.get(number).into_iter().flat_map(|message| Key::all_of(message))
            });
            return None;
        };
        message.receive = Some(id);
        let receive = receives.get_mut(id)?;
        receive.message = Some(number);
        waiting.remove(id, || [receive.wanted.key()]);
        Some(id)
    }

    /// Gives a receive the first message that it accepts, or has it wait for one.
    fn assign(&mut self, id: u64) {
        let Incoming { messages, receives, waiting, unwanted, lent, .. } = self;
        let Some(receive) = receives.get_mut(id) else { return };
        let accepts = |number| messages.get(number).is_some_and(|message| receive.wanted.accepts(message));
        receive.message = unwanted.find(|| [receive.wanted.key()], accepts);
        let Some(number) = receive.message else {
            waiting.add(id, |id| receives.get(id).map(|receive| receive.wanted.key()));
            return;
        };
        let Some(message) = messages.get_mut(number) else { return };
        message.receive = Some(id);
        unwanted.remove(number, || Key::all_of(message));
        lent.remove(&number);
    }

    /// The message that a receive has.
    pub(super) fn message_of(&mut self, receive: u64) -> Option<&mut Message> {
        let number = self.receives.get(receive)?.message?;
        self.messages.get_mut(number).map(Box::as_mut)
    }

    /// The message that a receive has got, which is done with.
    pub(super) fn take(&mut self, receive: u64) -> Option<Box<Message>> {
        let number = self.forget(receive)?;
        self.remove(number)
    }

    /// A receive ends without its message, which stays where it was in the order and is for others. Gives the one that has it
    /// now.
    pub(super) fn cancel(&mut self, receive: u64) -> Option<u64> {
        let number = self.forget(receive)?;
        let message = self.messages.get_mut(number)?;
        message.body.leave_the_caller(message.envelope.bytes());
        message.receive = None;
        self.offer(number)
    }

    /// A receive is over; the message that it had.
    fn forget(&mut self, id: u64) -> Option<u64> {
        let receive = self.receives.remove(id)?;
        if receive.message.is_none() {
            self.waiting.remove(id, || [receive.wanted.key()]);
        }
        receive.message
    }

    /// A message that no receive waits for is gone.
    fn remove(&mut self, number: u64) -> Option<Box<Message>> {
        let message = self.messages.remove(number)?;
        if !self.mentioned.is_empty() {
            self.mentioned.remove(&(message.source, message.number));
        }
        if message.receive.is_none() {
            self.lent.remove(&number);
            self.unwanted.remove(number, || Key::all_of(&message));
        }
        Some(message)
    }

    /// The first message of those wanted that is for nobody yet.
    pub(super) fn first(&self, wanted: &Wanted) -> Option<&Message> {
        let accepts = |number| self.messages.get(number).is_some_and(|message| wanted.accepts(message));
        self.messages.get(self.unwanted.find(|| [wanted.key()], accepts)?).map(Box::as_ref)
    }

    /// The messages that are for nobody yet, in a sentence; `None` if there are none.
    pub(super) fn described_unwanted(&self) -> Option<String> {
        let first = self.messages.get(self.unwanted.find(Key::widest, |_| true)?)?;
        let first = format!("a {} from rank {}", first.envelope.label, first.source);
        Some(match self.unwanted.len() {
            1 => first,
            count => format!("{count} messages, the first of them {first}"),
        })
    }

    /// The first message whose elements wait in the sender's memory although nobody wants it.
    pub(super) fn first_lent(&mut self) -> Option<&mut Message> {
        self.messages.get_mut(*self.lent.first()?).map(Box::as_mut)
    }

    /// It does not wait in its sender's memory any more, or not for nothing.
    pub(super) fn relieved(&mut self, source: i32, number: u64) {
        if let Some(number) = self.mentioned.get(&(source, number)) {
            self.lent.remove(number);
        }
    }

    /// The message that its sender has given this number.
    pub(super) fn message(&mut self, source: i32, number: u64) -> Option<&mut Message> {
        self.messages.get_mut(*self.mentioned.get(&(source, number))?).map(Box::as_mut)
    }

    /// Puts a part of a message where it belongs. If it was the last one, the receive that the message is for, if any.
    pub(super) fn put(
        &mut self,
        source: i32,
        number: u64,
        offset: usize,
        part: &[u8],
    ) -> Option<Option<u64>> {
        let message = self.message(source, number)?;
        let bytes = message.envelope.bytes();
        message.body.put(offset, part, bytes).then_some(message.receive)
    }

    /// The sender has taken a message back. Gives the receive that it was for, which waits for another one.
    pub(super) fn withdraw(&mut self, source: i32, number: u64) -> Option<u64> {
        let number = *self.mentioned.get(&(source, number))?;
        let id = self.remove(number)?.receive?;
        self.assign(id);
        Some(id)
    }
}

impl Message {
    /// Whether its elements wait in the sender's memory, and may be taken out of it before somebody wants them.
    fn may_be_relieved(&self) -> bool {
        !self.is_synchronous && matches!(self.body, Body::Lent(_))
    }
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
