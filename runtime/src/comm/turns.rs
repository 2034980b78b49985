//! The order of the collective calls of one rank on one context: that in which they are issued, whatever the rank's threads
//! do and whether the calls block. Each takes its place in line with its first message and keeps its turn until it ends.
//! Whoever waits in line is woken when its turn has come, so that a long line costs no more than a short one.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError};
use std::task::Waker;

/// The line of one endpoint.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    /// Places that have been given out.
    given: AtomicU64,
    /// The place whose turn it is.
    serving: AtomicU64,
    /// Calls whose turn has come.
    begun: AtomicU32,
    /// What is known of places whose turn has not come, and whether there are any.
    later: Mutex<BTreeMap<u64, Later>>,
    any_later: AtomicBool,
}

/// What is to be done when the turn of a place comes.
#[derive(Debug)]
enum Later {
    Wake(Waker),
    /// It was given up.
    Skip,
}

/// A place in line, and the turn when it has come. Others wait until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    turns: &'a Turns,
    place: u64,
}

impl Turns {
    /// The next place in line.
    pub(crate) fn queue(&self) -> Turn<'_> {
        Turn { turns: self, place: self.given.fetch_add(1, SeqCst) }
    }

    /// Ends the turn of `place` if it is that.
    fn pass_on(&self, place: u64) -> bool {
        self.serving.compare_exchange(place, place + 1, SeqCst, SeqCst).is_ok()
    }

    fn note(&self, place: u64, later: Later) {
        self.later.lock().unwrap_or_else(PoisonError::into_inner).insert(place, later);
        self.any_later.store(true, SeqCst);
    }

    /// Wakes whoever waits for the turn that has come, and ends the turns of those that wait no more. Whoever leaves a note
    /// and whoever ends a turn both look, after what they have written, at what the other writes: so one of them finds it.
    fn serve(&self) {
        while self.any_later.load(SeqCst) {
            let mut later = self.later.lock().unwrap_or_else(PoisonError::into_inner);
            let serving = self.serving.load(SeqCst);
            // The turn of a place before that has come and gone while its note was on the way.
            let next =
                later.first_entry().filter(|first| *first.key() <= serving).map(|first| first.remove_entry());
            self.any_later.store(!later.is_empty(), SeqCst);
            drop(later);
            match next {
                Some((place, Later::Skip)) => {
                    self.pass_on(place);
                }
                Some((_, Later::Wake(waker))) => waker.wake(),
                None => return,
            }
        }
    }
}

impl Turn<'_> {
    /// Whether it is this one's turn.
    pub(crate) fn has_come(&self) -> bool {
        self.turns.serving.load(SeqCst) == self.place
    }

    /// How many places are before this one.
    pub(crate) fn before(&self) -> u64 {
        self.place - self.turns.serving.load(SeqCst)
    }

    /// Has `waker` woken when it is this one's turn.
    pub(crate) fn wake_when_it_comes(&self, waker: &Waker) {
        self.turns.note(self.place, Later::Wake(waker.clone()));
        self.turns.serve();
    }

    /// Begins the call; gives its number among all that have begun.
    pub(crate) fn begin(&self) -> u32 {
        self.turns.begun.fetch_add(1, SeqCst).wrapping_add(1)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if !self.turns.pass_on(self.place) {
            self.turns.note(self.place, Later::Skip);
        }
        self.turns.serve();
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
