//! Ghosts: copies, around a rank's own part of a dimension, of the elements next to it, which are other ranks' or, at the ends
//! of the dimension, as its boundary says.

use super::distribution::Distribution;
use super::positions::Positions;
use dtl_types::HaloBoundary;

/// Positions among a part and its ghosts, and where on another rank what belongs there is, in the same order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sourced {
    pub(crate) positions: Positions,
    pub(crate) sources: Positions,
}

impl Sourced {
    fn push(&mut self, position: u64, source: u64, length: u64) {
        self.positions.push(position, length);
        self.sources.push(source, length);
    }
}

/// Which positions of a part and its ghosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coverage {
    Ghosts,
    Interior,
    Both,
}

/// The element whose copy stands at an index, which may be outside of the dimension; `None` where there is none.
fn source(index: i64, extent: i64, boundary: HaloBoundary) -> Option<u64> {
    if (0..extent).contains(&index) {
        return Some(index as u64);
    }
    match boundary {
        HaloBoundary::Periodic if extent > 0 => Some(index.rem_euclid(extent) as u64),
        HaloBoundary::Reflect if extent > 1 => {
            let folded = index.rem_euclid(2 * (extent - 1));
            Some(folded.min(2 * (extent - 1) - folded) as u64)
        }
        HaloBoundary::Reflect if extent == 1 => Some(0),
        _ => None,
    }
}

impl Distribution {
    /// The extent of a part with ghosts: nothing around a part that is empty.
    pub(crate) fn padded_extent(&self, part: u64, width: u64) -> u64 {
        match self.local_extent(part) {
            0 => 0,
            extent => extent + 2 * width,
        }
    }

    /// By the part that has the element, the positions of `part` and its ghosts, and where they are copied from.
    pub(crate) fn sourced(
        &self,
        part: u64,
        width: u64,
        boundary: HaloBoundary,
        coverage: Coverage,
    ) -> Vec<Sourced> {
        let mut sourced = vec![Sourced::default(); self.parts() as usize];
        let own = self.local_extent(part);
        if own == 0 {
            return sourced;
        }
        let (start, extent) = (self.partition().global_index(part, 0) as i64, self.extent() as i64);
        let ghosts = |positions: std::ops::Range<u64>, sourced: &mut [Sourced]| {
            for position in positions {
                if let Some(element) = source(start + position as i64 - width as i64, extent, boundary) {
                    let owner = self.owner(element, part);
                    sourced[owner as usize].push(position, self.partition().local_index(element), 1);
                }
            }
        };
        if coverage != Coverage::Interior {
            ghosts(0..width, &mut sourced);
        }
        if coverage != Coverage::Ghosts {
            sourced[part as usize].push(width, 0, own);
        }
        if coverage != Coverage::Interior {
            ghosts(width + own..own + 2 * width, &mut sourced);
        }
        sourced
    }

    /// The positions of ghosts of `part` of which no element stands behind.
    pub(crate) fn unsourced(&self, part: u64, width: u64, boundary: HaloBoundary) -> Positions {
        let mut positions = Positions::default();
        let own = self.local_extent(part);
        if own > 0 {
            let start = self.partition().global_index(part, 0) as i64 - width as i64;
            for position in (0..width).chain(width + own..own + 2 * width) {
                if source(start + position as i64, self.extent() as i64, boundary).is_none() {
                    positions.push(position, 1);
                }
            }
        }
        positions
    }
}
