//! The representation behind every container: a data type, a layout and the memory of the local part. No operations: those
//! on vectors are in `vector.rs`. Handles of other languages and typed Rust containers hold one of these.

use crate::context::Context;
use crate::layout::Layout;
use crate::live::Live;
use crate::storage::Storage;
use dtl_types::{Dtype, ExecutionPolicy, PlacementPolicy};
use std::fmt;
use std::sync::Arc;

/// A distributed vector of any data type. Clones are the same vector.
///
/// Its memory may be read and written through views of any language at any time, so no Rust reference to its elements is
/// ever made from it; [`crate::Vector`] does that for a vector nobody else holds.
#[derive(Clone)]
pub struct DynVector {
    core: Arc<Core>,
}

pub(super) struct Core {
    pub(super) context: Context,
    pub(super) dtype: Dtype,
    pub(super) layout: Layout,
    pub(super) storage: Storage,
    pub(super) placement: PlacementPolicy,
    pub(super) execution: ExecutionPolicy,
    /// Equal on all ranks, different for each container of a context.
    pub(super) id: u64,
    pub(super) _live: Live,
}

impl DynVector {
    pub(super) fn new(core: Core) -> Self {
        DynVector { core: Arc::new(core) }
    }

    #[inline]
    pub(super) fn core(&self) -> &Core {
        &self.core
    }

    /// Whether no clone or view of this vector exists.
    pub(super) fn is_unique(&self) -> bool {
        Arc::strong_count(&self.core) == 1
    }

    /// The context that the vector is distributed over.
    pub fn context(&self) -> &Context {
        &self.core.context
    }

    /// The number that all ranks know this vector by.
    pub fn id(&self) -> u64 {
        self.core.id
    }

    /// The data type of the elements.
    pub fn dtype(&self) -> Dtype {
        self.core.dtype
    }
}

impl fmt::Debug for DynVector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DynVector({})", super::vector::describe(self))
    }
}

/// The local memory of a container, without a copy. It keeps the container alive.
#[derive(Debug, Clone)]
pub struct View {
    pub(super) vector: DynVector,
}

impl View {
    /// Where the local elements start, aligned to 64 bytes. Whoever reads or writes there takes care that nobody else does
    /// so at the same time.
    pub fn as_mut_ptr(&self) -> *mut u8 {
        self.vector.core.storage.start()
    }

    /// The number of local elements.
    pub fn len(&self) -> usize {
        self.vector.core.layout.local_size() as usize
    }

    /// Whether there are no local elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The data type of the elements.
    pub fn dtype(&self) -> Dtype {
        self.vector.core.dtype
    }
}
