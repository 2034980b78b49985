//! Addresses in memory of any kind.

use super::Kind;
use crate::error::{Error, Result};
use dtl_types::Status;

/// Where something is in memory of some kind. Only the engine of that kind uses it, or host code that has asked for the host's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Address {
    start: *mut u8,
    kind: Kind,
}

impl Address {
    /// An address in memory of this kind.
    pub(super) fn new(start: *mut u8, kind: Kind) -> Self {
        Address { start, kind }
    }

    /// An address in the host's memory. What is only read may be read-only memory.
    pub(crate) fn of_host(start: *const u8) -> Self {
        Address { start: start.cast_mut(), kind: Kind::Host }
    }

    /// Which memory it is in.
    pub(crate) fn kind(self) -> Kind {
        self.kind
    }

    /// The address so many bytes behind it.
    #[must_use]
    pub(crate) fn add(self, bytes: usize) -> Self {
        Address { start: self.start.wrapping_add(bytes), kind: self.kind }
    }

    /// The address for host code; an error where the host does not reach it.
    #[inline]
    pub(crate) fn host(self) -> Result<*mut u8> {
        if self.kind.is_host() { Ok(self.start) } else { Err(self.not_the_hosts()) }
    }

    #[cold]
    fn not_the_hosts(self) -> Error {
        let message = format!(
            "the elements are in {} memory, which the host's code does not reach; copy them out, or make the container in the \
             host's memory",
            self.kind.name()
        );
        Error::new(Status::NotSupported, message)
    }

    /// The address for the engine of its kind.
    pub(super) fn raw(self) -> *mut u8 {
        self.start
    }
}
