//! Reductions of all elements of a container to one value: every rank reduces its own, all ranks tell each other what they
//! have got, and each joins that in the order of ranks; so all get the same bits, after one message. Arithmetic on one
//! rank is in `folds.rs`.
//!
//! Sums and products are made in 64 bits and given in the type in which they were made; where the result has a place of
//! another type, they must fit. Of elements that several ranks have, those of the lowest rank count.

use super::core::Container;
use super::folds::{Number, Wide, fold};
use crate::array::Output;
use crate::comm::Call;
use crate::element::Element;
use crate::elements::dispatch;
use crate::error::{Error, Result};
use crate::scalar::Scalar;
use dtl_types::{Dtype, SpecEnum, Status};

/// The sum of all elements; 0 without any.
pub fn sum(call: &Call<'_>, container: &Container, output: &mut dyn Output) -> Result<()> {
    fn of<T: Number>(call: &Call<'_>, container: &Container) -> Result<Scalar> {
        let part = |elements: &[T::Stored]| fold(container.workers(), elements, T::wide, Wide::plus);
        let sum = join::<T, _>(call, container, part, Wide::plus)?;
        Ok(Scalar::of(sum.unwrap_or(T::Wide::ZERO)))
    }
    let sum = dispatch!(container.dtype(), T => of::<T>(call, container), otherwise => undefined(call, "a sum", container));
    give(sum?, output)
}

/// The product of all elements; 1 without any.
pub fn prod(call: &Call<'_>, container: &Container, output: &mut dyn Output) -> Result<()> {
    fn of<T: Number>(call: &Call<'_>, container: &Container) -> Result<Scalar> {
        let part = |elements: &[T::Stored]| fold(container.workers(), elements, T::wide, Wide::times);
        let product = join::<T, _>(call, container, part, Wide::times)?;
        Ok(Scalar::of(product.unwrap_or(T::Wide::ONE)))
    }
    let product = dispatch!(container.dtype(), T => of::<T>(call, container), otherwise => undefined(call, "a product", container));
    give(product?, output)
}

/// The arithmetic mean of all elements; NaN without any.
pub fn mean(call: &Call<'_>, container: &Container, output: &mut dyn Output) -> Result<()> {
    fn of<T: Number>(call: &Call<'_>, container: &Container) -> Result<Scalar> {
        let size = container.body().layout.size();
        let part = |elements: &[T::Stored]| fold(container.workers(), elements, T::real, Wide::plus);
        let sum = join::<T, _>(call, container, part, Wide::plus)?;
        Ok(Scalar::of(sum.unwrap_or(T::Real::ZERO).over(size)))
    }
    let mean = dispatch!(container.dtype(), T => of::<T>(call, container), otherwise => undefined(call, "a mean", container));
    give(mean?, output)
}

/// The smallest element, or NaN where there is one.
pub fn min(call: &Call<'_>, container: &Container, output: &mut dyn Output) -> Result<()> {
    give(extreme(call, container, "a smallest element")?, output)
}

/// The largest element, or NaN where there is one.
pub fn max(call: &Call<'_>, container: &Container, output: &mut dyn Output) -> Result<()> {
    give(extreme(call, container, LARGEST)?, output)
}

const LARGEST: &str = "a largest element";

fn extreme(call: &Call<'_>, container: &Container, wanted: &str) -> Result<Scalar> {
    fn of<T: Number>(call: &Call<'_>, container: &Container, wanted: &str) -> Result<Scalar> {
        let Some(order) = T::order() else { return undefined(call, wanted, container) };
        let further = if wanted == LARGEST { order.larger } else { order.smaller };
        let part = |elements: &[T::Stored]| fold(container.workers(), elements, order.element, further);
        join::<T, _>(call, container, part, further)?.map(Scalar::of).ok_or_else(|| {
            let message = format!("a container without elements has not {wanted}; test empty() first");
            Error::new(Status::PreconditionFailed, message)
        })
    }
    dispatch!(container.dtype(), T => of::<T>(call, container, wanted), otherwise => undefined(call, wanted, container))
}

/// Whether any element is true, which is not zero; false without elements.
pub fn any(call: &Call<'_>, container: &Container) -> Result<bool> {
    fn of<T: Number>(call: &Call<'_>, container: &Container) -> Result<bool> {
        let part = |elements: &[T::Stored]| Some(elements.iter().any(|element| T::is_true(*element)));
        Ok(join::<T, _>(call, container, part, |a, b| a | b)?.unwrap_or(false))
    }
    dispatch!(container.dtype(), T => of::<T>(call, container), otherwise => undefined(call, "a truth value", container))
}

/// Whether all elements are true, which is not zero; true without elements.
pub fn all(call: &Call<'_>, container: &Container) -> Result<bool> {
    fn of<T: Number>(call: &Call<'_>, container: &Container) -> Result<bool> {
        let part = |elements: &[T::Stored]| Some(elements.iter().all(|element| T::is_true(*element)));
        Ok(join::<T, _>(call, container, part, |a, b| a & b)?.unwrap_or(true))
    }
    dispatch!(container.dtype(), T => of::<T>(call, container), otherwise => undefined(call, "a truth value", container))
}

/// What `part` makes of each rank's elements, joined in the order of ranks; `None` when there is nothing on any rank.
fn join<T: Number, W: Element>(
    call: &Call<'_>,
    container: &Container,
    part: impl FnOnce(&[T::Stored]) -> Option<W>,
    join: impl Fn(W, W) -> W,
) -> Result<Option<W>> {
    call.admit(Ok(()))?;
    let body = container.body().clone();
    let count = body.layout.local_size() as usize;
    // SAFETY: the storage holds so many elements, aligned, in each of which any bytes are a value of this type; programs
    // do not write to a container while they reduce it.
    let elements = unsafe { std::slice::from_raw_parts(body.storage.start().cast::<T::Stored>(), count) };
    let own = part(elements).map(Scalar::of);
    let round = call.exchange(own.as_ref().map_or(&[], Scalar::bytes))?;
    let counts = |rank: &i32| body.layout.first_holder(*rank) == *rank;
    let parts = (0..).zip(round.payloads()).filter(|(rank, part)| counts(rank) && !part.is_empty());
    Ok(parts.map(|(_, part)| Scalar::read::<W>(part)).reduce(join))
}

/// The error of all ranks when elements of a type have no such value.
fn undefined<R>(call: &Call<'_>, wanted: &str, container: &Container) -> Result<R> {
    let message = format!("elements of type {} have not {wanted}", container.dtype().name());
    call.admit(Err(Error::new(Status::NotSupported, message)))
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
