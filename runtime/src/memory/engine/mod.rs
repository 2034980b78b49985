//! What works on elements in one kind of memory: an engine. Containers and algorithms say what is to be done with elements at an
//! [`Address`], and the engine of its kind does it where they are. `host.rs` has the loops of the host, `element.rs` its single elements;
//! `guarded.rs` opens guarded memory for them.

pub(crate) mod combine;
mod element;
mod equal;
pub(crate) mod fold;
mod guarded;
mod host;
pub(crate) mod order;
pub(crate) mod sort;

use super::{Address, Kind};
use crate::error::Result;
use crate::execution::Workers;
use crate::layout::Region;
use crate::scalar::Scalar;
use combine::{Reduction, Stack};
use dtl_types::Dtype;
use fold::Fold;
pub(crate) use host::digest;
use sort::Sorting;

/// Work on elements in one kind of memory.
///
/// # Safety
/// Every function demands of its caller that all addresses are of the engine's kind, or of the host where they are pointers; that what
/// is read is readable and what is written writable for the sizes given, until the function returns; and that nobody writes meanwhile to
/// what is read or written, nor reads what is written.
pub(crate) trait Engine: Sync {
    /// Copies bytes to the host's memory.
    ///
    /// # Safety
    /// As for all functions; the two do not overlap, or are in one memory.
    unsafe fn read(&self, source: Address, target: *mut u8, bytes: usize, workers: Workers);

    /// Copies bytes from the host's memory.
    ///
    /// # Safety
    /// As for `read`.
    unsafe fn write(&self, target: Address, source: *const u8, bytes: usize, workers: Workers);

    /// Copies one element to the host's memory, while others may load and store it as well.
    ///
    /// # Safety
    /// As for all functions, but for others that load and store; `size` is that of the element.
    unsafe fn load(&self, source: Address, target: *mut u8, size: usize);

    /// Copies one element from the host's memory, while others may load and store it as well.
    ///
    /// # Safety
    /// As for `load`.
    unsafe fn store(&self, target: Address, source: *const u8, size: usize);

    /// Copies bytes within this kind of memory; source and target may overlap.
    ///
    /// # Safety
    /// As for all functions.
    unsafe fn copy(&self, target: Address, source: Address, bytes: usize, workers: Workers);

    /// Sets elements to `value`, whose data type they have.
    ///
    /// # Safety
    /// As for all functions, for `count` elements, which are aligned.
    unsafe fn fill(&self, target: Address, count: usize, value: Scalar, workers: Workers);

    /// Makes booleans from other languages, which may be any byte, 0 or 1; elements of other types stay as they are.
    ///
    /// # Safety
    /// As for all functions, for so many bytes.
    unsafe fn sanitize(&self, target: Address, bytes: usize, dtype: Dtype);

    /// A number by which ranks compare contents: the same on all of them for equal bytes, wherever these are.
    ///
    /// # Safety
    /// As for all functions, for so many bytes.
    unsafe fn digest(&self, source: Address, bytes: usize) -> [u8; 8];

    /// Copies a region to consecutive bytes of the host.
    ///
    /// # Safety
    /// As for all functions: `source` has the shape for which the region was made, and `packed` room for its bytes.
    unsafe fn pack(&self, region: &Region, source: Address, packed: *mut u8);

    /// Copies consecutive bytes of the host to a region.
    ///
    /// # Safety
    /// As for `pack`.
    unsafe fn unpack(&self, region: &Region, packed: *const u8, target: Address);

    /// Copies a region to one with as many bytes of other memory of this kind.
    ///
    /// # Safety
    /// As for all functions: `source` and `target` have the shapes for which the regions were made.
    unsafe fn copy_region(&self, from: &Region, source: Address, to: &Region, target: Address);

    /// Sets all elements of a region to `value`, whose data type they have.
    ///
    /// # Safety
    /// As for all functions: `target` has the shape for which the region was made.
    unsafe fn fill_region(&self, region: &Region, target: Address, value: Scalar);

    /// Reduces elements to one value; `None` where there is none.
    ///
    /// # Safety
    /// As for all functions, for `count` elements of this type, which are aligned.
    unsafe fn fold(
        &self,
        source: Address,
        count: usize,
        fold: Fold,
        dtype: Dtype,
        workers: Workers,
    ) -> Option<Scalar>;

    /// The place of the first element that equals `value`, whose data type they have; `None` where there is none.
    ///
    /// # Safety
    /// As for all functions, for `count` elements, which are aligned.
    unsafe fn find(&self, source: Address, count: usize, value: Scalar) -> Option<usize>;

    /// The number of elements that equal `value`, whose data type they have.
    ///
    /// # Safety
    /// As for `find`.
    unsafe fn count(&self, source: Address, count: usize, value: Scalar, workers: Workers) -> usize;

    /// Combines the blocks of `ranks` ranks, in their order, into `out`, which may be exactly one of the blocks.
    ///
    /// # Safety
    /// As for all functions, for blocks of `count` elements of the type for which the reduction was made, which need not be aligned.
    unsafe fn combine(&self, reduction: Reduction, stack: &Stack, ranks: usize, out: Address, count: usize);

    /// Puts in place of each of the `ranks` blocks, `stride` bytes apart, what `combine` gives for all up to and with it.
    ///
    /// # Safety
    /// As for `combine`.
    unsafe fn accumulate(
        &self,
        reduction: Reduction,
        stack: Address,
        stride: usize,
        ranks: usize,
        count: usize,
    );

    /// Puts elements in order.
    ///
    /// # Safety
    /// As for all functions, for `count` elements of the type that is sorted, which are aligned.
    unsafe fn sort(&self, target: Address, count: usize, sorting: Sorting, workers: Workers);
}

impl Kind {
    /// What works on elements in memory of this kind.
    #[inline]
    fn engine(self) -> &'static dyn Engine {
        match self {
            Kind::Host => &host::Host,
            Kind::Guarded => &guarded::Guarded,
        }
    }
}

impl Address {
    /// What works on elements here.
    #[inline]
    pub(crate) fn engine(self) -> &'static dyn Engine {
        self.kind().engine()
    }
}

/// Copies a region to one with as many bytes of other memory, of whatever kind either is: through the host's, where they differ.
///
/// # Safety
/// As for [`Engine::copy_region`].
pub(crate) unsafe fn move_region(from: &Region, source: Address, to: &Region, target: Address) {
    if source.kind() == target.kind() {
        // SAFETY: the caller guarantees that the two memories have the shapes of the regions, and that nobody else uses them.
        return unsafe { source.engine().copy_region(from, source, to, target) };
    }
    let mut packed = vec![0; from.bytes()];
    // SAFETY: as the caller guarantees for `source` and `target`; the packed bytes are as many as each of the regions has.
    unsafe {
        source.engine().pack(from, source, packed.as_mut_ptr());
        target.engine().unpack(to, packed.as_ptr(), target);
    }
}

/// Copies bytes between memory of whatever kinds: through the host's, where they are different ones and neither is the host's.
///
/// # Safety
/// `source` must be readable and `target` writable for so many bytes, which nobody else uses meanwhile; they may overlap.
pub(crate) unsafe fn copy(target: Address, source: Address, bytes: usize, workers: Workers) -> Result<()> {
    // SAFETY: the caller's guarantee for both; each is of the kind of the engine, or of the host where it is a pointer.
    unsafe {
        if source.kind() == target.kind() {
            source.engine().copy(target, source, bytes, workers);
        } else if target.kind().is_host() {
            source.engine().read(source, target.host()?, bytes, workers);
        } else {
            target.engine().write(target, source.host()?, bytes, workers);
        }
    }
    Ok(())
}
