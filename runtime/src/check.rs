//! What the kinds of the specification demand of arguments. The generated operations call these before anything else
//! happens; implementations rely on it and check nothing of it again.

use crate::error::{Error, Result};
use crate::memory::Kind;
use dtl_types::{Dtype, Operation, ReduceOp, SpecEnum, Status};

/// The values that an integer argument may have.
#[derive(Debug)]
pub(crate) struct Range {
    /// Smallest value.
    pub(crate) at_least: Option<i64>,
    /// Largest value.
    pub(crate) at_most: Option<i64>,
    /// The value must be smaller than this.
    pub(crate) below: Option<i64>,
    /// This value is allowed as well.
    pub(crate) or: Option<i64>,
    /// Status of a violation.
    pub(crate) status: Status,
    /// What the caller should do.
    pub(crate) cure: &'static str,
}

/// An integer argument must lie in its range. Unsigned arguments come as the signed number of the same bits: a negative
/// number that a language passed as unsigned is then reported as the caller wrote it.
#[inline]
pub(crate) fn integer(operation: Operation, name: &str, value: i64, range: &Range) -> Result<()> {
    let inside = range.at_least.is_none_or(|least| value >= least)
        && range.at_most.is_none_or(|most| value <= most)
        && range.below.is_none_or(|below| value < below);
    if inside || range.or == Some(value) { Ok(()) } else { Err(outside(operation, name, value, range)) }
}

#[cold]
fn outside(operation: Operation, name: &str, value: i64, range: &Range) -> Error {
    let size = range.below.map(|below| format!(" (size is {below})")).unwrap_or_default();
    Error::new(range.status, format!("{}: {name} is {value}{size}. {}", operation.name(), range.cure))
}

/// An array, or the place of a result, must be in the host's memory, where operations on arrays work.
#[inline]
pub(crate) fn host_memory(operation: Operation, name: &str, kind: Kind) -> Result<()> {
    if kind.is_host() { Ok(()) } else { Err(elsewhere(operation, name, kind)) }
}

#[cold]
fn elsewhere(operation: Operation, name: &str, kind: Kind) -> Error {
    let (operation, kind) = (operation.name(), kind.name());
    let message = format!(
        "{operation}: {name} is in {kind} memory, which it does not reach. Pass an array in the host's memory."
    );
    Error::new(Status::NotSupported, message)
}

/// An array argument must have one of the element types that the operation works on.
#[inline(always)]
pub(crate) fn element_type(operation: Operation, name: &str, dtype: Dtype, allowed: &[Dtype]) -> Result<()> {
    // Where this is compiled, what is allowed is known, so that the search becomes a comparison with a set of bits.
    if allowed.contains(&dtype) { Ok(()) } else { Err(unsupported(operation, name, dtype, allowed)) }
}

#[cold]
fn unsupported(operation: Operation, name: &str, dtype: Dtype, allowed: &[Dtype]) -> Error {
    Error::new(
        Status::NotSupported,
        format!(
            "{}: {name} has the dtype {dtype}, which this operation does not support. Convert it to one of: {}.",
            operation.name(),
            names(allowed)
        ),
    )
}

/// An argument that chooses an element type must choose one of these.
pub(crate) fn chosen_dtype(operation: Operation, name: &str, dtype: Dtype, allowed: &[Dtype]) -> Result<()> {
    if allowed.contains(&dtype) {
        return Ok(());
    }
    Err(Error::new(
        Status::NotSupported,
        format!(
            "{}: {name} is {dtype}, which it cannot be. Pass one of: {}.",
            operation.name(),
            names(allowed)
        ),
    ))
}

/// A reduction operator must be defined for the element type.
#[inline]
pub(crate) fn operator(operation: Operation, name: &str, op: ReduceOp, dtype: Dtype) -> Result<()> {
    if op.dtypes().contains(&dtype) {
        return Ok(());
    }
    Err(Error::new(
        Status::NotSupported,
        format!(
            "{}: {name} is {op}, which is not defined for {dtype}. It is defined for: {}.",
            operation.name(),
            names(op.dtypes())
        ),
    ))
}

/// A single value must have the element type of what it goes into.
#[inline]
pub(crate) fn same_dtype(operation: Operation, name: &str, dtype: Dtype, wanted: Dtype) -> Result<()> {
    if dtype == wanted {
        return Ok(());
    }
    Err(Error::new(
        Status::InvalidArgument,
        format!(
            "{}: {name} has the dtype {dtype}, but the elements are {wanted}. Pass a {wanted}.",
            operation.name()
        ),
    ))
}

fn names(dtypes: &[Dtype]) -> String {
    dtypes.iter().map(|dtype| dtype.name()).collect::<Vec<_>>().join(", ")
}
