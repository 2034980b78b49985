//! What the ranks of a new context tell each other first: where they run, and what their settings say. What must be the same on all
//! ranks is compared here, before anything depends on it.

use crate::comm::ranks::groups;
use crate::comm::settings::Settings;
use crate::comm::shared::tell_all;
use crate::comm::transport::{Comm, Fault, Transport};
use crate::error::{Error, Result};
use crate::site::Site;
use dtl_types::{Status, variables};

/// What a rank tells the others.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
struct Terms {
    site: Site,
    /// Whether it may share memory: 0 or 1.
    shared_memory: u32,
    /// The most that it can receive at once, in bytes.
    at_once: u64,
}

/// What all ranks have agreed on.
pub(super) struct Agreed {
    pub(super) sites: Vec<Site>,
    pub(super) settings: Settings,
}

/// Tells the ranks of a communicator where this one runs and what it has been set to. Collective.
pub(super) fn agree(
    transport: &dyn Transport,
    comm: Comm,
    settings: Settings,
    site: Site,
) -> std::result::Result<Result<Agreed>, Fault> {
    let own =
        Terms { site, shared_memory: settings.shared_memory.into(), at_once: settings.at_once() as u64 };
    let all = tell_all(transport, comm, settings, own)?;
    let shared_memory = all.iter().map(|terms| u64::from(terms.shared_memory));
    let at_once = all.iter().map(|terms| terms.at_once as usize).min().unwrap_or_default();
    let sites = all.iter().map(|terms| terms.site).collect();
    let same = same_variable(variables::SHARED_MEMORY.name, shared_memory);
    Ok(same.map(|()| Agreed { sites, settings: Settings { most_at_once: at_once, ..settings } }))
}

/// The error when an environment variable that all ranks must have alike is not the same in each, with its value on each.
fn same_variable(name: &str, values: impl IntoIterator<Item = u64>) -> Result<()> {
    let Some(groups) = groups(values, |value| value.to_string(), ("has", "have")) else { return Ok(()) };
    let text = format!(
        "the environment variable {name} differs between ranks: {groups}. Set it to the same on all of them; mpirun passes a \
         variable on to other machines with -x (Open MPI) or -genvlist (MPICH)."
    );
    Err(Error::new(Status::CollectiveParticipation, text))
}
