//! Which of two values is smaller or larger, for all types that are ordered. A NaN is both, so that it is the result wherever it
//! stands.

/// The smaller of two values, or a NaN.
#[inline]
pub(crate) fn smaller<T: PartialOrd + Copy>(a: T, b: T) -> T {
    // A comparison with NaN is false: this keeps a NaN on the left and takes one on the right.
    if a < b || is_nan(a) { a } else { b }
}

/// The larger of two values, or a NaN.
#[inline]
pub(crate) fn larger<T: PartialOrd + Copy>(a: T, b: T) -> T {
    if a > b || is_nan(a) { a } else { b }
}

/// Whether the value has no place in the order.
#[inline]
pub(crate) fn is_nan<T: PartialOrd>(value: T) -> bool {
    value.partial_cmp(&value).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_a_number_is_smaller_and_larger() {
        for (a, b) in [(f64::NAN, 1.0), (1.0, f64::NAN)] {
            assert!(is_nan(smaller(a, b)) && is_nan(larger(a, b)), "{a} and {b}");
        }
    }

    #[test]
    fn numbers_and_truth_values_have_their_order() {
        assert_eq!((smaller(-1, 2), larger(-1, 2)), (-1, 2));
        assert_eq!((smaller(2.5, -0.5), larger(2.5, -0.5)), (-0.5, 2.5));
        for (a, b) in [(false, false), (false, true), (true, false), (true, true)] {
            assert_eq!((smaller(a, b), larger(a, b)), (a & b, a | b));
        }
    }
}
