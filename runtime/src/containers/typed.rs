//! The distributed containers for Rust programs: each is an erased one that nobody else holds, whose element type is known, and derefs
//! to what all kinds of containers have in common. Their constructors and most of their methods are generated; the views into their memory are here.

use super::core::{DynArray, DynContainer, DynTensor, DynVector};
use super::halo::Halo;
use super::span::{self, DynSpan};
use crate::array::VecOutput;
use crate::element::Element;
use crate::error::{Error, Result};
use crate::ops;
use crate::request::Gives;
use crate::scalar::Scalar;
use dtl_types::{HaloBoundary, SpecEnum, Status, Stencil};
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

/// What a slice of elements needs.
const IN_HOST_MEMORY: &str = "slices are of the host's memory; copy elements that are elsewhere";

/// What distributed vectors, arrays and tensors of elements of type `T` have in common. Each of them derefs to it, so that a function
/// may take any of them as `&Container<T>`.
///
/// `K` is `[(); 0]` inside of these, and unsized elsewhere, so that nobody can exchange what is inside of two containers of different
/// kinds.
pub struct Container<T, K: ?Sized = [()]> {
    erased: DynContainer,
    element: PhantomData<T>,
    _unsized: K,
}

impl<T> fmt::Debug for Container<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.erased.fmt(f)
    }
}

impl<T: Element> Container<T> {
    /// The container without its element type.
    ///
    /// # Safety
    /// Elements must not be written or moved, through this container, its clones or its views, while a slice of
    /// `local_view` or `local_view_mut` is in use, nor read during the latter.
    pub unsafe fn erased(&self) -> &DynContainer {
        &self.erased
    }

    /// The container for the generated methods, which touch no elements unless they have `&mut self`, or copy them.
    pub(crate) fn raw(&self) -> &DynContainer {
        &self.erased
    }

    /// A halo around this rank's elements, of `width` ghosts at each end of each dimension; `value` is what stands beyond
    /// the ends with the boundary `Constant`. Collective: every rank of the context must call it.
    ///
    /// # Errors
    ///
    /// - `Status::NotSupported` if a dimension is divided other than by blocks.
    /// - `Status::DimensionMismatch` if `width` has neither one entry nor one for each dimension.
    ///
    /// # Safety
    /// While the halo begins an exchange, no slice of `local_view_mut` may be in use.
    pub unsafe fn halo(
        &self,
        width: &[u64],
        boundary: HaloBoundary,
        stencil: Stencil,
        value: Option<T>,
    ) -> Result<Halo> {
        ops::container_halo(&self.erased, width, boundary, stencil, value.map(Scalar::of))
    }

    /// This rank's elements.
    ///
    /// # Panics
    /// If they are not in the host's memory, where this version of dtl has them always.
    pub fn local_view(&self) -> &[T] {
        let body = self.erased.body();
        let start = body.storage.address().host().expect(IN_HOST_MEMORY);
        // SAFETY: the storage holds so many elements of T, aligned and initialised; writing needs `&mut self` or `erased`.
        unsafe { std::slice::from_raw_parts(start.cast(), body.layout.local_size() as usize) }
    }

    /// A span of all elements, through which they are read and written as long as it lives.
    pub fn span(&mut self) -> Span<'_, T> {
        Span { erased: span::all(&self.erased), borrow: PhantomData }
    }

    /// This rank's elements, to be modified.
    ///
    /// # Panics
    /// If they are not in the host's memory, where this version of dtl has them always.
    pub fn local_view_mut(&mut self) -> &mut [T] {
        let body = self.erased.body();
        let start = body.storage.address().host().expect(IN_HOST_MEMORY);
        // SAFETY: the storage holds so many elements of T, aligned and initialised; the borrow of `self` is exclusive.
        unsafe { std::slice::from_raw_parts_mut(start.cast(), body.layout.local_size() as usize) }
    }
}

/// Every kind of container has a type of its own, made of what all have in common.
macro_rules! typed {
    ($($(#[$doc:meta])* $typed:ident: $erased:ident, $name:literal;)*) => {$(
        $(#[$doc])*
        pub struct $typed<T> {
            base: Container<T, [(); 0]>,
        }

        impl<T> Deref for $typed<T> {
            type Target = Container<T>;

            fn deref(&self) -> &Container<T> {
                &self.base
            }
        }

        impl<T> DerefMut for $typed<T> {
            fn deref_mut(&mut self) -> &mut Container<T> {
                &mut self.base
            }
        }

        impl<T> fmt::Debug for $typed<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }

        impl<T: Element> Gives<Self> for $typed<T> {
            fn into_result(self) -> Self {
                self
            }
        }

        impl<T: Element> $typed<T> {
            /// The typed form of a container whose data type is that of `T` and that nothing else refers to, neither a clone
            /// nor a view.
            pub fn from_erased(erased: $erased) -> Result<Self> {
                if erased.dtype() != T::DTYPE {
                    return Err(Error::new(
                        Status::InvalidArgument,
                        format!(concat!("the ", $name, " holds {}, not {}"), erased.dtype().name(), T::DTYPE.name()),
                    ));
                }
                if !erased.is_unique() {
                    return Err(Error::new(
                        Status::InvalidState,
                        concat!(
                            "the ", $name, " is still referred to elsewhere, so its memory cannot be borrowed safely; \
                             drop its views first"
                        ),
                    ));
                }
                Ok(Self { base: Container { erased: erased.0, element: PhantomData, _unsized: [] } })
            }

            /// The container without its element type.
            ///
            /// # Safety
            /// As that of [`Container::erased`].
            pub unsafe fn erased(&self) -> &$erased {
                self.raw()
            }

            /// The container for the generated methods.
            pub(crate) fn raw(&self) -> &$erased {
                $erased::of(&self.base.erased)
            }
        }
    )*};
}

typed! {
    /// A distributed vector of elements of type `T`: each rank of a context holds a part.
    Vector: DynVector, "vector";
    /// A distributed array of elements of type `T`, whose size never changes: each rank of a context holds a part.
    Array: DynArray, "array";
    /// A distributed tensor of elements of type `T`: each rank of a context holds a part, in row-major order.
    Tensor: DynTensor, "tensor";
}

/// A range of the elements of a container, each on the rank where the container has it. It borrows the container: elements are read
/// and written through the span as long as it lives.
#[derive(Debug)]
pub struct Span<'a, T> {
    erased: DynSpan,
    borrow: PhantomData<&'a mut [T]>,
}

impl<T: Element> Span<'_, T> {
    /// Number of elements over all ranks.
    pub fn global_size(&self) -> u64 {
        span::global_size(&self.erased)
    }

    /// Whether there are no elements on any rank.
    pub fn is_empty(&self) -> bool {
        span::empty(&self.erased)
    }

    /// This rank's elements.
    pub fn local_view(&self) -> &[T] {
        let view = self.erased.view();
        // SAFETY: the view has so many elements of T, aligned and initialised; the container is borrowed.
        unsafe { std::slice::from_raw_parts(view.as_mut_ptr().cast(), view.len()) }
    }

    /// This rank's elements, to be modified.
    pub fn local_view_mut(&mut self) -> &mut [T] {
        let view = self.erased.view();
        // SAFETY: the view has so many elements of T, aligned and initialised; the container and `self` are borrowed
        // exclusively.
        unsafe { std::slice::from_raw_parts_mut(view.as_mut_ptr().cast(), view.len()) }
    }

    /// A span of the first `count` elements of this one.
    ///
    /// # Errors
    ///
    /// - `Status::OutOfBounds` if there are not so many elements.
    pub fn first(&mut self, count: u64) -> Result<Span<'_, T>> {
        span::first(&self.erased, count).map(|erased| Span { erased, borrow: PhantomData })
    }

    /// A span of the last `count` elements of this one.
    ///
    /// # Errors
    ///
    /// - `Status::OutOfBounds` if there are not so many elements.
    pub fn last(&mut self, count: u64) -> Result<Span<'_, T>> {
        span::last(&self.erased, count).map(|erased| Span { erased, borrow: PhantomData })
    }

    /// A span of `count` elements of this one from element `offset` on.
    ///
    /// # Errors
    ///
    /// - `Status::OutOfBounds` if there are not so many elements.
    pub fn subspan(&mut self, offset: u64, count: u64) -> Result<Span<'_, T>> {
        span::subspan(&self.erased, offset, count).map(|erased| Span { erased, borrow: PhantomData })
    }
}

/// Reductions give one element each.
macro_rules! reduced {
    ($($(#[$doc:meta])* $name:ident: $operation:path;)*) => {
        impl<T: Element> Span<'_, T> {
            $($(#[$doc])*
            ///
            /// Collective: every rank of the context must call it, and pass the same elements. The result must fit `T`.
            pub fn $name(&self) -> Result<T> {
                let mut result = VecOutput::new();
                $operation(&self.erased, &mut result)?;
                Ok(result.into_element())
            })*
        }
    };
}

reduced! {
    /// The sum of the elements of all ranks.
    sum: ops::span_sum;
    /// The product of the elements of all ranks.
    prod: ops::span_prod;
    /// The smallest element of all ranks.
    min: ops::span_min;
    /// The largest element of all ranks.
    max: ops::span_max;
    /// The arithmetic mean of the elements of all ranks.
    mean: ops::span_mean;
}

impl<T: Element> Span<'_, T> {
    /// Whether any element of any rank is not zero. Collective: every rank of the context must call it.
    pub fn any(&self) -> Result<bool> {
        ops::span_any(&self.erased)
    }

    /// Whether no element of any rank is zero. Collective: every rank of the context must call it.
    pub fn all(&self) -> Result<bool> {
        ops::span_all(&self.erased)
    }
}
