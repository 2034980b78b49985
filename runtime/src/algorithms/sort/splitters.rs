//! Where all ranks cut their sorted elements so that exactly a given number of elements is before the cuts of all of them
//! together: one cut for the beginning of each block of the result, all searched at once.
//!
//! For each cut a range of keys is known in which its splitter lies: the key of the element that comes first behind the cut.
//! In each step the ranks count their elements below some keys that divide the range evenly; the rank whose block begins there
//! adds these counts up and tells all ranks the narrower range. A search is over when one key is left, or when just as many
//! elements as wanted are below a probe; so it takes as many steps as the keys have bits divided by five at most (13 for 8
//! bytes), and fewer the farther apart the elements are. Of elements with the key of the splitter, those of the first ranks
//! come before the cut. No rank receives more than a few numbers from each other rank in a step.

use super::messages::{allgather, alltoall};
use crate::calls::Call;
use crate::error::Result;
use crate::layout::Layout;
use dtl_types::PartitionPolicy;
use std::ops::Range;

/// Keys within a range at which elements are counted in one step: they divide it by 32.
const PROBES: usize = 31;

/// The sorted elements of this rank.
pub(super) trait Sorted {
    /// How many there are.
    fn len(&self) -> usize;
    /// The keys of the first and the last one.
    fn ends(&self) -> Option<(u128, u128)>;
    /// How many have a key below this one, which is known to be a number within the range.
    fn below(&self, key: u128, within: Range<usize>) -> usize;
    /// How many have a key that is not above this one, likewise.
    fn up_to(&self, key: u128, within: Range<usize>) -> usize;
}

/// For each rank, how many of this rank's elements come before its block of the `size` elements. All ranks call it, within a
/// collective call.
pub(super) async fn cuts(call: &Call<'_>, sorted: &dyn Sorted, blocks: &Layout) -> Result<Vec<usize>> {
    let ranks = blocks.ranks();
    let targets: Vec<u64> = (0..ranks)
        .map(|rank| Layout::line(PartitionPolicy::Block, blocks.size(), 1, rank, ranks).local_offset() as u64)
        .collect();
    let target = targets[blocks.rank() as usize];
    let mut searches = begin(call, sorted, blocks.size(), &targets).await?;
    while searches.iter().any(|search| search.lowest < search.highest) {
        let counts: Vec<[u64; PROBES]> = searches.iter().map(|search| search.count(sorted)).collect();
        let counts = alltoall(call, &counts).await?;
        let own = searches[blocks.rank() as usize].narrowed(&counts, target);
        let ranges = allgather(call, targets.len(), own).await?;
        for (search, [lowest, highest]) in searches.iter_mut().zip(ranges) {
            search.narrow(sorted, lowest, highest);
        }
    }
    divide_equals(call, &searches, target).await
}

/// The search for one cut: the splitter is one of these keys, and the cut is one of these numbers of this rank's elements.
#[derive(Debug, Clone)]
struct Search {
    lowest: u128,
    highest: u128,
    within: Range<usize>,
}

/// All keys may be splitters, but before the first and behind the last element there is nothing to search.
async fn begin(call: &Call<'_>, sorted: &dyn Sorted, size: u64, targets: &[u64]) -> Result<Vec<Search>> {
    let (lowest, highest) = sorted.ends().unwrap_or((u128::MAX, 0));
    let ends = allgather(call, targets.len(), [lowest, highest]).await?;
    let lowest = ends.iter().map(|ends| ends[0]).min().unwrap_or_default();
    let highest = ends.iter().map(|ends| ends[1]).max().unwrap_or_default();
    let everything = Search { lowest, highest, within: 0..sorted.len() };
    let search = |target: &u64| {
        let mut search = everything.clone();
        match *target {
            0 => search.narrow(sorted, lowest, lowest),
            target if target == size => search.narrow(sorted, highest, highest),
            _ => {}
        }
        search
    };
    Ok(targets.iter().map(search).collect())
}

impl Search {
    /// The keys at which elements are counted, ascending: fewer where the range has fewer.
    fn probes(&self) -> impl Iterator<Item = u128> {
        let (lowest, highest) = (self.lowest, self.highest);
        let step = (highest - lowest) / (PROBES as u128 + 1) + 1;
        let distances = (1..=PROBES as u128).map(move |number| number * step);
        distances
            .take_while(move |distance| *distance <= highest - lowest)
            .map(move |distance| lowest + distance)
    }

    /// How many of this rank's elements are below each probe.
    fn count(&self, sorted: &dyn Sorted) -> [u64; PROBES] {
        let mut counts = [0; PROBES];
        for (count, probe) in counts.iter_mut().zip(self.probes()) {
            *count = sorted.below(probe, self.within.clone()) as u64;
        }
        counts
    }

    /// The range of keys that is left when all ranks have counted, as `[lowest, highest]`.
    fn narrowed(&self, counts: &[[u64; PROBES]], target: u64) -> [u128; 2] {
        let (mut lowest, mut highest) = (self.lowest, self.highest);
        for (number, probe) in self.probes().enumerate() {
            let below: u64 = counts.iter().map(|counts| counts[number]).sum();
            if below > target {
                highest = probe - 1;
                break;
            }
            lowest = probe;
            if below == target {
                highest = probe;
                break;
            }
        }
        [lowest, highest]
    }

    fn narrow(&mut self, sorted: &dyn Sorted, lowest: u128, highest: u128) {
        let first = sorted.below(lowest, self.within.clone());
        let behind = sorted.up_to(highest, first..self.within.end);
        *self = Search { lowest, highest, within: first..behind };
    }
}

/// The cuts themselves. One key is left to each search, and `within` are the elements that have it: as many as are wanted
/// still come before the cut, those of the first ranks first.
async fn divide_equals(call: &Call<'_>, searches: &[Search], target: u64) -> Result<Vec<usize>> {
    let equal: Vec<[u64; 2]> =
        searches.iter().map(|search| [search.within.start as u64, search.within.end as u64]).collect();
    let equal = alltoall(call, &equal).await?;
    let mut wanted = target - equal.iter().map(|[first, _]| first).sum::<u64>();
    let cuts: Vec<u64> = equal
        .iter()
        .map(|[first, behind]| {
            let taken = wanted.min(behind - first);
            wanted -= taken;
            first + taken
        })
        .collect();
    Ok(alltoall(call, &cuts).await?.into_iter().map(|cut| cut as usize).collect())
}
