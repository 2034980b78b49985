//! The messages that have come and that are for nobody yet, in their order. Few are looked through; many are found under every key
//! by which a receive may want them.

use super::incoming::Message;
use super::wanted::{Key, Wanted};
use std::collections::{BTreeMap, BTreeSet};

/// So many are looked through in less time than keys take.
pub(super) const FEW: usize = 16;

/// The numbers of messages among all that a rank has.
#[derive(Debug, Default)]
pub(super) struct Unwanted {
    numbers: BTreeSet<u64>,
    /// Empty where there are few, and have been few since there were none.
    keys: BTreeSet<(Key, u64)>,
}

impl Unwanted {
    /// Adds one of these messages.
    pub(super) fn add(&mut self, number: u64, messages: &BTreeMap<u64, Message>) {
        self.numbers.insert(number);
        let keys = |number: u64| {
            let message = messages.get(&number);
            message.into_iter().flat_map(move |message| Key::all_of(message).map(|key| (key, number)))
        };
        if !self.keys.is_empty() {
            self.keys.extend(keys(number));
        } else if self.numbers.len() > FEW {
            self.keys.extend(self.numbers.iter().flat_map(|number| keys(*number)));
        }
    }

    /// Somebody wants the message now, or it is gone.
    pub(super) fn remove(&mut self, number: u64, message: &Message) {
        self.numbers.remove(&number);
        if !self.keys.is_empty() {
            for key in Key::all_of(message) {
                self.keys.remove(&(key, number));
            }
        }
    }

    /// The first of them, by its number, that is wanted.
    pub(super) fn find(&self, wanted: &Wanted, messages: &BTreeMap<u64, Message>) -> Option<u64> {
        let accepts = |number: &u64| messages.get(number).is_some_and(|message| wanted.accepts(message));
        if self.keys.is_empty() {
            return self.numbers.iter().copied().find(accepts);
        }
        wanted.key().numbers_in(&self.keys).find(accepts)
    }

    /// The first of all.
    pub(super) fn first(&self) -> Option<u64> {
        self.numbers.first().copied()
    }

    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }
}
