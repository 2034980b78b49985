//! The barrier: the fixed round that starts every collective, and nothing more.

use crate::comm::Call;
use crate::error::Result;

/// Returns when all ranks have called it.
pub fn barrier(call: &Call<'_>) -> Result<()> {
    call.admit(Ok(()))?;
    if call.is_alone() {
        return Ok(());
    }
    call.exchange(&[]).map(drop)
}
