//! Layouts as text: a cell is the number of the rank that has the element.

use super::{Picture, shares};
use crate::layout::Layout;

const COLUMNS: u64 = 64;
const ROWS: u64 = 16;

/// What stands for several ranks.
const SEVERAL: &str = "*";

pub(super) fn draw(summary: &str, layout: &Layout) -> String {
    let width = (layout.ranks() - 1).to_string().len() as u64;
    // Numbers of several digits stand apart.
    let gap = u64::from(width > 1);
    let mut lines = vec![summary.to_owned()];
    if let Some(picture) = Picture::new(layout, ROWS, COLUMNS / (width + gap)) {
        lines.extend(cells(&picture, width as usize, gap as usize));
        lines.extend(Some(picture.scale()).filter(|scale| !scale.is_empty()));
    }
    lines.extend(shares(layout));
    lines.join("\n")
}

fn cells(picture: &Picture<'_>, width: usize, gap: usize) -> Vec<String> {
    let cell = |row, column| {
        let owner = picture.owner(row, column).map_or(SEVERAL.to_owned(), |rank| rank.to_string());
        format!("{owner:>width$}{:gap$}", "")
    };
    let cut = |is_cut: bool| if is_cut { "..." } else { "" };
    let row = |row| {
        let cells: String = (0..picture.columns.cells).map(|column| cell(row, column)).collect();
        format!("    {}{}", cells.trim_end(), cut(picture.columns.is_cut()))
    };
    if picture.columns.cells == 0 {
        return Vec::new();
    }
    let rows = (0..picture.rows.cells).map(row);
    rows.chain(picture.rows.is_cut().then(|| "    ...".to_owned())).collect()
}
