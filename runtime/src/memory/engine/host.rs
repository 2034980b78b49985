//! The engine of the host's memory: loops over elements, on the threads of a rank.

use super::combine::{Reduction, Stack};
use super::element;
use super::equal;
use super::fold::{self, Fold};
use super::sort::{InPlace, Sorting};
use super::{Address, Engine};
use crate::element::Element;
use crate::execution::Workers;
use crate::layout::Region;
use crate::scalar::Scalar;
use dtl_types::Dtype;
use std::hash::{DefaultHasher, Hasher};
use std::slice::{from_raw_parts, from_raw_parts_mut};

/// The engine of the host's memory.
pub(super) struct Host;

impl Engine for Host {
    unsafe fn read(&self, source: Address, target: *mut u8, bytes: usize, workers: Workers) {
        // SAFETY: the caller guarantees both ranges of bytes.
        unsafe { copy(target, source.raw(), bytes, workers) };
    }

    unsafe fn write(&self, target: Address, source: *const u8, bytes: usize, workers: Workers) {
        // SAFETY: the caller guarantees both ranges of bytes.
        unsafe { copy(target.raw(), source, bytes, workers) };
    }

    unsafe fn load(&self, source: Address, target: *mut u8, size: usize) {
        // SAFETY: the caller guarantees the element and the room for it.
        unsafe { element::load(source.raw(), target, size) };
    }

    unsafe fn store(&self, target: Address, source: *const u8, size: usize) {
        // SAFETY: the caller guarantees the element and what it becomes.
        unsafe { element::store(target.raw(), source, size) };
    }

    unsafe fn copy(&self, target: Address, source: Address, bytes: usize, workers: Workers) {
        // SAFETY: the caller guarantees both ranges of bytes.
        unsafe { copy(target.raw(), source.raw(), bytes, workers) };
    }

    unsafe fn fill(&self, target: Address, count: usize, value: Scalar, workers: Workers) {
        macro_rules! fill_as {
            ($word:ty) => {{
                let mut word = [0; size_of::<$word>()];
                word.copy_from_slice(value.bytes());
                // SAFETY: the caller guarantees that there are `count` aligned elements of this size, which nobody else uses.
                let words = unsafe { from_raw_parts_mut(target.raw().cast::<$word>(), count) };
                let word = <$word>::from_ne_bytes(word);
                workers.on_parts(words, |_, part| part.fill(word));
            }};
        }
        match value.bytes().len() {
            1 => fill_as!(u8),
            2 => fill_as!(u16),
            4 => fill_as!(u32),
            8 => fill_as!(u64),
            _ => fill_as!(u128),
        }
        // SAFETY: these are the bytes of the same elements.
        unsafe { self.sanitize(target, count * value.bytes().len(), value.dtype()) };
    }

    unsafe fn sanitize(&self, target: Address, bytes: usize, dtype: Dtype) {
        if dtype == Dtype::Bool && bytes > 0 {
            // SAFETY: the caller guarantees that so many bytes are there and that nobody else uses them.
            bool::sanitize(unsafe { from_raw_parts_mut(target.raw(), bytes) });
        }
    }

    unsafe fn digest(&self, source: Address, bytes: usize) -> [u8; 8] {
        // SAFETY: the caller guarantees that so many bytes are there and that nobody writes to them.
        digest(unsafe { from_raw_parts(source.raw(), bytes) })
    }

    unsafe fn pack(&self, region: &Region, source: Address, packed: *mut u8) {
        // SAFETY: the caller guarantees memory of the region's shape, and room for its bytes.
        unsafe { region.pack(source.raw(), packed) };
    }

    unsafe fn unpack(&self, region: &Region, packed: *const u8, target: Address) {
        // SAFETY: the caller guarantees memory of the region's shape, and as many bytes as it has.
        unsafe { region.unpack(packed, target.raw()) };
    }

    unsafe fn copy_region(&self, from: &Region, source: Address, to: &Region, target: Address) {
        // SAFETY: the caller guarantees memory of the regions' shapes.
        unsafe { from.copy_to(source.raw(), to, target.raw()) };
    }

    unsafe fn fill_region(&self, region: &Region, target: Address, value: Scalar) {
        // SAFETY: the caller guarantees memory of the region's shape, with elements of the size of the value.
        unsafe { region.fill(target.raw(), value.bytes()) };
    }

    unsafe fn fold(
        &self,
        source: Address,
        count: usize,
        fold: Fold,
        dtype: Dtype,
        workers: Workers,
    ) -> Option<Scalar> {
        // SAFETY: the caller guarantees that there are so many aligned elements, to which nobody writes.
        unsafe { fold::fold(fold, dtype, source.raw(), count, workers) }
    }

    unsafe fn find(&self, source: Address, count: usize, value: Scalar) -> Option<usize> {
        // SAFETY: the caller guarantees that there are so many aligned elements, to which nobody writes.
        unsafe { equal::first(source.raw(), count, value) }
    }

    unsafe fn count(&self, source: Address, count: usize, value: Scalar, workers: Workers) -> usize {
        // SAFETY: the caller guarantees that there are so many aligned elements, to which nobody writes.
        unsafe { equal::number(source.raw(), count, value, workers) }
    }

    #[inline]
    unsafe fn combine(&self, reduction: Reduction, stack: &Stack, ranks: usize, out: Address, count: usize) {
        // SAFETY: the caller guarantees the blocks, and the memory for the result.
        unsafe { reduction.combine_on_host(stack, ranks, out.raw(), count) };
    }

    unsafe fn accumulate(
        &self,
        reduction: Reduction,
        stack: Address,
        stride: usize,
        ranks: usize,
        count: usize,
    ) {
        // SAFETY: the caller guarantees the blocks.
        unsafe { reduction.accumulate_on_host(stack.raw(), stride, ranks, count) };
    }

    unsafe fn sort(&self, target: Address, count: usize, sorting: Sorting, workers: Workers) {
        // The caller guarantees that the elements are there, which is what `InPlace` demands.
        sorting.compared(InPlace { start: target.raw(), count, workers });
    }
}

/// What [`Engine::digest`] gives for these bytes.
pub(crate) fn digest(bytes: &[u8]) -> [u8; 8] {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish().to_le_bytes()
}

/// Copies bytes between places that may overlap.
///
/// # Safety
/// `source` must be readable and `target` writable for so many bytes, which nobody else uses meanwhile.
unsafe fn copy(target: *mut u8, source: *const u8, bytes: usize, workers: Workers) {
    let apart = (target as usize).abs_diff(source as usize) >= bytes;
    if !apart {
        // SAFETY: the caller guarantees both ranges; `copy` allows memory that overlaps.
        return unsafe { std::ptr::copy(source, target, bytes) };
    }
    if bytes > 0 {
        // SAFETY: the caller guarantees both ranges, which do not overlap.
        let (target, source) = unsafe { (from_raw_parts_mut(target, bytes), from_raw_parts(source, bytes)) };
        workers.on_parts(target, |first, part| part.copy_from_slice(&source[first..first + part.len()]));
    }
}
