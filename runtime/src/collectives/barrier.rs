//! The barrier: the fixed round that starts every collective, and nothing more.

use crate::calls::Call;
use crate::error::Result;

/// Returns when all ranks have called it.
pub async fn barrier(call: &Call<'_>) -> Result<()> {
    call.admit(Ok(())).await?;
    if call.is_alone() {
        return Ok(());
    }
    call.exchange(&[]).await.map(drop)
}
