//! Where the elements of a distributed container are: which rank owns an index, at which local position, and back. Pure
//! arithmetic without communication, each question answered in constant time.
//!
//! A layout divides each dimension over the coordinates of a process grid. One file for each partition of a dimension;
//! `distribution.rs` chooses among them, `grid.rs` numbers the ranks, `overlap.rs` compares two divisions, and this file
//! checks ranges and speaks to users. In every partition local order is global order.

mod block;
mod block_cyclic;
mod cyclic;
mod distribution;
mod ghosts;
pub(crate) mod grid;
mod hash;
mod line;
mod overlap;
mod positions;
mod region;
mod replicated;

use crate::digest::digest;
pub(crate) use distribution::Distribution;
use dtl_types::PartitionPolicy;
pub(crate) use ghosts::{Coverage, Sourced};
pub(crate) use hash::mix;
pub use overlap::Selection;
pub(crate) use positions::Positions;
pub(crate) use region::Region;

/// The arithmetic of one partition of a dimension. Arguments are in range: `global` below the extent, `part` below the number
/// of parts, `local` below that part's local extent.
trait Partition {
    fn owner(&self, global: u64) -> u64;
    fn local_index(&self, global: u64) -> u64;
    fn global_index(&self, part: u64, local: u64) -> u64;
    /// How many elements of `part` come before element `global`, which may be as large as the extent.
    fn position(&self, part: u64, global: u64) -> u64;
    /// A bound of the consecutive elements from `global` on that one part has.
    fn run_end(&self, global: u64) -> u64;
    /// The distance and the length of the runs of consecutive elements of each part, where these are regular: those of part
    /// `p` start at `p * length`.
    fn teeth(&self) -> Option<(u64, u64)> {
        None
    }
}

/// The distribution of an array of any number of dimensions over a grid of ranks, seen from one of them.
#[derive(Debug, Clone)]
pub struct Layout {
    dimensions: Vec<Dimension>,
    rank: u64,
    ranks: u64,
    size: u64,
    local_size: u64,
}

#[derive(Debug, Clone)]
struct Dimension {
    distribution: Distribution,
    /// The distance in rank between neighbours along this dimension of the grid.
    stride: u64,
    /// This rank's coordinate.
    part: u64,
    local_extent: u64,
}

impl Layout {
    /// The layout of `size` elements, at most `i64::MAX`, over `ranks` ranks, seen from `rank`. `block`, at least 1, matters to
    /// `BlockCyclic` alone.
    pub fn line(policy: PartitionPolicy, size: u64, block: u64, rank: i32, ranks: i32) -> Self {
        Layout::grid(vec![Distribution::new(policy, size, block, ranks as u64)], rank)
    }

    /// The layout of an array with these dimensions, one at least, whose parts make up a grid of ranks, seen from `rank`. The
    /// product of the extents is at most `i64::MAX`.
    pub(crate) fn grid(distributions: Vec<Distribution>, rank: i32) -> Self {
        let rank = rank as u64;
        let mut ranks = 1;
        let mut dimensions = Vec::with_capacity(distributions.len());
        for distribution in distributions.into_iter().rev() {
            let (stride, part) = (ranks, rank / ranks % distribution.parts());
            ranks *= distribution.parts();
            let local_extent = distribution.local_extent(part);
            dimensions.push(Dimension { distribution, stride, part, local_extent });
        }
        dimensions.reverse();
        let size = dimensions.iter().map(|dimension| dimension.distribution.extent()).product();
        let local_size = dimensions.iter().map(|dimension| dimension.local_extent).product();
        Layout { dimensions, rank, ranks, size, local_size }
    }

    /// The division of each dimension.
    pub(crate) fn distributions(&self) -> impl ExactSizeIterator<Item = &Distribution> {
        self.dimensions.iter().map(|dimension| &dimension.distribution)
    }

    /// The number of dimensions.
    pub fn ndim(&self) -> usize {
        self.dimensions.len()
    }

    /// The global extent of each dimension.
    pub fn shape(&self) -> Vec<u64> {
        self.distributions().map(Distribution::extent).collect()
    }

    /// The number of parts of each dimension.
    pub fn process_grid(&self) -> Vec<u64> {
        self.distributions().map(Distribution::parts).collect()
    }

    /// The number of elements on this rank along each dimension.
    pub fn local_shape(&self) -> Vec<usize> {
        self.local_extents().collect()
    }

    /// The same, one after the other.
    pub(crate) fn local_extents(&self) -> impl Iterator<Item = usize> {
        self.dimensions.iter().map(|dimension| dimension.local_extent as usize)
    }

    /// The part of a dimension that `rank` has.
    pub(crate) fn part_of(&self, rank: u64, dimension: usize) -> u64 {
        let dimension = &self.dimensions[dimension];
        rank / dimension.stride % dimension.distribution.parts()
    }

    /// The policy of the first dimension that is divided; that of the first one if none is.
    pub fn policy(&self) -> PartitionPolicy {
        self.dimensions[self.distributed_dimension()].distribution.policy()
    }

    /// The first dimension that is divided over several ranks; the first one if none is.
    pub fn distributed_dimension(&self) -> usize {
        self.distributions().position(|distribution| distribution.parts() > 1).unwrap_or(0)
    }

    /// Whether ranks hold copies of elements that other ranks hold too.
    pub fn is_replicated(&self) -> bool {
        self.distributions().any(Distribution::is_replicated)
    }

    /// The rank whose copies of the elements of `rank` are the first ones.
    pub fn first_holder(&self, rank: i32) -> i32 {
        let replicated = self.dimensions.iter().enumerate().filter(|(_, it)| it.distribution.is_replicated());
        let behind = replicated.map(|(number, it)| self.part_of(rank as u64, number) * it.stride);
        rank - behind.sum::<u64>() as i32
    }

    /// Whether every rank holds all elements.
    pub fn is_everywhere(&self) -> bool {
        self.distributions().all(|distribution| distribution.parts() == 1 || distribution.is_replicated())
    }

    /// In row-major order, where the elements of each rank begin and where those of the last one end; `None` unless each rank has
    /// one range, in the order of ranks.
    pub fn ranges(&self) -> Option<Vec<u64>> {
        let divided = self.distributed_dimension();
        let is_range = |(number, it): (usize, &Distribution)| match number {
            _ if number < divided => it.extent() == 1,
            _ if number == divided => it.is_contiguous() && !it.is_replicated(),
            _ => it.parts() == 1,
        };
        let bounds = (0..self.ranks as i32).scan(0, |end, rank| {
            *end += self.local_size_of(rank);
            Some(*end)
        });
        let is_ranges = self.distributions().enumerate().all(is_range);
        is_ranges.then(|| std::iter::once(0).chain(bounds).collect())
    }

    /// A number that layouts have in common where every element has the same place, whatever rank they are seen from.
    pub fn digest(&self) -> u64 {
        digest(&self.distributions().flat_map(Distribution::numbers).collect::<Vec<_>>())
    }

    /// The number of elements on all ranks together.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The number of ranks.
    pub fn ranks(&self) -> i32 {
        self.ranks as i32
    }

    /// The rank that this layout is seen from.
    pub fn rank(&self) -> i32 {
        self.rank as i32
    }

    /// The number of elements on this rank.
    pub fn local_size(&self) -> u64 {
        self.local_size
    }

    /// The number of elements on `rank`.
    pub fn local_size_of(&self, rank: i32) -> u64 {
        let extent = |(number, dimension): (usize, &Dimension)| {
            dimension.distribution.local_extent(self.part_of(rank as u64, number))
        };
        self.dimensions.iter().enumerate().map(extent).product()
    }
}

impl PartialEq for Layout {
    /// Equal if every element has the same place in both.
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank && self.distributions().eq(other.distributions())
    }
}

#[cfg(test)]
mod tests;
