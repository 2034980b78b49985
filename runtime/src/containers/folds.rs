//! The arithmetic of reductions over one rank's elements: which type a sum of each element type is made in, what joins two
//! values, and in which order. Values of several ranks are joined in `reductions.rs`.

use crate::element::Element;
use crate::execution::Workers;
use half::{bf16, f16};
use num_complex::Complex;

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

/// An element type with sums and products.
pub(super) trait Number: Element {
    /// What the memory of a container is read as: a `bool` of another language may be any byte.
    type Stored: Copy + Sync;
    /// What sums and products are made in.
    type Wide: Wide;
    /// What means are made in.
    type Real: Wide;
    fn wide(stored: Self::Stored) -> Self::Wide;
    fn real(stored: Self::Stored) -> Self::Real;
    fn is_true(stored: Self::Stored) -> bool;
    /// The smaller and the larger of two elements, where a NaN is both; `None` when there is no order.
    fn order() -> Option<Order<Self>>;
}

/// How the smallest and the largest element are found.
pub(super) struct Order<T: Number> {
    pub(super) element: fn(T::Stored) -> T,
    pub(super) smaller: fn(T, T) -> T,
    pub(super) larger: fn(T, T) -> T,
}

/// A type in which sums and products are made.
pub(super) trait Wide: Element {
    const ZERO: Self;
    const ONE: Self;
    fn plus(self, other: Self) -> Self;
    fn times(self, other: Self) -> Self;
    /// This sum divided by the number of elements.
    fn over(self, count: u64) -> Self;
}

macro_rules! whole {
    ($($type:ty),+) => {$(
        impl Wide for $type {
            const ZERO: Self = 0;
            const ONE: Self = 1;
            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }
            fn times(self, other: Self) -> Self {
                self.wrapping_mul(other)
            }
            fn over(self, count: u64) -> Self {
                self / count as $type
            }
        }
    )+};
}

whole!(i64, u64);

impl Wide for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    fn plus(self, other: Self) -> Self {
        self + other
    }
    fn times(self, other: Self) -> Self {
        self * other
    }
    fn over(self, count: u64) -> Self {
        self / count as f64
    }
}

impl Wide for Complex<f64> {
    const ZERO: Self = Complex::new(0.0, 0.0);
    const ONE: Self = Complex::new(1.0, 0.0);
    fn plus(self, other: Self) -> Self {
        self + other
    }
    fn times(self, other: Self) -> Self {
        self * other
    }
    fn over(self, count: u64) -> Self {
        self / count as f64
    }
}

macro_rules! number {
    ($($type:ty as $stored:ty: $wide:ty, $real:ty, $lift:expr, $lift_real:expr, $truth:expr, $order:expr);+ $(;)?) => {$(
        impl Number for $type {
            type Stored = $stored;
            type Wide = $wide;
            type Real = $real;
            fn wide(stored: $stored) -> $wide {
                $lift(stored)
            }
            fn real(stored: $stored) -> $real {
                $lift_real(stored)
            }
            fn is_true(stored: $stored) -> bool {
                $truth(stored)
            }
            fn order() -> Option<Order<Self>> {
                $order
            }
        }
    )+};
}

macro_rules! integers {
    ($($type:ty => $wide:ty),+) => {
        number! {$(
            $type as $type: $wide, f64, |x| x as $wide, |x| x as f64, |x| x != 0,
            Some(Order { element: |x| x, smaller: |a, b| a.min(b), larger: |a, b| a.max(b) });
        )+}
    };
}

integers!(i8 => i64, i16 => i64, i32 => i64, i64 => i64, u8 => u64, u16 => u64, u32 => u64, u64 => u64);

// A comparison with NaN is false, so these keep a NaN on the left and take one on the right.
macro_rules! floats {
    ($($type:ty: $lift:expr, $zero:expr);+) => {
        number! {$(
            $type as $type: f64, f64, $lift, $lift, |x| x != $zero,
            Some(Order {
                element: |x| x,
                smaller: |a, b| if a < b || a.is_nan() { a } else { b },
                larger: |a, b| if a > b || a.is_nan() { a } else { b },
            });
        )+}
    };
}

floats!(f32: f64::from, 0.0; f64: |x| x, 0.0; f16: f16::to_f64, f16::ZERO; bf16: bf16::to_f64, bf16::ZERO);

fn double(x: Complex<f32>) -> Complex<f64> {
    Complex::new(x.re.into(), x.im.into())
}

number! {
    Complex<f32> as Complex<f32>: Complex<f64>, Complex<f64>, double, double, |x: Self| x.re != 0.0 || x.im != 0.0, None;
    Complex<f64> as Complex<f64>: Complex<f64>, Complex<f64>, |x| x, |x| x, |x: Self| x.re != 0.0 || x.im != 0.0, None;
    bool as u8: i64, f64, |x| i64::from(x != 0), |x| f64::from(u8::from(x != 0)), |x| x != 0,
    Some(Order { element: |x| x != 0, smaller: |a, b| a & b, larger: |a, b| a | b });
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let sum = fold(Workers::ONE, &elements, f64::wide, f64::plus).unwrap_or(0.0);
        let naive: f64 = elements.iter().sum();
        assert!((sum - exact).abs() < 1e-10, "{sum}");
        assert!(
            (naive - exact).abs() > 1e-8,
            "adding one by one is not accurate enough to tell the two apart"
        );
    }

    #[test]
    fn not_a_number_is_smallest_and_largest_wherever_it_stands() {
        let order = f32::order().expect("floats have an order");
        for place in 0..20 {
            let mut elements = vec![1.0_f32; 20];
            elements[place] = f32::NAN;
            for join in [order.smaller, order.larger] {
                assert!(
                    fold(Workers::ONE, &elements, order.element, join).is_some_and(f32::is_nan),
                    "at {place}"
                );
            }
        }
    }
}
