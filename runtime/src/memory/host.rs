//! How the host's memory is asked for and given back.

use std::alloc::Layout;
use std::ptr::NonNull;

/// Alignment of all storage: a cache line, and the widest vector instructions.
pub(super) const ALIGNMENT: usize = 64;

/// Where empty storage points to: an aligned address that is not null.
pub(super) fn nowhere() -> NonNull<u8> {
    NonNull::<AlignedByte>::dangling().cast()
}

#[repr(align(64))]
struct AlignedByte(#[expect(dead_code, reason = "only its alignment counts")] u8);

fn heap_layout(bytes: usize) -> Layout {
    Layout::from_size_align(bytes, ALIGNMENT).expect("heap storage is small")
}

/// Zeroed memory of some bytes, at least one, from the allocator.
pub(super) fn heap(bytes: usize) -> Option<NonNull<u8>> {
    assert!(bytes > 0, "there is nothing to allocate");
    // SAFETY: the layout has a size, as was just asserted.
    NonNull::new(unsafe { std::alloc::alloc_zeroed(heap_layout(bytes)) })
}

/// Gives memory back to the allocator.
///
/// # Safety
/// It must have come from `heap` with the same size, and nobody may use it any more.
pub(super) unsafe fn free(start: NonNull<u8>, bytes: usize) {
    // SAFETY: it was allocated with this very layout, and is not used any more, both of which the caller guarantees.
    unsafe { std::alloc::dealloc(start.as_ptr(), heap_layout(bytes)) };
}

/// Zeroed memory in whole pages of its own.
pub(super) fn mapping(bytes: usize) -> Option<NonNull<u8>> {
    let start = map(bytes, libc::PROT_READ | libc::PROT_WRITE)?;
    // SAFETY: the range is the mapping just made. A refusal of the advice changes nothing but speed.
    #[cfg(target_os = "linux")]
    unsafe {
        libc::madvise(start.as_ptr().cast(), bytes, libc::MADV_HUGEPAGE);
    }
    Some(start)
}

/// Zeroed pages that may be used in this way.
pub(super) fn map(bytes: usize, access: i32) -> Option<NonNull<u8>> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: a new private anonymous mapping touches no memory that exists.
    let start = unsafe { libc::mmap(std::ptr::null_mut(), bytes, access, flags, -1, 0) };
    if start == libc::MAP_FAILED { None } else { NonNull::new(start.cast()) }
}

/// Gives a mapping back to the operating system.
///
/// # Safety
/// It must be a whole mapping of `map` that nobody uses any more.
pub(super) unsafe fn unmap(start: NonNull<u8>, length: usize) {
    // SAFETY: the caller guarantees that these pages are a mapping of its own that is not used any more.
    unsafe {
        libc::munmap(start.as_ptr().cast(), length);
    }
}
