//! Single elements of this rank, by their global index: what languages with subscripts offer as `x[i]`. Local: an element of
//! another rank is an error that says where it is.

use super::borrow::{Access, Borrow};
use super::core::Body;
use super::picture::tuple;
use super::ranged::Ranged;
use crate::error::{Error, Result};
use crate::execution::Workers;
use crate::scalar::Scalar;
use dtl_types::Status;
use std::ops::Range;

/// The element with this index along each dimension, of which negative ones count from the end.
pub fn read<R: Ranged>(of: &R, index: &[i64]) -> Result<Scalar> {
    let _borrow = Borrow::lend(None, [(of.container().loans(), Access::ReadOne)])?;
    let body = of.container().body().clone();
    let place = place(&body, of.range(), index)?;
    let dtype = of.container().dtype();
    let source = body.storage.address().add(place * dtype.size());
    let mut bytes = [0; 16];
    // SAFETY: the storage holds the local elements, of which this is one; none is larger than 16 bytes.
    unsafe {
        source.engine().read(source, bytes.as_mut_ptr(), dtype.size(), Workers::ONE);
        Ok(Scalar::from_raw(dtype, bytes.as_ptr()))
    }
}

/// Replaces an element by one of the same data type.
pub fn write<R: Ranged>(of: &R, index: &[i64], value: Scalar) -> Result<()> {
    let _borrow = Borrow::lend(None, [(of.container().loans(), Access::WriteOne)])?;
    let body = of.container().body().clone();
    let place = place(&body, of.range(), index)?;
    let bytes = value.bytes();
    assert_eq!(
        value.dtype(),
        of.container().dtype(),
        "languages convert elements to the type of the container"
    );
    let target = body.storage.address().add(place * bytes.len());
    // SAFETY: the storage holds the local elements, of which this is one, of as many bytes.
    unsafe { target.engine().write(target, bytes.as_ptr(), bytes.len(), Workers::ONE) };
    body.note_write();
    Ok(())
}

/// Where among the local elements the element is.
fn place(body: &Body, range: Option<Range<u64>>, index: &[i64]) -> Result<usize> {
    let shape = match &range {
        None => body.layout.shape(),
        Some(range) => vec![range.end - range.start],
    };
    if index.len() != shape.len() {
        let message = format!(
            "the index has {} dimensions, but the elements have {}; pass one integer for each",
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
            "element {} is on rank {owner}, not on this rank, {}; read and write it with get and set{}, which every rank must call",
            if let [one] = place.as_slice() { one.to_string() } else { tuple(&place) },
            body.layout.rank(),
            if range.is_some() { " of the container" } else { "" }
        );
        Error::new(Status::InvalidIndex, message)
    };
    let found = match &range {
        None => body.layout.place_of(&place),
        Some(range) => body.layout.place_of(&along_dimensions(&body.layout.shape(), range.start + place[0])),
    };
    found.map(|place| place as usize).map_err(elsewhere)
}

/// The index along each dimension of the element at this position in row-major order.
fn along_dimensions(shape: &[u64], position: u64) -> Vec<u64> {
    let mut rest = position;
    let mut index = vec![0; shape.len()];
    for (along, extent) in index.iter_mut().zip(shape).rev() {
        (*along, rest) = (rest % extent, rest / extent);
    }
    index
}
