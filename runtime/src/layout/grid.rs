//! Process grids: how many parts each dimension has, and which rank is where. Ranks are numbered along the last dimension
//! first, as MPI's Cartesian communicators number them.

/// Fills in the extents that are 0, so that the product is `ranks` and those filled in are as equal as possible, larger ones
/// first. `None` if no choice gives that product.
pub(crate) fn complete(ranks: u64, wanted: &[u64]) -> Option<Vec<u64>> {
    let fixed = wanted.iter().filter(|extent| **extent > 0).try_fold(1u64, |a, b| a.checked_mul(*b))?;
    let free = wanted.iter().filter(|extent| **extent == 0).count();
    if !ranks.is_multiple_of(fixed) || (free == 0 && fixed != ranks) {
        return None;
    }
    let mut chosen = most_equal(ranks / fixed, free).into_iter();
    Some(wanted.iter().map(|extent| if *extent > 0 { *extent } else { chosen.next().unwrap_or(1) }).collect())
}

/// `count` factors of `number`, in descending order, whose largest is as small as possible, and so on for those that follow.
fn most_equal(number: u64, count: usize) -> Vec<u64> {
    fn search(number: u64, count: usize, most: u64) -> Option<Vec<u64>> {
        if count == 0 {
            return (number == 1).then(Vec::new);
        }
        let large_enough =
            |factor: &u64| factor.checked_pow(count as u32).is_none_or(|power| power >= number);
        (1..=most.min(number)).filter(|factor| number.is_multiple_of(*factor)).filter(large_enough).find_map(
            |factor| {
                let mut factors = search(number / factor, count - 1, factor)?;
                factors.insert(0, factor);
                Some(factors)
            },
        )
    }
    search(number, count, number).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::complete;

    #[test]
    fn free_extents_are_as_equal_as_possible() {
        for (ranks, wanted, expected) in [
            (1, vec![0, 0], Some(vec![1, 1])),
            (4, vec![0, 0], Some(vec![2, 2])),
            (6, vec![0, 0], Some(vec![3, 2])),
            (7, vec![0, 0], Some(vec![7, 1])),
            (12, vec![0, 0, 0], Some(vec![3, 2, 2])),
            (12, vec![0, 3, 0], Some(vec![2, 3, 2])),
            (8, vec![1, 0, 1], Some(vec![1, 8, 1])),
            (6, vec![2, 3], Some(vec![2, 3])),
            (6, vec![2, 2], None),
            (6, vec![4, 0], None),
            (36, vec![0, 0], Some(vec![6, 6])),
        ] {
            assert_eq!(complete(ranks, &wanted), expected, "{ranks} {wanted:?}");
        }
    }
}
