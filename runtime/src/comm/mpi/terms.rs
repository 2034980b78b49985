//! What the ranks of a new context tell each other first: where they run, and what their settings say. What must be the same on all
//! ranks is compared here, before anything depends on it.

use crate::comm::contract;
use crate::comm::settings::Settings;
use crate::comm::shared::tell_all;
use crate::comm::transport::{Comm, Fault, Transport};
use crate::error::Result;
use crate::topology::Site;
use dtl_types::variables;

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
    let same = contract::same_variable(variables::SHARED_MEMORY.name, shared_memory);
    Ok(same.map(|()| Agreed { sites, settings: Settings { most_at_once: at_once, ..settings } }))
}
