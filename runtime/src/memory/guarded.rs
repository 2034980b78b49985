//! Host memory that pretends to be elsewhere: its pages can be neither read nor written but within [`opened`], which the engine of this
//! kind of memory alone calls. Whatever reaches past the engine ends the process, so that tests of containers show that nothing does.

use super::Address;
use super::host;
use std::collections::BTreeMap;
use std::ptr::NonNull;
use std::sync::{Mutex, PoisonError};

/// The length of each mapping, by its first address. Locked while pages are open: one at a time, as ranks that are threads may want the
/// same ones.
static MAPPINGS: Mutex<BTreeMap<usize, usize>> = Mutex::new(BTreeMap::new());

/// Zeroed pages that nobody can use.
pub(super) fn map(bytes: usize) -> Option<NonNull<u8>> {
    let start = host::map(bytes, libc::PROT_NONE)?;
    MAPPINGS.lock().unwrap_or_else(PoisonError::into_inner).insert(start.as_ptr() as usize, bytes);
    Some(start)
}

/// Gives a mapping back to the operating system.
///
/// # Safety
/// It must be a whole mapping of `map` that nobody uses any more.
pub(super) unsafe fn unmap(start: NonNull<u8>, length: usize) {
    MAPPINGS.lock().unwrap_or_else(PoisonError::into_inner).remove(&(start.as_ptr() as usize));
    // SAFETY: the caller guarantees that it is a mapping of its own that is not used any more.
    unsafe { host::unmap(start, length) };
}

/// Does something while the mappings in which these addresses are can be read and written.
pub(super) fn opened<R>(addresses: &[Address], work: impl FnOnce() -> R) -> R {
    let mappings = MAPPINGS.lock().unwrap_or_else(PoisonError::into_inner);
    let mapping_of = |address: &Address| {
        let address = address.raw() as usize;
        let (start, length) = mappings.range(..=address).next_back()?;
        (address < start + length).then_some((*start, *length))
    };
    let opened: Vec<(usize, usize)> = addresses.iter().filter_map(mapping_of).collect();
    opened.iter().for_each(|mapping| protect(*mapping, libc::PROT_READ | libc::PROT_WRITE));
    let result = work();
    opened.iter().for_each(|mapping| protect(*mapping, libc::PROT_NONE));
    result
}

fn protect((start, length): (usize, usize), access: i32) {
    // SAFETY: it is one of the mappings in the list, which nobody unmaps while the list is locked; nothing else is on its pages.
    let refused = unsafe { libc::mprotect(start as *mut libc::c_void, length, access) };
    assert_eq!(refused, 0, "the system refuses to change the protection of pages");
}
