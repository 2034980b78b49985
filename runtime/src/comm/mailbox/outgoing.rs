//! The messages that a rank is sending, as far as it waits for anything: for room on the way, for the receiver's word, or for
//! room to say a word itself. Nothing here waits or sends.

use std::collections::{BTreeMap, VecDeque};

/// What the receiver of a message has said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Nothing,
    /// It wants the parts of the message.
    Ask,
    /// It has the message.
    Taken,
}

/// What a rank says of a message that it receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Ask,
    Taken,
}

/// The messages that a rank is sending.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    count: u64,
    /// Those of which the receiver is to say something.
    words: BTreeMap<u64, Word>,
    /// Those for which there was no room yet, by their receivers: no later one may overtake them.
    lines: BTreeMap<i32, VecDeque<u64>>,
    /// Answers for which there was no room yet: to whom, and to which message.
    pub(super) answers: VecDeque<(i32, u64, Answer)>,
}

impl Outgoing {
    /// The number of a new message.
    pub(super) fn number(&mut self) -> u64 {
        let number = self.count;
        self.count += 1;
        number
    }

    /// There was no room for a message, which takes its place in line for its receiver.
    pub(super) fn queue(&mut self, to: i32, number: u64) {
        let line = self.lines.entry(to).or_default();
        let place = line.partition_point(|other| *other < number);
        line.insert(place, number);
    }

    /// Whether no message waits that must be sent to its receiver before this one.
    pub(super) fn is_next(&self, to: i32, number: u64) -> bool {
        self.lines.get(&to).and_then(|line| line.front()).is_none_or(|first| *first >= number)
    }

    /// A message that waited in line is on its way, or will not be sent. Gives the one that is next now.
    pub(super) fn leave_line(&mut self, to: i32, number: u64) -> Option<u64> {
        let line = self.lines.get_mut(&to)?;
        let place = line.binary_search(&number).ok()?;
        line.remove(place);
        let next = line.front().copied();
        if next.is_none() {
            self.lines.remove(&to);
        }
        next
    }

    /// The receiver of a message is to say something.
    pub(super) fn expect_word(&mut self, number: u64) {
        self.words.insert(number, Word::Nothing);
    }

    /// What the receiver has said.
    pub(super) fn word(&self, number: u64) -> Word {
        self.words.get(&number).copied().unwrap_or(Word::Nothing)
    }

    /// The receiver has said something, of which the message may be over.
    pub(super) fn hear(&mut self, number: u64, word: Word) {
        if let Some(heard) = self.words.get_mut(&number) {
            *heard = word;
        }
    }

    /// Nobody asks about a message any more; what its receiver has said.
    pub(super) fn forget(&mut self, number: u64) -> Option<Word> {
        self.words.remove(&number)
    }
}
