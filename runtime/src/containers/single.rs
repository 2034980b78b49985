//! Single elements of this rank, by their global index: what languages with subscripts offer as `x[i]`. Local: an element of
//! another rank is an error that says where it is.

use super::core::Container;
use super::picture::tuple;
use crate::error::{Error, Result};
use crate::scalar::Scalar;
use dtl_types::Status;

/// The element with this index along each dimension, of which negative ones count from the end.
pub fn read(container: &Container, index: &[i64]) -> Result<Scalar> {
    let body = container.body().clone();
    let place = place(container, index)?;
    let dtype = container.dtype();
    // SAFETY: the storage holds the local elements, of which this is one.
    Ok(unsafe { Scalar::from_raw(dtype, body.storage.start().add(place * dtype.size())) })
}

/// Replaces an element by one of the same data type.
pub fn write(container: &Container, index: &[i64], value: Scalar) -> Result<()> {
    let body = container.body().clone();
    let place = place(container, index)?;
    let bytes = value.bytes();
    assert_eq!(value.dtype(), container.dtype(), "languages convert elements to the type of the container");
    // SAFETY: the storage holds the local elements, of which this is one, of as many bytes.
    unsafe {
        body.storage.start().add(place * bytes.len()).copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
    }
    body.note_write();
    Ok(())
}

fn place(container: &Container, index: &[i64]) -> Result<usize> {
    let body = container.body().clone();
    let shape = body.layout.shape();
    if index.len() != shape.len() {
        let message = format!(
            "the index has {} dimensions, but the container has {}; pass one integer for each",
            index.len(),
            shape.len()
        );
        return Err(Error::new(Status::InvalidIndex, message));
    }
    let mut place = Vec::with_capacity(index.len());
    for (index, extent) in index.iter().zip(&shape) {
        let from_start = if *index < 0 { index.saturating_add(*extent as i64) } else { *index };
        let within = u64::try_from(from_start).ok().filter(|index| index < extent).ok_or_else(|| {
            let message =
                format!("index {index} is out of bounds: there are {extent} elements along its dimension");
            Error::new(Status::OutOfBounds, message)
        })?;
        place.push(within);
    }
    let elsewhere = |owner| {
        let message = format!(
            "element {} is on rank {owner}, not on this rank, {}; read and write it with get and set, which every rank must call",
            if let [one] = place.as_slice() { one.to_string() } else { tuple(&place) },
            body.layout.rank()
        );
        Error::new(Status::InvalidIndex, message)
    };
    body.layout.place_of(&place).map(|place| place as usize).map_err(elsewhere)
}
