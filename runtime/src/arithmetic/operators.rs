//! The operators of reductions, each once for all types that have it.

use super::Arithmetic;
use super::order::{larger, smaller};
use std::ops::{BitAnd, BitOr, BitXor, Not};

/// How one operator combines elements of type `T`.
pub(crate) trait Operator<T: Arithmetic> {
    /// What the result is kept in until all elements are in.
    type Partial: Copy;
    /// Whether one element is the result, as it is.
    const KEEPS_ONE: bool;
    /// The element that changes nothing when it is combined with another, if there is one.
    fn identity() -> Option<T>;
    fn first(stored: T::Stored) -> Self::Partial;
    fn next(partial: Self::Partial, stored: T::Stored) -> Self::Partial;
    fn last(partial: Self::Partial) -> T;
}

/// Operators on the values of elements: `name [what the type must be, too]: function, identity`.
macro_rules! on_values {
    ($($name:ident [$($bounds:tt)*]: $combine:expr, $identity:expr;)+) => {$(
        pub(crate) struct $name;

        impl<T: Arithmetic> Operator<T> for $name where $($bounds)* {
            type Partial = T::Partial;
            const KEEPS_ONE: bool = T::IS_PARTIAL;
            fn identity() -> Option<T> {
                $identity
            }
            #[inline]
            fn first(stored: T::Stored) -> T::Partial {
                T::load(stored).to_partial()
            }
            #[inline]
            fn next(partial: T::Partial, stored: T::Stored) -> T::Partial {
                $combine(partial, T::load(stored).to_partial())
            }
            #[inline]
            fn last(partial: T::Partial) -> T {
                T::of_partial(partial)
            }
        }
    )+};
}

on_values! {
    Sum []: T::plus, Some(T::ZERO);
    Prod []: T::times, Some(T::ONE);
    Min [T::Partial: PartialOrd]: smaller, T::GREATEST;
    Max [T::Partial: PartialOrd]: larger, T::LEAST;
    Band [T: Not<Output = T>, T::Partial: BitAnd<Output = T::Partial>]: BitAnd::bitand, Some(!T::ZERO);
    Bor [T::Partial: BitOr<Output = T::Partial>]: BitOr::bitor, Some(T::ZERO);
    Bxor [T::Partial: BitXor<Output = T::Partial>]: BitXor::bitxor, Some(T::ZERO);
}

/// Operators on the truth of elements: `name: function, identity`. What they give is 0 or 1.
macro_rules! on_truth {
    ($($name:ident: $combine:expr, $identity:expr;)+) => {$(
        pub(crate) struct $name;

        impl<T: Arithmetic> Operator<T> for $name {
            type Partial = bool;
            const KEEPS_ONE: bool = false;
            fn identity() -> Option<T> {
                Some(T::of_truth($identity))
            }
            #[inline]
            fn first(stored: T::Stored) -> bool {
                T::load(stored).is_true()
            }
            #[inline]
            fn next(partial: bool, stored: T::Stored) -> bool {
                $combine(partial, T::load(stored).is_true())
            }
            #[inline]
            fn last(partial: bool) -> T {
                T::of_truth(partial)
            }
        }
    )+};
}

on_truth! {
    Land: BitAnd::bitand, true;
    Lor: BitOr::bitor, false;
    Lxor: BitXor::bitxor, false;
}
