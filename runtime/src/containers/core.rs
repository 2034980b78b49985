//! The representation behind every container: a data type, and a body that redistribution replaces as a whole, the layout and
//! the memory of the local elements. No operations: those are in the files beside it. Handles of other languages
//! and typed Rust containers hold one of these.

use super::borrow::Loans;
use crate::context::Context;
use crate::error::Result;
use crate::execution::Workers;
use crate::identity;
use crate::layout::Layout;
use crate::live::Live;
use crate::memory::{Address, Source, Storage};
use dtl_types::constants::MAX_TENSOR_RANK;
use dtl_types::{Dtype, ExecutionPolicy, PlacementPolicy};
use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

/// A distributed container of any shape and data type. Clones are the same container.
///
/// Operations of dtl use its elements only while they borrow it (`borrow.rs`). Views of any language are outside of that, and programs
/// answer for what they do through them; typed containers give Rust references to elements, and nobody else holds such a container.
#[derive(Clone)]
pub struct DynContainer {
    core: Arc<Core>,
}

struct Core {
    context: Context,
    dtype: Dtype,
    execution: ExecutionPolicy,
    body: RwLock<Arc<Body>>,
    /// The operations that use the elements now.
    loans: Loans,
    /// Of what all ranks have made together: equal on all of them, different for each container of a context.
    number: Option<u64>,
    _live: Live,
}

/// Where the elements of a container are, and this rank's own.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) layout: Layout,
    pub(crate) storage: Storage,
    pub(super) placement: PlacementPolicy,
    /// How many views there are of the storage.
    views: AtomicUsize,
    /// Whether this rank has written, other than through a view, what other ranks hold copies of.
    dirty: AtomicBool,
}

impl Body {
    pub(super) fn new(layout: Layout, storage: Storage) -> Self {
        Body {
            layout,
            storage,
            placement: PlacementPolicy::Host,
            views: AtomicUsize::new(0),
            dirty: AtomicBool::new(false),
        }
    }

    /// The number of views of the storage.
    pub(super) fn views(&self) -> usize {
        self.views.load(Ordering::Acquire)
    }

    /// Notes that this rank has written to its elements.
    pub(super) fn note_write(&self) {
        if self.layout.is_replicated() {
            self.dirty.store(true, Ordering::Relaxed);
        }
    }

    /// Notes that all copies of this rank's elements are equal.
    pub(super) fn note_sync(&self) {
        self.dirty.store(false, Ordering::Relaxed);
    }

    /// Whether this rank has written to elements of which there are copies.
    pub(super) fn is_dirty(&self) -> bool {
        self.dirty.load(Ordering::Relaxed)
    }
}

impl DynContainer {
    /// A container that all ranks of the context make together.
    pub(super) fn new(context: &Context, dtype: Dtype, execution: ExecutionPolicy, body: Body) -> Self {
        Self::known(context, dtype, execution, body, Some(context.number_container()))
    }

    /// A container that this rank makes without the others.
    pub(super) fn local(context: &Context, dtype: Dtype, execution: ExecutionPolicy, body: Body) -> Self {
        Self::known(context, dtype, execution, body, None)
    }

    fn known(
        context: &Context,
        dtype: Dtype,
        execution: ExecutionPolicy,
        body: Body,
        number: Option<u64>,
    ) -> Self {
        DynContainer {
            core: Arc::new(Core {
                context: context.clone(),
                dtype,
                execution,
                body: RwLock::new(Arc::new(body)),
                loans: Loans::default(),
                number,
                _live: Live::new(),
            }),
        }
    }

    /// The layout and memory of now. Held for a moment only, and never twice at once: another thread may wait to replace them.
    #[inline]
    pub(crate) fn body(&self) -> RwLockReadGuard<'_, Arc<Body>> {
        self.core.body.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts another layout and memory in the place of those of now.
    pub(super) fn replace_body(&self, body: Body) {
        *self.core.body.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(body);
    }

    /// Whether no clone or view of this container exists.
    pub(super) fn is_unique(&self) -> bool {
        Arc::strong_count(&self.core) == 1 && self.body().views() == 0
    }

    /// Notes that this rank has written to its elements, as a language's own operations do through a view: of elements that
    /// several ranks have, the copies may differ from now on.
    pub fn note_write(&self) {
        self.body().note_write();
    }

    /// The context that the container is distributed over.
    pub fn context(&self) -> &Context {
        &self.core.context
    }

    /// By what all ranks know this container.
    pub fn id(&self) -> u64 {
        let local = || identity::of_local(self.dtype(), self.body().layout.digest());
        self.core.number.unwrap_or_else(local)
    }

    /// Whether both are the same container.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.core, &other.core)
    }

    /// The operations that use the elements now.
    pub(crate) fn loans(&self) -> &Loans {
        &self.core.loans
    }

    /// Where the memory of the elements comes from.
    pub(super) fn memory(&self) -> Source {
        self.core.context.memory()
    }

    /// The data type of the elements.
    pub fn dtype(&self) -> Dtype {
        self.core.dtype
    }

    /// How algorithms run on the local elements unless told otherwise.
    pub fn execution(&self) -> ExecutionPolicy {
        self.core.execution
    }

    /// The threads that work on the local elements.
    pub(crate) fn workers(&self) -> Workers {
        Workers::of(self.core.execution, || self.core.context.endpoint().threads())
    }
}

impl fmt::Debug for DynContainer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let use_of_now = if self.loans().is_lent() { ", in use" } else { "" };
        write!(f, "Container({}{use_of_now})", super::properties::describe(self))
    }
}

/// A type that is represented as another.
///
/// # Safety
/// The struct is transparent, and holds a `C`.
pub(crate) unsafe trait RepresentedAs<C> {}

/// Each kind of container is a type of its own, so that nobody takes one for another; what they share is the [`DynContainer`].
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        #[repr(transparent)]
        pub struct $kind(pub(super) DynContainer);

        impl $kind {
            /// A container that is known to be of this kind.
            pub(super) fn of(container: &DynContainer) -> &Self {
                // SAFETY: it is a container and nothing else, as the representation says.
                unsafe { &*std::ptr::from_ref(container).cast() }
            }
        }

        // SAFETY: the struct is transparent, and holds a container.
        unsafe impl RepresentedAs<DynContainer> for $kind {}

        impl std::ops::Deref for $kind {
            type Target = DynContainer;

            #[inline]
            fn deref(&self) -> &DynContainer {
                &self.0
            }
        }

        impl From<DynContainer> for $kind {
            fn from(container: DynContainer) -> Self {
                $kind(container)
            }
        }
    )*};
}

kinds! {
    /// A distributed vector of any data type.
    DynVector,
    /// A distributed array of any data type: what a vector is, and its size never changes.
    DynArray,
    /// A distributed tensor of any data type.
    DynTensor,
}

/// The local memory of a container, without a copy. It keeps the memory where it is: while there is a view on any rank, the
/// container can neither be redistributed nor change its size.
#[derive(Debug)]
pub struct View {
    body: Arc<Body>,
    /// How many of the local elements come before it.
    first: usize,
    dtype: Dtype,
    shape: Shape,
    /// The container lives as long as its views.
    container: DynContainer,
}

/// The extents of a view, without memory of their own: programs ask for views often.
#[derive(Debug, Clone, Copy)]
struct Shape {
    extents: [usize; MAX_TENSOR_RANK as usize],
    ndim: usize,
}

impl Shape {
    fn new(extents: impl IntoIterator<Item = usize>) -> Self {
        let mut shape = Shape { extents: [0; MAX_TENSOR_RANK as usize], ndim: 0 };
        for extent in extents {
            shape.extents[shape.ndim] = extent;
            shape.ndim += 1;
        }
        shape
    }
}

impl View {
    #[inline]
    pub(super) fn of(container: &DynContainer) -> Self {
        let body = container.body().clone();
        let shape = Shape::new(body.layout.local_extents());
        View::with_shape(container, body, shape)
    }

    /// A view for the program; an error where the host does not reach the elements.
    #[inline]
    pub(super) fn for_program(container: &DynContainer) -> Result<Self> {
        let body = container.body().clone();
        body.storage.address().host()?;
        let shape = Shape::new(body.layout.local_extents());
        Ok(View::with_shape(container, body, shape))
    }

    /// A view of memory that belongs to the container and has this shape.
    pub(super) fn over(container: &DynContainer, body: Arc<Body>, shape: &[usize]) -> Self {
        View::with_shape(container, body, Shape::new(shape.iter().copied()))
    }

    #[inline]
    fn with_shape(container: &DynContainer, body: Arc<Body>, shape: Shape) -> Self {
        body.views.fetch_add(1, Ordering::AcqRel);
        View { body, first: 0, dtype: container.dtype(), shape, container: container.clone() }
    }

    /// Where the local elements start, aligned to 64 bytes. Whoever reads or writes there takes care that nobody else does
    /// so at the same time.
    ///
    /// Panics if they are not in the host's memory, of which alone programs get views.
    #[inline]
    pub fn as_mut_ptr(&self) -> *mut u8 {
        self.address().host().expect("programs have views of the host's memory alone")
    }

    /// Where the local elements start, in whatever memory.
    #[inline]
    pub(super) fn address(&self) -> Address {
        self.body.storage.address().add(self.first * self.dtype.size())
    }

    /// The same view, for the program; an error where the host does not reach the elements.
    pub(super) fn of_host(self) -> Result<Self> {
        self.address().host()?;
        Ok(self)
    }

    /// The local elements number `range` of the container, which are among those of this view or not.
    pub(super) fn part(&self, range: Range<usize>) -> Self {
        assert!(range.end as u64 <= self.body.layout.local_size(), "there are not so many elements");
        let mut part = self.clone();
        (part.first, part.shape) = (range.start, Shape::new([range.len()]));
        part
    }

    /// Where the elements of the container are.
    pub(super) fn layout(&self) -> &Layout {
        &self.body.layout
    }

    /// Whether the memory is the program's own.
    pub(super) fn is_foreign(&self) -> bool {
        self.body.storage.is_foreign()
    }

    /// The container whose elements they are.
    pub(super) fn container(&self) -> &DynContainer {
        &self.container
    }

    /// The local extent of each dimension; elements are in row-major order, without gaps.
    #[inline]
    pub fn shape(&self) -> &[usize] {
        &self.shape.extents[..self.shape.ndim]
    }

    /// The number of local elements.
    pub fn len(&self) -> usize {
        self.shape().iter().product()
    }

    /// Whether there are no local elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The data type of the elements.
    #[inline]
    pub fn dtype(&self) -> Dtype {
        self.dtype
    }
}

impl Clone for View {
    fn clone(&self) -> Self {
        self.body.views.fetch_add(1, Ordering::AcqRel);
        View {
            body: self.body.clone(),
            first: self.first,
            dtype: self.dtype,
            shape: self.shape,
            container: self.container.clone(),
        }
    }
}

impl Drop for View {
    fn drop(&mut self) {
        self.body.views.fetch_sub(1, Ordering::AcqRel);
    }
}
