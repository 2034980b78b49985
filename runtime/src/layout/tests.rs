//! Every partition against a sequential oracle that deals elements out one by one, and the sentences of its errors.

use super::*;
use dtl_types::{SpecEnum, Status};

/// The owner of each element, by the definitions of the manual, dealt out one by one.
fn owners(policy: PartitionPolicy, size: u64, block: u64, ranks: u64) -> Vec<u64> {
    match policy {
        PartitionPolicy::Block => (0..ranks)
            .flat_map(|rank| vec![rank; (size / ranks + u64::from(rank < size % ranks)) as usize])
            .collect(),
        PartitionPolicy::Cyclic => (0..ranks).cycle().take(size as usize).collect(),
        PartitionPolicy::BlockCyclic => {
            (0..ranks).cycle().flat_map(|rank| vec![rank; block as usize]).take(size as usize).collect()
        }
        PartitionPolicy::Hash | PartitionPolicy::Replicated => unreachable!("tested by their properties"),
    }
}

fn views(policy: PartitionPolicy, size: u64, block: u64, ranks: i32) -> Vec<Layout> {
    (0..ranks).map(|rank| Layout::line(policy, size, block, rank, ranks)).collect()
}

fn for_all_cases(policies: &[PartitionPolicy], check: impl Fn(PartitionPolicy, u64, u64, i32)) {
    for policy in policies {
        for size in 0..60 {
            for ranks in 1..=8 {
                for block in [1, 2, 3, 7, 60, u64::MAX] {
                    check(*policy, size, block, ranks);
                }
            }
        }
    }
}

const DEALT: [PartitionPolicy; 3] =
    [PartitionPolicy::Block, PartitionPolicy::Cyclic, PartitionPolicy::BlockCyclic];
const DISTRIBUTED: [PartitionPolicy; 4] =
    [PartitionPolicy::Block, PartitionPolicy::Cyclic, PartitionPolicy::BlockCyclic, PartitionPolicy::Hash];

#[test]
fn owners_are_those_of_the_definition() {
    for_all_cases(&DEALT, |policy, size, block, ranks| {
        let expected = owners(policy, size, block.min(1000), ranks as u64);
        for layout in views(policy, size, block, ranks) {
            let found: Vec<u64> = (0..size as i64).map(|i| layout.owner(i).unwrap() as u64).collect();
            assert_eq!(found, expected, "{policy:?} size {size} block {block} ranks {ranks}");
        }
    });
}

#[test]
fn local_and_global_indices_are_inverse_and_in_order() {
    for_all_cases(&DISTRIBUTED, |policy, size, block, ranks| {
        let mut owned = vec![0; size as usize];
        for layout in views(policy, size, block, ranks) {
            let mine: Vec<i64> = (0..size as i64).filter(|i| layout.is_local(*i).unwrap()).collect();
            assert_eq!(
                mine,
                layout.global_indices(0).collect::<Vec<_>>(),
                "{policy:?} {size} {block} {ranks}"
            );
            assert_eq!(mine.len() as u64, layout.local_size());
            assert_eq!(layout.local_size(), layout.local_size_of(layout.rank()));
            assert_eq!(layout.local_offset(), mine.first().copied().unwrap_or(size as i64));
            for (local, global) in mine.iter().enumerate() {
                assert_eq!(layout.to_local(*global).unwrap(), local as i64);
                assert_eq!(layout.to_global(local as i64).unwrap(), *global);
                owned[*global as usize] += 1;
            }
        }
        assert!(owned.iter().all(|count| *count == 1), "{policy:?} {size} {block} {ranks}");
    });
}

#[test]
fn sizes_differ_by_at_most_one_element() {
    for policy in [PartitionPolicy::Block, PartitionPolicy::Cyclic, PartitionPolicy::Hash] {
        for_all_cases(&[policy], |policy, size, block, ranks| {
            let sizes: Vec<u64> = views(policy, size, block, ranks).iter().map(Layout::local_size).collect();
            assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1, "{policy:?} {sizes:?}");
        });
    }
}

#[test]
fn hash_spreads_what_cyclic_puts_on_one_rank() {
    let ranks = 4;
    let layout = Layout::line(PartitionPolicy::Hash, 4000, 1, 0, ranks);
    let mut counts = [0; 4];
    for index in (0..4000).step_by(ranks as usize) {
        counts[layout.owner(index).unwrap() as usize] += 1;
    }
    assert!(counts.iter().all(|count| (200..300).contains(count)), "{counts:?}");
}

#[test]
fn replicated_elements_belong_to_whoever_asks() {
    for layout in views(PartitionPolicy::Replicated, 5, 1, 3) {
        assert_eq!((layout.local_size(), layout.local_offset()), (5, 0));
        assert_eq!(layout.owner(4).unwrap(), layout.rank());
        assert_eq!(layout.global_indices(0).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    }
}

#[test]
fn the_largest_size_does_not_overflow() {
    for policy in DISTRIBUTED {
        for block in [1, 1 << 40, u64::MAX] {
            let size = i64::MAX as u64;
            let layout = Layout::line(policy, size, block, 1, 3);
            let total: u64 = (0..3).map(|rank| layout.local_size_of(rank)).sum();
            assert_eq!(total, size);
            assert!(layout.owner(i64::MAX - 1).is_ok());
        }
    }
}

#[test]
fn errors_name_the_index_and_what_there_is() {
    let layout = Layout::line(PartitionPolicy::Block, 10, 1, 0, 2);
    let error = layout.owner(10).unwrap_err();
    assert_eq!(error.status(), Status::OutOfBounds);
    assert_eq!(
        error.message(),
        "global index 10 is out of bounds: there are 10 elements, with indices 0 to 9"
    );
    assert_eq!(layout.is_local(-1).unwrap_err().status(), Status::OutOfBounds);
    assert_eq!(
        layout.to_global(5).unwrap_err().message(),
        "local index 5 is out of bounds: rank 0 has 5 elements, with indices 0 to 4"
    );
    let elsewhere = layout.to_local(7).unwrap_err();
    assert_eq!(elsewhere.status(), Status::InvalidIndex);
    assert!(elsewhere.message().starts_with("element 7 is on rank 1"), "{elsewhere}");
    let empty = Layout::line(PartitionPolicy::Cyclic, 0, 1, 0, 2);
    assert_eq!(
        empty.owner(0).unwrap_err().message(),
        "global index 0 is out of bounds: there are 0 elements"
    );
}

#[test]
fn layouts_have_the_same_digest_where_they_are_equal() {
    let policies = PartitionPolicy::VALUES;
    let lines = policies.iter().flat_map(|policy| {
        [(6, 1), (6, 2), (7, 2), (6, u64::MAX)].into_iter().flat_map(move |(size, block)| {
            [1, 2, 3].map(|ranks| Layout::line(*policy, size, block, 0, ranks))
        })
    });
    let grid = |extents: [u64; 2]| {
        Layout::grid(
            extents.map(|extent| Distribution::new(PartitionPolicy::Block, extent, 1, 2)).to_vec(),
            0,
        )
    };
    let layouts: Vec<Layout> = lines.chain([grid([2, 3]), grid([3, 2]), grid([6, 1])]).collect();
    for one in &layouts {
        for other in &layouts {
            assert_eq!(one == other, one.digest() == other.digest(), "{one:?} and {other:?}");
        }
    }
    let view = |rank| Layout::line(PartitionPolicy::Cyclic, 7, 1, rank, 2).digest();
    assert_eq!(view(0), view(1));
}
