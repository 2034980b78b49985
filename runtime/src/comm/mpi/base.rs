//! The communicators from which contexts are made: dtl's copies of that of all processes and of those that users hand over. A context
//! has one of its own, as MPI tells collective operations on one communicator apart by their order alone, and threads that use a
//! context each keep none between them.

use super::plugin::Plugin;
use crate::comm::hold::Hold;
use crate::comm::settings::Settings;
use crate::comm::transport::{Comm, Fault, Membership};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The holds on them.
static BASES: LazyLock<Mutex<HashMap<Comm, Arc<Hold>>>> = LazyLock::new(Mutex::default);

fn bases() -> MutexGuard<'static, HashMap<Comm, Arc<Hold>>> {
    BASES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// This rank's end of a new communicator of all ranks of a base, and its hold on that. Collective.
pub(super) fn split(mpi: &Arc<Plugin>, base: Comm, timeout: Duration) -> Result<(Comm, Arc<Hold>), Fault> {
    let hold = bases().entry(base).or_insert_with(Hold::outermost).clone();
    let everybody: Vec<i32> = (0..mpi.size(base)).collect();
    let split = mpi.clone().split(base, &everybody, timeout).inspect_err(|_| hold.add_failed())?;
    let (transport, comm) = split.expect("every rank is a member");
    Ok((comm, hold.add(transport.freed_together(comm))))
}

/// Whether this rank has let go of everything that was made from a base.
pub(super) fn has_released_all(base: Comm) -> bool {
    let hold = bases().get(&base).cloned();
    hold.is_none_or(|hold| hold.has_released_all())
}

/// Frees everything that was made from a base, of which all ranks have let go; an agreed point.
pub(super) fn free_all(base: Comm) {
    let hold = bases().remove(&base);
    if let Some(hold) = hold {
        hold.free_all(Settings::from_environment().unwrap_or_default().timeout);
    }
}

/// Leaves all of them.
pub(super) fn leave_all(mpi: &Plugin) {
    // Where a thread was in the middle of something when the process came to its end, that stays as it is.
    if let Ok(bases) = BASES.try_lock() {
        bases.keys().for_each(|base| mpi.leave(*base));
    }
}
