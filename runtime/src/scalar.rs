//! One element value of any data type: as `fill` takes it from every language, and as reductions give it.

use crate::arithmetic::{Arithmetic, Number};
use crate::element::Element;
use crate::elements::dispatch;
use dtl_types::Dtype;
use std::fmt;

/// One value with its data type.
#[derive(Debug, Clone, Copy)]
pub struct Scalar {
    dtype: Dtype,
    bytes: [u8; 16],
}

impl Scalar {
    /// A Rust value as a scalar.
    pub fn of<T: Element>(value: T) -> Self {
        // SAFETY: `value` is readable for its size, which is the size of its data type.
        unsafe { Scalar::from_raw(T::DTYPE, (&raw const value).cast()) }
    }

    /// Zero of a data type, whose bytes are all zero.
    pub fn zero(dtype: Dtype) -> Self {
        Scalar { dtype, bytes: [0; 16] }
    }

    /// The value of this data type at `start`, which need not be aligned.
    ///
    /// # Safety
    /// `start` must be readable for one element of `dtype`.
    pub unsafe fn from_raw(dtype: Dtype, start: *const u8) -> Self {
        let mut bytes = [0; 16];
        // SAFETY: the caller guarantees that `start` is readable for one element of `dtype`; no data type is larger than 16
        // bytes.
        unsafe { std::ptr::copy_nonoverlapping(start, bytes.as_mut_ptr(), dtype.size()) };
        Scalar { dtype, bytes }
    }

    /// The value of this data type that has these bytes, of which there are as many as it has.
    pub(crate) fn of_bytes(dtype: Dtype, bytes: &[u8]) -> Self {
        let mut own = [0; 16];
        own[..dtype.size()].copy_from_slice(bytes);
        Scalar { dtype, bytes: own }
    }

    /// The data type of the value.
    pub fn dtype(&self) -> Dtype {
        self.dtype
    }

    /// The bytes of the value, as many as its data type has.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.dtype.size()]
    }

    /// The Rust value whose bytes these are, as many as there must be.
    pub(crate) fn read<T: Element>(bytes: &[u8]) -> T {
        let mut own = [0; 16];
        own[..size_of::<T>()].copy_from_slice(&bytes[..size_of::<T>()]);
        T::sanitize(&mut own);
        // SAFETY: as many bytes as the type has, which `sanitize` makes a value of it.
        unsafe { own.as_ptr().cast::<T>().read_unaligned() }
    }

    /// The value as a number of no particular type; `None` for data types without arithmetic.
    pub fn number(&self) -> Option<Number> {
        dispatch!(reducible, self.dtype, T => Some(Self::read::<T>(&self.bytes).to_number()), otherwise => None)
    }

    /// A number in this data type, rounded where that is floating-point; `None` when it has no place there.
    pub fn of_number(number: Number, dtype: Dtype) -> Option<Scalar> {
        dispatch!(reducible, dtype, T => T::of_number(number).map(Scalar::of), otherwise => None)
    }

    /// The same value in another data type, rounded where that is floating-point; `None` when it has no place there.
    pub fn converted(&self, dtype: Dtype) -> Option<Scalar> {
        match dtype == self.dtype {
            true => Some(*self),
            false => Self::of_number(self.number()?, dtype),
        }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number() {
            Some(Number::Whole(value)) => write!(f, "{value}"),
            Some(Number::Real(value)) => write!(f, "{value}"),
            Some(Number::Complex(value)) => write!(f, "{value}"),
            None => write!(f, "{:?}", self.bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_complex::Complex;

    #[test]
    fn values_are_converted_where_they_fit() {
        let fits = |value: Scalar, dtype, expected: &str| {
            let converted = value.converted(dtype).map(|scalar| (scalar.dtype(), scalar.to_string()));
            assert_eq!(converted, Some((dtype, expected.to_owned())), "{value} as {dtype}");
        };
        fits(Scalar::of(-128_i64), Dtype::Int8, "-128");
        fits(Scalar::of(u64::MAX), Dtype::Uint64, "18446744073709551615");
        fits(Scalar::of(1_i64), Dtype::Bool, "1");
        fits(Scalar::of(0.1_f64), Dtype::Float32, "0.10000000149011612");
        fits(Scalar::of(f64::INFINITY), Dtype::Float16, "inf");
        fits(Scalar::of(Complex::new(1.5_f64, -2.0)), Dtype::Complex64, "1.5-2i");
        fits(Scalar::of(Complex::new(1.5_f64, 0.0)), Dtype::Float64, "1.5");
        fits(Scalar::of(3.0_f64), Dtype::Int16, "3");
    }

    #[test]
    fn values_that_do_not_fit_are_not_changed_to_others() {
        for (value, dtype) in [
            (Scalar::of(128_i64), Dtype::Int8),
            (Scalar::of(-1_i64), Dtype::Uint64),
            (Scalar::of(2_i64), Dtype::Bool),
            (Scalar::of(1e39_f64), Dtype::Float32),
            (Scalar::of(70_000.0_f64), Dtype::Float16),
            (Scalar::of(1.5_f64), Dtype::Int32),
            (Scalar::of(Complex::new(0.0_f64, 1.0)), Dtype::Float64),
            (Scalar::of(Complex::new(f64::INFINITY, 1e39)), Dtype::Complex64),
            (Scalar::of(1_i64), Dtype::Byte),
        ] {
            assert!(value.converted(dtype).is_none(), "{value} as {dtype}");
        }
    }
}
