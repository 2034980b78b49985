//! A context: a group of ranks and this rank's place in it, what it is asked for, and what becomes of its errors
//! (`error_policy.rs`). Contexts are made and ended in `groups.rs`, as that takes calls of all ranks.

pub mod error_policy;

use crate::comm::endpoint::Endpoint;
use crate::error::{Error, Result};
use crate::live::Live;
use crate::memory::Source;
use dtl_types::constants::NO_DEVICE;
use dtl_types::{DeterminismMode, NcclOperation, ProgressOrderingPolicy, ReductionSchedulePolicy, Status};
use error_policy::Errors;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering, fence as memory_fence};

/// A group of ranks, seen from one of them. Clones are the same context.
#[derive(Clone)]
pub struct Context {
    inner: Arc<Inner>,
}

struct Inner {
    endpoint: Endpoint,
    errors: Errors,
    closed: AtomicBool,
    containers: AtomicU64,
    _live: Live,
}

impl Context {
    pub(crate) fn from_endpoint(endpoint: Endpoint) -> Self {
        Self::with_errors(endpoint, Errors::default())
    }

    /// A context made from this one, which treats errors as this one does.
    pub(crate) fn derive(&self, endpoint: Endpoint) -> Self {
        Self::with_errors(endpoint, self.inner.errors.clone())
    }

    fn with_errors(endpoint: Endpoint, errors: Errors) -> Self {
        let inner = Inner {
            endpoint,
            errors,
            closed: AtomicBool::new(false),
            containers: AtomicU64::new(0),
            _live: Live::new(),
        };
        Context { inner: Arc::new(inner) }
    }

    #[inline]
    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.inner.endpoint
    }

    /// Where the memory of its containers comes from.
    pub(crate) fn memory(&self) -> Source {
        self.endpoint().settings().memory
    }

    pub(crate) fn errors(&self) -> &Errors {
        &self.inner.errors
    }

    /// Whether it can communicate.
    #[inline]
    pub(crate) fn is_open(&self) -> bool {
        !self.inner.closed.load(Ordering::Relaxed) && self.endpoint().is_usable()
    }

    /// An error if it cannot communicate.
    #[inline]
    pub(crate) fn check_open(&self) -> Result<()> {
        if self.is_open() { Ok(()) } else { Err(self.why_not_open()) }
    }

    #[cold]
    pub(crate) fn why_not_open(&self) -> Error {
        if !self.inner.closed.load(Ordering::Relaxed) {
            return self.endpoint().why_unusable();
        }
        Error::new(Status::InvalidState, "the context is closed; make a new one to communicate")
    }

    /// A number for a new container. All ranks create containers in the same order, so they get the same numbers.
    pub(crate) fn number_container(&self) -> u64 {
        self.inner.containers.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// This rank takes part in no further call, as those who wait for it are told.
    pub(crate) fn leave(&self) {
        self.inner.closed.store(true, Ordering::Relaxed);
        self.endpoint().leave();
    }

    /// Whether it was closed before. From now on it cannot communicate.
    pub(crate) fn end(&self) -> bool {
        self.inner.closed.swap(true, Ordering::Relaxed)
    }

    /// Whether both are the same context, not only one of the same ranks.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Context({})", describe(self))
    }
}

/// This rank's number in the context, from 0.
#[inline]
pub fn rank(context: &Context) -> i32 {
    context.endpoint().rank()
}

/// The number of ranks.
#[inline]
pub fn size(context: &Context) -> i32 {
    context.endpoint().size()
}

/// Whether this rank is number 0.
pub fn is_root(context: &Context) -> bool {
    rank(context) == 0
}

/// The GPU that the context uses; -1 for none.
pub fn device_id(_context: &Context) -> i32 {
    NO_DEVICE
}

/// Whether the context uses a GPU.
pub fn has_device(context: &Context) -> bool {
    device_id(context) != NO_DEVICE
}

/// Whether the context's ranks communicate through MPI.
pub fn has_mpi(context: &Context) -> bool {
    context.endpoint().is_of_mpi()
}

/// Whether the context uses CUDA.
pub fn has_cuda(_context: &Context) -> bool {
    false
}

/// Whether the context's GPUs communicate through NCCL.
pub fn has_nccl(_context: &Context) -> bool {
    false
}

/// Whether the context's ranks communicate through SHMEM.
pub fn has_shmem(_context: &Context) -> bool {
    false
}

/// How operations that NCCL lacks are treated; -1 without NCCL.
pub fn nccl_mode(_context: &Context) -> i32 {
    -1
}

/// Whether the context can communicate: it has not been closed, and this process has made it and not left MPI since.
pub fn is_valid(context: &Context) -> bool {
    context.is_open()
}

/// What reductions promise: the same bits in every run with the same number of ranks.
pub fn determinism_mode(_context: &Context) -> DeterminismMode {
    DeterminismMode::Deterministic
}

/// In which order reductions combine: always that of the ranks.
pub fn reduction_schedule_policy(_context: &Context) -> ReductionSchedulePolicy {
    ReductionSchedulePolicy::FixedTree
}

/// In which order the contributions of other ranks are taken: by rank, as results show it.
pub fn progress_ordering_policy(_context: &Context) -> ProgressOrderingPolicy {
    ProgressOrderingPolicy::RankOrdered
}

/// Whether NCCL itself has the operation, in this context.
pub fn nccl_supports_native(context: &Context, operation: NcclOperation) -> bool {
    has_nccl(context) && operation.is_native()
}

/// Whether NCCL has the operation, in this context, with the help of other transports.
pub fn nccl_supports_hybrid(context: &Context, operation: NcclOperation) -> bool {
    has_nccl(context) && operation.is_hybrid()
}

/// Makes this thread's writes to memory visible to others before what it writes next. Local: it waits for nobody.
pub fn fence(_context: &Context) -> Result<()> {
    memory_fence(Ordering::SeqCst);
    Ok(())
}

/// The context in a line: this rank's place in it.
pub fn describe(context: &Context) -> String {
    let state = match () {
        () if context.inner.closed.load(Ordering::Relaxed) => ", closed",
        () if !context.endpoint().is_usable() => ", of no use to this process",
        () => "",
    };
    format!("rank {} of {}{state}", rank(context), size(context))
}

/// Ends all ranks of the job with this exit code.
pub fn abort(context: &Context, code: i32) -> ! {
    context.endpoint().abort(code)
}
