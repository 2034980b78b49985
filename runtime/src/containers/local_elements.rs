//! Single elements of this rank, by their places among the local ones. Nothing here communicates.

use super::core::{Body, DynContainer};
use crate::array::Output;
use crate::error::{Error, Result};
use crate::scalar::Scalar;
use dtl_types::Status;

/// Gives the local element at `index`.
pub fn get_local(container: &DynContainer, index: u64, output: &mut dyn Output) -> Result<()> {
    let body = container.body().clone();
    let place = linear(&body, index)?;
    read(container, &body, place, output)
}

/// Sets the local element at `index`.
pub fn set_local(container: &DynContainer, index: u64, value: Scalar) -> Result<()> {
    // It is borrowed, so that nobody waits to replace it.
    let body = container.body();
    let place = linear(&body, index)?;
    write(container, &body, place, value);
    Ok(())
}

/// Gives the local element at these places along each dimension.
pub fn get_local_nd(container: &DynContainer, index: &[i64], output: &mut dyn Output) -> Result<()> {
    let body = container.body().clone();
    let place = along_dimensions(&body, index)?;
    read(container, &body, place, output)
}

/// Sets the local element at these places along each dimension.
pub fn set_local_nd(container: &DynContainer, index: &[i64], value: Scalar) -> Result<()> {
    // It is borrowed, so that nobody waits to replace it.
    let body = container.body();
    let place = along_dimensions(&body, index)?;
    write(container, &body, place, value);
    Ok(())
}

fn linear(body: &Body, index: u64) -> Result<usize> {
    let size = body.layout.local_size();
    if index < size {
        return Ok(index as usize);
    }
    Err(Error::new(
        Status::OutOfBounds,
        format!("local index {index} is out of bounds: this rank has {size} elements"),
    ))
}

fn along_dimensions(body: &Body, index: &[i64]) -> Result<usize> {
    let shape = body.layout.local_shape();
    if index.len() != shape.len() {
        let message =
            format!("the index has {} dimensions, but the elements have {}", index.len(), shape.len());
        return Err(Error::new(Status::DimensionMismatch, message));
    }
    let mut place = 0;
    for (dimension, (index, extent)) in index.iter().zip(shape).enumerate() {
        let along = usize::try_from(*index).ok().filter(|index| *index < extent).ok_or_else(|| {
            Error::new(
                Status::OutOfBounds,
                format!(
                    "local index {index} along dimension {dimension} is out of bounds: this rank has {extent} there"
                ),
            )
        })?;
        place = place * extent + along;
    }
    Ok(place)
}

fn read(container: &DynContainer, body: &Body, place: usize, output: &mut dyn Output) -> Result<()> {
    let dtype = container.dtype();
    let mut result = output.provide(dtype, &[])?;
    let (source, size) = (body.storage.address().add(place * dtype.size()), dtype.size());
    // SAFETY: the place is below the number of elements in the storage, and the result is one element.
    unsafe { source.engine().load(source, result.as_mut_ptr(), size) };
    Ok(())
}

fn write(container: &DynContainer, body: &Body, place: usize, value: Scalar) {
    let size = container.dtype().size();
    let target = body.storage.address().add(place * size);
    // SAFETY: the place is below the number of elements in the storage, and the value, whose type was compared, has the
    // size of one.
    unsafe { target.engine().store(target, value.bytes().as_ptr(), size) };
    body.note_write();
}
