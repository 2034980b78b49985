//! The value of each operator that changes nothing when it is combined with another: what an exclusive scan starts from.

use crate::element::Element;
use crate::elements::dispatch;
use crate::error::{Error, Result};
use crate::scalar::Scalar;
use dtl_types::{Dtype, ReduceOp, SpecEnum, Status};
use half::{bf16, f16};
use num_complex::Complex;

/// The identity of `op` among `dtype` elements, if there is one.
pub(super) fn identity(op: ReduceOp, dtype: Dtype) -> Result<Scalar> {
    let found = dispatch!(reducible, dtype, T => <T as Neutral>::of(op).map(Scalar::of), otherwise => None);
    found.ok_or_else(|| {
        let (op, dtype) = (op.name(), dtype.name());
        Error::new(
            Status::NotSupported,
            format!(
                "op '{op}' has no element of type {dtype} to start from; use scan, which starts from the first rank's elements"
            ),
        )
    })
}

/// The identities of an element type.
trait Neutral: Element {
    fn of(op: ReduceOp) -> Option<Self>;
}

macro_rules! neutral {
    ($($type:ty: $zero:expr, $one:expr, $least:expr, $largest:expr, $all_bits:expr);+ $(;)?) => {$(
        impl Neutral for $type {
            fn of(op: ReduceOp) -> Option<Self> {
                match op {
                    ReduceOp::Sum | ReduceOp::Lor | ReduceOp::Lxor => Some($zero),
                    ReduceOp::Prod | ReduceOp::Land => Some($one),
                    ReduceOp::Min => $largest,
                    ReduceOp::Max => $least,
                    ReduceOp::Band => $all_bits,
                    ReduceOp::Bor | ReduceOp::Bxor => $all_bits.map(|_| $zero),
                    _ => None,
                }
            }
        }
    )+};
}

macro_rules! integers {
    ($($type:ty),+) => {
        neutral! { $($type: 0, 1, Some(Self::MIN), Some(Self::MAX), Some(!0);)+ }
    };
}

macro_rules! floats {
    ($($type:ty: $zero:expr, $one:expr);+ $(;)?) => {
        neutral! { $($type: $zero, $one, Some(Self::NEG_INFINITY), Some(Self::INFINITY), None::<Self>;)+ }
    };
}

integers!(i8, i16, i32, i64, u8, u16, u32, u64);
floats! { f32: 0.0, 1.0; f64: 0.0, 1.0; f16: f16::ZERO, f16::ONE; bf16: bf16::ZERO, bf16::ONE }
neutral! {
    bool: false, true, Some(false), Some(true), Some(true);
    Complex<f32>: Complex::new(0.0, 0.0), Complex::new(1.0, 0.0), None, None, None::<Self>;
    Complex<f64>: Complex::new(0.0, 0.0), Complex::new(1.0, 0.0), None, None, None::<Self>;
}

#[cfg(test)]
mod tests {
    use super::super::arithmetic::Reduction;
    use super::*;
    use dtl_types::SpecEnum;

    #[test]
    fn an_identity_changes_nothing_that_the_operator_can_give() {
        let mut pairs = 0;
        for &dtype in Dtype::VALUES {
            for &op in ReduceOp::VALUES {
                let Ok(reduction) = Reduction::new(op, dtype) else { continue };
                let identity = identity(op, dtype).unwrap();
                for byte in [0x00, 0x01, 0x3c, 0xc1] {
                    // A value that the operator has given: logical ones are 0 or 1, and a boolean has one form of true.
                    let (given, size) = ([byte; 16], dtype.size());
                    let (mut value, mut found) = ([0; 16], [0; 16]);
                    let mut stack = identity.bytes().to_vec();
                    // SAFETY: every block is one element, for which all arrays have room.
                    unsafe {
                        let twice = [given, given].map(|block| block[..size].to_vec()).concat();
                        reduction.run(twice.as_ptr(), size, 2, value.as_mut_ptr(), 1);
                        stack.extend_from_slice(&value[..size]);
                        reduction.run(stack.as_ptr(), size, 2, found.as_mut_ptr(), 1);
                    }
                    assert_eq!(found, value, "{op:?} of {dtype:?}");
                }
                pairs += 1;
            }
        }
        assert!(pairs > 100, "{pairs} pairs of operator and data type were tried");
    }
}
