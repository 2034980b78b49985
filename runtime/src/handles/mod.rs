//! Handles: numbers that stand for objects across a language border. A handle is not an address: it names a place in a table
//! and the generation of that place, so a stale, foreign, forged, null or doubly freed handle is an error and never a crash.
//! An object dies when its last owner has released it and the last call that uses it has returned.
//!
//! Glue for languages that hold raw handles calls [`insert`], [`pin`], [`retain`] and [`release`]. How a place counts owners
//! and calls in one atomic word is in `word.rs`; where places are is in `table.rs`.

#[path = "../../../generated/rust/kinds.rs"]
mod kinds;
mod table;
mod word;

use crate::error::{Error, Result};
use dtl_types::Status;
use std::any::Any;
use std::fmt;
use std::ops::Deref;
use table::{Slot, Table};
use word::LAST_KIND;

/// A type whose objects can be behind handles.
///
/// # Safety
/// No two types have the same `KIND`: a handle's kind is all that is checked before the object is used as a `Self`.
pub unsafe trait Stored: Any + Send + Sync {
    /// The number of this type in handles, from 1 on.
    const KIND: u8;
    /// What messages call it.
    const NAME: &'static str;
}

static TABLE: Table = Table::new();

/// A new handle for `object`, with one owner. It is never 0.
pub fn insert<T: Stored>(object: T) -> Result<usize> {
    TABLE.insert(T::KIND, Box::new(object)).ok_or_else(|| {
        Error::new(Status::OutOfMemory, format!("no room for another {} handle; release some", T::NAME))
    })
}

/// The object behind a handle, kept alive until the guard is dropped, whoever releases the handle meanwhile.
#[inline]
pub fn pin<T: Stored>(handle: usize) -> Result<Pinned<T>> {
    match TABLE.pin(T::KIND, handle) {
        Some(slot) => Ok(Pinned { slot, object: slot.object().cast() }),
        None => Err(invalid::<T>(handle)),
    }
}

/// Adds an owner: the handle must be released once more.
pub fn retain<T: Stored>(handle: usize) -> Result<()> {
    TABLE.retain(T::KIND, handle).ok_or_else(|| invalid::<T>(handle))
}

/// Takes an owner away. With the last one the handle becomes invalid, and the object dies as soon as no call uses it.
pub fn release<T: Stored>(handle: usize) -> Result<()> {
    TABLE.release(T::KIND, handle).ok_or_else(|| invalid::<T>(handle))
}

/// The number of objects behind handles.
pub fn count() -> u64 {
    TABLE.count()
}

#[cold]
fn invalid<T: Stored>(handle: usize) -> Error {
    let name = T::NAME;
    let message = match handle {
        0 => format!("the {name} handle is null; was it created?"),
        _ => format!(
            "{handle:#x} is not a valid {name} handle: it is of another kind, was destroyed or never created"
        ),
    };
    Error::new(Status::InvalidArgument, message)
}

/// An object behind a handle, in use by a call.
pub struct Pinned<T> {
    slot: &'static Slot,
    object: *const T,
}

impl<T> Deref for Pinned<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the pin keeps the object, and its kind, which no other type has, was compared when it was pinned.
        unsafe { &*self.object }
    }
}

impl<T> fmt::Debug for Pinned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pinned").field("slot", self.slot).finish_non_exhaustive()
    }
}

impl<T> Drop for Pinned<T> {
    #[inline]
    fn drop(&mut self) {
        TABLE.unpin(self.slot);
    }
}

#[cfg(test)]
mod tests;
