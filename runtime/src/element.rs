//! The Rust types that a container can hold and the data type that each stands for, with the one `dispatch!` over
//! data types. What arithmetic each type has is in `collectives/arithmetic.rs`.

use dtl_types::Dtype;
use half::{bf16, f16};
use num_complex::Complex;

/// A type that distributed containers and collectives can carry. Sealed: the data types are those of the specification.
pub trait Element: Copy + Send + Sync + 'static + sealed::Sealed {
    /// The data type that stands for `Self` in every language.
    const DTYPE: Dtype;

    /// Makes every byte pattern in `values` one that `Self` may have. Only `bool` has patterns to mend: other languages
    /// store any non-zero byte for true.
    #[doc(hidden)]
    fn sanitize(_values: &mut [u8]) {}
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! elements {
    ($($type:ty => $dtype:ident),* $(,)?) => {$(
        impl sealed::Sealed for $type {}
        impl Element for $type {
            const DTYPE: Dtype = Dtype::$dtype;
        }
    )*};
}

elements! {
    i8 => Int8, i16 => Int16, i32 => Int32, i64 => Int64,
    u8 => Uint8, u16 => Uint16, u32 => Uint32, u64 => Uint64,
    f32 => Float32, f64 => Float64,
    Complex<f32> => Complex64, Complex<f64> => Complex128,
    f16 => Float16, bf16 => Bfloat16,
}

impl sealed::Sealed for bool {}
impl Element for bool {
    const DTYPE: Dtype = Dtype::Bool;

    fn sanitize(values: &mut [u8]) {
        for value in values {
            *value = u8::from(*value != 0);
        }
    }
}

/// Evaluates an expression with a type name bound to the Rust type of a data type that has arithmetic, and another
/// expression for those that only move (`Byte`).
macro_rules! dispatch {
    ($dtype:expr, $T:ident => $arithmetic:expr, otherwise => $movement:expr) => {{
        macro_rules! arm {
            ($type:ty) => {{
                type $T = $type;
                $arithmetic
            }};
        }
        match $dtype {
            ::dtl_types::Dtype::Int8 => arm!(i8),
            ::dtl_types::Dtype::Int16 => arm!(i16),
            ::dtl_types::Dtype::Int32 => arm!(i32),
            ::dtl_types::Dtype::Int64 => arm!(i64),
            ::dtl_types::Dtype::Uint8 => arm!(u8),
            ::dtl_types::Dtype::Uint16 => arm!(u16),
            ::dtl_types::Dtype::Uint32 => arm!(u32),
            ::dtl_types::Dtype::Uint64 => arm!(u64),
            ::dtl_types::Dtype::Float32 => arm!(f32),
            ::dtl_types::Dtype::Float64 => arm!(f64),
            ::dtl_types::Dtype::Bool => arm!(bool),
            ::dtl_types::Dtype::Complex64 => arm!(::num_complex::Complex<f32>),
            ::dtl_types::Dtype::Complex128 => arm!(::num_complex::Complex<f64>),
            ::dtl_types::Dtype::Float16 => arm!(::half::f16),
            ::dtl_types::Dtype::Bfloat16 => arm!(::half::bf16),
            ::dtl_types::Dtype::Byte => $movement,
        }
    }};
}

pub(crate) use dispatch;
