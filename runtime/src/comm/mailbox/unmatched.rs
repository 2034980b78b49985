//! Messages that are for nobody yet, or receives that have no message, in their order. Few are looked through, which takes less time
//! than keys do; many are found under the keys of receives that may want a message, or of what a receive wants.

use super::wanted::Key;
use std::collections::BTreeSet;

/// So many are looked through.
const FEW: usize = 16;

/// The numbers of some messages or receives.
#[derive(Debug, Default)]
pub(super) struct Unmatched {
    count: usize,
    /// In their order; none where there are keys.
    few: Vec<u64>,
    /// None where there are few, and have been few since there were none.
    keys: BTreeSet<(Key, u64)>,
}

impl Unmatched {
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Adds a number; `keys_of` gives the keys under which it, or any other that is here, is found.
    pub(super) fn add<K: IntoIterator<Item = Key>>(&mut self, number: u64, keys_of: impl Fn(u64) -> K) {
        self.count += 1;
        let with_keys = |number| keys_of(number).into_iter().map(move |key| (key, number));
        if !self.keys.is_empty() {
            self.keys.extend(with_keys(number));
            return;
        }
        let place = self.few.partition_point(|other| *other < number);
        self.few.insert(place, number);
        if self.few.len() > FEW {
            self.keys.extend(self.few.drain(..).flat_map(with_keys));
        }
    }

    /// Removes a number that is here, under all its keys.
    pub(super) fn remove<K: IntoIterator<Item = Key>>(&mut self, number: u64, keys: impl FnOnce() -> K) {
        self.count -= 1;
        if self.keys.is_empty() {
            self.few.retain(|other| *other != number);
            return;
        }
        for key in keys() {
            self.keys.remove(&(key, number));
        }
    }

    /// The first that is accepted; only those under these keys may be.
    pub(super) fn find<K: IntoIterator<Item = Key>>(
        &self,
        keys: impl FnOnce() -> K,
        accepts: impl Fn(u64) -> bool,
    ) -> Option<u64> {
        if self.keys.is_empty() {
            return self.few.iter().copied().find(|number| accepts(*number));
        }
        let first = |key: Key| {
            let under_it = self.keys.range((key, 0)..=(key, u64::MAX));
            under_it.map(|(_, number)| *number).find(|number| accepts(*number))
        };
        keys().into_iter().filter_map(first).min()
    }
}
