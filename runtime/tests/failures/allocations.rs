//! An allocator that refuses memory to storage, which asks for a cache line's alignment, as nothing else in these tests does.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

struct Refusing;

/// The alignment of storage.
const ALIGNMENT: usize = 64;

/// How many allocations of storage there are.
static STORAGE: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// How many more of this thread's allocations succeed before one fails.
    static LEFT: Cell<Option<u64>> = const { Cell::new(None) };
}

/// Lets the allocation of storage with this number, counted from 0, fail on this thread.
pub fn fail(number: u64) {
    LEFT.set(Some(number));
}

/// How many allocations of storage there are in the process.
pub fn storage() -> usize {
    STORAGE.load(Ordering::SeqCst)
}

/// Counts an allocation; whether it is the one that fails.
fn is_refused(layout: Layout) -> bool {
    if layout.align() != ALIGNMENT {
        return false;
    }
    let left = LEFT.get();
    LEFT.set(left.and_then(|left| left.checked_sub(1)));
    if left != Some(0) {
        STORAGE.fetch_add(1, Ordering::SeqCst);
    }
    left == Some(0)
}

// SAFETY: it asks the allocator of the system for everything that it does not refuse.
unsafe impl GlobalAlloc for Refusing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if is_refused(layout) {
            return std::ptr::null_mut();
        }
        // SAFETY: the caller guarantees that the layout has a size.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if is_refused(layout) {
            return std::ptr::null_mut();
        }
        // SAFETY: the caller guarantees that the layout has a size.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        if layout.align() == ALIGNMENT {
            STORAGE.fetch_sub(1, Ordering::SeqCst);
        }
        // SAFETY: the caller guarantees that the allocator gave `start` for this layout.
        unsafe { System.dealloc(start, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Refusing = Refusing;
