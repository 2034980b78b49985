//! The engine of guarded memory: the host's, while the memory is open.

use super::combine::{Reduction, Stack};
use super::fold::Fold;
use super::host::Host;
use super::sort::Sorting;
use super::{Address, Engine};
use crate::execution::Workers;
use crate::layout::Region;
use crate::memory::guarded::opened;
use crate::scalar::Scalar;
use dtl_types::Dtype;

/// The engine of guarded memory.
pub(super) struct Guarded;

/// The address, for the engine of the host.
fn as_hosts(address: Address) -> Address {
    Address::of_host(address.raw())
}

impl Engine for Guarded {
    unsafe fn read(&self, source: Address, target: *mut u8, bytes: usize, workers: Workers) {
        // SAFETY: the caller guarantees both ranges of bytes, and the source is open.
        opened(&[source], || unsafe { Host.read(as_hosts(source), target, bytes, workers) });
    }

    unsafe fn write(&self, target: Address, source: *const u8, bytes: usize, workers: Workers) {
        // SAFETY: the caller guarantees both ranges of bytes, and the target is open.
        opened(&[target], || unsafe { Host.write(as_hosts(target), source, bytes, workers) });
    }

    unsafe fn load(&self, source: Address, target: *mut u8, size: usize) {
        // SAFETY: the caller guarantees the element, which is open, and the room for it.
        opened(&[source], || unsafe { Host.load(as_hosts(source), target, size) });
    }

    unsafe fn store(&self, target: Address, source: *const u8, size: usize) {
        // SAFETY: the caller guarantees the element, which is open, and what it becomes.
        opened(&[target], || unsafe { Host.store(as_hosts(target), source, size) });
    }

    unsafe fn copy(&self, target: Address, source: Address, bytes: usize, workers: Workers) {
        // SAFETY: the caller guarantees both ranges of bytes, and both are open.
        opened(&[target, source], || unsafe {
            Host.copy(as_hosts(target), as_hosts(source), bytes, workers);
        });
    }

    unsafe fn fill(&self, target: Address, count: usize, value: Scalar, workers: Workers) {
        // SAFETY: the caller guarantees the elements, and they are open.
        opened(&[target], || unsafe { Host.fill(as_hosts(target), count, value, workers) });
    }

    unsafe fn sanitize(&self, target: Address, bytes: usize, dtype: Dtype) {
        // SAFETY: the caller guarantees the bytes, and they are open.
        opened(&[target], || unsafe { Host.sanitize(as_hosts(target), bytes, dtype) });
    }

    unsafe fn digest(&self, source: Address, bytes: usize) -> [u8; 8] {
        // SAFETY: the caller guarantees the bytes, and they are open.
        opened(&[source], || unsafe { Host.digest(as_hosts(source), bytes) })
    }

    unsafe fn pack(&self, region: &Region, source: Address, packed: *mut u8) {
        // SAFETY: the caller guarantees memory of the region's shape, which is open, and the packed bytes.
        opened(&[source], || unsafe { Host.pack(region, as_hosts(source), packed) });
    }

    unsafe fn unpack(&self, region: &Region, packed: *const u8, target: Address) {
        // SAFETY: the caller guarantees memory of the region's shape, which is open, and the packed bytes.
        opened(&[target], || unsafe { Host.unpack(region, packed, as_hosts(target)) });
    }

    unsafe fn copy_region(&self, from: &Region, source: Address, to: &Region, target: Address) {
        // SAFETY: the caller guarantees memory of the regions' shapes, and both are open.
        opened(&[source, target], || unsafe {
            Host.copy_region(from, as_hosts(source), to, as_hosts(target));
        });
    }

    unsafe fn fill_region(&self, region: &Region, target: Address, value: Scalar) {
        // SAFETY: the caller guarantees memory of the region's shape, which is open.
        opened(&[target], || unsafe { Host.fill_region(region, as_hosts(target), value) });
    }

    unsafe fn fold(
        &self,
        source: Address,
        count: usize,
        fold: Fold,
        dtype: Dtype,
        workers: Workers,
    ) -> Option<Scalar> {
        // SAFETY: the caller guarantees the elements, which are open.
        opened(&[source], || unsafe { Host.fold(as_hosts(source), count, fold, dtype, workers) })
    }

    unsafe fn find(&self, source: Address, count: usize, value: Scalar) -> Option<usize> {
        // SAFETY: the caller guarantees the elements, which are open.
        opened(&[source], || unsafe { Host.find(as_hosts(source), count, value) })
    }

    unsafe fn count(&self, source: Address, count: usize, value: Scalar, workers: Workers) -> usize {
        // SAFETY: the caller guarantees the elements, which are open.
        opened(&[source], || unsafe { Host.count(as_hosts(source), count, value, workers) })
    }

    unsafe fn combine(&self, reduction: Reduction, stack: &Stack, ranks: usize, out: Address, count: usize) {
        let elsewhere = stack.elsewhere.map(|(rank, block)| (rank, as_hosts(block)));
        let hosts = Stack { first: as_hosts(stack.first), stride: stack.stride, elsewhere };
        let own = stack.elsewhere.map_or(stack.first, |(_, block)| block);
        // SAFETY: the caller guarantees the blocks and the memory for the result, and all are open.
        opened(&[stack.first, own, out], || unsafe {
            Host.combine(reduction, &hosts, ranks, as_hosts(out), count);
        });
    }

    unsafe fn accumulate(
        &self,
        reduction: Reduction,
        stack: Address,
        stride: usize,
        ranks: usize,
        count: usize,
    ) {
        // SAFETY: the caller guarantees the blocks, which are open.
        opened(&[stack], || unsafe { Host.accumulate(reduction, as_hosts(stack), stride, ranks, count) });
    }

    unsafe fn sort(&self, target: Address, count: usize, sorting: Sorting, workers: Workers) {
        // SAFETY: the caller guarantees the elements, which are open.
        opened(&[target], || unsafe { Host.sort(as_hosts(target), count, sorting, workers) });
    }
}
