//! Reductions over one rank's elements: which values are joined with which, and in which order. Values of several ranks are joined
//! in `reductions.rs`.

use crate::execution::Workers;

/// Elements that are joined one after another; longer runs are halved, so that the rounding errors of a sum grow with the
/// logarithm of the number of elements. (Pairwise summation; see N. Higham, "The accuracy of floating point summation", 1993.)
const RUN: usize = 128;

/// Values that are joined side by side, so that the compiler can use vector instructions.
const LANES: usize = 8;

/// Joins what `lift` makes of all elements; `None` without elements. What is joined with what depends on the number of elements
/// alone, so that the result does not depend on the number of threads.
pub(super) fn fold<S: Copy + Sync, W: Copy + Send>(
    workers: Workers,
    elements: &[S],
    lift: impl Fn(S) -> W + Copy + Sync + Send,
    join: impl Fn(W, W) -> W + Copy + Sync + Send,
) -> Option<W> {
    if elements.len() > RUN {
        let (left, right) = elements.split_at((elements.len() / 2).next_multiple_of(LANES));
        let (left, right) = workers.both(
            size_of_val(elements),
            |workers| fold(workers, left, lift, join),
            |workers| fold(workers, right, lift, join),
        );
        return Some(join(left?, right?));
    }
    let mut rows = elements.chunks_exact(LANES);
    let mut rest = rows.remainder().iter().map(|element| lift(*element));
    let Some(first) = rows.next() else { return rest.next().map(|first| rest.fold(first, join)) };
    let mut lanes: [W; LANES] = std::array::from_fn(|lane| lift(first[lane]));
    for row in rows {
        for (lane, element) in lanes.iter_mut().zip(row) {
            *lane = join(*lane, lift(*element));
        }
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    let joined = join(join(join(a, b), join(c, d)), join(join(e, f), join(g, h)));
    Some(rest.fold(joined, join))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arithmetic::Arithmetic;
    use crate::arithmetic::order::{larger, smaller};

    #[test]
    fn every_element_counts_once_at_every_length() {
        for count in (0..300).chain([1000, 4099]) {
            let elements: Vec<u32> = (0..count).collect();
            let sum = fold(Workers::ONE, &elements, u64::from, |a, b| a + b);
            assert_eq!(sum, elements.iter().map(|x| u64::from(*x)).reduce(|a, b| a + b), "{count} elements");
        }
    }

    #[test]
    fn errors_of_sums_do_not_grow_with_the_number_of_elements() {
        let elements = vec![0.1_f64; 1 << 20];
        let exact = 104_857.6;
        let sum = fold(Workers::ONE, &elements, f64::to_wide, f64::plus).unwrap_or(0.0);
        let naive: f64 = elements.iter().sum();
        assert!((sum - exact).abs() < 1e-10, "{sum}");
        assert!(
            (naive - exact).abs() > 1e-8,
            "adding one by one is not accurate enough to tell the two apart"
        );
    }

    #[test]
    fn not_a_number_is_smallest_and_largest_wherever_it_stands() {
        for place in 0..20 {
            let mut elements = vec![1.0_f32; 20];
            elements[place] = f32::NAN;
            for join in [smaller, larger] {
                assert!(
                    fold(Workers::ONE, &elements, f32::load, join).is_some_and(f32::is_nan),
                    "at {place}"
                );
            }
        }
    }
}
