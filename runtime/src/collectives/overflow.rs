//! Sums and products of integers that have to fit their data type, because the caller has integers of any size and would take what wraps
//! for the result. Every rank knows the operands of all, so that all find the same.

use crate::error::{Error, Result};
use dtl_types::{Dtype, ReduceOp, Status};

/// Which results there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Results {
    /// One, of all operands.
    Last,
    /// One of each operand and those before it.
    Each,
}

/// An error if a result does not fit 64 bits; `operands` are the elements of the ranks, one of each.
#[cold]
pub(super) fn check<'a>(
    op: ReduceOp,
    dtype: Dtype,
    results: Results,
    operands: impl Iterator<Item = &'a [u8]>,
) -> Result<()> {
    let operands = operands.filter_map(|bytes| bytes.get(..8)?.try_into().ok());
    match dtype {
        Dtype::Int64 => check_values(
            op,
            dtype,
            results,
            i64::MIN.into()..=i64::MAX.into(),
            operands.map(|it| i64::from_ne_bytes(it).into()),
        ),
        Dtype::Uint64 => check_values(
            op,
            dtype,
            results,
            0..=u64::MAX.into(),
            operands.map(|it| u64::from_ne_bytes(it).into()),
        ),
        _ => Ok(()),
    }
}

fn check_values(
    op: ReduceOp,
    dtype: Dtype,
    results: Results,
    fitting: std::ops::RangeInclusive<i128>,
    operands: impl Iterator<Item = i128>,
) -> Result<()> {
    let (combine, name): (fn(i128, i128) -> Option<i128>, _) = match op {
        ReduceOp::Sum => (i128::checked_add, "sum"),
        ReduceOp::Prod => (i128::checked_mul, "product"),
        _ => return Ok(()),
    };
    let error = || {
        let text =
            format!("the {name} of the ranks' integers does not fit {dtype}. Pass floating-point numbers.");
        Err(Error::new(Status::OutOfRange, text))
    };
    let operands: Vec<i128> = operands.collect();
    // What is too large for any integer may still become zero.
    let zero = op == ReduceOp::Prod && operands.contains(&0);
    let mut result: Option<i128> = None;
    for (rank, operand) in operands.iter().enumerate() {
        result = match (rank, result) {
            (0, _) => Some(*operand),
            (_, Some(before)) => combine(before, *operand),
            (_, None) => None,
        };
        let counts = results == Results::Each || rank + 1 == operands.len();
        let is_zero = zero && (results == Results::Last || operands[..=rank].contains(&0));
        if counts && !is_zero && !result.is_some_and(|result| fitting.contains(&result)) {
            return error();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(op: ReduceOp, results: Results, operands: &[i64]) -> bool {
        let bytes: Vec<[u8; 8]> = operands.iter().map(|operand| operand.to_ne_bytes()).collect();
        check(op, Dtype::Int64, results, bytes.iter().map(|bytes| &bytes[..])).is_ok()
    }

    #[test]
    fn only_results_have_to_fit() {
        const HALF: i64 = 1 << 62;
        assert!(fits(ReduceOp::Sum, Results::Last, &[HALF, HALF - 1]));
        assert!(!fits(ReduceOp::Sum, Results::Last, &[HALF, HALF]));
        assert!(fits(ReduceOp::Sum, Results::Last, &[HALF, HALF, -1]));
        assert!(!fits(ReduceOp::Sum, Results::Each, &[HALF, HALF, -1]));
        assert!(fits(ReduceOp::Prod, Results::Last, &[HALF, HALF, HALF, 0]));
        assert!(!fits(ReduceOp::Prod, Results::Each, &[HALF, HALF, HALF, 0]));
        assert!(fits(ReduceOp::Prod, Results::Each, &[0, HALF, HALF, HALF]));
        assert!(fits(ReduceOp::Max, Results::Last, &[HALF, HALF]));
    }
}
