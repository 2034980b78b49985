//! The transport whose ranks are processes that an MPI library connects. The library is found when the program runs, and
//! used through a plugin; no MPI symbol is named here.
//!
//! `choose.rs` decides which library, from the user's wish, the libraries in the process and on the machine (`library.rs`)
//! and the launcher (`launcher.rs`), unless a rank has started this process, which is none then (`ancestry.rs`). `plugin.rs` is
//! the border to the plugin, and the transport; `base.rs` has the communicators from which contexts are made, `terms.rs` is what the
//! ranks of a new context agree on first. This file is what the process has in use; `report.rs` tells a person about all of it.

mod ancestry;
mod base;
mod choose;
mod launcher;
mod library;
mod plugin;
mod report;
mod terms;

use super::endpoint::{Endpoint, failure};
use super::mailbox;
use super::process::Process;
use super::settings::Settings;
use super::shared;
use super::transport::{Comm, Membership};
use crate::error::{Error, Result};
use crate::site::{self, Site};
use choose::Use;
use dtl_plugin_abi::{refusal, state};
use dtl_types::Status;
use launcher::Launcher;
use library::Library;
use plugin::{Failure, Plugin};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, OnceLock, PoisonError};
use std::time::Duration;

pub use library::set_environment_folder;
pub(crate) use report::describe;

/// What errors that are found while a context is made begin with.
const CREATION: &str = "context creation";

/// What this process uses. Once there is something it stays.
static IN_USE: Mutex<Option<Arc<Plugin>>> = Mutex::new(None);

fn in_use() -> MutexGuard<'static, Option<Arc<Plugin>>> {
    IN_USE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether this process has left MPI, as it ends or somebody finalises it.
static HAS_LEFT: AtomicBool = AtomicBool::new(false);

/// Whether contexts of MPI cannot be used any more.
#[inline]
pub(crate) fn is_over() -> bool {
    HAS_LEFT.load(Ordering::Relaxed)
}

/// Leaves all communicators, before this process finalises MPI or ends.
fn leave_all() {
    HAS_LEFT.store(true, Ordering::Relaxed);
    mailbox::leave_all();
    if let Ok(Some(mpi)) = IN_USE.try_lock().as_deref() {
        base::leave_all(mpi);
    }
}

/// The process that has made MPI ready for dtl.
static STARTED_IN: OnceLock<Process> = OnceLock::new();

/// Whether MPI was ready in a process that this one was forked from: nothing of it may be called here.
fn is_inherited() -> bool {
    STARTED_IN.get().is_some_and(|process| !process.is_this())
}

/// What is in use, if MPI is ready in this process.
fn running() -> Option<Arc<Plugin>> {
    if is_inherited() {
        return None;
    }
    in_use().clone().filter(|mpi| mpi.state() == state::READY)
}

/// Whether an MPI library and its plugin are there to be used. Opens and initialises nothing.
pub(crate) fn is_available() -> bool {
    in_use().is_some()
        || choose::library().ok().flatten().is_some_and(|it| plugin::find(it.flavor.plugin).is_some())
}

/// How many processes of the job run on this machine, as its launcher says; at least 1.
pub(crate) fn ranks_here() -> usize {
    launcher::detect(choose::variable).map_or(1, |launcher| launcher.here.max(1) as usize)
}

/// Whether a context of all processes of the job uses MPI. Opens and initialises nothing.
pub(crate) fn connects_world() -> bool {
    running().is_some_and(|mpi| mpi.world_size() > 1)
        || matches!(choose::world(launcher::detect(choose::variable)), Ok(Use::Start(_)))
}

/// Whether such a context has other ranks, as far as can be said before it is made.
pub(crate) fn world_has_others() -> bool {
    let is_alone = launcher::detect(choose::variable).is_some_and(|launcher| launcher.size == 1);
    !is_alone && connects_world()
}

/// MPI's level of thread support; `None` before MPI is in use.
pub(crate) fn thread_level() -> Option<i32> {
    running().map(|mpi| mpi.thread_level())
}

/// What [`when_in_use`] was given.
static LISTENER: OnceLock<fn(&Path, &'static str)> = OnceLock::new();

/// Has a function told which MPI library this process has come to use (its path and the name of its family), before the first
/// context is made with it: so that other users of MPI in this process take the same. Only the first call counts.
pub fn when_in_use(listener: fn(&Path, &'static str)) {
    let _ = LISTENER.set(listener);
}

/// Tells the listener. Not while the lock is held: the listener may wait for another thread that wants it.
fn tell(mpi: &Plugin) {
    static TOLD: AtomicBool = AtomicBool::new(false);
    if let Some(listener) = LISTENER.get()
        && !TOLD.swap(true, Ordering::Relaxed)
    {
        listener(&mpi.library.path, mpi.library.flavor.family.name());
    }
}

/// To be called by a process that is about to end with this code, as far as that is known, while MPI can still be used: after
/// an error, ends the job if otherwise somebody else would wait for ever in finalising it. Where dtl has initialised MPI, its
/// own end is enough.
pub fn about_to_end(code: i32) {
    let mpi = in_use().clone();
    if let Some(mpi) = mpi {
        mpi.end_as_guest(code);
    }
}

/// To be called when other ranks have left that were waited for, or have not come until the deadline: they are the reason if the
/// process ends with an error, and after a deadline they hold it up no more.
pub(crate) fn waited_in_vain(until_deadline: bool) {
    let mpi = in_use().clone();
    if let Some(mpi) = mpi {
        mpi.waited_in_vain(until_deadline);
    }
}

/// This rank's end of the group of all processes of the job; `None` if it is one process that does without MPI. The first
/// call initialises MPI.
pub(crate) fn world(settings: Settings) -> Result<Option<Endpoint>> {
    let Some(mpi) = ready_for_world(settings)? else { return Ok(None) };
    tell(&mpi);
    let base = mpi.open_world().map_err(|failure| failed(&mpi, failure))?;
    let rank = Membership::rank(mpi.as_ref(), base);
    endpoint(mpi, base, Some(rank), settings).map(Some)
}

/// The plugin, with MPI ready for a context of all processes of the job; `None` if there is one process.
fn ready_for_world(settings: Settings) -> Result<Option<Arc<Plugin>>> {
    if is_inherited() {
        say_no_rank("it was forked from one");
        return Ok(None);
    }
    let mut in_use = in_use();
    if let Some(mpi) = in_use.as_ref().filter(|mpi| mpi.state() == state::READY && mpi.world_size() > 1) {
        return Ok(Some(mpi.clone()));
    }
    let launcher = launcher::detect(choose::variable);
    let (library, must_start) = match choose::world(launcher)? {
        Use::Nothing => return Ok(None),
        Use::NoRank(rank) => {
            say_no_rank(&format!("{rank} has started it"));
            return Ok(None);
        }
        Use::IfReady(library) => (library, false),
        Use::Start(library) => (library, true),
    };
    let mpi = load(&mut in_use, library)?;
    if !must_start && (mpi.state() != state::READY || mpi.world_size() == 1) {
        return Ok(None);
    }
    start(&mpi, settings, launcher)?;
    Ok(Some(mpi))
}

/// Says once on stderr that this process communicates with no other, as its program may expect.
fn say_no_rank(reason: &str) {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        dtl_plugin_abi::say(&format!(
            "process {} is no rank of the job, as {reason}; its contexts are of this process alone.",
            std::process::id()
        ));
    });
}

/// This rank's end of the group of a communicator of the user, given as Fortran knows it.
pub(crate) fn adopt(comm: i64, settings: Settings) -> Result<Endpoint> {
    let mpi = ready_for_user(comm, settings)?;
    tell(&mpi);
    let number =
        i32::try_from(comm).map_err(|_| invalid_comm(comm, "it is too large for the integer form of one"))?;
    let base = mpi.adopt(number).map_err(|failure| match failure.code {
        refusal::NULL | refusal::INTER | refusal::UNKNOWN => invalid_comm(comm, &failure.text),
        _ => failed(&mpi, failure),
    })?;
    let launcher = launcher::detect(choose::variable).filter(|launcher| launcher.size == mpi.world_size());
    endpoint(mpi, base, launcher.map(|launcher| launcher.rank), settings)
}

/// This rank's end of a new communicator of the ranks of `base`, over shared memory where all of them can use that. They tell each
/// other where they run: `rank` is this one's in the job, if that is known.
fn endpoint(mpi: Arc<Plugin>, base: Comm, rank: Option<i32>, settings: Settings) -> Result<Endpoint> {
    let failed = |fault| failure(CREATION, fault);
    let (comm, hold) = base::split(&mpi, base, settings.timeout).map_err(failed)?;
    let connected = terms::agree(mpi.as_ref(), comm, settings, Site::here(rank)).map_err(failed).flatten();
    let connected = connected.and_then(|agreed| {
        site::remember(mpi.world_size(), &agreed.sites);
        let transport = shared::over(mpi.clone(), comm, agreed.settings).map_err(failed)?;
        Ok(Endpoint::holding(hold, transport, comm, agreed.settings))
    });
    connected.inspect_err(|_| mpi.close(comm))
}

/// The plugin for the MPI that the user has initialised and made a communicator with.
fn ready_for_user(comm: i64, settings: Settings) -> Result<Arc<Plugin>> {
    let launcher = launcher::detect(choose::variable);
    if is_inherited() || launcher.and_then(choose::rank_that_started_this).is_some() {
        return Err(Error::new(
            Status::InvalidState,
            format!(
                "comm is {comm}, but this process was forked from a rank, or started by one, and is no rank itself. Leave comm out \
                 for a context of this process alone."
            ),
        ));
    }
    let mpi = load(&mut in_use(), choose::only_one_in_process()?)?;
    if mpi.state() != state::READY {
        return Err(invalid_comm(
            comm,
            "MPI is not initialised, or has been finalised; communicators exist only in between",
        ));
    }
    start(&mpi, settings, launcher)?;
    Ok(mpi)
}

fn invalid_comm(comm: i64, reason: &str) -> Error {
    Error::new(
        Status::InvalidArgument,
        format!(
            "comm is {comm}, but {reason}. Pass the integer form of a communicator of one group (what py2f gives in mpi4py and c2f in C)."
        ),
    )
}

/// What is in use, or this library from now on.
fn load(in_use: &mut Option<Arc<Plugin>>, library: Library) -> Result<Arc<Plugin>> {
    if let Some(mpi) = in_use {
        if mpi.library != library {
            return Err(choose::several(&[&mpi.library, &library]));
        }
        return Ok(mpi.clone());
    }
    choose::check_others(&library, choose::variable)?;
    let file = plugin::find(library.flavor.plugin).ok_or_else(|| no_plugin(&library))?;
    let plugin = Plugin::load(library, &file).map_err(|reason| {
        Error::new(Status::BackendInitFailed, format!("the MPI library cannot be used: {reason}"))
    })?;
    Ok(in_use.insert(Arc::new(plugin)).clone())
}

fn no_plugin(library: &Library) -> Error {
    // Where dtl was built without the plugin, the build has left the reason.
    let reason = plugin::find(&library.flavor.absence()).and_then(|file| std::fs::read_to_string(file).ok());
    if let Some(reason) = reason {
        let library = library.path.display();
        return Error::new(
            Status::BackendUnavailable,
            format!(
                "this dtl was built without support for the MPI library {library}: {reason} Then install dtl again."
            ),
        );
    }
    let folders: Vec<String> = plugin::folders().iter().map(|folder| folder.display().to_string()).collect();
    Error::new(
        Status::BackendUnavailable,
        format!(
            "the MPI library {} needs the plugin {}, which is in none of: {}. Reinstall dtl, or name the plugin's folder in \
             the environment variable {}.",
            library.path.display(),
            library.flavor.plugin,
            folders.join(", "),
            plugin::PATH_VARIABLE
        ),
    )
}

/// How long MPI may take to start, which is no matter of the ranks alone: on a busy machine it takes seconds by itself, so that a
/// short time to wait in the first context does not end the job.
fn time_to_start(settings: Settings) -> Result<Duration> {
    const SLOW: Duration = Duration::from_secs(10);
    let usual = Settings::from_environment()?.timeout;
    Ok(settings.timeout.max(SLOW.min(usual)))
}

/// Makes MPI ready, and checks that it knows the same job as the launcher.
fn start(mpi: &Plugin, settings: Settings, launcher: Option<Launcher>) -> Result<()> {
    if mpi.state() == state::OVER {
        return Err(Error::new(
            Status::InvalidState,
            "MPI has been finalised in this process and cannot be started again; make contexts before that",
        ));
    }
    mpi.initialize(time_to_start(settings)?.as_secs_f64()).map_err(|failure| {
        let library = mpi.library.path.display();
        Error::new(Status::BackendInitFailed, format!("{library} cannot start: {}", failure.text))
    })?;
    STARTED_IN.get_or_init(Process::this);
    match launcher {
        Some(launcher) if launcher.size > 1 && mpi.world_size() == 1 => Err(mismatch(mpi, launcher)),
        _ => Ok(()),
    }
}

/// The error when the launcher and the library do not work together: each process would be rank 0 of 1.
fn mismatch(mpi: &Plugin, launcher: Launcher) -> Error {
    let Launcher { name, size, family, .. } = launcher;
    let wanted = family.map_or("the MPI library that it was built for", |family| family.name());
    Error::new(
        Status::BackendInitFailed,
        format!(
            "{name} started {size} processes, but the MPI library {} ({}) does not work with it: each process would be rank 0 \
             of 1. Start the program with the mpirun of that library, or set DTL_MPI or DTL_LIBMPI so that {wanted} is used.",
            mpi.library.path.display(),
            mpi.library_version()
        ),
    )
}

fn failed(mpi: &Plugin, failure: Failure) -> Error {
    Error::new(Status::Mpi, format!("{} failed: {}", mpi.library.path.display(), failure.text))
}
