//! Positions along one dimension, as redistribution needs them: few numbers for many positions, wherever these are
//! regular.

/// Runs of consecutive positions at equal distances, like the teeth of a comb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Comb {
    /// The first position.
    pub(crate) first: u64,
    /// Positions in each run.
    pub(crate) length: u64,
    /// Distance between the starts of runs.
    pub(crate) step: u64,
    /// Number of runs.
    pub(crate) count: u64,
}

/// Positions in some order; mostly they ascend.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Positions {
    combs: Vec<Comb>,
    len: u64,
}

impl Positions {
    /// The positions from `first` to before `end`.
    pub(crate) fn range(first: u64, end: u64) -> Self {
        let mut positions = Positions::default();
        positions.push(first, end - first);
        positions
    }

    /// The number of positions.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(crate) fn combs(&self) -> &[Comb] {
        &self.combs
    }

    /// The first position and the number of positions, if they are all consecutive.
    pub(crate) fn as_range(&self) -> Option<(u64, u64)> {
        match self.combs[..] {
            [] => Some((0, 0)),
            [Comb { first, length, count: 1, .. }] => Some((first, length)),
            _ => None,
        }
    }

    /// Adds a run at the end.
    pub(crate) fn push(&mut self, first: u64, length: u64) {
        if length == 0 {
            return;
        }
        self.len += length;
        match self.combs.last_mut() {
            Some(last) if last.count == 1 && last.first + last.length == first => last.length += length,
            Some(last) if last.count == 1 && last.length == length && last.first < first => {
                (last.step, last.count) = (first - last.first, 2);
            }
            Some(last) if last.length == length && last.first + last.step * last.count == first => {
                last.count += 1;
            }
            _ => self.combs.push(Comb { first, length, step: length, count: 1 }),
        }
    }

    /// Adds runs at the end.
    pub(crate) fn push_comb(&mut self, comb: Comb) {
        if comb.count == 1 {
            self.push(comb.first, comb.length);
        } else if comb.count > 1 {
            self.len += comb.length * comb.count;
            self.combs.push(comb);
        }
    }

    /// All positions, in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u64> {
        self.combs.iter().flat_map(|comb| {
            (0..comb.count).flat_map(move |run| {
                let start = comb.first + run * comb.step;
                start..start + comb.length
            })
        })
    }
}
