//! The arithmetic of each element type. The types of a family differ in little, so each is one row of its family's macro.

use super::{Arithmetic, Number};
use half::{bf16, f16};
use num_complex::Complex;

/// For types whose elements are stored and combined as they are.
macro_rules! as_itself {
    () => {
        type Stored = Self;
        type Partial = Self;
        const IS_PARTIAL: bool = true;
        #[inline]
        fn load(stored: Self) -> Self {
            stored
        }
        #[inline]
        fn to_partial(self) -> Self {
            self
        }
        #[inline]
        fn of_partial(partial: Self) -> Self {
            partial
        }
    };
}

/// For types of half precision, which are combined in `f32`.
macro_rules! as_single {
    () => {
        type Stored = Self;
        type Partial = f32;
        const IS_PARTIAL: bool = false;
        #[inline]
        fn load(stored: Self) -> Self {
            stored
        }
        #[inline]
        fn to_partial(self) -> f32 {
            self.to_f32()
        }
        #[inline]
        fn of_partial(partial: f32) -> Self {
            Self::from_f32(partial)
        }
    };
}

/// Integers: `type => the type in which sums and products of a container are made`.
macro_rules! integers {
    ($($type:ty => $wide:ty),+ $(,)?) => {$(
        impl Arithmetic for $type {
            as_itself!();
            type Wide = $wide;
            type Mean = f64;
            const ZERO: Self = 0;
            const ONE: Self = 1;
            const LEAST: Option<Self> = Some(Self::MIN);
            const GREATEST: Option<Self> = Some(Self::MAX);
            #[inline]
            fn to_wide(self) -> $wide {
                self.into()
            }
            #[inline]
            fn to_mean(self) -> f64 {
                self as f64
            }
            #[inline]
            fn plus(a: Self, b: Self) -> Self {
                a.wrapping_add(b)
            }
            #[inline]
            fn times(a: Self, b: Self) -> Self {
                a.wrapping_mul(b)
            }
            fn to_number(self) -> Number {
                Number::Whole(self.into())
            }
            fn of_number(number: Number) -> Option<Self> {
                number.whole()?.try_into().ok()
            }
        }
    )+};
}

/// Floating-point numbers: `type: what they are combined in, zero, one, to f64, from f64`.
macro_rules! floats {
    ($($type:ty: $combined:ident, $zero:expr, $one:expr, $widen:expr, $round:expr;)+) => {$(
        impl Arithmetic for $type {
            $combined!();
            type Wide = f64;
            type Mean = f64;
            const ZERO: Self = $zero;
            const ONE: Self = $one;
            const LEAST: Option<Self> = Some(Self::NEG_INFINITY);
            const GREATEST: Option<Self> = Some(Self::INFINITY);
            #[inline]
            fn to_wide(self) -> f64 {
                $widen(self)
            }
            #[inline]
            fn to_mean(self) -> f64 {
                $widen(self)
            }
            #[inline]
            fn plus(a: Self::Partial, b: Self::Partial) -> Self::Partial {
                a + b
            }
            #[inline]
            fn times(a: Self::Partial, b: Self::Partial) -> Self::Partial {
                a * b
            }
            fn to_number(self) -> Number {
                Number::Real(self.to_wide())
            }
            fn of_number(number: Number) -> Option<Self> {
                let value = number.real()?;
                let rounded: Self = $round(value);
                (rounded.is_finite() || !value.is_finite()).then_some(rounded)
            }
        }
    )+};
}

/// Complex numbers, by the type of their parts.
macro_rules! complexes {
    ($($part:ty),+ $(,)?) => {$(
        impl Arithmetic for Complex<$part> {
            as_itself!();
            type Wide = Complex<f64>;
            type Mean = Complex<f64>;
            const ZERO: Self = Complex::new(0.0, 0.0);
            const ONE: Self = Complex::new(1.0, 0.0);
            #[inline]
            fn to_wide(self) -> Complex<f64> {
                Complex::new(self.re.into(), self.im.into())
            }
            #[inline]
            fn to_mean(self) -> Complex<f64> {
                self.to_wide()
            }
            #[inline]
            fn plus(a: Self, b: Self) -> Self {
                a + b
            }
            #[inline]
            fn times(a: Self, b: Self) -> Self {
                a * b
            }
            fn to_number(self) -> Number {
                Number::Complex(self.to_wide())
            }
            fn of_number(number: Number) -> Option<Self> {
                let value = number.complex();
                let part = |part| <$part>::of_number(Number::Real(part));
                Some(Complex::new(part(value.re)?, part(value.im)?))
            }
        }
    )+};
}

integers! {
    i8 => i64,
    i16 => i64,
    i32 => i64,
    i64 => i64,
    u8 => u64,
    u16 => u64,
    u32 => u64,
    u64 => u64,
}

floats! {
    f32: as_itself, 0.0, 1.0, f64::from, |value| value as f32;
    f64: as_itself, 0.0, 1.0, |value| value, |value| value;
    f16: as_single, f16::ZERO, f16::ONE, f16::to_f64, f16::from_f64;
    bf16: as_single, bf16::ZERO, bf16::ONE, bf16::to_f64, bf16::from_f64;
}

complexes!(f32, f64);

/// Sums of truth values are or, products are and; those of a container count.
impl Arithmetic for bool {
    type Stored = u8;
    type Partial = bool;
    type Wide = i64;
    type Mean = f64;
    const IS_PARTIAL: bool = false;
    const ZERO: Self = false;
    const ONE: Self = true;
    const LEAST: Option<Self> = Some(false);
    const GREATEST: Option<Self> = Some(true);
    #[inline]
    fn load(stored: u8) -> Self {
        stored != 0
    }
    #[inline]
    fn to_partial(self) -> bool {
        self
    }
    #[inline]
    fn of_partial(partial: bool) -> Self {
        partial
    }
    #[inline]
    fn to_wide(self) -> i64 {
        self.into()
    }
    #[inline]
    fn to_mean(self) -> f64 {
        self.into()
    }
    #[inline]
    fn plus(a: bool, b: bool) -> bool {
        a | b
    }
    #[inline]
    fn times(a: bool, b: bool) -> bool {
        a & b
    }
    fn to_number(self) -> Number {
        Number::Whole(self.into())
    }
    fn of_number(number: Number) -> Option<Self> {
        match number.whole()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}
