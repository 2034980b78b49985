//! One element value of any data type: as `fill` takes it from every language, and as reductions give it.

use crate::element::Element;
use dtl_types::Dtype;
use half::{bf16, f16};
use num_complex::Complex;
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

    /// The same value in another data type, rounded where that is floating-point; `None` when it has no place there.
    pub fn converted(&self, dtype: Dtype) -> Option<Scalar> {
        if dtype == self.dtype {
            return Some(*self);
        }
        match self.number()? {
            Number::Whole(value) => of_whole(value, dtype),
            Number::Real(value) => of_real(value, dtype),
            Number::Complex(value) => of_complex(value, dtype),
        }
    }

    fn number(&self) -> Option<Number> {
        macro_rules! whole {
            ($type:ty) => {
                Number::Whole(Self::read::<$type>(&self.bytes).into())
            };
        }
        Some(match self.dtype {
            Dtype::Int8 => whole!(i8),
            Dtype::Int16 => whole!(i16),
            Dtype::Int32 => whole!(i32),
            Dtype::Int64 => whole!(i64),
            Dtype::Uint8 => whole!(u8),
            Dtype::Uint16 => whole!(u16),
            Dtype::Uint32 => whole!(u32),
            Dtype::Uint64 => whole!(u64),
            Dtype::Bool => whole!(bool),
            Dtype::Float16 => Number::Real(Self::read::<f16>(&self.bytes).to_f64()),
            Dtype::Bfloat16 => Number::Real(Self::read::<bf16>(&self.bytes).to_f64()),
            Dtype::Float32 => Number::Real(Self::read::<f32>(&self.bytes).into()),
            Dtype::Float64 => Number::Real(Self::read::<f64>(&self.bytes)),
            Dtype::Complex64 => {
                let value = Self::read::<Complex<f32>>(&self.bytes);
                Number::Complex(Complex::new(value.re.into(), value.im.into()))
            }
            Dtype::Complex128 => Number::Complex(Self::read(&self.bytes)),
            // What is stored and moved, without arithmetic.
            _ => return None,
        })
    }
}

/// A value, by what it can hold.
enum Number {
    Whole(i128),
    Real(f64),
    Complex(Complex<f64>),
}

fn of_whole(value: i128, dtype: Dtype) -> Option<Scalar> {
    match dtype {
        Dtype::Int8 => i8::try_from(value).ok().map(Scalar::of),
        Dtype::Int16 => i16::try_from(value).ok().map(Scalar::of),
        Dtype::Int32 => i32::try_from(value).ok().map(Scalar::of),
        Dtype::Int64 => i64::try_from(value).ok().map(Scalar::of),
        Dtype::Uint8 => u8::try_from(value).ok().map(Scalar::of),
        Dtype::Uint16 => u16::try_from(value).ok().map(Scalar::of),
        Dtype::Uint32 => u32::try_from(value).ok().map(Scalar::of),
        Dtype::Uint64 => u64::try_from(value).ok().map(Scalar::of),
        Dtype::Bool => (0..2).contains(&value).then(|| Scalar::of(value == 1)),
        Dtype::Float16
        | Dtype::Bfloat16
        | Dtype::Float32
        | Dtype::Float64
        | Dtype::Complex64
        | Dtype::Complex128 => of_real(value as f64, dtype),
        _ => None,
    }
}

fn of_real(value: f64, dtype: Dtype) -> Option<Scalar> {
    let fits = |narrow: f64| narrow.is_finite() || !value.is_finite();
    match dtype {
        Dtype::Float64 => Some(Scalar::of(value)),
        Dtype::Float32 => fits((value as f32).into()).then(|| Scalar::of(value as f32)),
        Dtype::Float16 => fits(f16::from_f64(value).into()).then(|| Scalar::of(f16::from_f64(value))),
        Dtype::Bfloat16 => fits(bf16::from_f64(value).into()).then(|| Scalar::of(bf16::from_f64(value))),
        Dtype::Complex64 | Dtype::Complex128 => of_complex(value.into(), dtype),
        _ if value.fract() == 0.0 && value.abs() < 2f64.powi(64) => of_whole(value as i128, dtype),
        _ => None,
    }
}

fn of_complex(value: Complex<f64>, dtype: Dtype) -> Option<Scalar> {
    let narrow = Complex::new(value.re as f32, value.im as f32);
    match dtype {
        Dtype::Complex128 => Some(Scalar::of(value)),
        Dtype::Complex64 => {
            let fits = narrow.is_finite() || !value.is_finite();
            fits.then(|| Scalar::of(narrow))
        }
        _ if value.im == 0.0 => of_real(value.re, dtype),
        _ => None,
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
            (Scalar::of(1_i64), Dtype::Byte),
        ] {
            assert!(value.converted(dtype).is_none(), "{value} as {dtype}");
        }
    }
}
