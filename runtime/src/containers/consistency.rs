//! When what ranks have written is seen by the others.

use super::core::Container;
use crate::collectives;
use crate::comm::Call;
use crate::error::Result;

/// Returns when all ranks have called it on this container.
pub fn barrier(call: &Call<'_>, _container: &Container) -> Result<()> {
    collectives::barrier(call)
}
