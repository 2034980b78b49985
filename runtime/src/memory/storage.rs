//! Memory for the local part of a container: aligned to 64 bytes, shared by reference count with every view of it, and given back where
//! it came from.

use super::host;
use super::limit::Reservation;
use super::segment::Segment;
use super::{Address, Kind, Source, guarded, spare};
use crate::error::{Error, Result};
use dtl_types::Status;
use std::ptr::NonNull;

/// From this size on, memory comes in whole pages straight from the operating system: zeroed when first touched, by the
/// thread that uses it, and in huge pages where there are any.
const MAPPED_FROM: usize = 1 << 20;

/// Memory of some kind, which is given back when this is dropped. It is reached through its address alone. Who may write to it when
/// is decided above: operations borrow the container that it belongs to (`containers/borrow.rs`), and programs that have views answer
/// for what they do through them.
#[derive(Debug)]
pub(crate) struct Storage {
    start: NonNull<u8>,
    bytes: usize,
    kind: Kind,
    origin: Origin,
    _reservation: Reservation,
}

/// How the memory came, which says how it goes.
#[derive(Debug)]
enum Origin {
    Nothing,
    Heap,
    /// With the length of the mapping, which may be more than was asked for.
    Mapping(usize),
    /// Shared by processes of this machine, or ready for it.
    Segment(#[expect(dead_code, reason = "it is unmapped when it is dropped")] Segment),
    /// With the length of the mapping.
    Guarded(usize),
    /// The program's own, which is never freed here.
    Foreign,
}

// SAFETY: the memory belongs to this value and to no thread, and this type hands out its address only; whoever uses an address must
// make sure that nobody writes there at the same time, as every function that takes one demands.
unsafe impl Send for Storage {}
// SAFETY: a shared reference gives nothing but the address and numbers, which are never written to.
unsafe impl Sync for Storage {}

/// Memory, and whether it is known to be zero.
pub(super) fn obtain(source: Source, bytes: usize) -> Result<(Storage, bool)> {
    let kind = source.kind();
    let reservation = Reservation::of(kind, bytes)?;
    let mut is_zero = true;
    let (start, origin) = match source {
        _ if bytes == 0 => (Some(host::nowhere()), Origin::Nothing),
        Source::Host if bytes < MAPPED_FROM => (host::heap(bytes), Origin::Heap),
        Source::Host => match spare::take(bytes) {
            Some((start, length)) => {
                is_zero = false;
                (Some(start), Origin::Mapping(length))
            }
            None => (host::mapping(bytes), Origin::Mapping(bytes)),
        },
        Source::Segment => match Segment::alone(bytes) {
            Ok(segment) => (NonNull::new(segment.start()), Origin::Segment(segment)),
            Err(_) => (None, Origin::Nothing),
        },
        Source::Guarded => (guarded::map(bytes), Origin::Guarded(bytes)),
    };
    let start = start.ok_or_else(|| {
        Error::new(Status::OutOfMemory, format!("the operating system gave no memory for {bytes} bytes"))
    })?;
    Ok((Storage { start, bytes, kind, origin, _reservation: reservation }, is_zero))
}

impl Storage {
    /// Memory of the program, which keeps it where it is as long as this is used.
    pub(crate) fn foreign(start: *mut u8, bytes: usize) -> Result<Self> {
        let reservation = Reservation::of(Kind::Host, 0)?;
        let start = NonNull::new(start).unwrap_or(host::nowhere());
        Ok(Storage { start, bytes, kind: Kind::Host, origin: Origin::Foreign, _reservation: reservation })
    }

    /// Whether it is memory of the program.
    pub(crate) fn is_foreign(&self) -> bool {
        matches!(self.origin, Origin::Foreign)
    }

    /// Where it starts: a multiple of 64 bytes, but for memory of the program.
    #[inline]
    pub(crate) fn address(&self) -> Address {
        Address::new(self.start.as_ptr(), self.kind)
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        match self.origin {
            Origin::Nothing | Origin::Foreign | Origin::Segment(_) => {}
            // SAFETY: it came from `heap` with this size, and this was its only owner.
            Origin::Heap => unsafe { host::free(self.start, self.bytes) },
            Origin::Mapping(length) => {
                if !spare::keep(self.start, length) {
                    // SAFETY: mapped by `mapping` with this very length, and unmapped only here or by whoever kept it.
                    unsafe { host::unmap(self.start, length) };
                }
            }
            // SAFETY: mapped by `guarded::map` with this very length, and this was its only owner.
            Origin::Guarded(length) => unsafe { guarded::unmap(self.start, length) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::host::ALIGNMENT;
    use super::*;

    #[test]
    fn storage_is_aligned_and_zeroed_at_every_size_from_every_source() {
        for source in [Source::Host, Source::Segment] {
            for bytes in [0, 1, 63, 64, 4096, MAPPED_FROM - 1, MAPPED_FROM, 3 * MAPPED_FROM + 5] {
                let storage = source.allocate(bytes).unwrap();
                let start = storage.address().host().unwrap();
                assert_eq!(start as usize % ALIGNMENT, 0);
                // SAFETY: the storage owns so many bytes, and only this test has it.
                let contents = unsafe { std::slice::from_raw_parts_mut(start, bytes) };
                assert!(contents.iter().all(|byte| *byte == 0));
                contents.fill(0xAB);
            }
        }
    }

    #[test]
    fn guarded_memory_is_not_the_hosts() {
        let storage = Source::Guarded.allocate(100).unwrap();
        let error = storage.address().host().unwrap_err();
        assert_eq!(error.status(), Status::NotSupported);
        assert!(error.message().contains("guarded memory"), "{error}");
    }

    #[test]
    fn more_than_the_machine_has_is_refused() {
        for bytes in [usize::MAX, 1 << 55] {
            let error = Source::Host.allocate(bytes).unwrap_err();
            assert_eq!(error.status(), Status::OutOfMemory);
            assert!(error.message().contains(&bytes.to_string()), "{error}");
        }
    }
}
