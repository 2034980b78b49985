//! Reductions of all elements of a container or span to one value: every rank reduces its own, all ranks tell each other what they
//! have got, and each joins that in the order of ranks; so all get the same bits, after one message. Arithmetic on one
//! rank is in `folds.rs`.
//!
//! Sums and products are made in 64 bits and given in the type in which they were made; where the result has a place of
//! another type, they must fit. Of elements that several ranks have, those of the lowest rank count.

use super::folds::fold;
use super::ranged::{self, Ranged};
use super::span::{self, DynSpan};
use crate::arithmetic::Arithmetic;
use crate::arithmetic::order::{larger, smaller};
use crate::array::Output;
use crate::calls::Call;
use crate::comm::progress::Wait;
use crate::context;
use crate::elements::dispatch;
use crate::error::{Error, Result};
use crate::execution::Workers;
use crate::scalar::Scalar;
use dtl_types::{Dtype, SpecEnum, Status};

/// The sum of all elements; 0 without any.
pub fn sum<R: Ranged>(call: &Call<'_>, of: &R, output: &mut dyn Output) -> Result<()> {
    let span = &ranged::span(of);
    fn reduced<T: Arithmetic>(call: &Call<'_>, span: &DynSpan) -> Result<Scalar> {
        let part = |elements: &[T::Stored]| {
            fold(workers(span), elements, |stored| T::load(stored).to_wide(), T::Wide::plus)
        };
        let sum = join::<T, _>(call, span, part, T::Wide::plus)?;
        Ok(Scalar::of(sum.unwrap_or(T::Wide::ZERO)))
    }
    let sum = dispatch!(reducible, span.dtype(),
        T => reduced::<T>(call, span),
        otherwise => undefined(call, "sum", span));
    give(sum?, output)
}

/// The product of all elements; 1 without any.
pub fn prod<R: Ranged>(call: &Call<'_>, of: &R, output: &mut dyn Output) -> Result<()> {
    let span = &ranged::span(of);
    fn reduced<T: Arithmetic>(call: &Call<'_>, span: &DynSpan) -> Result<Scalar> {
        let part = |elements: &[T::Stored]| {
            fold(workers(span), elements, |stored| T::load(stored).to_wide(), T::Wide::times)
        };
        let product = join::<T, _>(call, span, part, T::Wide::times)?;
        Ok(Scalar::of(product.unwrap_or(T::Wide::ONE)))
    }
    let product = dispatch!(reducible, span.dtype(),
        T => reduced::<T>(call, span),
        otherwise => undefined(call, "product", span));
    give(product?, output)
}

/// The arithmetic mean of all elements; NaN without any.
pub fn mean<R: Ranged>(call: &Call<'_>, of: &R, output: &mut dyn Output) -> Result<()> {
    let span = &ranged::span(of);
    fn reduced<T: Arithmetic>(call: &Call<'_>, span: &DynSpan) -> Result<Scalar> {
        let size = span::global_size(span);
        let part = |elements: &[T::Stored]| {
            fold(workers(span), elements, |stored| T::load(stored).to_mean(), T::Mean::plus)
        };
        let sum = join::<T, _>(call, span, part, T::Mean::plus)?;
        Ok(Scalar::of(sum.unwrap_or(T::Mean::ZERO) / size as f64))
    }
    let mean = dispatch!(reducible, span.dtype(),
        T => reduced::<T>(call, span),
        otherwise => undefined(call, "mean", span));
    give(mean?, output)
}

/// The smallest element, or NaN where there is one.
pub fn min<R: Ranged>(call: &Call<'_>, of: &R, output: &mut dyn Output) -> Result<()> {
    give(extreme(call, &ranged::span(of), Extreme::Smallest)?, output)
}

/// The largest element, or NaN where there is one.
pub fn max<R: Ranged>(call: &Call<'_>, of: &R, output: &mut dyn Output) -> Result<()> {
    give(extreme(call, &ranged::span(of), Extreme::Largest)?, output)
}

/// Which element of an ordered type is wanted.
#[derive(Clone, Copy)]
enum Extreme {
    Smallest,
    Largest,
}

impl Extreme {
    /// What it is called in a sentence.
    fn in_words(self) -> &'static str {
        match self {
            Extreme::Smallest => "smallest element",
            Extreme::Largest => "largest element",
        }
    }
}

fn extreme(call: &Call<'_>, span: &DynSpan, wanted: Extreme) -> Result<Scalar> {
    fn reduced<T: Arithmetic + PartialOrd>(
        call: &Call<'_>,
        span: &DynSpan,
        wanted: Extreme,
    ) -> Result<Scalar> {
        let further = match wanted {
            Extreme::Smallest => smaller,
            Extreme::Largest => larger,
        };
        let part = |elements: &[T::Stored]| fold(workers(span), elements, T::load, further);
        join::<T, _>(call, span, part, further)?.map(Scalar::of).ok_or_else(|| {
            let message = format!(
                "a container without elements has no {}; find out first whether it is empty",
                wanted.in_words()
            );
            Error::new(Status::PreconditionFailed, message)
        })
    }
    dispatch!(ordered, span.dtype(),
        T => reduced::<T>(call, span, wanted),
        otherwise => undefined(call, wanted.in_words(), span))
}

/// Whether any element is true, which is not zero; false without elements.
pub fn any<R: Ranged>(call: &Call<'_>, of: &R) -> Result<bool> {
    let span = &ranged::span(of);
    fn reduced<T: Arithmetic>(call: &Call<'_>, span: &DynSpan) -> Result<bool> {
        let part = |elements: &[T::Stored]| Some(elements.iter().any(|element| T::load(*element).is_true()));
        Ok(join::<T, _>(call, span, part, |a, b| a | b)?.unwrap_or(false))
    }
    dispatch!(reducible, span.dtype(),
        T => reduced::<T>(call, span),
        otherwise => undefined(call, "truth value", span))
}

/// Whether all elements are true, which is not zero; true without elements.
pub fn all<R: Ranged>(call: &Call<'_>, of: &R) -> Result<bool> {
    let span = &ranged::span(of);
    fn reduced<T: Arithmetic>(call: &Call<'_>, span: &DynSpan) -> Result<bool> {
        let part = |elements: &[T::Stored]| Some(elements.iter().all(|element| T::load(*element).is_true()));
        Ok(join::<T, _>(call, span, part, |a, b| a & b)?.unwrap_or(true))
    }
    dispatch!(reducible, span.dtype(),
        T => reduced::<T>(call, span),
        otherwise => undefined(call, "truth value", span))
}

/// The threads that work on the elements.
fn workers(span: &DynSpan) -> Workers {
    span.view().container().workers()
}

/// What `part` makes of each rank's elements, joined in the order of ranks; `None` when there is nothing on any rank.
fn join<T: Arithmetic, W: Arithmetic>(
    call: &Call<'_>,
    span: &DynSpan,
    part: impl FnOnce(&[T::Stored]) -> Option<W>,
    join: impl Fn(W, W) -> W,
) -> Result<Option<W>> {
    call.admit(with_ranks(span)).wait()?;
    let view = span.view();
    // SAFETY: the view has so many elements, aligned, in each of which any bytes are a value of this type; programs do not write
    // to elements while they reduce them.
    let elements = unsafe { std::slice::from_raw_parts(view.as_mut_ptr().cast::<T::Stored>(), view.len()) };
    let own = part(elements).map(Scalar::of);
    let range = span.range().unwrap_or_default();
    let bounds = [range.start.to_le_bytes(), range.end.to_le_bytes()].concat();
    let round =
        call.exchange(&[bounds.as_slice(), own.as_ref().map_or(&[], Scalar::bytes)].concat()).wait()?;
    let told: Vec<(&[u8], &[u8])> = round.payloads().map(|payload| payload.split_at(bounds.len())).collect();
    if let Some(rank) = told.iter().position(|(others, _)| *others != told[0].0) {
        let message = format!(
            "the spans differ: rank {rank} passes other elements of the container than rank 0. Every rank must pass the same."
        );
        return Err(call.contract_error(&message));
    }
    let counts = |rank: &i32| view.layout().first_holder(*rank) == *rank;
    let parts = (0..).zip(told).filter(|(rank, (_, part))| counts(rank) && !part.is_empty());
    Ok(parts.map(|(_, (_, part))| Scalar::read::<W>(part)).reduce(join))
}

/// An error for memory of the program, and for what is laid out like it.
fn with_ranks(span: &DynSpan) -> Result<()> {
    if !span.view().is_foreign() && context::size(span.context()) == span::num_ranks(span) {
        return Ok(());
    }
    let message = "the span is of memory of the program, and has no context whose ranks could be asked; reduce the local \
                   elements, and what the ranks have got with allreduce";
    Err(Error::new(Status::NotSupported, message))
}

/// The error of all ranks when elements of a type have no such value.
fn undefined<R>(call: &Call<'_>, wanted: &str, span: &DynSpan) -> Result<R> {
    let message = format!("elements of type {} have no {wanted}", span.dtype().name());
    call.admit(Err(Error::new(Status::NotSupported, message))).wait()
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
