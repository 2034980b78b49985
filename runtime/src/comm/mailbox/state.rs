//! What a rank has to do with messages on one communicator: those that have come and those that it is sending. Every wait for a
//! message looks after the whole mailbox, so that two ranks which send to each other get on (`waiting.rs`).

use super::incoming::{Body, Incoming, Memory, Message, Target};
use super::outgoing::{Answer, Outgoing, Word};
use super::packet::Packet;
use super::waiting::{Party, Waiting};
use crate::comm::process::Process;
use crate::comm::settings::Settings;
use crate::comm::transport::{Comm, Fault, PacketLimits, Transport};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError, Weak};

/// A rank's messages on a communicator.
#[derive(Debug)]
pub(crate) struct Mailbox {
    pub(super) transport: Arc<dyn Transport>,
    pub(super) comm: Comm,
    pub(super) rank: i32,
    pub(super) size: i32,
    pub(super) packet_limits: PacketLimits,
    pub(super) settings: Settings,
    /// Itself.
    pub(super) own: Weak<Mailbox>,
    /// The process that made it; one that was forked from it must not collect its packets.
    process: Process,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) incoming: Incoming,
    pub(super) outgoing: Outgoing,
    /// How often anything has moved, whoever has looked after it.
    pub(super) moves: u64,
    pub(super) waiting: Waiting,
    is_closed: bool,
}

/// The mailboxes of this process.
static MAILBOXES: Mutex<Vec<Weak<Mailbox>>> = Mutex::new(Vec::new());

/// Leaves all communicators of this process, which is about to end: whoever waits for it learns that it will not come.
pub(crate) fn leave_all() {
    // Where a thread was in the middle of something when the process came to its end, that stays as it is.
    let Ok(mailboxes) = MAILBOXES.try_lock().map(|mailboxes| mailboxes.clone()) else { return };
    for mailbox in mailboxes.iter().filter_map(Weak::upgrade) {
        // While the lock is held nobody gives the communicator back.
        if let Ok(state) = mailbox.state.try_lock()
            && mailbox.is_in_use(&state)
        {
            mailbox.transport.leave(mailbox.comm);
        }
    }
}

/// Collects what has come for any mailbox of this process. For threads that wait for something else, and have waited long
/// enough for this not to matter: somebody may wait for this rank to make room for messages.
pub(crate) fn attend() {
    let Ok(mailboxes) = MAILBOXES.try_lock().map(|mailboxes| mailboxes.clone()) else { return };
    for mailbox in mailboxes.iter().filter_map(Weak::upgrade) {
        mailbox.attend();
    }
}

impl Mailbox {
    pub(crate) fn new(transport: Arc<dyn Transport>, comm: Comm, settings: Settings) -> Arc<Self> {
        let mailbox = Arc::new_cyclic(|own| Mailbox {
            rank: transport.rank(comm),
            size: transport.size(comm),
            packet_limits: transport.packet_limits(comm),
            transport,
            comm,
            settings,
            own: own.clone(),
            process: Process::this(),
            state: Mutex::default(),
        });
        let mut mailboxes = MAILBOXES.lock().unwrap_or_else(PoisonError::into_inner);
        mailboxes.retain(|other| other.strong_count() > 0);
        mailboxes.push(Arc::downgrade(&mailbox));
        mailbox
    }

    /// The communicator is about to be given back, and must not be used any more.
    pub(crate) fn close(&self) {
        self.lock().is_closed = true;
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The messages that have come and that nobody has asked for, in a sentence; `None` if there are none.
    pub(super) fn unwanted(&self) -> Option<String> {
        let mut state = self.lock();
        if self.is_in_use(&state) {
            // Where nothing more can come, what has come is still there.
            let _ = self.advance(&mut state);
        }
        state.incoming.described_unwanted()
    }

    /// Whether there may be packets that are for this process.
    pub(super) fn is_in_use(&self, state: &State) -> bool {
        self.process.is_this() && !state.is_closed && self.size > 1
    }

    fn attend(&self) {
        let mut state = match self.state.try_lock() {
            Ok(state) => state,
            Err(TryLockError::Poisoned(state)) => state.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        if self.is_in_use(&state) {
            // Whoever waits for messages here finds the same fault.
            let _ = self.advance(&mut state);
            let _ = self.relieve_a_sender(&mut state);
        }
    }

    /// Sends a packet to another rank, if there is room for it.
    pub(super) fn post(&self, to: i32, packet: Packet<'_>, is_urgent: bool) -> Result<bool, Fault> {
        let (head, body) = packet.encode();
        self.transport.post(self.comm, to, [head.bytes(), body], is_urgent)
    }

    /// Tells the sender of a message something, now or when there is room.
    pub(super) fn answer(
        &self,
        state: &mut State,
        to: i32,
        number: u64,
        answer: Answer,
    ) -> Result<(), Fault> {
        if to == self.rank {
            state.hear(number, Word::Taken);
            return Ok(());
        }
        state.outgoing.answers.push_back((to, number, answer));
        self.send_answers(state).map(|_| ())
    }

    /// Sends the answers for which there is room now; whether there were any.
    fn send_answers(&self, state: &mut State) -> Result<bool, Fault> {
        let before = state.outgoing.answers.len();
        for _ in 0..before {
            let Some((to, number, answer)) = state.outgoing.answers.pop_front() else { break };
            let packet = match answer {
                Answer::Ask => Packet::Ask { number },
                Answer::Taken => Packet::Taken { number },
            };
            if !self.post(to, packet, false)? {
                state.outgoing.answers.push_back((to, number, answer));
            }
        }
        Ok(state.outgoing.answers.len() < before)
    }

    /// Does what can be done now; whether anything has moved.
    pub(super) fn advance(&self, state: &mut State) -> Result<bool, Fault> {
        let mut has_moved = !state.outgoing.answers.is_empty() && self.send_answers(state)?;
        let mut done = Vec::new();
        self.transport.collect(self.comm, &mut |from, packet| {
            let packet = Packet::decode(packet);
            // Who gives up moves nothing, and puts off nobody else's deadline.
            has_moved |= !matches!(packet, Packet::Withdrawn { .. });
            done.extend(state.deliver(from, packet).map(|number| (from, number)));
        })?;
        for (from, number) in done {
            self.answer(state, from, number, Answer::Taken)?;
        }
        state.moves += u64::from(has_moved);
        Ok(has_moved)
    }

    /// Takes a large message that nobody wants yet out of its sender's hands, if there is memory for it.
    pub(super) fn relieve_a_sender(&self, state: &mut State) -> Result<bool, Fault> {
        let Some(message) = state.incoming.first_lent() else { return Ok(false) };
        let (source, number, bytes) = (message.source, message.number, message.envelope.bytes());
        let Body::Lent(address) = message.body else { return Ok(false) };
        let Some(mut memory) = Memory::of(bytes) else { return Ok(false) };
        if !self.reads_lent() {
            message.body = Body::Coming { arrived: 0, target: Target::Own(memory) };
            state.incoming.relieved(source, number);
            self.answer(state, source, number, Answer::Ask)?;
            return Ok(true);
        }
        // SAFETY: the memory was made for the message.
        unsafe { self.read(source, address, memory.bytes.as_mut_ptr(), bytes)? };
        message.body = Body::Here(memory);
        state.incoming.relieved(source, number);
        // Had the sender taken the message back, it would have said so before it used its memory for something else.
        self.advance(state)?;
        if state.incoming.message(source, number).is_some() {
            self.answer(state, source, number, Answer::Taken)?;
        }
        Ok(true)
    }

    /// Whether what other ranks lend is read where it is, and need not be asked for.
    pub(super) fn reads_lent(&self) -> bool {
        self.transport.remote_memory().is_some()
    }

    /// Reads a piece of what another rank has lent.
    ///
    /// # Safety
    /// `target` must be writable for `bytes` bytes.
    pub(super) unsafe fn read(
        &self,
        from: i32,
        address: u64,
        target: *mut u8,
        bytes: usize,
    ) -> Result<(), Fault> {
        let Some(memory) = self.transport.remote_memory() else {
            return Err(Fault::Failed(format!("the memory of rank {from} cannot be read")));
        };
        // SAFETY: the caller guarantees that `target` is writable for `bytes` bytes.
        unsafe { memory.read(self.comm, from, address, target, bytes) }
    }
}

impl State {
    /// A packet has come; the number of a message that its sender need not keep any longer because of it.
    pub(super) fn deliver(&mut self, from: i32, packet: Packet<'_>) -> Option<u64> {
        let message = |number, is_synchronous, envelope, body| Message {
            source: from,
            number,
            is_synchronous,
            envelope,
            body,
            receive: None,
        };
        match packet {
            Packet::Whole { number, is_synchronous, envelope, body } => {
                let body = Body::Here(Memory { bytes: body.to_vec(), _reservation: None });
                self.add(message(number, is_synchronous, envelope, body));
            }
            Packet::Offer { number, is_synchronous, envelope, address } => {
                self.add(message(number, is_synchronous, envelope, Body::Lent(address)));
            }
            Packet::Part { number, offset, body } => {
                let receive = self.incoming.put(from, number, offset as usize, body)?;
                self.wake_receive(receive);
                return Some(number);
            }
            Packet::Ask { number } => self.hear(number, Word::Ask),
            Packet::Taken { number } => self.hear(number, Word::Taken),
            Packet::Withdrawn { number } => self.withdraw(from, number),
        }
        None
    }

    /// A message has come.
    pub(super) fn add(&mut self, message: Message) {
        let receive = self.incoming.add(message);
        self.wake_receive(receive);
    }

    /// The sender has taken a message back.
    pub(super) fn withdraw(&mut self, source: i32, number: u64) {
        let receive = self.incoming.withdraw(source, number);
        self.wake_receive(receive);
    }

    /// A receive ends without its message.
    pub(super) fn cancel(&mut self, receive: u64) {
        let receive = self.incoming.cancel(receive);
        self.wake_receive(receive);
    }

    fn wake_receive(&self, receive: Option<u64>) {
        if let Some(receive) = receive {
            self.waiting.wake(Party::Receive(receive));
        }
    }

    /// The receiver of a message has said something.
    fn hear(&mut self, number: u64, word: Word) {
        self.outgoing.hear(number, word);
        self.waiting.wake(Party::Send(number));
    }

    /// A message is on its way, or will not be sent; the next one may be.
    pub(super) fn leave_line(&mut self, to: i32, number: u64) {
        if let Some(next) = self.outgoing.leave_line(to, number) {
            self.waiting.wake(Party::Send(next));
        }
    }
}
