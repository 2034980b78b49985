//! This rank's elements of any container: as they are, copied out, copied in, filled.

use super::core::{DynContainer, View};
use super::properties::dtype;
use crate::array::{Array, Output};
use crate::error::{Error, Result};
use crate::scalar::Scalar;
use dtl_types::{SpecEnum, Status};

/// The local elements, without a copy.
pub fn local_view(container: &DynContainer) -> Result<View> {
    View::for_program(container)
}

/// The local elements in the memory of a GPU, without a copy. No container is there yet.
pub fn device_view(container: &DynContainer) -> Result<View> {
    let placement = container.body().placement;
    let message = format!(
        "the placement is {}, so the elements are in no GPU's memory; use local_view",
        placement.name()
    );
    Err(Error::new(Status::BackendUnavailable, message))
}

/// Copies the local elements out.
pub fn copy_to(container: &DynContainer, output: &mut dyn Output) -> Result<()> {
    let body = container.body().clone();
    let shape = body.layout.local_shape();
    let mut result = output.provide(dtype(container), &shape)?;
    let (target, bytes) = (result.as_mut_ptr(), result.nbytes());
    assert!(bytes <= body.storage.bytes(), "the result has the shape of the local elements");
    let source = body.storage.address();
    // SAFETY: the storage holds the local elements, of which the operation has borrowed all, and the result has as many bytes.
    unsafe { source.engine().read(source, target, bytes, container.workers()) };
    Ok(())
}

/// Copies `values` over the local elements; shape and data type must be theirs.
pub fn copy_from(container: &DynContainer, values: Array<'_>) -> Result<()> {
    values.check_dtype("the array", dtype(container), "the container holds")?;
    let body = container.body().clone();
    let shape = body.layout.local_shape();
    if !values.fits(&shape) {
        return Err(Error::new(
            Status::ExtentMismatch,
            format!(
                "the array has the shape {:?}, but this rank's part of the container has {:?}",
                values.shape(),
                shape
            ),
        ));
    }
    let (target, bytes) = (body.storage.address(), body.storage.bytes());
    // SAFETY: the storage has as many bytes as the array, by the check above, and the operation has borrowed the container. The array
    // may be a view of it.
    unsafe {
        target.engine().write(target, values.as_ptr(), bytes, container.workers());
        target.engine().sanitize(target, bytes, dtype(container));
    }
    body.note_write();
    Ok(())
}

/// Sets each local element to `value`.
pub fn fill(container: &DynContainer, value: Scalar) -> Result<()> {
    let body = container.body();
    let (target, count) = (body.storage.address(), body.layout.local_size() as usize);
    // SAFETY: the storage has so many elements, aligned, which the operation has borrowed.
    unsafe { target.engine().fill(target, count, value, container.workers()) };
    body.note_write();
    Ok(())
}
