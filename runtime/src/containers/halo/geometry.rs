//! Which elements stand where in a halo's array: the plan of an exchange, and the ghosts behind which there is no element.

use crate::containers::transfer::Plan;
use crate::error::{Error, Result};
use crate::layout::Region;
use crate::layout::{Coverage, Distribution, Layout, Positions, Sourced};
use dtl_types::{HaloBoundary, SpecEnum, Status, Stencil};
use std::sync::Arc;

/// The width for each dimension, where the layout can have ghosts.
pub(super) fn widths_of(layout: &Layout, widths: &[u64]) -> Result<Vec<u64>> {
    let divided = |distribution: &Distribution| !distribution.is_contiguous() || distribution.is_replicated();
    if let Some(distribution) = layout.distributions().find(|distribution| divided(distribution)) {
        let policy = distribution.policy().name();
        return Err(Error::new(
            Status::NotSupported,
            format!(
                "a halo is around consecutive elements, but the partition is {policy}; redistribute to block first"
            ),
        ));
    }
    if let Some(width) = widths.iter().find(|width| **width > i32::MAX as u64) {
        return Err(Error::new(Status::InvalidArgument, format!("width is {width}; it must be below 2^31")));
    }
    match widths {
        [width] => Ok(vec![*width; layout.ndim()]),
        _ if widths.len() == layout.ndim() => Ok(widths.to_vec()),
        _ => Err(Error::new(
            Status::DimensionMismatch,
            format!(
                "width has {} entries, but there are {} dimensions; pass one entry, or one for each",
                widths.len(),
                layout.ndim()
            ),
        )),
    }
}

/// The extents of this rank's part with ghosts around it.
pub(super) fn padded_shape(layout: &Layout, widths: &[u64]) -> Vec<usize> {
    let rank = layout.rank() as u64;
    let dimensions = layout.distributions().zip(widths).enumerate();
    dimensions
        .map(|(number, (distribution, width))| {
            distribution.padded_extent(layout.part_of(rank, number), *width) as usize
        })
        .collect()
}

/// What says which elements stand where.
pub(super) struct Geometry<'a> {
    pub(super) layout: &'a Layout,
    pub(super) widths: &'a [u64],
    pub(super) boundary: HaloBoundary,
    pub(super) stencil: Stencil,
    /// Bytes of an element.
    pub(super) element: usize,
}

/// Along each dimension, by the part that has the elements, where they stand.
type Along = Vec<Vec<Sourced>>;

impl Geometry<'_> {
    /// What an exchange moves.
    pub(super) fn plan(&self) -> Plan {
        let rank = self.layout.rank() as u64;
        let ranks = 0..self.layout.ranks() as u64;
        let (own, local) = (padded_shape(self.layout, self.widths), self.layout.local_shape());
        let mine = self.coverages(rank);
        let receive =
            ranks.clone().map(|other| self.regions(&mine, other, &own, |sourced| &sourced.positions));
        let send =
            ranks.map(|other| self.regions(&self.coverages(other), rank, &local, |sourced| &sourced.sources));
        Plan::new(self.layout.rank(), send.collect(), receive.collect())
    }

    /// The combinations of positions along the dimensions that `rank` fills from elements: everything in a box; in a star,
    /// the interior, and the ghosts of one dimension beside the interior of the others.
    fn coverages(&self, rank: u64) -> Vec<Along> {
        let ndim = self.layout.ndim();
        let along = |coverage: &dyn Fn(usize) -> Coverage| -> Along {
            let dimensions = self.layout.distributions().zip(self.widths).enumerate();
            dimensions
                .map(|(number, (distribution, width))| {
                    distribution.sourced(
                        self.layout.part_of(rank, number),
                        *width,
                        self.boundary,
                        coverage(number),
                    )
                })
                .collect()
        };
        if self.stencil == Stencil::Box {
            return vec![along(&|_| Coverage::Both)];
        }
        let star = |ghosts: usize| {
            along(&|number| if number == ghosts { Coverage::Ghosts } else { Coverage::Interior })
        };
        std::iter::once(along(&|_| Coverage::Interior)).chain((0..ndim).map(star)).collect()
    }

    /// The regions of memory of this shape in which there is what comes from `source`.
    fn regions(
        &self,
        coverages: &[Along],
        source: u64,
        shape: &[usize],
        side: impl Fn(&Sourced) -> &Positions,
    ) -> Vec<Region> {
        let region = |along: &Along| {
            let parts = along.iter().enumerate();
            let positions: Vec<Arc<Positions>> = parts
                .map(|(number, parts)| {
                    Arc::new(side(&parts[self.layout.part_of(source, number) as usize]).clone())
                })
                .collect();
            let is_empty = positions.iter().any(|positions| positions.is_empty());
            (!is_empty).then(|| Region::new(shape, &positions, self.element))
        };
        coverages.iter().filter_map(region).collect()
    }

    /// The ghosts beyond the ends of each dimension.
    pub(super) fn outside(&self, shape: &[usize]) -> Vec<Region> {
        let rank = self.layout.rank() as u64;
        let whole = || shape.iter().map(|extent| Arc::new(Positions::range(0, *extent as u64)));
        let dimensions = self.layout.distributions().zip(self.widths).enumerate();
        dimensions
            .filter_map(|(number, (distribution, width))| {
                let outside =
                    distribution.unsourced(self.layout.part_of(rank, number), *width, self.boundary);
                let mut positions: Vec<_> = whole().collect();
                let is_empty = outside.is_empty() || shape.contains(&0);
                positions[number] = Arc::new(outside);
                (!is_empty).then(|| Region::new(shape, &positions, self.element))
            })
            .collect()
    }
}
