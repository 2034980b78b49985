//! The transport whose ranks are processes that an MPI library connects. The library is found when the program runs, and
//! used through a plugin; no MPI symbol is named here.
//!
//! `choose.rs` decides which library, from the user's wish, the libraries in the process and on the machine (`library.rs`)
//! and the launcher (`launcher.rs`). `plugin.rs` is the border to the plugin, and the transport. This file is what
//! the process has in use.

mod choose;
mod launcher;
mod library;
mod plugin;

use super::endpoint::Endpoint;
use super::settings::Settings;
use crate::error::{Error, Result};
use choose::Use;
use dtl_plugin_abi::{refusal, state};
use dtl_types::Status;
use launcher::Launcher;
use library::Library;
use plugin::{Failure, Plugin};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use library::set_environment_folder;

/// What this process uses. Once there is something it stays.
static IN_USE: Mutex<Option<Arc<Plugin>>> = Mutex::new(None);

fn in_use() -> MutexGuard<'static, Option<Arc<Plugin>>> {
    IN_USE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether an MPI library and its plugin are there to be used. Opens and initialises nothing.
pub(crate) fn is_available() -> bool {
    in_use().is_some()
        || choose::library().ok().flatten().is_some_and(|it| plugin::find(it.flavor.plugin).is_some())
}

/// MPI's level of thread support; `None` before MPI is in use.
pub(crate) fn thread_level() -> Option<i32> {
    in_use().as_ref().filter(|mpi| mpi.state() == state::READY).map(|mpi| mpi.thread_level())
}

/// The path of the MPI library in use, and the name of its family: so that other users of MPI in this process take the same.
pub fn library_in_use() -> Option<(PathBuf, &'static str)> {
    let in_use = in_use();
    let library = &in_use.as_ref()?.library;
    Some((library.path.clone(), library.flavor.family.name()))
}

/// This rank's end of the group of all processes of the job; `None` if it is one process that does without MPI. The first
/// call initialises MPI.
pub(crate) fn world(settings: Settings) -> Result<Option<Endpoint>> {
    let mut in_use = in_use();
    if let Some(mpi) = in_use.as_ref().filter(|mpi| mpi.state() == state::READY && mpi.world_size() > 1) {
        return open_world(mpi, settings).map(Some);
    }
    let launcher = launcher::detect(choose::variable);
    let (library, must_start) = match choose::world(launcher)? {
        Use::Nothing => return Ok(None),
        Use::IfReady(library) => (library, false),
        Use::Start(library) => (library, true),
    };
    let mpi = load(&mut in_use, library)?;
    if !must_start && (mpi.state() != state::READY || mpi.world_size() == 1) {
        return Ok(None);
    }
    start(&mpi, settings, launcher)?;
    open_world(&mpi, settings).map(Some)
}

fn open_world(mpi: &Arc<Plugin>, settings: Settings) -> Result<Endpoint> {
    let comm = mpi.open_world().map_err(|failure| failed(mpi, failure))?;
    Ok(Endpoint::new(mpi.clone(), comm, settings))
}

/// This rank's end of the group of a communicator of the user, given as Fortran knows it.
pub(crate) fn adopt(comm: i64, settings: Settings) -> Result<Endpoint> {
    let mut in_use = in_use();
    let mpi = load(&mut in_use, choose::only_one_in_process()?)?;
    if mpi.state() != state::READY {
        return Err(invalid_comm(
            comm,
            "MPI is not initialised, or has been finalised; communicators exist only in between",
        ));
    }
    mpi.initialize(settings.timeout.as_secs_f64()).map_err(|failure| failed(&mpi, failure))?;
    let number =
        i32::try_from(comm).map_err(|_| invalid_comm(comm, "it is too large for the integer form of one"))?;
    let comm = mpi.adopt(number).map_err(|failure| match failure.code {
        refusal::NULL | refusal::INTER | refusal::UNKNOWN => invalid_comm(comm, &failure.text),
        _ => failed(&mpi, failure),
    })?;
    Ok(Endpoint::new(mpi, comm, settings))
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
    let file = plugin::find(library.flavor.plugin).ok_or_else(|| no_plugin(&library))?;
    let plugin = Plugin::load(library, &file).map_err(|reason| {
        Error::new(Status::BackendInitFailed, format!("the MPI library cannot be used: {reason}"))
    })?;
    Ok(in_use.insert(Arc::new(plugin)).clone())
}

fn no_plugin(library: &Library) -> Error {
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

/// Makes MPI ready, and checks that it knows the same job as the launcher.
fn start(mpi: &Plugin, settings: Settings, launcher: Option<Launcher>) -> Result<()> {
    if mpi.state() == state::OVER {
        return Err(Error::new(
            Status::InvalidState,
            "MPI has been finalised in this process and cannot be started again; make contexts before that",
        ));
    }
    mpi.initialize(settings.timeout.as_secs_f64()).map_err(|failure| {
        let library = mpi.library.path.display();
        Error::new(Status::BackendInitFailed, format!("{library} cannot start: {}", failure.text))
    })?;
    match launcher {
        Some(launcher) if launcher.size > 1 && mpi.world_size() == 1 => Err(mismatch(mpi, launcher)),
        _ => Ok(()),
    }
}

/// The error when the launcher and the library do not work together: each process would be rank 0 of 1.
fn mismatch(mpi: &Plugin, launcher: Launcher) -> Error {
    let Launcher { name, size, family } = launcher;
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
