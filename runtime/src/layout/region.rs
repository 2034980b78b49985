//! A part of row-major memory: along each dimension a set of positions, and of these all combinations. Can be packed into
//! consecutive bytes, in row-major order, and unpacked from them.

use super::Positions;
use std::sync::Arc;

/// A part of row-major memory. Distances are in bytes.
#[derive(Debug, Clone)]
pub(crate) struct Region {
    /// From the start of the memory to the first item of each axis.
    offset: usize,
    /// The dimensions along which items are apart, outermost first.
    axes: Vec<Axis>,
    /// The size of an item: consecutive bytes.
    item: usize,
}

#[derive(Debug, Clone)]
struct Axis {
    positions: Arc<Positions>,
    /// Between neighbouring positions.
    stride: usize,
}

/// `count` runs of `length` bytes whose starts are `step` bytes apart.
#[derive(Debug, Clone, Copy)]
struct Runs {
    start: usize,
    length: usize,
    step: usize,
    count: usize,
}

impl Region {
    /// The part of memory of this shape, with elements of so many bytes, that has the given positions along each dimension.
    pub(crate) fn new(shape: &[usize], positions: &[Arc<Positions>], element: usize) -> Self {
        let mut region = Region { offset: 0, axes: Vec::new(), item: element };
        let mut stride = element;
        for (extent, positions) in shape.iter().zip(positions).rev() {
            match positions.as_range() {
                // Everything within is consecutive, and so are these.
                Some((first, length)) if region.item == stride && region.axes.is_empty() => {
                    region.offset = first as usize * stride;
                    region.item = length as usize * stride;
                }
                Some((first, 1)) => region.offset += first as usize * stride,
                _ => region.axes.insert(0, Axis { positions: positions.clone(), stride }),
            }
            stride *= extent;
        }
        region
    }

    /// The number of bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.axes.iter().map(|axis| axis.positions.len() as usize).product::<usize>() * self.item
    }

    /// The offset of the first byte, if all others follow it.
    pub(crate) fn as_block(&self) -> Option<usize> {
        self.axes.is_empty().then_some(self.offset)
    }

    /// Copies the region out of `memory` to `packed`.
    ///
    /// # Safety
    /// `memory` must be memory of the shape that the region was made for, and `packed` writable for its bytes elsewhere.
    pub(crate) unsafe fn pack(&self, memory: *const u8, packed: *mut u8) {
        // SAFETY: the caller guarantees that `memory` has the region's shape and that `packed` is writable for its bytes
        // elsewhere; nothing is written to `memory`.
        unsafe { self.copy::<true>(memory.cast_mut(), packed) }
    }

    /// Copies `packed` to the region in `memory`.
    ///
    /// # Safety
    /// As for `pack`, with `memory` writable and `packed` readable.
    pub(crate) unsafe fn unpack(&self, packed: *const u8, memory: *mut u8) {
        // SAFETY: the caller guarantees that `memory` has the region's shape and is writable and that `packed` is readable
        // for its bytes elsewhere; nothing is written to `packed`.
        unsafe { self.copy::<false>(memory, packed.cast_mut()) }
    }

    /// Copies the region to one with as many bytes, of other memory.
    ///
    /// # Safety
    /// `from` and `to` must be memory of the shapes that the regions were made for.
    pub(crate) unsafe fn copy_to(&self, from: *const u8, target: &Region, to: *mut u8) {
        // SAFETY: the caller guarantees that both memories have the shapes of their regions, which have as many bytes; the
        // packed bytes are memory of their own.
        unsafe {
            match (self.as_block(), target.as_block()) {
                (_, Some(offset)) => self.pack(from, to.wrapping_add(offset)),
                (Some(offset), _) => target.unpack(from.wrapping_add(offset), to),
                (None, None) => {
                    let mut packed = vec![0u8; self.bytes()];
                    self.pack(from, packed.as_mut_ptr());
                    target.unpack(packed.as_ptr(), to);
                }
            }
        }
    }

    /// Stores `value` again and again, all over the region.
    ///
    /// # Safety
    /// `memory` must be writable memory of the shape that the region was made for, with elements of the size of `value`.
    pub(crate) unsafe fn fill(&self, memory: *mut u8, value: &[u8]) {
        self.walk(&self.axes, self.offset, &mut |runs| {
            for run in 0..runs.count {
                for element in (0..runs.length).step_by(value.len()) {
                    let place = memory.wrapping_add(runs.start + run * runs.step + element);
                    // SAFETY: the runs are part of the region, and of whole elements.
                    unsafe { std::ptr::copy_nonoverlapping(value.as_ptr(), place, value.len()) };
                }
            }
        });
    }

    /// Copies between the region and consecutive bytes, out of the region or into it.
    unsafe fn copy<const OUT: bool>(&self, memory: *mut u8, packed: *mut u8) {
        let mut done = 0;
        self.walk(&self.axes, self.offset, &mut |runs| {
            // SAFETY: the runs are part of the region, and come in the order of the packed bytes.
            unsafe { copy_runs::<OUT>(memory.wrapping_add(runs.start), packed.wrapping_add(done), runs) };
            done += runs.length * runs.count;
        });
    }

    fn walk(&self, axes: &[Axis], offset: usize, give: &mut impl FnMut(Runs)) {
        match axes {
            [] => give(Runs { start: offset, length: self.item, step: self.item, count: 1 }),
            [axis] => self.walk_innermost(axis, offset, give),
            [axis, inner @ ..] => {
                for position in axis.positions.iter() {
                    self.walk(inner, offset + position as usize * axis.stride, give);
                }
            }
        }
    }

    fn walk_innermost(&self, axis: &Axis, offset: usize, give: &mut impl FnMut(Runs)) {
        let (item, stride) = (self.item, axis.stride);
        for comb in axis.positions.combs() {
            let start = offset + comb.first as usize * stride;
            let (length, step, count) =
                (comb.length as usize, comb.step as usize * stride, comb.count as usize);
            if item == stride {
                give(Runs { start, length: length * item, step, count });
            } else if length == 1 {
                give(Runs { start, length: item, step, count });
            } else {
                for run in 0..count {
                    give(Runs { start: start + run * step, length: item, step: stride, count: length });
                }
            }
        }
    }
}

/// Copies runs at `memory` from or to consecutive bytes at `packed`. Runs of the size of an element, which are many, go
/// through registers.
unsafe fn copy_runs<const OUT: bool>(memory: *mut u8, packed: *mut u8, runs: Runs) {
    // SAFETY: the caller's memory has all of the runs.
    unsafe {
        match runs.length {
            1 => copy_words::<u8, OUT>(memory, packed, runs),
            2 => copy_words::<u16, OUT>(memory, packed, runs),
            4 => copy_words::<u32, OUT>(memory, packed, runs),
            8 => copy_words::<u64, OUT>(memory, packed, runs),
            16 => copy_words::<u128, OUT>(memory, packed, runs),
            length => {
                for run in 0..runs.count {
                    let (there, here) =
                        (memory.wrapping_add(run * runs.step), packed.wrapping_add(run * length));
                    let (from, to) = if OUT { (there, here) } else { (here, there) };
                    std::ptr::copy_nonoverlapping(from, to, length);
                }
            }
        }
    }
}

unsafe fn copy_words<T, const OUT: bool>(memory: *mut u8, packed: *mut u8, runs: Runs) {
    for run in 0..runs.count {
        let there = memory.wrapping_add(run * runs.step).cast::<T>();
        let here = packed.cast::<T>().wrapping_add(run);
        let (from, to) = if OUT { (there, here) } else { (here, there) };
        // SAFETY: the caller's memory has a run of the size of a word there; words need not be aligned.
        unsafe { to.write_unaligned(from.read_unaligned()) };
    }
}
