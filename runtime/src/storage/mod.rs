//! Memory for the local part of a container: aligned to 64 bytes, shared by reference count with every view of it. `allocate`
//! and `allocate_unset` are the one seam at which the kind of memory is chosen. How much there may be is in `memory_limit.rs`;
//! memory that was given back and is worth keeping, in `spare.rs`.

mod spare;

use crate::error::{Error, Result};
use crate::memory_limit::Reservation;
use dtl_types::Status;
use std::alloc::Layout;
use std::ptr::NonNull;

/// Alignment of all storage: a cache line, and the widest vector instructions.
pub(crate) const ALIGNMENT: usize = 64;

/// From this size on, memory comes in whole pages straight from the operating system: zeroed when first touched, by the
/// thread that uses it, and in huge pages where there are any.
const MAPPED_FROM: usize = 1 << 20;

/// Owned zero-initialised memory. Everybody who reads or writes it does so through its address; that no two do so at
/// the same time is the business of the program, as it is with any distributed array.
#[derive(Debug)]
pub(crate) struct Storage {
    start: NonNull<u8>,
    bytes: usize,
    origin: Origin,
    _reservation: Reservation,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Origin {
    Nothing,
    Heap,
    /// With the length of the mapping, which may be more than was asked for.
    Mapping(usize),
    /// The program's own, which is never freed here.
    Foreign,
}

// SAFETY: the memory is owned, not bound to a thread, and reached only through raw addresses whose users answer for races.
unsafe impl Send for Storage {}
// SAFETY: a shared reference gives no more than the address of the memory; whoever reads or writes there says why that is
// sound.
unsafe impl Sync for Storage {}

/// Zeroed memory of this many bytes; an OUT_OF_MEMORY error, before any page is touched, when there cannot be so much.
pub(crate) fn allocate(bytes: usize) -> Result<Storage> {
    let (storage, is_zero) = obtain(bytes)?;
    if !is_zero {
        // SAFETY: the storage owns so many bytes.
        unsafe { storage.start().write_bytes(0, bytes) };
    }
    Ok(storage)
}

/// The same, for somebody who writes all of it: what is in it until then is some bytes or others.
pub(crate) fn allocate_unset(bytes: usize) -> Result<Storage> {
    obtain(bytes).map(|(storage, _)| storage)
}

/// Memory, and whether it is known to be zero.
fn obtain(bytes: usize) -> Result<(Storage, bool)> {
    let reservation = Reservation::of(bytes)?;
    let mut is_zero = true;
    let (start, origin) = match bytes {
        0 => (Some(NonNull::<AlignedByte>::dangling().cast()), Origin::Nothing),
        _ if bytes < MAPPED_FROM => (heap(bytes), Origin::Heap),
        _ => match spare::take(bytes) {
            Some((start, length)) => {
                is_zero = false;
                (Some(start), Origin::Mapping(length))
            }
            None => (mapping(bytes), Origin::Mapping(bytes)),
        },
    };
    let start = start.ok_or_else(|| {
        Error::new(Status::OutOfMemory, format!("the operating system gave no memory for {bytes} bytes"))
    })?;
    Ok((Storage { start, bytes, origin, _reservation: reservation }, is_zero))
}

impl Storage {
    /// Memory of the program, which keeps it where it is as long as this is used.
    pub(crate) fn foreign(start: *mut u8, bytes: usize) -> Result<Self> {
        let reservation = Reservation::of(0)?;
        let start = NonNull::new(start).unwrap_or(NonNull::<AlignedByte>::dangling().cast());
        Ok(Storage { start, bytes, origin: Origin::Foreign, _reservation: reservation })
    }

    /// Whether it is memory of the program.
    pub(crate) fn is_foreign(&self) -> bool {
        self.origin == Origin::Foreign
    }

    pub(crate) fn start(&self) -> *mut u8 {
        self.start.as_ptr()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        match self.origin {
            Origin::Nothing | Origin::Foreign => {}
            // SAFETY: allocated by `heap` with this very layout.
            Origin::Heap => unsafe { std::alloc::dealloc(self.start(), heap_layout(self.bytes)) },
            Origin::Mapping(length) => {
                if !spare::keep(self.start, length) {
                    // SAFETY: mapped by `mapping` with this very length, and unmapped only here or by whoever kept it.
                    unsafe { unmap(self.start, length) };
                }
            }
        }
    }
}

/// Gives a mapping back to the operating system.
///
/// # Safety
/// It must be a whole mapping of `mapping` that nobody uses any more.
pub(crate) unsafe fn unmap(start: NonNull<u8>, length: usize) {
    // SAFETY: the caller guarantees that it is a whole mapping of `mapping` that nobody uses any more.
    unsafe {
        libc::munmap(start.as_ptr().cast(), length);
    }
}

/// Where empty storage points to: an aligned address that is not null.
#[repr(align(64))]
struct AlignedByte(#[expect(dead_code, reason = "only its alignment counts")] u8);

fn heap_layout(bytes: usize) -> Layout {
    Layout::from_size_align(bytes, ALIGNMENT).expect("heap storage is small")
}

fn heap(bytes: usize) -> Option<NonNull<u8>> {
    // SAFETY: the layout has a size, as `allocate` treats zero bytes apart.
    NonNull::new(unsafe { std::alloc::alloc_zeroed(heap_layout(bytes)) })
}

fn mapping(bytes: usize) -> Option<NonNull<u8>> {
    // SAFETY: a new private anonymous mapping touches no memory that exists.
    let start = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            bytes,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        )
    };
    if start == libc::MAP_FAILED {
        return None;
    }
    // SAFETY: the range is the mapping just made. A refusal of the advice changes nothing but speed.
    #[cfg(target_os = "linux")]
    unsafe {
        libc::madvise(start, bytes, libc::MADV_HUGEPAGE);
    }
    NonNull::new(start.cast())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storage_is_aligned_and_zeroed_at_every_size() {
        for bytes in [0, 1, 63, 64, 4096, MAPPED_FROM - 1, MAPPED_FROM, 3 * MAPPED_FROM + 5] {
            let storage = allocate(bytes).unwrap();
            assert_eq!(storage.start() as usize % ALIGNMENT, 0);
            // SAFETY: the storage owns so many bytes.
            let contents = unsafe { std::slice::from_raw_parts_mut(storage.start(), bytes) };
            assert!(contents.iter().all(|byte| *byte == 0));
            contents.fill(0xAB);
        }
    }

    #[test]
    fn more_than_the_machine_has_is_refused() {
        for bytes in [usize::MAX, 1 << 55] {
            let error = allocate(bytes).unwrap_err();
            assert_eq!(error.status(), Status::OutOfMemory);
            assert!(error.message().contains(&bytes.to_string()), "{error}");
        }
    }
}
