//! Pictures of where the elements of a container are, for people. Every rank knows the layout, so every rank draws the same,
//! alone. What is drawn is chosen here: which elements have a cell, and whose it is. `text.rs` and `svg.rs` draw.

mod svg;
mod text;

use super::core::DynContainer;
use super::properties::summary;
use crate::layout::{Distribution, Layout};

/// The layout as text, for terminals that are 80 columns wide.
pub fn layout_text(container: &DynContainer) -> String {
    let body = container.body().clone();
    text::draw(&summary(container), &body.layout)
}

/// The layout as a picture in SVG, for notebooks and browsers.
pub fn layout_svg(container: &DynContainer) -> String {
    let body = container.body().clone();
    svg::draw(&summary(container), &body.layout)
}

/// The elements along one dimension that have a cell.
struct Ruler {
    extent: u64,
    cells: u64,
    /// Elements for which a cell stands: several where the dimension is long and each rank has a range of it.
    step: u64,
}

impl Ruler {
    /// At most `most` cells. Ranges are drawn smaller than they are; of other partitions the beginning is drawn.
    fn new(distribution: &Distribution, most: u64) -> Self {
        let extent = distribution.extent();
        if extent <= most || !distribution.is_contiguous() {
            return Ruler { extent, cells: extent.min(most), step: 1 };
        }
        let step = extent.div_ceil(most);
        Ruler { extent, cells: extent.div_ceil(step), step }
    }

    /// One cell, for a dimension that there is not.
    fn single() -> Self {
        Ruler { extent: 1, cells: 1, step: 1 }
    }

    fn first(&self, cell: u64) -> u64 {
        cell * self.step
    }

    /// Whether elements have no cell.
    fn is_cut(&self) -> bool {
        self.cells * self.step < self.extent
    }
}

/// A picture of one or two dimensions: rows and columns of cells.
struct Picture<'a> {
    layout: &'a Layout,
    /// The index along the first of three dimensions.
    plane: Option<u64>,
    rows: Ruler,
    columns: Ruler,
}

impl<'a> Picture<'a> {
    /// `None` where there are more dimensions than a plane has.
    fn new(layout: &'a Layout, most_rows: u64, most_columns: u64) -> Option<Self> {
        let dimensions: Vec<&Distribution> = layout.distributions().collect();
        let (rows, columns) = match dimensions.as_slice() {
            [line] => (Ruler::single(), Ruler::new(line, most_columns)),
            [rows, columns] => (Ruler::new(rows, most_rows), Ruler::new(columns, most_columns)),
            _ => return None,
        };
        Some(Picture { layout, plane: None, rows, columns })
    }

    /// Of three dimensions, planes of the last two: of each range along the first one, the first plane.
    fn planes(layout: &'a Layout, most: u64, most_rows: u64, most_columns: u64) -> Vec<Self> {
        let dimensions: Vec<&Distribution> = layout.distributions().collect();
        let [first, rows, columns] = dimensions.as_slice() else { return Vec::new() };
        let planes = Ruler::new(first, most);
        let plane = |cell| Picture {
            layout,
            plane: Some(planes.first(cell)),
            rows: Ruler::new(rows, most_rows),
            columns: Ruler::new(columns, most_columns),
        };
        (0..planes.cells).map(plane).collect()
    }

    /// The rank that has the first element of a cell; `None` where several have it.
    fn owner(&self, row: u64, column: u64) -> Option<u64> {
        let index = [self.plane.unwrap_or(0), self.rows.first(row), self.columns.first(column)];
        let index = &index[3 - self.layout.ndim()..];
        (!self.layout.is_replicated()).then(|| self.layout.owner_of(index) as u64)
    }

    /// Which plane it is, where there are several.
    fn title(&self) -> String {
        self.plane.map_or(String::new(), |plane| format!("({plane}, :, :)"))
    }

    /// What a cell stands for, and what has none, in a sentence; empty where every element has its cell.
    fn scale(&self) -> String {
        let (rows, columns) = (&self.rows, &self.columns);
        let mut said = Vec::new();
        if rows.step * columns.step > 1 {
            said.push(match self.layout.ndim() {
                1 => format!("A cell stands for {} elements.", columns.step),
                _ => format!("A cell stands for {} x {} elements.", rows.step, columns.step),
            });
        }
        if rows.is_cut() {
            said.push(format!("These are the first {} of {} rows.", rows.cells, rows.extent));
        }
        if columns.is_cut() {
            let what = if self.layout.ndim() == 1 { "elements" } else { "columns" };
            said.push(format!("These are the first {} of {} {what}.", columns.cells, columns.extent));
        }
        said.join(" ")
    }
}

/// What each rank has, in a line each; of many ranks, the first and the last ones.
fn shares(layout: &Layout) -> Vec<String> {
    const SHOWN: u64 = 12;
    let ranks = layout.ranks() as u64;
    if ranks <= SHOWN {
        return (0..ranks).map(|rank| share(layout, rank)).collect();
    }
    let first = (0..SHOWN / 2).map(|rank| share(layout, rank));
    let last = (ranks - SHOWN / 2..ranks).map(|rank| share(layout, rank));
    first.chain([format!("... {} more ranks", ranks - SHOWN)]).chain(last).collect()
}

fn share(layout: &Layout, rank: u64) -> String {
    let parts: Vec<(u64, &Distribution)> =
        (0..).zip(layout.distributions()).map(|(number, it)| (layout.part_of(rank, number), it)).collect();
    let extents: Vec<u64> = parts.iter().map(|(part, it)| it.local_extent(*part)).collect();
    if extents.contains(&0) {
        return format!("rank {rank}: no elements");
    }
    let at = |place: fn(u64) -> u64| -> Vec<u64> {
        parts.iter().zip(&extents).map(|((part, it), extent)| it.index_of(*part, place(*extent))).collect()
    };
    let (first, last) = (at(|_| 0), at(|extent| extent - 1));
    match (first.as_slice(), last.as_slice()) {
        ([first], [last]) if first == last => format!("rank {rank}: 1 element, {first}"),
        ([first], [last]) => format!("rank {rank}: {} elements from {first} to {last}", extents[0]),
        _ => format!("rank {rank}: {} elements from {} to {}", tuple(&extents), tuple(&first), tuple(&last)),
    }
}

/// A shape or an index as Python writes it.
pub(super) fn tuple(extents: &[u64]) -> String {
    match extents {
        [one] => format!("({one},)"),
        _ => format!("({})", extents.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")),
    }
}

#[cfg(test)]
mod tests;
