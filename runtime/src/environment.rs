//! Environments: handles on the backends of this process, counted over the whole process. With no backend that needs
//! starting, counting is all there is; contexts live on when the last environment is gone.

use crate::backends;
use crate::comm::{Settings, mpi};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::groups;
use dtl_types::Status;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

static OPEN: AtomicU64 = AtomicU64::new(0);

/// A hold on the backends of this process.
#[derive(Debug)]
pub struct Environment {
    open: AtomicBool,
}

impl Drop for Environment {
    fn drop(&mut self) {
        release(self);
    }
}

/// Gives the hold back, once however often it is called.
fn release(environment: &Environment) {
    if environment.open.swap(false, Ordering::Relaxed) {
        OPEN.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A new hold on the backends.
pub fn create() -> Result<Environment> {
    OPEN.fetch_add(1, Ordering::Relaxed);
    Ok(Environment { open: AtomicBool::new(true) })
}

/// Gives the hold back now; dropping the environment later does nothing more.
pub fn close(environment: &Environment) -> Result<()> {
    release(environment);
    Ok(())
}

/// Whether any environment is open in this process.
pub fn is_initialized() -> bool {
    ref_count() > 0
}

/// The number of environments that are open in this process.
pub fn ref_count() -> u64 {
    OPEN.load(Ordering::Relaxed)
}

/// The level of thread support that MPI gives; -1 when MPI is not in use.
pub fn mpi_thread_level() -> i32 {
    mpi::thread_level().unwrap_or(-1)
}

/// What connects the processes of the job.
pub fn domain(_environment: &Environment) -> String {
    if mpi::connects_world() { "mpi" } else { "single" }.to_owned()
}

/// Whether MPI can be used.
pub fn has_mpi(_environment: &Environment) -> bool {
    backends::has_mpi()
}

/// Whether CUDA devices can be used.
pub fn has_cuda(_environment: &Environment) -> bool {
    backends::has_cuda()
}

/// Whether HIP devices can be used.
pub fn has_hip(_environment: &Environment) -> bool {
    backends::has_hip()
}

/// Whether NCCL can be used.
pub fn has_nccl(_environment: &Environment) -> bool {
    backends::has_nccl()
}

/// Whether SHMEM can be used.
pub fn has_shmem(_environment: &Environment) -> bool {
    backends::has_shmem()
}

/// A context of all processes of the job, with a GPU if `device_id` is not -1.
pub fn make_world_context(environment: &Environment, device_id: i32) -> Result<Context> {
    check_open(environment)?;
    groups::create_with(None, device_id, Settings::from_environment()?)
}

/// A context of this process alone, without a GPU.
pub fn make_cpu_context(environment: &Environment) -> Result<Context> {
    check_open(environment)?;
    groups::create_alone()
}

fn check_open(environment: &Environment) -> Result<()> {
    if environment.open.load(Ordering::Relaxed) {
        return Ok(());
    }
    Err(Error::new(Status::InvalidState, "the environment is closed; make a new one to make contexts"))
}
