//! Making and ending contexts: of the processes of the job, of threads, and of ranks of another context, which agree on it. Contexts made
//! by an environment are in `environment.rs`.

use crate::backends::{Backend, unavailable};
use crate::calls::{Call, round::Round};
use crate::comm::endpoint::Endpoint;
use crate::comm::mpi;
use crate::comm::progress::Wait;
use crate::comm::scripted::{Script, Scripted};
use crate::comm::settings::{self, Settings};
use crate::comm::single::Single;
use crate::comm::threads::Threads;
use crate::comm::transport::{Comm, Transport};
use crate::context::{Context, size};
use crate::error::{Error, Result};
use crate::request;
use dtl_types::constants::{NO_DEVICE, NO_TIMEOUT, UNDEFINED};
use dtl_types::{
    DeterminismMode, NcclOperationMode, Operation, ProgressOrderingPolicy, ReductionSchedulePolicy, Status,
};
use std::sync::Arc;

/// The context of an MPI communicator of the user, or of all processes of the job: those that a launcher has started are
/// connected by MPI, otherwise there is one.
///
/// What is asked for about determinism is the least that is done, and contexts always do the most.
pub fn create(
    comm: Option<i64>,
    device_id: i32,
    _determinism_mode: DeterminismMode,
    _reduction_schedule: ReductionSchedulePolicy,
    _progress_ordering: ProgressOrderingPolicy,
    check: bool,
    timeout: f64,
) -> Result<Context> {
    let mut settings = Settings::from_environment()?;
    settings.check &= check;
    if timeout != f64::from(NO_TIMEOUT) {
        settings.timeout = settings::timeout(timeout)?;
    }
    create_with(comm, device_id, settings)
}

/// A context with other limits than those of the environment.
pub fn create_with(comm: Option<i64>, device_id: i32, settings: Settings) -> Result<Context> {
    if device_id != NO_DEVICE {
        return Err(unavailable(
            Backend::Cuda,
            &format!("device_id is {device_id}, which asks for a GPU"),
            "pass -1 to use the host's memory",
        ));
    }
    let endpoint = match comm {
        Some(comm) => Some(mpi::adopt(comm, settings)?),
        None => mpi::world(settings)?,
    };
    let context = Context::from_endpoint(endpoint.unwrap_or_else(|| alone(settings)));
    // Ranks of which some leave rounds out would wait for each other in different places.
    let mut call = Call::new(&context, Operation::ContextCreate);
    call.flag("DTL_CHECK or check", settings.check).always_checked();
    let hold = context.endpoint().hold();
    call.free_released(hold.parent().unwrap_or(hold)).wait()?;
    drop(call);
    Ok(context)
}

/// A context of this process alone.
pub(crate) fn create_alone() -> Result<Context> {
    Ok(Context::from_endpoint(alone(Settings::from_environment()?)))
}

fn alone(settings: Settings) -> Endpoint {
    Endpoint::new(Arc::new(Single), Comm(0), settings)
}

/// `size` contexts of one new group, one for each thread that is to be a rank.
pub fn threads(size: i32) -> Result<Vec<Context>> {
    Ok(threads_with(size, Settings::from_environment()?))
}

/// [`threads`] with other limits than those of the environment; `size` is at least 1.
pub fn threads_with(size: i32, settings: Settings) -> Vec<Context> {
    let group = Threads::group(size as usize).into_iter();
    of_group(group.map(|(transport, comm)| (transport as Arc<dyn Transport>, comm)), settings)
}

/// [`threads_with`], but for what the script lets fail.
pub fn threads_with_script(size: i32, settings: Settings, script: Script) -> Vec<Context> {
    let group = Threads::group(size as usize).into_iter().zip(0..);
    let scripted = group.map(|((transport, comm), rank)| match rank == script.rank {
        true => (Scripted::over(transport, script), comm),
        false => (transport as Arc<dyn Transport>, comm),
    });
    of_group(scripted, settings)
}

fn of_group(ends: impl Iterator<Item = (Arc<dyn Transport>, Comm)>, settings: Settings) -> Vec<Context> {
    ends.map(|(transport, comm)| Context::from_endpoint(Endpoint::new(transport, comm, settings))).collect()
}

/// Ends communication on this rank. Containers keep their data; what needs other ranks is an error from now on. Local.
pub fn close(context: &Context) -> Result<()> {
    let was_closed = context.end();
    request::unfinished::cancel(context);
    if !was_closed {
        context.endpoint().report_lost_messages();
    }
    context.endpoint().leave();
    context.errors().forget_handler();
    Ok(())
}

/// Returns when all ranks have called it.
pub async fn barrier(call: &Call<'_>) -> Result<()> {
    crate::collectives::barrier(call).await
}

/// A context of the same ranks, whose messages do not mix with those of this one.
pub async fn dup(call: &Call<'_>) -> Result<Context> {
    call.admit(Ok(())).await?;
    call.exchange(&[]).await?;
    twin(call).await
}

/// A context of the same ranks, within a call that all of them have agreed on.
pub(crate) async fn twin(call: &Call<'_>) -> Result<Context> {
    let everybody: Vec<i32> = (0..size(call.context())).collect();
    let endpoint = call.split(&everybody).await?.expect("every rank is a member");
    Ok(call.context().derive(endpoint))
}

/// A context of the ranks that pass the same colour, numbered by `key` and then by their rank here. `None` for ranks that
/// pass `UNDEFINED`.
pub async fn split(call: &Call<'_>, color: i32, key: i32) -> Result<Option<Context>> {
    call.admit(check_color(color)).await?;
    let round = call.exchange(&Choice { color, key }.encode()).await?;
    let members = if color == UNDEFINED { Vec::new() } else { members(&round, color) };
    of_members(call, &members).await
}

/// A context of these ranks, in this order, within a call that all ranks have agreed on; `None` where there are no members.
pub(crate) async fn of_members(call: &Call<'_>, members: &[i32]) -> Result<Option<Context>> {
    Ok(call.split(members).await?.map(|endpoint| call.context().derive(endpoint)))
}

fn check_color(color: i32) -> Result<()> {
    if color >= 0 || color == UNDEFINED {
        return Ok(());
    }
    Err(Error::new(
        Status::InvalidArgument,
        format!("color is {color}; it must be 0 or more, or UNDEFINED ({UNDEFINED}) to be in no group"),
    ))
}

/// What one rank passes to `split`.
struct Choice {
    color: i32,
    key: i32,
}

impl Choice {
    fn encode(&self) -> [u8; 8] {
        ((self.color as u32 as u64) << 32 | self.key as u32 as u64).to_le_bytes()
    }

    fn decode(payload: &[u8]) -> Self {
        let word = payload.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        Choice { color: (word >> 32) as i32, key: word as i32 }
    }
}

/// The ranks that chose `color`, ordered by key and then by rank.
fn members(round: &Round, color: i32) -> Vec<i32> {
    let choices: Vec<Choice> = round.payloads().map(Choice::decode).collect();
    let mut members: Vec<i32> =
        (0..).zip(&choices).filter(|(_, it)| it.color == color).map(|(rank, _)| rank).collect();
    members.sort_by_key(|rank| choices[*rank as usize].key);
    members
}

/// A context of the same ranks that also uses a GPU.
pub async fn with_cuda(call: &Call<'_>, device_id: i32) -> Result<Context> {
    call.admit(Err(no_device(Backend::Cuda, "with_cuda", device_id))).await
}

/// A context of the same ranks whose GPUs communicate through NCCL.
pub async fn with_nccl(call: &Call<'_>, device_id: i32, _mode: NcclOperationMode) -> Result<Context> {
    call.admit(Err(no_device(Backend::Nccl, "with_nccl", device_id))).await
}

/// [`split`] into contexts whose GPUs communicate through NCCL.
pub async fn split_nccl(
    call: &Call<'_>,
    color: i32,
    _key: i32,
    device_id: i32,
    _mode: NcclOperationMode,
) -> Result<Option<Context>> {
    call.admit(check_color(color).and(Err(no_device(Backend::Nccl, "split_nccl", device_id)))).await
}

fn no_device(backend: Backend, caller: &str, device_id: i32) -> Error {
    unavailable(
        backend,
        &format!("{caller} was asked for device {device_id}"),
        "use this context, on the host",
    )
}
