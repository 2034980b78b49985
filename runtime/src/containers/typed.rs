//! The distributed vector for Rust programs: a [`DynVector`] that nobody else holds, whose element type is known. Its
//! constructors and most of its methods are generated; the views into its memory are here.

use super::core::DynVector;
use crate::element::Element;
use crate::error::{Error, Result};
use dtl_types::{SpecEnum, Status};
use std::marker::PhantomData;

/// A distributed vector of elements of type `T`: each rank of a context holds a part.
#[derive(Debug)]
pub struct Vector<T> {
    erased: DynVector,
    element: PhantomData<T>,
}

impl<T: Element> Vector<T> {
    /// The typed form of a vector whose data type is that of `T` and that nothing else refers to, neither a clone nor a view.
    pub fn from_erased(erased: DynVector) -> Result<Self> {
        if erased.dtype() != T::DTYPE {
            return Err(Error::new(
                Status::InvalidArgument,
                format!("the vector holds {}, not {}", erased.dtype().name(), T::DTYPE.name()),
            ));
        }
        if !erased.is_unique() {
            return Err(Error::new(
                Status::InvalidState,
                "the vector is still referred to elsewhere, so its memory cannot be borrowed safely; drop its views first",
            ));
        }
        Ok(Vector { erased, element: PhantomData })
    }

    /// The vector without its element type.
    ///
    /// # Safety
    /// Elements must not be written or moved, through this vector, its clones or its views, while a slice of
    /// [`Vector::local_view`] or [`Vector::local_view_mut`] is in use, nor read during the latter.
    pub unsafe fn erased(&self) -> &DynVector {
        &self.erased
    }

    /// The vector for the generated methods, which touch no elements unless they have `&mut self`, or copy them.
    pub(crate) fn raw(&self) -> &DynVector {
        &self.erased
    }

    /// This rank's elements.
    pub fn local_view(&self) -> &[T] {
        let body = self.erased.body();
        // SAFETY: the storage holds so many elements of T, aligned and initialised; writing needs `&mut self` or `erased`.
        unsafe { std::slice::from_raw_parts(body.storage.start().cast(), body.layout.local_size() as usize) }
    }

    /// This rank's elements, to be modified.
    pub fn local_view_mut(&mut self) -> &mut [T] {
        let body = self.erased.body();
        // SAFETY: as in `local_view`, and the borrow of `self` is exclusive.
        unsafe {
            std::slice::from_raw_parts_mut(body.storage.start().cast(), body.layout.local_size() as usize)
        }
    }
}
