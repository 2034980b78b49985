//! How far the exchange of a halo has come. One call at a time begins it: whoever finds it free takes it before the ranks agree, and
//! gives it back if they do not.

use super::super::transfer::Pending;
use crate::error::{Error, Result};
use dtl_types::Status;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The exchange of a halo. It is locked for moments, never while ranks wait for each other.
pub(super) struct Exchange(Mutex<Stage>);

enum Stage {
    /// None has begun, or the last one has ended.
    Free,
    /// A call is beginning it.
    Beginning,
    Begun(Box<Pending>),
}

impl Exchange {
    pub(super) fn new() -> Self {
        Exchange(Mutex::new(Stage::Free))
    }

    /// Takes the exchange, to begin it.
    pub(super) fn take(&self) -> Result<Beginning<'_>> {
        let mut stage = self.stage();
        if !matches!(*stage, Stage::Free) {
            return Err(Error::new(
                Status::InvalidState,
                "an exchange has begun and not ended; end it first",
            ));
        }
        *stage = Stage::Beginning;
        Ok(Beginning(self))
    }

    /// What has begun, which the caller ends.
    pub(super) fn begun(&self) -> Option<Pending> {
        let mut stage = self.stage();
        match std::mem::replace(&mut *stage, Stage::Free) {
            Stage::Begun(pending) => Some(*pending),
            other => {
                *stage = other;
                None
            }
        }
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An exchange that a call has taken; free again when this is dropped and it has not begun.
pub(super) struct Beginning<'a>(&'a Exchange);

impl Beginning<'_> {
    /// The elements are on their way.
    pub(super) fn has_begun(self, pending: Pending) {
        *self.0.stage() = Stage::Begun(Box::new(pending));
    }
}

impl Drop for Beginning<'_> {
    fn drop(&mut self) {
        let mut stage = self.0.stage();
        if matches!(*stage, Stage::Beginning) {
            *stage = Stage::Free;
        }
    }
}
