//! The order in which texts name the dimensions of a container: the last one is that whose elements are adjacent, unless the
//! caller counts them the other way round.

use std::cell::Cell;

thread_local! {
    static IS_REVERSED: Cell<bool> = const { Cell::new(false) };
}

/// From now on, descriptions that this thread asks for begin with the dimension whose elements are adjacent, or end with it as
/// they usually do.
#[inline]
pub fn reverse_dimensions(is_reversed: bool) {
    IS_REVERSED.set(is_reversed);
}

/// What there is one of for each dimension, in the order in which this thread wants it.
pub(super) fn in_order<T>(of_each: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut of_each: Vec<T> = of_each.into_iter().collect();
    if IS_REVERSED.get() {
        of_each.reverse();
    }
    of_each
}
