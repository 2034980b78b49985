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

use crate::containers::RepresentedAs;
use crate::error::{Error, Result};
use dtl_types::Status;
use std::any::Any;
use std::fmt;
use std::ops::Deref;
use table::{Slot, Table};
use word::{LAST_KIND, kind_of};

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

/// The number of a type that is represented as `C`.
const fn number_of<T: Stored + RepresentedAs<C>, C>() -> u8 {
    T::KIND
}

/// What objects of several types behind handles have in common.
///
/// # Safety
/// Each of `KINDS` is the number of a type that is represented as this one is.
pub unsafe trait Common: Any + Send + Sync {
    /// The numbers of these types.
    const KINDS: &'static [u8];
    /// What messages call it.
    const NAME: &'static str;
}

static TABLE: Table = Table::new();

/// A new handle for `object`, with one owner. It is never 0.
pub fn insert<T: Stored>(object: T) -> Result<usize> {
    TABLE.insert(T::KIND, Box::new(object)).ok_or_else(|| no_room(T::NAME))
}

/// The object behind a handle, kept alive until the guard is dropped, whoever releases the handle meanwhile.
#[inline]
pub fn pin<T: Stored>(handle: usize) -> Result<Pinned<T>> {
    match TABLE.pin(T::KIND, handle) {
        Some(slot) => Ok(Pinned { slot, object: slot.object().cast() }),
        None => Err(invalid(T::NAME, handle)),
    }
}

/// What the object behind a handle has in common with those of other types; otherwise as [`pin`].
#[inline]
pub fn pin_any<C: Common>(handle: usize) -> Result<Pinned<C>> {
    match TABLE.pin(kind_among::<C>(handle)?, handle) {
        Some(slot) => Ok(Pinned { slot, object: slot.object().cast() }),
        None => Err(invalid(C::NAME, handle)),
    }
}

/// The number of the type that a handle shows, if it is one of those.
#[inline]
fn kind_among<C: Common>(handle: usize) -> Result<u8> {
    let kind = kind_of(handle);
    if C::KINDS.contains(&kind) { Ok(kind) } else { Err(invalid(C::NAME, handle)) }
}

/// A new handle for `object`, which is then of the type that the object behind `like` has.
pub fn insert_alike<C: Common>(like: usize, object: C) -> Result<usize> {
    TABLE.insert(kind_among::<C>(like)?, Box::new(object)).ok_or_else(|| no_room(C::NAME))
}

/// Whether a handle is valid, and of this type, at this moment; only [`pin`] keeps it so.
#[inline]
pub fn is<T: Stored>(handle: usize) -> bool {
    TABLE.is_valid(T::KIND, handle)
}

/// Adds an owner: the handle must be released once more.
pub fn retain<T: Stored>(handle: usize) -> Result<()> {
    TABLE.retain(T::KIND, handle).ok_or_else(|| invalid(T::NAME, handle))
}

/// As [`retain`], for an object of any of several types.
pub fn retain_any<C: Common>(handle: usize) -> Result<()> {
    TABLE.retain(kind_among::<C>(handle)?, handle).ok_or_else(|| invalid(C::NAME, handle))
}

/// As [`release`], for an object of any of several types.
pub fn release_any<C: Common>(handle: usize) -> Result<()> {
    TABLE.release(kind_among::<C>(handle)?, handle).ok_or_else(|| invalid(C::NAME, handle))
}

/// Takes an owner away. With the last one the handle becomes invalid, and the object dies as soon as no call uses it.
pub fn release<T: Stored>(handle: usize) -> Result<()> {
    TABLE.release(T::KIND, handle).ok_or_else(|| invalid(T::NAME, handle))
}

/// The number of objects behind handles.
pub fn count() -> u64 {
    TABLE.count()
}

#[cold]
fn no_room(name: &str) -> Error {
    Error::new(Status::OutOfMemory, format!("no room for another {name} handle; release some"))
}

#[cold]
fn invalid(name: &str, handle: usize) -> Error {
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
