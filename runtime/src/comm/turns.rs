//! The order of the collective calls of one rank on one context: that in which they are issued, whatever the rank's threads
//! do and whether the calls block. Each takes its place in line with its first message and keeps its turn until it ends.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError};

/// The line of one endpoint.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// Places that have been given out.
    given: AtomicU64,
    /// The place whose turn it is.
    serving: AtomicU64,
    /// Calls whose turn has come.
    begun: AtomicU32,
    /// Places that were given up before their turn, and whether there are any.
    given_up: Mutex<Vec<u64>>,
    any_given_up: AtomicBool,
}

/// A place in line, and the turn when it has come. Others wait until it is dropped.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    turns: &'a Turns,
    place: u64,
}

impl Turns {
    /// The next place in line.
    pub(super) fn queue(&self) -> Turn<'_> {
        Turn { turns: self, place: self.given.fetch_add(1, SeqCst) }
    }

    /// Ends the turn of `place` if it is that.
    fn pass_on(&self, place: u64) -> bool {
        self.serving.compare_exchange(place, place + 1, SeqCst, SeqCst).is_ok()
    }

    /// Ends the turns of those that wait for them no more. Whoever gives a place up and whoever ends a turn both look, after
    /// what they have written, at what the other writes: so one of them finds it.
    fn skip(&self) {
        if !self.any_given_up.load(SeqCst) {
            return;
        }
        let mut given_up = self.given_up.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(at) = given_up.iter().position(|place| *place == self.serving.load(SeqCst)) {
            self.pass_on(given_up.swap_remove(at));
        }
        self.any_given_up.store(!given_up.is_empty(), SeqCst);
    }
}

impl Turn<'_> {
    /// Whether it is this one's turn.
    pub(super) fn has_come(&self) -> bool {
        self.turns.serving.load(SeqCst) == self.place
    }

    /// Begins the call; gives its number among all that have begun.
    pub(super) fn begin(&self) -> u32 {
        self.turns.begun.fetch_add(1, SeqCst).wrapping_add(1)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if !self.turns.pass_on(self.place) {
            let mut given_up = self.turns.given_up.lock().unwrap_or_else(PoisonError::into_inner);
            given_up.push(self.place);
            self.turns.any_given_up.store(true, SeqCst);
        }
        self.turns.skip();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_come_in_order_and_places_can_be_given_up() {
        let turns = Turns::default();
        let (first, second, third, fourth) = (turns.queue(), turns.queue(), turns.queue(), turns.queue());
        assert!(first.has_come() && !second.has_come());
        drop(third);
        drop(second);
        assert!(first.has_come() && !fourth.has_come());
        drop(first);
        assert!(fourth.has_come());
        drop(fourth);
        assert!(turns.queue().has_come());
    }

    #[test]
    fn no_place_is_lost_between_threads() {
        let turns = Turns::default();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let turns = &turns;
                scope.spawn(move || {
                    for call in 0..2000 {
                        let turn = turns.queue();
                        while (thread + call) % 3 != 0 && !turn.has_come() {
                            std::thread::yield_now();
                        }
                    }
                });
            }
        });
        assert!(turns.queue().has_come());
    }
}
