//! Sorting in the memory of one rank. Which comparison the elements of a data type have is decided here, for the parts of a sort over
//! several ranks as well.

use super::order::{Comparison, Equal, Exact, Lexicographic, Order, Word};
use crate::error::{Error, Result};
use crate::execution::Workers;
use dtl_types::{Dtype, Status};

/// How the elements of a container are put in order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sorting {
    dtype: Dtype,
    /// Descending.
    reverse: bool,
    /// Whether elements that compare equal keep their order.
    stable: bool,
}

/// What is done with elements whose comparison is known.
pub(crate) trait WithComparison {
    type Output;

    fn with<C: Comparison + 'static>(self, comparison: C) -> Self::Output;
}

impl Sorting {
    /// Elements of this type in order; an error if they have none.
    pub(crate) fn new(dtype: Dtype, reverse: bool, stable: bool) -> Result<Self> {
        let has_order = Dtype::INTEGER.contains(&dtype)
            || Dtype::FLOAT.contains(&dtype)
            || Dtype::COMPLEX.contains(&dtype)
            || matches!(dtype, Dtype::Bool | Dtype::Byte);
        if has_order {
            return Ok(Sorting { dtype, reverse, stable });
        }
        let message = format!("elements of type {dtype} have no order; sort a container of numbers");
        Err(Error::new(Status::NotSupported, message))
    }

    /// Does something with the comparison of these elements.
    pub(crate) fn compared<U: WithComparison>(self, user: U) -> U::Output {
        let Sorting { dtype, reverse, stable } = self;
        match dtype {
            Dtype::Float16 => self.floating(user, Order::<u16>::floating(0x7C00, reverse)),
            Dtype::Bfloat16 => self.floating(user, Order::<u16>::floating(0x7F80, reverse)),
            Dtype::Float32 => self.floating(user, binary32(reverse)),
            Dtype::Float64 => self.floating(user, binary64(reverse)),
            Dtype::Complex64 => user.with(Lexicographic { parts: binary32(reverse), stable }),
            Dtype::Complex128 => user.with(Lexicographic { parts: binary64(reverse), stable }),
            _ => self.integers(user, Dtype::SIGNED.contains(&dtype)),
        }
    }

    /// Numbers that are equal have different bits only where they are zero or no numbers; so the bits decide unless the order
    /// among those matters.
    fn floating<W: Word, U: WithComparison>(self, user: U, order: Order<W>) -> U::Output {
        if self.stable { user.with(Equal(order)) } else { user.with(Exact(order)) }
    }

    fn integers<U: WithComparison>(self, user: U, signed: bool) -> U::Output {
        match self.dtype.size() {
            1 => user.with(Exact(Order::<u8>::integer(signed, self.reverse))),
            2 => user.with(Exact(Order::<u16>::integer(signed, self.reverse))),
            4 => user.with(Exact(Order::<u32>::integer(signed, self.reverse))),
            8 => user.with(Exact(Order::<u64>::integer(signed, self.reverse))),
            _ => user.with(Exact(Order::<u128>::integer(signed, self.reverse))),
        }
    }
}

fn binary32(reverse: bool) -> Order<u32> {
    Order::floating(f32::INFINITY.to_bits(), reverse)
}

fn binary64(reverse: bool) -> Order<u64> {
    Order::floating(f64::INFINITY.to_bits(), reverse)
}

/// Sorts encoded elements. Parts that several threads have sorted are runs, which the stable sort of Rust finds and merges.
pub(crate) fn sort_encoded<C: Comparison>(workers: Workers, elements: &mut [C::Element], comparison: &C) {
    let key = |element: &C::Element| comparison.key(*element);
    workers.on_parts(elements, |_, part| {
        if comparison.is_stable() { part.sort_by_key(key) } else { part.sort_unstable_by_key(key) }
    });
    if !elements.is_sorted_by_key(key) {
        elements.sort_by_key(key);
    }
}

/// Elements in the host's memory that are to be sorted.
pub(super) struct InPlace {
    pub(super) start: *mut u8,
    pub(super) count: usize,
    pub(super) workers: Workers,
}

impl WithComparison for InPlace {
    type Output = ();

    fn with<C: Comparison + 'static>(self, comparison: C) {
        // SAFETY: whoever makes one guarantees that so many elements are there, aligned, which nobody else uses; any bytes are an
        // element of the comparison, which has the size of the data type.
        let elements = unsafe { std::slice::from_raw_parts_mut(self.start.cast::<C::Element>(), self.count) };
        comparison.encode(elements);
        sort_encoded(self.workers, elements, &comparison);
        comparison.decode(elements);
    }
}
