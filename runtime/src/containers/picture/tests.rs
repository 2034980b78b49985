//! The pictures themselves, as people see them.

use super::{svg, text};
use crate::layout::{Distribution, Layout};
use dtl_types::PartitionPolicy::{self, Block, BlockCyclic, Cyclic, Hash, Replicated};

fn line(policy: PartitionPolicy, size: u64, ranks: i32) -> Layout {
    Layout::line(policy, size, 3, 0, ranks)
}

fn plane(rows: (PartitionPolicy, u64, u64), columns: (PartitionPolicy, u64, u64)) -> Layout {
    let dimension = |(policy, extent, parts)| Distribution::new(policy, extent, 2, parts);
    Layout::grid(vec![dimension(rows), dimension(columns)], 0)
}

#[track_caller]
fn assert_drawn(layout: &Layout, expected: &str) {
    assert_eq!(text::draw("summary", layout), format!("summary\n{expected}"));
}

#[test]
fn lines() {
    assert_drawn(
        &line(Block, 10, 4),
        "    0001112233\n\
         rank 0: 3 elements from 0 to 2\n\
         rank 1: 3 elements from 3 to 5\n\
         rank 2: 2 elements from 6 to 7\n\
         rank 3: 2 elements from 8 to 9",
    );
    assert_drawn(
        &line(Cyclic, 7, 3),
        "    0120120\n\
         rank 0: 3 elements from 0 to 6\n\
         rank 1: 2 elements from 1 to 4\n\
         rank 2: 2 elements from 2 to 5",
    );
    assert_drawn(
        &line(BlockCyclic, 8, 2),
        "    00011100\n\
         rank 0: 5 elements from 0 to 7\n\
         rank 1: 3 elements from 3 to 5",
    );
    assert_drawn(
        &line(Replicated, 3, 2),
        "    ***\n\
         rank 0: 3 elements from 0 to 2\n\
         rank 1: 3 elements from 0 to 2",
    );
}

#[test]
fn ranks_without_elements() {
    assert_drawn(&line(Block, 0, 2), "rank 0: no elements\nrank 1: no elements");
    assert_drawn(
        &line(Block, 1, 3),
        "    0\n\
         rank 0: 1 element, 0\n\
         rank 1: no elements\n\
         rank 2: no elements",
    );
}

#[test]
fn long_lines_are_drawn_smaller_or_in_part() {
    let sixteen = |digit: &str| digit.repeat(16);
    assert_drawn(
        &line(Block, 1_000_000_000, 4),
        &format!(
            "    {}{}{}{}\n\
             A cell stands for 15625000 elements.\n\
             rank 0: 250000000 elements from 0 to 249999999\n\
             rank 1: 250000000 elements from 250000000 to 499999999\n\
             rank 2: 250000000 elements from 500000000 to 749999999\n\
             rank 3: 250000000 elements from 750000000 to 999999999",
            sixteen("0"),
            sixteen("1"),
            sixteen("2"),
            sixteen("3")
        ),
    );
    assert_drawn(
        &line(Cyclic, 1_000_000_000, 2),
        &format!(
            "    {}...\n\
             These are the first 64 of 1000000000 elements.\n\
             rank 0: 500000000 elements from 0 to 999999998\n\
             rank 1: 500000000 elements from 1 to 999999999",
            "01".repeat(32)
        ),
    );
}

#[test]
fn many_ranks_have_wide_cells_and_few_lines() {
    assert_drawn(
        &line(Cyclic, 14, 14),
        "     0  1  2  3  4  5  6  7  8  9 10 11 12 13\n\
         rank 0: 1 element, 0\n\
         rank 1: 1 element, 1\n\
         rank 2: 1 element, 2\n\
         rank 3: 1 element, 3\n\
         rank 4: 1 element, 4\n\
         rank 5: 1 element, 5\n\
         ... 2 more ranks\n\
         rank 8: 1 element, 8\n\
         rank 9: 1 element, 9\n\
         rank 10: 1 element, 10\n\
         rank 11: 1 element, 11\n\
         rank 12: 1 element, 12\n\
         rank 13: 1 element, 13",
    );
}

#[test]
fn planes() {
    assert_drawn(
        &plane((Block, 3, 2), (Cyclic, 5, 2)),
        "    01010\n\
         \u{20}   01010\n\
         \u{20}   23232\n\
         rank 0: (2, 3) elements from (0, 0) to (1, 4)\n\
         rank 1: (2, 2) elements from (0, 1) to (1, 3)\n\
         rank 2: (1, 3) elements from (2, 0) to (2, 4)\n\
         rank 3: (1, 2) elements from (2, 1) to (2, 3)",
    );
    let drawn = text::draw("summary", &plane((Cyclic, 100, 2), (Block, 1000, 2)));
    let lines: Vec<&str> = drawn.lines().collect();
    assert_eq!(lines[1], format!("    {}{}", "0".repeat(32), "1".repeat(31)));
    assert_eq!(lines[2], format!("    {}{}", "2".repeat(32), "3".repeat(31)));
    assert_eq!(lines[17], "    ...");
    assert_eq!(lines[18], "A cell stands for 1 x 16 elements. These are the first 16 of 100 rows.");
}

#[test]
fn more_dimensions_than_a_plane_has_are_told_in_lines() {
    let dimension = |extent, parts| Distribution::new(Block, extent, 1, parts);
    let layout = Layout::grid(vec![dimension(4, 2), dimension(3, 1), dimension(2, 1)], 0);
    assert_drawn(
        &layout,
        "rank 0: (2, 3, 2) elements from (0, 0, 0) to (1, 2, 1)\n\
         rank 1: (2, 3, 2) elements from (2, 0, 0) to (3, 2, 1)",
    );
}

#[test]
fn every_picture_fits_a_terminal() {
    for policy in [Block, Cyclic, BlockCyclic, Hash, Replicated] {
        for ranks in [1, 2, 9, 10, 11, 100, 101, 5000] {
            for size in [0, 1, 63, 64, 65, 1_000_000_000] {
                let drawn = text::draw("", &line(policy, size, ranks));
                assert!(drawn.lines().all(|line| line.len() < 80), "{drawn}");
                assert!(drawn.lines().count() < 20, "{drawn}");
                let cells: Vec<&str> = drawn.lines().filter(|line| line.starts_with("    ")).collect();
                assert_eq!(cells.len(), usize::from(size > 0), "{drawn}");
            }
        }
    }
}

#[test]
fn svg_has_a_rectangle_for_each_run() {
    let drawn = svg::draw("a < b", &line(Block, 10, 3));
    assert!(drawn.starts_with("<svg ") && drawn.ends_with("</svg>"), "{drawn}");
    assert!(drawn.contains("<text x=\"0\" y=\"12\">a &lt; b</text>"), "{drawn}");
    for (x, width, rank) in [(0, 32, 0), (32, 24, 1), (56, 24, 2)] {
        let rectangle = format!("<rect x=\"{x}\" y=\"24\" width=\"{width}\" height=\"24\"");
        assert!(drawn.contains(&rectangle), "{rectangle} in {drawn}");
        assert!(drawn.contains(&format!("<title>rank {rank}</title>")), "{drawn}");
    }
    assert_eq!(drawn.matches("<rect").count(), 3);
    assert_eq!(svg::draw("", &plane((Block, 4, 2), (Cyclic, 6, 2))).matches("<rect").count(), 24);
    assert_eq!(svg::draw("", &line(Block, 0, 3)).matches("<rect").count(), 0);
}

#[test]
fn svg_has_planes_of_three_dimensions() {
    let dimension = |extent, parts| Distribution::new(Block, extent, 1, parts);
    let drawn = svg::draw("", &Layout::grid(vec![dimension(100, 2), dimension(3, 1), dimension(4, 2)], 0));
    // Four planes of three rows, of which each has a run of each of two ranks.
    assert_eq!(drawn.matches("<rect").count(), 4 * 3 * 2, "{drawn}");
    for (title, ranks) in
        [("(0, :, :)", [0, 1]), ("(25, :, :)", [0, 1]), ("(50, :, :)", [2, 3]), ("(75, :, :)", [2, 3])]
    {
        let plane = drawn
            .split_once(title)
            .map_or("", |(_, rest)| rest.split_once("(").map_or(rest, |(plane, _)| plane));
        for rank in ranks {
            assert_eq!(
                plane.matches(&format!("<title>rank {rank}</title>")).count(),
                3,
                "{title} in {drawn}"
            );
        }
    }
    let four = Layout::grid(vec![dimension(2, 1), dimension(2, 1), dimension(2, 1), dimension(2, 1)], 0);
    assert_eq!(svg::draw("", &four).matches("<rect").count(), 0);
}
