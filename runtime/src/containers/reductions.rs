//! Reductions of all elements of a container or span to one value: every rank reduces its own, all ranks tell each other what they
//! have got, and each joins that in the order of ranks; so all get the same bits, after one message. Which reductions there are,
//! and their arithmetic, is in `memory/engine/fold.rs`.
//!
//! Sums and products are made in 64 bits and given in the type in which they were made; where the result has a place of
//! another type, they must fit. Of elements that several ranks have, those of the lowest rank count.

use super::for_functions::with_ranks;
use super::ranged::{self, Ranged};
use super::span::{self, DynSpan};
use crate::arithmetic::Arithmetic;
use crate::array::Output;
use crate::calls::Call;
use crate::elements::dispatch;
use crate::error::{Error, Result};
use crate::memory::engine::fold::Fold;
use crate::scalar::Scalar;
use dtl_types::{Dtype, ReduceOp, SpecEnum, Status};

/// The sum of all elements; 0 without any.
pub async fn sum<R: Ranged>(call: &Call<'_>, of: &R, output: &mut dyn Output) -> Result<()> {
    give(folded(call, &ranged::span(of), Fold::Sum).await?, output)
}

/// The product of all elements; 1 without any.
pub async fn prod<R: Ranged>(call: &Call<'_>, of: &R, output: &mut dyn Output) -> Result<()> {
    give(folded(call, &ranged::span(of), Fold::Product).await?, output)
}

/// The arithmetic mean of all elements; NaN without any.
pub async fn mean<R: Ranged>(call: &Call<'_>, of: &R, output: &mut dyn Output) -> Result<()> {
    let span = &ranged::span(of);
    let sum = folded(call, span, Fold::SumForMean).await?;
    let count = span::global_size(span) as f64;
    give(dispatch!(reducible, span.dtype(), T => divided::<T>(sum, count), otherwise => sum), output)
}

/// A sum that was made for a mean, divided by the number of elements.
fn divided<T: Arithmetic>(sum: Scalar, count: f64) -> Scalar {
    Scalar::of(Scalar::read::<T::Mean>(sum.bytes()) / count)
}

/// The smallest element, or NaN where there is one.
pub async fn min<R: Ranged>(call: &Call<'_>, of: &R, output: &mut dyn Output) -> Result<()> {
    give(folded(call, &ranged::span(of), Fold::Smallest).await?, output)
}

/// The largest element, or NaN where there is one.
pub async fn max<R: Ranged>(call: &Call<'_>, of: &R, output: &mut dyn Output) -> Result<()> {
    give(folded(call, &ranged::span(of), Fold::Largest).await?, output)
}

/// Whether any element is true, which is not zero; false without elements.
pub async fn any<R: Ranged>(call: &Call<'_>, of: &R) -> Result<bool> {
    folded(call, &ranged::span(of), Fold::Any).await.map(|any| Scalar::read(any.bytes()))
}

/// Whether all elements are true, which is not zero; true without elements.
pub async fn all<R: Ranged>(call: &Call<'_>, of: &R) -> Result<bool> {
    folded(call, &ranged::span(of), Fold::All).await.map(|all| Scalar::read(all.bytes()))
}

/// What all elements give together with `op`.
pub async fn reduce<R: Ranged>(call: &Call<'_>, of: &R, op: ReduceOp, output: &mut dyn Output) -> Result<()> {
    let fold = call.admit(fold(op)).await?;
    let value = folded(call, &ranged::span(of), fold).await?;
    let dtype = of.container().dtype();
    // Truth values have the type of the elements, as they do where arrays are combined.
    let is_truth = matches!(fold, Fold::Any | Fold::All);
    give(if is_truth { value.converted(dtype).unwrap_or(value) } else { value }, output)
}

/// The fold that an operator stands for.
fn fold(op: ReduceOp) -> Result<Fold> {
    match op {
        ReduceOp::Sum => Ok(Fold::Sum),
        ReduceOp::Prod => Ok(Fold::Product),
        ReduceOp::Min => Ok(Fold::Smallest),
        ReduceOp::Max => Ok(Fold::Largest),
        ReduceOp::Land => Ok(Fold::All),
        ReduceOp::Lor => Ok(Fold::Any),
        _ => Err(Error::new(
            Status::NotSupported,
            format!(
                "op '{}' does not reduce the elements of a container; use sum, prod, min, max, land or lor, or reduce arrays",
                op.name()
            ),
        )),
    }
}

/// The value of all ranks' elements: that of each rank, joined in the order of ranks.
async fn folded(call: &Call<'_>, span: &DynSpan, fold: Fold) -> Result<Scalar> {
    let (dtype, view) = (span.dtype(), span.view());
    let admitted = if fold.is_defined(dtype) { with_ranks(span) } else { Err(undefined(fold, dtype)) };
    call.admit(admitted).await?;
    let (elements, workers) = (view.address(), view.container().workers());
    // SAFETY: the view has so many elements, aligned, and the operation has borrowed the container.
    let own = unsafe { elements.engine().fold(elements, view.len(), fold, dtype, workers) };
    let range = span.range().unwrap_or_default();
    let bounds = [range.start.to_le_bytes(), range.end.to_le_bytes()].concat();
    let told = [bounds.as_slice(), own.as_ref().map_or(&[], Scalar::bytes)].concat();
    let round = call.exchange(&told).await?;
    let told: Vec<(&[u8], &[u8])> = round.payloads().map(|payload| payload.split_at(bounds.len())).collect();
    if let Some(rank) = told.iter().position(|(others, _)| *others != told[0].0) {
        let message = format!(
            "the spans differ: rank {rank} passes other elements of the container than rank 0. Every rank must pass the same."
        );
        return Err(call.contract_error(&message));
    }
    let counts = |rank: &i32| view.layout().first_holder(*rank) == *rank;
    let parts = (0..).zip(told).filter(|(rank, (_, part))| counts(rank) && !part.is_empty());
    let values = parts.map(|(_, (_, part))| fold.value(dtype, part));
    let value = values.reduce(|first, second| fold.joined(first, second));
    value.or_else(|| fold.of_none(dtype)).ok_or_else(|| {
        let message = format!(
            "a container without elements has no {}; find out first whether it is empty",
            fold.name()
        );
        Error::new(Status::PreconditionFailed, message)
    })
}

/// The error where elements of a type have no such value.
fn undefined(fold: Fold, dtype: Dtype) -> Error {
    let message = format!("elements of type {} have no {}", dtype.name(), fold.name());
    Error::new(Status::NotSupported, message)
}

/// Puts `value` where it belongs, in the type that belongs there.
fn give(value: Scalar, output: &mut dyn Output) -> Result<()> {
    let dtype = output.expected_dtype().unwrap_or(value.dtype());
    let fitting = value.converted(dtype).ok_or_else(|| does_not_fit(value, dtype))?;
    output.provide(dtype, &[])?.store(0, fitting.bytes());
    Ok(())
}

fn does_not_fit(value: Scalar, dtype: Dtype) -> Error {
    let message =
        format!("the result is {value}, which {} cannot hold; use a container of a wider type", dtype.name());
    Error::new(Status::OutOfRange, message)
}
