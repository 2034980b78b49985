//! Values that are found by their numbers, for what comes and goes in about the order in which it was numbered, such as messages,
//! receives and requests. They lie in one row, so that few of them cost no more than looking at them, and no memory is asked for
//! each; thousands are found as quickly, in whatever order they go.

use std::collections::VecDeque;

/// Values with a number each, in the order of these.
#[derive(Debug)]
pub(crate) struct Numbered<T> {
    /// By ascending numbers. Where a value is gone its place stays for a while, though not at the front.
    places: VecDeque<(u64, Option<T>)>,
    count: usize,
}

/// So many places may be empty, and as many as hold values, before the others are moved together.
const EMPTY: usize = 64;

impl<T> Numbered<T> {
    pub(crate) const fn new() -> Self {
        Numbered { places: VecDeque::new(), count: 0 }
    }

    /// How many values there are.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// The values, in the order of their numbers.
    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        self.places.iter().filter_map(|(_, value)| value.as_ref())
    }

    /// Where a number is, or where it would be.
    fn find(&self, number: u64) -> Result<usize, usize> {
        let Some((first, _)) = self.places.front() else { return Err(0) };
        // Mostly no number is left out.
        let guess = number.wrapping_sub(*first) as usize;
        if self.places.get(guess).is_some_and(|(other, _)| *other == number) {
            return Ok(guess);
        }
        self.places.binary_search_by_key(&number, |(other, _)| *other)
    }

    /// Puts a value under a number, in place of one that is there.
    pub(crate) fn insert(&mut self, number: u64, value: T) {
        let is_last = self.places.back().is_none_or(|(last, _)| *last < number);
        let place = if is_last { Err(self.places.len()) } else { self.find(number) };
        let before = match place {
            Ok(place) => self.places[place].1.replace(value),
            Err(place) if place == self.places.len() => {
                self.places.push_back((number, Some(value)));
                None
            }
            Err(place) => {
                self.places.insert(place, (number, Some(value)));
                None
            }
        };
        self.count += usize::from(before.is_none());
    }

    pub(crate) fn get(&self, number: u64) -> Option<&T> {
        self.places[self.find(number).ok()?].1.as_ref()
    }

    pub(crate) fn get_mut(&mut self, number: u64) -> Option<&mut T> {
        let place = self.find(number).ok()?;
        self.places[place].1.as_mut()
    }

    pub(crate) fn remove(&mut self, number: u64) -> Option<T> {
        let place = self.find(number).ok()?;
        let value = self.places[place].1.take()?;
        self.count -= 1;
        while self.places.front().is_some_and(|(_, value)| value.is_none()) {
            self.places.pop_front();
        }
        if self.places.len() > 2 * self.count + EMPTY {
            self.places.retain(|(_, value)| value.is_some());
        }
        Some(value)
    }
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// Numbers that look as if they had no order.
    fn scattered(count: u64) -> impl Iterator<Item = u64> {
        (0..count).map(|at| at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40)
    }

    #[test]
    fn it_holds_what_a_map_holds() {
        let (mut numbered, mut map) = (Numbered::new(), BTreeMap::new());
        for (at, step) in scattered(20_000).enumerate() {
            // Mostly the next number, now and then one that was there or was left out; more come than go, and then fewer.
            let (number, comes) = match step % 8 {
                0 => (step % 500, true),
                1..=3 => (at as u64, true),
                _ => (at as u64 - step / 8 % (1 + at as u64), at > 10_000 && step % 2 == 0),
            };
            if comes {
                numbered.insert(number, at);
                map.insert(number, at);
            } else {
                assert_eq!(numbered.remove(number), map.remove(&number));
            }
            assert_eq!(numbered.len(), map.len());
            assert_eq!(numbered.get(number), map.get(&number));
            assert_eq!(numbered.get_mut(step), map.get_mut(&step));
        }
        assert!(numbered.values().eq(map.values()) && !map.is_empty());
        let numbers: Vec<u64> = map.keys().copied().collect();
        for number in numbers.iter().rev().chain(&numbers) {
            assert_eq!(numbered.remove(*number), map.remove(number));
        }
        assert!(numbered.len() == 0 && numbered.places.is_empty());
    }

    #[test]
    fn one_that_stays_does_not_keep_the_places_of_those_that_go() {
        let mut numbered = Numbered::new();
        numbered.insert(0, 0);
        for number in 1..10_000 {
            numbered.insert(number, number);
            numbered.remove(number);
            assert!(numbered.places.len() <= 2 + EMPTY);
        }
        assert_eq!(numbered.get(0), Some(&0));
    }
}
