//! The order of elements, as the order of unsigned integers. `encode` turns the bits of each element into a key, from which
//! `decode` gets them back; comparing keys is comparing elements, with NaNs after everything else.
//!
//! The bits of integers and of floating-point numbers become keys in the well-known way: the sign bit of what is not negative
//! is set, and of negative numbers all bits are inverted (of integers, the sign bit alone). NaNs of negative sign would then come
//! first; a subtraction that wraps puts them behind the others. Descending keys are what is left to the largest key of a number.

use std::ops::BitXor;

/// How elements of some type are compared.
pub(crate) trait Comparison: Sync {
    /// An element as it is in memory, encoded or not; any bytes are one.
    type Element: Copy + Send + Sync;
    type Key: Copy + Ord + Into<u128>;

    fn encode(&self, elements: &mut [Self::Element]);
    fn decode(&self, elements: &mut [Self::Element]);
    /// The key of an encoded element.
    fn key(&self, element: Self::Element) -> Self::Key;
    /// Whether elements with equal keys must stay in order.
    fn is_stable(&self) -> bool;
}

/// Numbers of this width, by all of their bits: equal keys are equal bits, and nobody can tell in which order they stand.
pub(crate) struct Exact<W>(pub(crate) Order<W>);

/// Floating-point numbers among which zeros are equal, and NaNs; they stay in order.
pub(crate) struct Equal<W>(pub(crate) Order<W>);

/// Complex numbers in the order of NumPy: by their real parts, then by their imaginary parts; last those with a NaN for their
/// imaginary part, then for their real part, then for both, each in the order of the other part.
pub(crate) struct Lexicographic<W> {
    pub(crate) parts: Order<W>,
    pub(crate) stable: bool,
}

impl<W: Word> Comparison for Exact<W> {
    type Element = W;
    type Key = W;

    fn encode(&self, elements: &mut [W]) {
        self.0.encode(elements);
    }

    fn decode(&self, elements: &mut [W]) {
        self.0.decode(elements);
    }

    fn key(&self, element: W) -> W {
        element
    }

    fn is_stable(&self) -> bool {
        false
    }
}

impl<W: Word> Comparison for Equal<W> {
    type Element = W;
    type Key = W;

    fn encode(&self, elements: &mut [W]) {
        self.0.encode(elements);
    }

    fn decode(&self, elements: &mut [W]) {
        self.0.decode(elements);
    }

    fn key(&self, element: W) -> W {
        self.0.joined(element)
    }

    fn is_stable(&self) -> bool {
        true
    }
}

impl<W: Half> Comparison for Lexicographic<W> {
    type Element = [W; 2];
    type Key = W::Pair;

    fn encode(&self, elements: &mut [[W; 2]]) {
        self.parts.encode(elements.as_flattened_mut());
    }

    fn decode(&self, elements: &mut [[W; 2]]) {
        self.parts.decode(elements.as_flattened_mut());
    }

    fn key(&self, [real, imaginary]: [W; 2]) -> W::Pair {
        let (real, imaginary) = (self.parts.joined(real), self.parts.joined(imaginary));
        // There are some millions of NaNs of each width, so there are keys behind that of all of them.
        let behind = |kinds| (0..kinds).fold(self.parts.last, |last, _| last.plus(W::ONE));
        let (high, low) = match (real > self.parts.last, imaginary > self.parts.last) {
            (false, false) => (real, imaginary),
            (false, true) => (behind(1), real),
            (true, false) => (behind(2), imaginary),
            (true, true) => (behind(3), W::ZERO),
        };
        W::pair(high, low)
    }

    fn is_stable(&self) -> bool {
        self.stable
    }
}

/// How the bits of a number become its key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order<W> {
    /// What is inverted of numbers with a sign bit, and of others.
    signed: W,
    unsigned: W,
    /// What is then subtracted.
    shift: W,
    /// The largest key of a number; those behind it are NaNs.
    last: W,
    reverse: bool,
}

impl<W: Word> Order<W> {
    pub(crate) fn integer(signed: bool, reverse: bool) -> Self {
        let inverted = if signed { W::SIGN } else { W::ZERO };
        Order { signed: inverted, unsigned: inverted, shift: W::ZERO, last: W::MAX, reverse }
    }

    /// The order of a format of IEEE 754, or one like these, in which these are the bits of infinity.
    pub(crate) fn floating(infinity: W, reverse: bool) -> Self {
        let nans_of_one_sign = W::SIGN.minus(W::ONE).minus(infinity);
        let last = (infinity ^ W::SIGN).minus(nans_of_one_sign);
        Order { signed: W::MAX, unsigned: W::SIGN, shift: nans_of_one_sign, last, reverse }
    }

    fn encode(&self, elements: &mut [W]) {
        let Order { signed, unsigned, shift, .. } = *self;
        for bits in elements {
            let inverted = if *bits < W::SIGN { unsigned } else { signed };
            *bits = self.directed((*bits ^ inverted).minus(shift));
        }
    }

    fn decode(&self, elements: &mut [W]) {
        let Order { signed, unsigned, shift, .. } = *self;
        for key in elements {
            let bits = self.directed(*key).plus(shift);
            *key = bits ^ if bits < W::SIGN { signed } else { unsigned };
        }
    }

    fn directed(&self, key: W) -> W {
        if self.reverse && key <= self.last { self.last.minus(key) } else { key }
    }

    /// One key for zeros of both signs, and one for all NaNs. In both directions the zeros are in the middle of the numbers,
    /// of which there is an even number.
    fn joined(&self, key: W) -> W {
        let lower_zero = self.last.half();
        if key == lower_zero {
            key.plus(W::ONE)
        } else if key > self.last {
            self.last.plus(W::ONE)
        } else {
            key
        }
    }
}

/// An unsigned integer. Arithmetic wraps.
pub(crate) trait Word:
    Copy + Ord + Into<u128> + BitXor<Output = Self> + Send + Sync + 'static
{
    const ZERO: Self;
    const ONE: Self;
    const MAX: Self;
    /// The highest bit.
    const SIGN: Self;

    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
    fn half(self) -> Self;
}

/// A word of which two are a wider one.
pub(crate) trait Half: Word {
    type Pair: Copy + Ord + Into<u128>;

    fn pair(high: Self, low: Self) -> Self::Pair;
}

macro_rules! words {
    ($($word:ty),+) => {$(
        impl Word for $word {
            const ZERO: Self = 0;
            const ONE: Self = 1;
            const MAX: Self = <$word>::MAX;
            const SIGN: Self = 1 << (<$word>::BITS - 1);

            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }

            fn minus(self, other: Self) -> Self {
                self.wrapping_sub(other)
            }

            fn half(self) -> Self {
                self / 2
            }
        }
    )+};
}

macro_rules! halves {
    ($($word:ty => $pair:ty),+) => {$(
        impl Half for $word {
            type Pair = $pair;

            fn pair(high: Self, low: Self) -> $pair {
                <$pair>::from(high) << <$word>::BITS | <$pair>::from(low)
            }
        }
    )+};
}

words!(u8, u16, u32, u64, u128);
halves!(u32 => u64, u64 => u128);

#[cfg(test)]
mod tests {
    use super::*;
    use half::{bf16, f16};

    /// Every value of 16 bits, by its key.
    fn by_keys(order: Order<u16>) -> Vec<u16> {
        let mut values: Vec<u16> = (0..=u16::MAX).collect();
        order.encode(&mut values);
        values.sort_unstable();
        assert!(values.iter().copied().eq(0..=u16::MAX), "different bits have different keys");
        order.decode(&mut values);
        values
    }

    #[test]
    fn integers_of_16_bits_are_in_order() {
        for reverse in [false, true] {
            let signed = by_keys(Order::integer(true, reverse));
            let unsigned = by_keys(Order::integer(false, reverse));
            assert!(signed.is_sorted_by_key(|bits| i32::from(*bits as i16) * if reverse { -1 } else { 1 }));
            assert!(unsigned.is_sorted_by_key(|bits| i32::from(*bits) * if reverse { -1 } else { 1 }));
        }
    }

    #[test]
    fn floating_point_numbers_of_16_bits_are_in_order_and_nans_last() {
        type Read = fn(u16) -> f32;
        let formats: [(u16, Read); 2] =
            [(0x7C00, |bits| f16::from_bits(bits).into()), (0x7F80, |bits| bf16::from_bits(bits).into())];
        for ((infinity, read), reverse) in formats.into_iter().flat_map(|it| [(it, false), (it, true)]) {
            let order = Order::floating(infinity, reverse);
            let values: Vec<f32> = by_keys(order).into_iter().map(read).collect();
            let numbers = values.iter().position(|value| value.is_nan()).expect("there are NaNs");
            assert!(values[numbers..].iter().all(|value| value.is_nan()));
            let ordered = |a: &f32, b: &f32| if reverse { a >= b } else { a <= b };
            assert!(values[..numbers].is_sorted_by(ordered));

            let mut keys: Vec<u16> = (0..=u16::MAX).collect();
            order.encode(&mut keys);
            let joined = |bits: u16| order.joined(keys[usize::from(bits)]);
            for bits in 0..u16::MAX {
                let (a, b) = (read(bits), read(bits + 1));
                let equal = a == b || a.is_nan() && b.is_nan();
                assert_eq!(joined(bits) == joined(bits + 1), equal, "{a} and {b}");
            }
            assert_eq!(joined(0x0000), joined(0x8000), "zeros are equal");
            assert_eq!(joined(0x7FFF), joined(0xFFFF), "NaNs are equal");
        }
    }
}
