//! Reductions of elements to one value: which there are, what each gives for one rank's elements, and how the values of two ranks are
//! joined.
//!
//! Sums and products are made in a wide type of each data type, means in a floating-point one.

use crate::arithmetic::Arithmetic;
use crate::arithmetic::order::{larger, smaller};
use crate::element::Element;
use crate::elements::dispatch;
use crate::execution::Workers;
use crate::scalar::Scalar;
use dtl_types::Dtype;

/// A reduction of all elements to one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fold {
    Sum,
    Product,
    /// The sum of which a mean is made.
    SumForMean,
    Smallest,
    Largest,
    /// Whether any element is true.
    Any,
    /// Whether all elements are true.
    All,
}

impl Fold {
    /// What elements are said not to have where there is no such value.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Fold::Sum => "sum",
            Fold::Product => "product",
            Fold::SumForMean => "mean",
            Fold::Smallest => "smallest element",
            Fold::Largest => "largest element",
            Fold::Any | Fold::All => "truth value",
        }
    }

    /// Whether elements of this type have such a value.
    pub(crate) fn is_defined(self, dtype: Dtype) -> bool {
        match self {
            Fold::Smallest | Fold::Largest => Dtype::ORDERED.contains(&dtype),
            _ => Dtype::REDUCIBLE.contains(&dtype),
        }
    }

    /// The type of such a value of elements of this type.
    fn value_dtype(self, dtype: Dtype) -> Dtype {
        match self {
            Fold::Sum | Fold::Product => {
                dispatch!(reducible, dtype, T => <T as Arithmetic>::Wide::DTYPE, otherwise => dtype)
            }
            Fold::SumForMean => {
                dispatch!(reducible, dtype, T => <T as Arithmetic>::Mean::DTYPE, otherwise => dtype)
            }
            Fold::Smallest | Fold::Largest => dtype,
            Fold::Any | Fold::All => Dtype::Bool,
        }
    }

    /// The value of elements of this type that has these bytes.
    pub(crate) fn value(self, dtype: Dtype, bytes: &[u8]) -> Scalar {
        Scalar::of_bytes(self.value_dtype(dtype), bytes)
    }

    /// The value where there are no elements of this type, if there is one.
    pub(crate) fn of_none(self, dtype: Dtype) -> Option<Scalar> {
        match self {
            Fold::Sum | Fold::SumForMean | Fold::Any => Some(Scalar::zero(self.value_dtype(dtype))),
            Fold::Product | Fold::All => dispatch!(reducible, self.value_dtype(dtype),
                W => Some(Scalar::of(<W as Arithmetic>::ONE)), otherwise => None),
            Fold::Smallest | Fold::Largest => None,
        }
    }

    /// The value of the elements of two ranks from those of each.
    ///
    /// Panics unless both are values of this kind, of elements of one type.
    pub(crate) fn joined(self, first: Scalar, second: Scalar) -> Scalar {
        let dtype = first.dtype();
        let undefined = || unreachable!("there is no {} of elements of type {dtype}", self.name());
        match self {
            Fold::Sum | Fold::SumForMean => {
                dispatch!(reducible, dtype, W => join(first, second, sum::<W>), otherwise => undefined())
            }
            Fold::Product => {
                dispatch!(reducible, dtype, W => join(first, second, product::<W>), otherwise => undefined())
            }
            Fold::Smallest => {
                dispatch!(ordered, dtype, W => join(first, second, smaller::<W>), otherwise => undefined())
            }
            Fold::Largest => {
                dispatch!(ordered, dtype, W => join(first, second, larger::<W>), otherwise => undefined())
            }
            Fold::Any => join(first, second, |a: bool, b| a | b),
            Fold::All => join(first, second, |a: bool, b| a & b),
        }
    }
}

fn sum<W: Arithmetic>(a: W, b: W) -> W {
    W::of_partial(W::plus(a.to_partial(), b.to_partial()))
}

fn product<W: Arithmetic>(a: W, b: W) -> W {
    W::of_partial(W::times(a.to_partial(), b.to_partial()))
}

fn join<W: Arithmetic>(first: Scalar, second: Scalar, join: impl Fn(W, W) -> W) -> Scalar {
    Scalar::of(join(Scalar::read(first.bytes()), Scalar::read(second.bytes())))
}

/// The value of elements in the host's memory; `None` where there are none that have one.
///
/// # Safety
/// There must be `count` aligned elements of this type, to which nobody writes meanwhile.
pub(super) unsafe fn fold(
    fold: Fold,
    dtype: Dtype,
    elements: *const u8,
    count: usize,
    workers: Workers,
) -> Option<Scalar> {
    match fold {
        Fold::Smallest | Fold::Largest => dispatch!(ordered, dtype,
            T => {
                // SAFETY: the caller guarantees the elements, in each of which any bytes are a stored value.
                let elements = unsafe { stored::<T>(elements, count) };
                extreme::<T>(fold, elements, workers)
            },
            otherwise => None),
        _ => dispatch!(reducible, dtype,
            T => {
                // SAFETY: the caller guarantees the elements, in each of which any bytes are a stored value.
                let elements = unsafe { stored::<T>(elements, count) };
                total::<T>(fold, elements, workers)
            },
            otherwise => None),
    }
}

/// # Safety
/// There must be `count` aligned elements, to which nobody writes as long as the slice is used.
unsafe fn stored<'a, T: Arithmetic>(elements: *const u8, count: usize) -> &'a [T::Stored] {
    // SAFETY: the caller guarantees the elements; any bytes are a stored value.
    unsafe { std::slice::from_raw_parts(elements.cast(), count) }
}

fn total<T: Arithmetic>(fold: Fold, elements: &[T::Stored], workers: Workers) -> Option<Scalar> {
    let is_true = |stored: &T::Stored| T::load(*stored).is_true();
    match fold {
        Fold::Sum => {
            pairwise(workers, elements, |stored| T::load(stored).to_wide(), T::Wide::plus).map(Scalar::of)
        }
        Fold::Product => {
            pairwise(workers, elements, |stored| T::load(stored).to_wide(), T::Wide::times).map(Scalar::of)
        }
        Fold::SumForMean => {
            pairwise(workers, elements, |stored| T::load(stored).to_mean(), T::Mean::plus).map(Scalar::of)
        }
        Fold::Any => Some(Scalar::of(elements.iter().any(is_true))),
        Fold::All => Some(Scalar::of(elements.iter().all(is_true))),
        Fold::Smallest | Fold::Largest => None,
    }
}

fn extreme<T: Arithmetic + PartialOrd>(
    fold: Fold,
    elements: &[T::Stored],
    workers: Workers,
) -> Option<Scalar> {
    match fold {
        Fold::Smallest => pairwise(workers, elements, T::load, smaller).map(Scalar::of),
        _ => pairwise(workers, elements, T::load, larger).map(Scalar::of),
    }
}

/// Elements that are joined one after another; longer runs are halved, so that the rounding errors of a sum grow with the
/// logarithm of the number of elements. (Pairwise summation; see N. Higham, "The accuracy of floating point summation", 1993.)
const RUN: usize = 128;

/// Values that are joined side by side, so that the compiler can use vector instructions.
const LANES: usize = 8;

/// Joins what `lift` makes of all elements; `None` without elements. What is joined with what depends on the number of elements
/// alone, so that the result does not depend on the number of threads.
fn pairwise<S: Copy + Sync, W: Copy + Send>(
    workers: Workers,
    elements: &[S],
    lift: impl Fn(S) -> W + Copy + Sync + Send,
    join: impl Fn(W, W) -> W + Copy + Sync + Send,
) -> Option<W> {
    if elements.len() > RUN {
        let (left, right) = elements.split_at((elements.len() / 2).next_multiple_of(LANES));
        let (left, right) = workers.both(
            size_of_val(elements),
            |workers| pairwise(workers, left, lift, join),
            |workers| pairwise(workers, right, lift, join),
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

    #[test]
    fn every_element_counts_once_at_every_length() {
        for count in (0..300).chain([1000, 4099]) {
            let elements: Vec<u32> = (0..count).collect();
            let sum = pairwise(Workers::ONE, &elements, u64::from, |a, b| a + b);
            assert_eq!(sum, elements.iter().map(|x| u64::from(*x)).reduce(|a, b| a + b), "{count} elements");
        }
    }

    #[test]
    fn errors_of_sums_do_not_grow_with_the_number_of_elements() {
        let elements = vec![0.1_f64; 1 << 20];
        let exact = 104_857.6;
        let sum = pairwise(Workers::ONE, &elements, f64::to_wide, f64::plus).unwrap_or(0.0);
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
                    pairwise(Workers::ONE, &elements, f32::load, join).is_some_and(f32::is_nan),
                    "at {place}"
                );
            }
        }
    }
}
