//! Which backends this build has and this machine offers, and the reason where the answer is no. Everything that refuses
//! a backend takes its sentence from here.

use crate::comm::mpi;
use crate::error::Error;
use dtl_types::Status;

/// Something outside dtl that moves or computes data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// NVIDIA GPUs.
    Cuda,
    /// AMD GPUs.
    Hip,
    /// NVIDIA's collective communication library.
    Nccl,
    /// OpenSHMEM.
    Shmem,
}

/// Whether MPI can be used: a library and its plugin were found.
pub fn has_mpi() -> bool {
    mpi::is_available()
}

/// Which MPI is found here, and where it was looked for.
pub fn describe_mpi() -> String {
    mpi::describe()
}

/// Whether CUDA devices can be used.
pub fn has_cuda() -> bool {
    reason(Backend::Cuda).is_none()
}

/// Whether HIP devices can be used.
pub fn has_hip() -> bool {
    reason(Backend::Hip).is_none()
}

/// Whether NCCL can be used.
pub fn has_nccl() -> bool {
    reason(Backend::Nccl).is_none()
}

/// Whether SHMEM can be used.
pub fn has_shmem() -> bool {
    reason(Backend::Shmem).is_none()
}

/// Why a backend cannot be used; `None` when it can.
pub fn reason(backend: Backend) -> Option<&'static str> {
    Some(match backend {
        Backend::Cuda => "this build of dtl has no CUDA support",
        Backend::Hip => "this build of dtl has no HIP support",
        Backend::Nccl => "this build of dtl has no NCCL support",
        Backend::Shmem => "this build of dtl has no SHMEM support",
    })
}

/// The error for `wanted` (a phrase such as "device 0 was asked for") when `backend` cannot be used.
pub(crate) fn unavailable(backend: Backend, wanted: &str, cure: &str) -> Error {
    let reason = reason(backend).unwrap_or("it is not in use here");
    Error::new(Status::BackendUnavailable, format!("{wanted}, but {reason}; {cure}"))
}
