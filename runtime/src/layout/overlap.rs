//! Which positions of a part of one division belong to which part of another: what redistribution moves. Both sides list them
//! in ascending order of the elements, so that they need not tell each other where an element goes.

use super::distribution::Distribution;
use super::positions::{Comb, Positions};
use crate::error::{Error, Result};
use dtl_types::Status;

impl Distribution {
    /// For each part of `target`, the positions in `part` of the elements that go there. Of a replicated dimension the copy of
    /// the first part is sent.
    pub(crate) fn sent_to(&self, part: u64, target: &Distribution) -> Vec<Positions> {
        let nothing = self.is_replicated() && part != 0;
        if nothing || target.is_replicated() {
            let end = if nothing { 0 } else { self.before(part, target.extent()) };
            return vec![Positions::range(0, end); target.parts() as usize];
        }
        self.divide(part, target)
    }

    /// For each part of `source`, the positions in `part` of the elements that come from there.
    pub(crate) fn received_from(&self, part: u64, source: &Distribution) -> Vec<Positions> {
        if source.is_replicated() {
            let mut positions = vec![Positions::default(); source.parts() as usize];
            positions[0] = Positions::range(0, self.before(part, source.extent()));
            return positions;
        }
        self.divide(part, source)
    }

    /// The number of elements of `part` below an index, which may be larger than any.
    fn before(&self, part: u64, global: u64) -> u64 {
        self.partition().position(part, global.min(self.extent()))
    }

    /// The positions in `part` by the part of `other` that has the element; elements beyond the extent of `other` are in none.
    fn divide(&self, part: u64, other: &Distribution) -> Vec<Positions> {
        let mut divided = vec![Positions::default(); other.parts() as usize];
        let (own, limit) = (self.partition(), self.extent().min(other.extent()));
        if other.is_contiguous() {
            let mut start = 0;
            for (other_part, positions) in divided.iter_mut().enumerate() {
                let end = limit.min(start + other.local_extent(other_part as u64));
                let (first, behind) = (own.position(part, start), own.position(part, end));
                positions.push(first, behind - first);
                start = end;
            }
            return divided;
        }
        let mut local = 0;
        while local < own.position(part, limit) {
            let start = own.global_index(part, local);
            let end = if self.parts() == 1 { limit } else { own.run_end(start).min(limit) };
            other.deal(start, end, local, &mut divided);
            local += end - start;
        }
        divided
    }

    /// Deals the elements from `start` to before `end`, which are at `local` and the following positions of some part, to the
    /// parts of this division.
    fn deal(&self, start: u64, end: u64, local: u64, divided: &mut [Positions]) {
        let partition = self.partition();
        if let Some((step, length)) = partition.teeth().filter(|(step, _)| end - start >= *step) {
            for (part, positions) in divided.iter_mut().enumerate() {
                comb_teeth(start, end, part as u64 * length, step, length, |comb| {
                    positions.push_comb(Comb { first: comb.first - start + local, ..comb });
                });
            }
            return;
        }
        let mut next = start;
        while next < end {
            let behind = partition.run_end(next).min(end);
            divided[partition.owner(next) as usize].push(next - start + local, behind - next);
            next = behind;
        }
    }
}

/// Gives the parts between `start` and `end` of teeth of `length` that begin at `offset`, `offset + step`, and so on.
fn comb_teeth(start: u64, end: u64, offset: u64, step: u64, length: u64, mut give: impl FnMut(Comb)) {
    let single = |first: u64, length: u64| Comb { first, length, step: length, count: 1 };
    // The first tooth that ends behind `start`.
    let mut tooth = offset + (start + 1).saturating_sub(offset + length).div_ceil(step) * step;
    if tooth < start {
        give(single(start, (tooth + length).min(end) - start));
        tooth += step;
    }
    let whole = (end + step).saturating_sub(tooth + length) / step;
    if whole > 0 && tooth + length <= end {
        give(Comb { first: tooth, length, step, count: whole });
        tooth += whole * step;
    }
    if tooth < end {
        give(single(tooth, length.min(end - tooth)));
    }
}

/// Elements `first`, `first + step`, ... along one dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selection {
    /// The first element.
    pub first: u64,
    /// Distance between elements, at least 1.
    pub step: u64,
    /// Number of elements.
    pub count: u64,
}

impl Selection {
    /// All elements of a dimension.
    pub fn all(extent: u64) -> Self {
        Selection { first: 0, step: 1, count: extent }
    }

    /// The selection that a caller describes, who may count from below 0.
    pub(crate) fn of(first: i64, count: u64, step: u64) -> Result<Self> {
        let below = |_| {
            let message =
                format!("first is {first}, but indices are counted from 0. Pass the index of an element.");
            Error::new(Status::OutOfBounds, message)
        };
        Ok(Selection { first: u64::try_from(first).map_err(below)?, step, count })
    }

    /// An error unless the dimension, which has `extent` elements, has all that are selected; `place` says which dimension
    /// it is where there are several.
    pub(crate) fn within(self, extent: u64, place: &str) -> Result<()> {
        let Selection { first, step, count } = self;
        let last = u128::from(first) + u128::from(step) * u128::from(count.saturating_sub(1));
        if count == 0 || last < u128::from(extent) {
            return Ok(());
        }
        let message = format!(
            "first is {first}, with count {count} and step {step}, but there are {extent} elements{place}. Select elements \
             whose indices are below that."
        );
        Err(Error::new(Status::OutOfBounds, message))
    }
}

impl Distribution {
    /// The positions in `part` of the selected elements.
    pub(crate) fn selected(&self, part: u64, selection: Selection) -> Positions {
        let mut positions = Positions::default();
        self.walk(selection, |owner, _, global, length| {
            if owner == part || self.is_replicated() {
                positions.push(self.partition().position(part, global), length);
            }
        });
        positions
    }

    /// For each part, the numbers of the selected elements that it has, counted from 0; of a replicated dimension the first
    /// part has them.
    pub(crate) fn selected_by_part(&self, selection: Selection) -> Vec<Positions> {
        let mut numbers = vec![Positions::default(); self.parts() as usize];
        self.walk(selection, |owner, number, _, length| numbers[owner as usize].push(number, length));
        numbers
    }

    /// Gives the selected elements as runs: their part, the number of the first within the selection, its index, and how many.
    fn walk(&self, selection: Selection, mut give: impl FnMut(u64, u64, u64, u64)) {
        let Selection { first, step, count } = selection;
        let mut number = 0;
        while number < count {
            let global = first + number * step;
            let run = if step == 1 { self.partition().run_end(global) - global } else { 1 };
            let length = run.min(count - number);
            give(self.partition().owner(global), number, global, length);
            number += length;
        }
    }
}
