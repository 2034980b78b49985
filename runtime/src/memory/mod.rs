//! Memory for elements: where it is and comes from, how much of it there may be, and what works on elements in it.
//!
//! Memory is reached by `Address`es, which know its `Kind`. Host code asks an address for the host's memory and gets an error from
//! elsewhere; whatever works on elements wherever they are goes through the `Engine` of the address. So another kind of memory is
//! another kind, another source and another engine, and nothing in containers or algorithms changes for it.

mod address;
pub(crate) mod engine;
mod guarded;
mod host;
mod limit;
pub(crate) mod segment;
mod spare;
mod storage;

pub(crate) use address::Address;
pub(crate) use limit::Reservation;
pub(crate) use storage::Storage;

use crate::error::Result;

/// Where memory is, which decides who reaches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What the processor reaches: of dtl, of the program, or shared by the processes of a machine.
    Host,
    /// Memory that the processor reaches only while the engine of this kind works on it, as if it were a device's; any other access
    /// ends the process. Tests show with it that nothing reaches past the engine.
    Guarded,
}

impl Kind {
    /// The number of kinds.
    const COUNT: usize = 2;

    /// Whether any code may use addresses of this kind.
    #[inline]
    pub(crate) fn is_host(self) -> bool {
        self == Kind::Host
    }

    /// What it is called in messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Host => "host",
            Kind::Guarded => "guarded",
        }
    }
}

/// Where the memory of new containers comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Source {
    /// The memory of this process.
    #[default]
    Host,
    /// A segment that processes of one machine can share, of which this one alone knows.
    Segment,
    /// Memory of the kind [`Kind::Guarded`].
    Guarded,
}

impl Source {
    /// The kind of the memory that comes from here.
    pub(crate) fn kind(self) -> Kind {
        match self {
            Source::Host | Source::Segment => Kind::Host,
            Source::Guarded => Kind::Guarded,
        }
    }

    /// Zeroed memory of this many bytes; an OUT_OF_MEMORY error, before any page is touched, when there cannot be so much.
    pub(crate) fn allocate(self, bytes: usize) -> Result<Storage> {
        let (storage, is_zero) = storage::obtain(self, bytes)?;
        if !is_zero {
            // SAFETY: the storage owns so many bytes, and nobody else knows of it yet.
            unsafe { storage.address().host()?.write_bytes(0, bytes) };
        }
        Ok(storage)
    }

    /// Memory with unspecified contents, of which the caller writes every byte.
    pub(crate) fn allocate_unset(self, bytes: usize) -> Result<Storage> {
        storage::obtain(self, bytes).map(|(storage, _)| storage)
    }
}
