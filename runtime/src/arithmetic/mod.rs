//! The arithmetic of elements: what can be done with the elements of each data type that has arithmetic. [`Arithmetic`] is what
//! each element type says of itself, and `table.rs` is where all of them do. `operators.rs` makes the operators of reductions from
//! it, `order.rs` has the rules for what is smaller or larger, and `number.rs` the values between which types are converted.
//!
//! Everything else that computes is generic over the trait: kernels of reductions, searches for extreme values, folds of
//! containers, conversions of scalars in every language. Which types an operation is for says the set of data types that the
//! specification names for it, so that `dispatch!` calls generic code with these types and no others.

mod number;
pub(crate) mod operators;
pub(crate) mod order;
mod table;

use crate::element::Element;
use std::ops::Div;

pub use number::Number;

/// An element type with arithmetic.
///
/// Types that are ordered implement `PartialOrd` as well, and those whose bits can be combined `BitAnd`, `BitOr`, `BitXor` and
/// `Not`.
pub(crate) trait Arithmetic: Element + PartialEq {
    /// What memory holds, of which any bytes are a value: other languages store any byte but 0 for a `bool` that is true.
    type Stored: Copy + Send + Sync;
    /// What the elements of several ranks are combined in; it is rounded to an element once, when all are combined.
    type Partial: Copy;
    /// What sums and products of all elements of a container are made in.
    type Wide: Arithmetic<Partial = Self::Wide>;
    /// What means of all elements of a container are made in.
    type Mean: Arithmetic<Partial = Self::Mean> + Div<f64, Output = Self::Mean>;

    /// Whether memory, element and partial result have the same bits.
    const IS_PARTIAL: bool;
    const ZERO: Self;
    const ONE: Self;
    /// The value that no other is less than; none where there is no order.
    const LEAST: Option<Self> = None;
    /// The value that no other is greater than; none where there is no order.
    const GREATEST: Option<Self> = None;

    /// The element that is stored.
    fn load(stored: Self::Stored) -> Self;
    fn to_partial(self) -> Self::Partial;
    /// The element nearest to a partial result.
    fn of_partial(partial: Self::Partial) -> Self;
    fn to_wide(self) -> Self::Wide;
    fn to_mean(self) -> Self::Mean;
    /// The sum; integers wrap.
    fn plus(a: Self::Partial, b: Self::Partial) -> Self::Partial;
    /// The product; integers wrap.
    fn times(a: Self::Partial, b: Self::Partial) -> Self::Partial;
    fn to_number(self) -> Number;
    /// The element with the value of a number, rounded where it is floating-point; none when the number has no place in the type.
    fn of_number(number: Number) -> Option<Self>;

    /// Whether the element counts as true, which is not zero.
    #[inline]
    fn is_true(self) -> bool {
        self != Self::ZERO
    }

    /// The element for a truth value.
    #[inline]
    fn of_truth(value: bool) -> Self {
        if value { Self::ONE } else { Self::ZERO }
    }
}
