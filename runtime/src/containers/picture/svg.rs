//! Layouts as SVG: a cell has the colour of the rank that has the element. Cells of one rank that stand side by side are one
//! rectangle, which says whose it is when the mouse rests on it.

use super::{Picture, shares};
use crate::layout::Layout;
use std::fmt::Write;

const COLUMNS: u64 = 96;
const ROWS: u64 = 48;
const PLANES: u64 = 4;
const CELL: u64 = 8;
const LINE: u64 = 16;

pub(super) fn draw(summary: &str, layout: &Layout) -> String {
    let pictures: Vec<Picture<'_>> = match Picture::new(layout, ROWS, COLUMNS) {
        Some(picture) => vec![picture],
        None => Picture::planes(layout, PLANES, ROWS / PLANES, COLUMNS),
    };
    let mut texts = vec![summary.to_owned()];
    texts.extend(pictures.first().map(Picture::scale).filter(|scale| !scale.is_empty()));
    let mut top = LINE * texts.len() as u64 + LINE / 2;
    // A line is drawn higher than a row of a plane.
    let cell_height = if layout.ndim() == 1 { 3 * CELL } else { CELL };
    let title = if layout.ndim() == 3 { LINE } else { 0 };
    let height: u64 = pictures.iter().map(|picture| title + picture.rows.cells * cell_height).sum();
    let (mut y, shares) = (top + height + LINE, shares(layout));
    let width = COLUMNS * CELL;
    let total = y + LINE * shares.len() as u64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{total}\" font-family=\"monospace\" \
         font-size=\"12\" fill=\"currentColor\">"
    );
    for (line, text) in (1..).zip(&texts) {
        let _ = write!(svg, "<text x=\"0\" y=\"{}\">{}</text>", line * LINE - 4, escaped(text));
    }
    for picture in &pictures {
        if title > 0 {
            let _ = write!(svg, "<text x=\"0\" y=\"{}\">{}</text>", top + LINE - 4, picture.title());
            top += title;
        }
        for row in 0..picture.rows.cells {
            draw_row(&mut svg, picture, row, top, cell_height);
            top += cell_height;
        }
    }
    for text in shares {
        let _ = write!(svg, "<text x=\"0\" y=\"{y}\">{}</text>", escaped(&text));
        y += LINE;
    }
    svg + "</svg>"
}

fn draw_row(svg: &mut String, picture: &Picture<'_>, row: u64, y: u64, height: u64) {
    let mut column = 0;
    while column < picture.columns.cells {
        let owner = picture.owner(row, column);
        let is_same = |next: &u64| picture.owner(row, *next) == owner;
        let end = column + 1 + (column + 1..picture.columns.cells).take_while(is_same).count() as u64;
        let (x, width) = (column * CELL, (end - column) * CELL);
        let (colour, whose) = match owner {
            Some(rank) => (colour(rank), format!("rank {rank}")),
            None => ("#999999".to_owned(), "several ranks".to_owned()),
        };
        let _ = write!(
            svg,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{colour}\" stroke=\"white\" \
             stroke-width=\"0.5\"><title>{whose}</title></rect>"
        );
        column = end;
    }
}

/// Neighbouring ranks have hues that are far apart: each is the golden angle further. Not every renderer knows hues, so they are written
/// as red, green and blue.
fn colour(rank: u64) -> String {
    const LIGHT: u64 = 214;
    const DARK: u64 = 92;
    let hue = rank % 360 * 137 % 360;
    // Along each sixth of the circle one part rises or falls between the two.
    let between = DARK + (LIGHT - DARK) * if hue % 120 < 60 { hue % 60 } else { 60 - hue % 60 } / 60;
    let (red, green, blue) = match hue / 60 {
        0 => (LIGHT, between, DARK),
        1 => (between, LIGHT, DARK),
        2 => (DARK, LIGHT, between),
        3 => (DARK, between, LIGHT),
        4 => (between, DARK, LIGHT),
        _ => (LIGHT, DARK, between),
    };
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
