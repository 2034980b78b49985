//! Sorted runs of one rank: they are merged, and searched by their keys.

use super::splitters::Sorted;
use crate::memory::engine::order::Comparison;
use std::ops::Range;

/// Merges sorted runs, of which those between the bounds are neighbours, back and forth between two slices of one length; gives
/// the one with the result. Of elements with equal keys, those of an earlier run come first.
pub(super) fn merge<'a, C: Comparison>(
    runs: &'a mut [C::Element],
    other: &'a mut [C::Element],
    mut bounds: Vec<usize>,
    comparison: &C,
) -> &'a mut [C::Element] {
    bounds.dedup();
    let (mut from, mut to) = (runs, other);
    while bounds.len() > 2 {
        for start in (0..bounds.len() - 1).step_by(2) {
            let middle = bounds[start + 1];
            let end = *bounds.get(start + 2).unwrap_or(&middle);
            let (left, right) = from[bounds[start]..end].split_at(middle - bounds[start]);
            merge_two(left, right, &mut to[bounds[start]..end], comparison);
        }
        let last = bounds[bounds.len() - 1];
        bounds = bounds.into_iter().step_by(2).collect();
        if bounds.last() != Some(&last) {
            bounds.push(last);
        }
        std::mem::swap(&mut from, &mut to);
    }
    from
}

/// The choice between the two is arithmetic, because no processor can foresee it.
fn merge_two<C: Comparison>(
    left: &[C::Element],
    right: &[C::Element],
    merged: &mut [C::Element],
    comparison: &C,
) {
    let (mut taken_left, mut taken_right) = (0, 0);
    while let (Some(a), Some(b)) = (left.get(taken_left), right.get(taken_right)) {
        let takes_right = comparison.key(*b) < comparison.key(*a);
        merged[taken_left + taken_right] = if takes_right { *b } else { *a };
        taken_left += usize::from(!takes_right);
        taken_right += usize::from(takes_right);
    }
    let rest = &mut merged[taken_left + taken_right..];
    let (rest_left, rest_right) = (&left[taken_left..], &right[taken_right..]);
    rest.copy_from_slice(if rest_left.is_empty() { rest_right } else { rest_left });
}

/// Sorted elements as the search for splitters sees them.
pub(super) struct Keys<'a, C: Comparison> {
    elements: &'a [C::Element],
    comparison: &'a C,
}

impl<'a, C: Comparison> Keys<'a, C> {
    pub(super) fn of(elements: &'a [C::Element], comparison: &'a C) -> Self {
        Keys { elements, comparison }
    }

    fn key(&self, element: &C::Element) -> u128 {
        self.comparison.key(*element).into()
    }
}

impl<C: Comparison> Sorted for Keys<'_, C> {
    fn len(&self) -> usize {
        self.elements.len()
    }

    fn ends(&self) -> Option<(u128, u128)> {
        Some((self.key(self.elements.first()?), self.key(self.elements.last()?)))
    }

    fn below(&self, key: u128, within: Range<usize>) -> usize {
        within.start + self.elements[within].partition_point(|element| self.key(element) < key)
    }

    fn up_to(&self, key: u128, within: Range<usize>) -> usize {
        within.start + self.elements[within].partition_point(|element| self.key(element) <= key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::execution::Workers;
    use crate::memory::engine::order::{Equal, Exact, Order};
    use crate::memory::engine::sort::sort_encoded;

    #[test]
    fn any_number_of_runs_is_merged_and_equal_elements_keep_their_order() {
        for count in 0..20_usize {
            // Keys without their lowest bit are those of zeros of both signs.
            let lengths = (0..count).map(|run| run * 7 % 5);
            let mut bounds = vec![0];
            bounds.extend(lengths.scan(0, |end, length| {
                *end += length;
                Some(*end)
            }));
            let total = bounds[count];
            let mut runs: Vec<u16> = (0..total as u16).map(|number| 0x7BFE + number * 13 % 5).collect();
            let comparison = Equal(Order::floating(0x7C00, false));
            for run in bounds.windows(2) {
                sort_encoded(Workers::ONE, &mut runs[run[0]..run[1]], &comparison);
            }
            let mut expected = runs.clone();
            expected.sort_by_key(|element| comparison.key(*element));
            let mut other = vec![0; total];
            assert_eq!(merge(&mut runs, &mut other, bounds, &comparison), expected, "{count} runs");
        }
    }

    #[test]
    fn a_probe_counts_the_elements_below_it() {
        let comparison = Exact(Order::<u8>::integer(false, false));
        let keys = Keys::of(&[1, 1, 4, 255], &comparison);
        assert_eq!(keys.ends(), Some((1, 255)));
        assert_eq!([0, 1, 2, 4, 5, 255, 256].map(|key| keys.below(key, 0..4)), [0, 0, 2, 2, 3, 3, 4]);
        assert_eq!([0, 1, 2, 4, 5, 255].map(|key| keys.up_to(key, 0..4)), [0, 2, 2, 3, 3, 4]);
        assert_eq!(keys.below(200, 1..3), 3);
    }
}
