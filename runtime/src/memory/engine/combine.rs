//! Element-wise reduction of equal blocks from several ranks, always in the order of ranks: every rank that computes gets
//! the same bits. A [`Reduction`] exists only for an operator and a data type that has it, so that arithmetic cannot fail once
//! data moves. The blocks are in one kind of memory, whose engine combines them; the reducing collectives have them in the host's.

use super::host::Host;
use super::{Address, Engine};
use crate::arithmetic::Arithmetic;
use crate::arithmetic::operators::{self, Operator};
use crate::elements::dispatch;
use crate::error::{Error, Result};
use crate::scalar::Scalar;
use dtl_types::{Dtype, ReduceOp, SpecEnum, Status};
use std::array::from_fn;
use std::marker::PhantomData;

/// A valid pair of operator and data type.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reduction {
    kernels: Kernels,
}

/// A block of each rank: `stride` bytes apart, but for one that may be elsewhere in the same kind of memory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stack {
    pub(super) first: Address,
    pub(super) stride: usize,
    pub(super) elsewhere: Option<(usize, Address)>,
}

impl Stack {
    /// The block of a rank, from byte `offset` on.
    #[inline(always)]
    fn block<T>(&self, rank: usize, offset: usize) -> *const T {
        let start = match self.elsewhere {
            Some((other, block)) if other == rank => block,
            _ => self.first.add(rank * self.stride),
        };
        start.raw().wrapping_add(offset).cast()
    }
}

/// What an operator does with `ranks` blocks of `count` elements. Nothing need be aligned.
#[derive(Debug, Clone, Copy)]
struct Kernels {
    /// Reduces all blocks into `out`.
    ///
    /// Safety: the blocks must be readable and `out` writable for `count` elements; `out` may be exactly one of the blocks.
    reduce: unsafe fn(stack: &Stack, ranks: usize, out: *mut u8, count: usize),
    /// Puts in place of each block the result of all up to and with it.
    ///
    /// Safety: the blocks must be readable and writable.
    accumulate: unsafe fn(stack: *mut u8, stride: usize, ranks: usize, count: usize),
    identity: fn() -> Option<Scalar>,
}

impl Kernels {
    fn of<T: Arithmetic, O: Operator<T>>() -> Self {
        Kernels {
            reduce: reduce::<T, O>,
            accumulate: accumulate::<T, O>,
            identity: || O::identity().map(Scalar::of),
        }
    }

    /// Those of an operator for `dtype`, if it is in the set of data types that have the operator.
    fn find(op: ReduceOp, dtype: Dtype) -> Option<Self> {
        macro_rules! of {
            ($operator:ident for $set:ident) => {
                dispatch!($set, dtype, T => Some(Self::of::<T, operators::$operator>()), otherwise => None)
            };
        }
        match op {
            ReduceOp::Sum => of!(Sum for reducible),
            ReduceOp::Prod => of!(Prod for reducible),
            ReduceOp::Min => of!(Min for ordered),
            ReduceOp::Max => of!(Max for ordered),
            ReduceOp::Land => of!(Land for ordered),
            ReduceOp::Lor => of!(Lor for ordered),
            ReduceOp::Lxor => of!(Lxor for ordered),
            ReduceOp::Band => of!(Band for bitwise),
            ReduceOp::Bor => of!(Bor for bitwise),
            ReduceOp::Bxor => of!(Bxor for bitwise),
            ReduceOp::Minloc | ReduceOp::Maxloc => None,
        }
    }
}

impl Reduction {
    /// The reduction of `dtype` elements by `op`, if there is one.
    pub(crate) fn new(op: ReduceOp, dtype: Dtype) -> Result<Self> {
        if matches!(op, ReduceOp::Minloc | ReduceOp::Maxloc) {
            return Err(Error::new(
                Status::NotSupported,
                format!(
                    "op '{0}' gives two arrays, the values and their ranks; call allreduce_{0}",
                    op.name()
                ),
            ));
        }
        Kernels::find(op, dtype).map(|kernels| Reduction { kernels }).ok_or_else(|| {
            let (op, dtype) = (op.name(), dtype.name());
            Error::new(Status::NotSupported, format!("op '{op}' is not defined for elements of type {dtype}"))
        })
    }

    /// The element that changes nothing when it is combined with another, if there is one.
    pub(crate) fn identity(self) -> Option<Scalar> {
        (self.kernels.identity)()
    }

    /// Reduces blocks of all ranks in the host's memory into `out`, which may be exactly one of the blocks.
    ///
    /// # Safety
    /// `ranks` blocks, `stride` bytes apart from `stack` on, must be readable and `out` writable for `count` elements.
    #[inline]
    pub(crate) unsafe fn run(
        self,
        stack: *const u8,
        stride: usize,
        ranks: usize,
        out: *mut u8,
        count: usize,
    ) {
        let stack = Stack { first: Address::of_host(stack), stride, elsewhere: None };
        // SAFETY: the caller guarantees that the blocks of all ranks are readable and `out` is writable for `count` elements.
        unsafe { Host.combine(self, &stack, ranks, Address::of_host(out), count) }
    }

    /// The same where the block of the rank `own.0` is at `own.1`.
    ///
    /// # Safety
    /// As for `run`, with that block readable in place of the one in the stack.
    pub(crate) unsafe fn run_with_own(
        self,
        (stack, stride): (*const u8, usize),
        own: (usize, *const u8),
        ranks: usize,
        out: *mut u8,
        count: usize,
    ) {
        let elsewhere = Some((own.0, Address::of_host(own.1)));
        let stack = Stack { first: Address::of_host(stack), stride, elsewhere };
        // SAFETY: the caller guarantees that the blocks of all ranks, the own one at `own.1`, are readable and `out` is
        // writable for `count` elements.
        unsafe { Host.combine(self, &stack, ranks, Address::of_host(out), count) }
    }

    /// Puts in place of each rank's block the reduction of the blocks of all ranks up to and with it, to the same bits as
    /// `run` has for them.
    ///
    /// # Safety
    /// `ranks` blocks of `count` elements, `stride` bytes apart from `stack` on, must be readable and writable.
    pub(crate) unsafe fn accumulate(self, stack: *mut u8, stride: usize, ranks: usize, count: usize) {
        // SAFETY: the caller guarantees that the blocks of all ranks are readable and writable for `count` elements.
        unsafe { Host.accumulate(self, Address::of_host(stack), stride, ranks, count) }
    }

    /// What the engine of the host does for [`Engine::combine`].
    ///
    /// # Safety
    /// As for that, with memory that the host reaches.
    pub(super) unsafe fn combine_on_host(self, stack: &Stack, ranks: usize, out: *mut u8, count: usize) {
        // SAFETY: the caller guarantees the blocks and `out`; the kernels were chosen for the type of the elements.
        unsafe { (self.kernels.reduce)(stack, ranks, out, count) }
    }

    /// What the engine of the host does for [`Engine::accumulate`].
    ///
    /// # Safety
    /// As for that, with memory that the host reaches.
    pub(super) unsafe fn accumulate_on_host(self, stack: *mut u8, stride: usize, ranks: usize, count: usize) {
        // SAFETY: the caller guarantees the blocks; the kernels were chosen for the type of the elements.
        unsafe { (self.kernels.accumulate)(stack, stride, ranks, count) }
    }
}

/// What is done with some elements of every block.
trait Lanes {
    /// Does it with `N` elements, from number `start` on.
    ///
    /// Safety: up to each type; the elements are there.
    unsafe fn run<const N: usize>(&self, start: usize);
}

/// Does it with all of `count` elements of type `T`: as many at once as there are in 128 bytes, which registers hold, and the rest
/// one by one. As the compiler knows both numbers, it makes vector instructions of the first.
///
/// # Safety
/// As for the lanes, for `count` elements.
unsafe fn in_lanes<T>(count: usize, lanes: &impl Lanes) {
    unsafe fn whole<const N: usize>(count: usize, lanes: &impl Lanes) -> usize {
        let whole = count - count % N;
        for start in (0..whole).step_by(N) {
            // SAFETY: the `N` elements from `start` on are among the first `count`, which the caller guarantees to be
            // there.
            unsafe { lanes.run::<N>(start) }
        }
        whole
    }
    // SAFETY: the caller guarantees that `count` elements are there, of which each is given to one run.
    unsafe {
        let done = match size_of::<T>() {
            1 => whole::<128>(count, lanes),
            2 => whole::<64>(count, lanes),
            4 => whole::<32>(count, lanes),
            8 => whole::<16>(count, lanes),
            _ => whole::<8>(count, lanes),
        };
        for start in done..count {
            lanes.run::<1>(start);
        }
    }
}

/// What [`Kernels`] says of `reduce`.
unsafe fn reduce<T: Arithmetic, O: Operator<T>>(stack: &Stack, ranks: usize, out: *mut u8, count: usize) {
    if ranks == 1 && O::KEEPS_ONE {
        let block = stack.block(0, 0);
        if !std::ptr::eq(block, out) {
            // SAFETY: the caller guarantees that the block is readable and `out` writable for `count` elements; `copy`
            // allows the same memory.
            unsafe { std::ptr::copy(block, out, count * size_of::<T>()) };
        }
        return;
    }
    let lanes = Reduce::<T, O> { stack, ranks, out: out.cast(), operator: PhantomData };
    // SAFETY: the caller guarantees that each block is readable and `out` writable for `count` elements.
    unsafe { in_lanes::<T>(count, &lanes) }
}

/// Reduces the elements of all blocks into `out`.
struct Reduce<'a, T, O> {
    stack: &'a Stack,
    ranks: usize,
    out: *mut T,
    operator: PhantomData<O>,
}

impl<T: Arithmetic, O: Operator<T>> Lanes for Reduce<'_, T, O> {
    #[inline(always)]
    unsafe fn run<const N: usize>(&self, start: usize) {
        let block = |rank| self.stack.block::<[T::Stored; N]>(rank, start * size_of::<T>());
        // SAFETY: the elements are there, in each block and in `out`; all are read before any is written.
        unsafe {
            let mut partials = first::<T, O, N>(block(0));
            for rank in 1..self.ranks {
                next::<T, O, N>(&mut partials, block(rank));
            }
            self.out.add(start).cast::<[T; N]>().write_unaligned(last::<T, O, N>(&partials));
        }
    }
}

/// What [`Kernels`] says of `accumulate`.
unsafe fn accumulate<T: Arithmetic, O: Operator<T>>(
    stack: *mut u8,
    stride: usize,
    ranks: usize,
    count: usize,
) {
    let lanes = Accumulate::<T, O> { stack, stride, ranks, types: PhantomData };
    // SAFETY: the caller guarantees that each block is readable and writable for `count` elements.
    unsafe { in_lanes::<T>(count, &lanes) }
}

/// Accumulates the elements of all blocks where they are.
struct Accumulate<T, O> {
    stack: *mut u8,
    stride: usize,
    ranks: usize,
    types: PhantomData<(T, O)>,
}

impl<T: Arithmetic, O: Operator<T>> Lanes for Accumulate<T, O> {
    #[inline(always)]
    unsafe fn run<const N: usize>(&self, start: usize) {
        let first_block = self.stack.wrapping_add(start * size_of::<T>());
        let block = |rank: usize| first_block.wrapping_add(rank * self.stride);
        // SAFETY: the elements are there, in each block.
        unsafe {
            let mut partials = first::<T, O, N>(block(0).cast());
            block(0).cast::<[T; N]>().write_unaligned(last::<T, O, N>(&partials));
            for rank in 1..self.ranks {
                next::<T, O, N>(&mut partials, block(rank).cast());
                block(rank).cast::<[T; N]>().write_unaligned(last::<T, O, N>(&partials));
            }
        }
    }
}

/// # Safety
/// The elements must be readable.
#[inline(always)]
unsafe fn first<T: Arithmetic, O: Operator<T>, const N: usize>(
    block: *const [T::Stored; N],
) -> [O::Partial; N] {
    // SAFETY: the caller guarantees that the elements are readable; they need not be aligned.
    let elements = unsafe { block.read_unaligned() };
    from_fn(|lane| O::first(elements[lane]))
}

/// # Safety
/// The elements must be readable.
#[inline(always)]
unsafe fn next<T: Arithmetic, O: Operator<T>, const N: usize>(
    partials: &mut [O::Partial; N],
    block: *const [T::Stored; N],
) {
    // SAFETY: the caller guarantees that the elements are readable; they need not be aligned.
    let elements = unsafe { block.read_unaligned() };
    for lane in 0..N {
        partials[lane] = O::next(partials[lane], elements[lane]);
    }
}

#[inline(always)]
fn last<T: Arithmetic, O: Operator<T>, const N: usize>(partials: &[O::Partial; N]) -> [T; N] {
    from_fn(|lane| O::last(partials[lane]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::element::Element;
    use crate::execution::Workers;
    use crate::memory::Source;
    use half::f16;
    use num_complex::Complex;

    fn run<T: Element>(op: ReduceOp, ranks: &[Vec<T>]) -> Vec<T> {
        let (count, size) = (ranks[0].len(), size_of::<T>());
        // One byte in front, so that elements are not aligned.
        let mut stack = vec![0u8];
        for block in ranks {
            // SAFETY: the bytes of a slice of elements without padding.
            stack.extend_from_slice(unsafe {
                std::slice::from_raw_parts(block.as_ptr().cast(), count * size)
            });
        }
        let mut out = ranks[0].clone();
        let reduction = Reduction::new(op, T::DTYPE).unwrap();
        // SAFETY: the stack holds all blocks one after another and `out` one block.
        unsafe {
            reduction.run(
                stack.as_ptr().wrapping_add(1),
                count * size,
                ranks.len(),
                out.as_mut_ptr().cast(),
                count,
            )
        };
        out
    }

    #[test]
    fn integers_wrap() {
        assert_eq!(run(ReduceOp::Sum, &[vec![120i8, 1], vec![10, 2]]), [-126, 3]);
        assert_eq!(run(ReduceOp::Prod, &[vec![u32::MAX], vec![2]]), [u32::MAX - 1]);
        assert_eq!(run(ReduceOp::Bxor, &[vec![0b1100u16], vec![0b1010]]), [0b0110]);
    }

    #[test]
    fn not_a_number_wins_minimum_and_maximum() {
        for op in [ReduceOp::Min, ReduceOp::Max] {
            for blocks in [[vec![f64::NAN], vec![1.0]], [vec![1.0], vec![f64::NAN]]] {
                assert!(run(op, &blocks)[0].is_nan());
            }
            assert!(run(op, &[vec![f16::ONE], vec![f16::NAN], vec![f16::ZERO]])[0].is_nan());
        }
    }

    #[test]
    fn logical_results_are_zero_or_one_even_on_one_rank() {
        assert_eq!(run(ReduceOp::Land, &[vec![5, 0]]), [1, 0]);
        assert_eq!(run(ReduceOp::Lxor, &[vec![5.0, 2.0], vec![0.0, 3.0]]), [1.0, 0.0]);
        assert_eq!(run(ReduceOp::Sum, &[vec![true, false], vec![true, false]]), [true, false]);
    }

    #[test]
    fn half_precision_is_rounded_once() {
        // One by one in f16, each half would be lost: 2048 + 0.5 rounds to 2048.
        let blocks: Vec<_> = [2048.0, 0.5, 0.5, 0.5, 0.5].map(|x| vec![f16::from_f32(x)]).into();
        assert_eq!(run(ReduceOp::Sum, &blocks)[0].to_f32(), 2050.0);
    }

    #[test]
    fn long_blocks_are_reduced_whole() {
        let count = 2 * 128 + 3;
        let blocks: Vec<Vec<i64>> =
            (0..3).map(|rank| (0..count).map(|i| (i * (rank + 1)) as i64).collect()).collect();
        let expected: Vec<i64> = (0..count).map(|i| 6 * i as i64).collect();
        assert_eq!(run(ReduceOp::Sum, &blocks), expected);
    }

    #[test]
    fn each_block_becomes_what_comes_before_it_and_itself() {
        let count = 128 + 3;
        for op in [ReduceOp::Sum, ReduceOp::Max, ReduceOp::Lxor] {
            let blocks: Vec<Vec<f16>> = (0..5)
                .map(|rank| (0..count).map(|i| f16::from_f64((rank * i) as f64 / 3.0)).collect())
                .collect();
            let mut stack = blocks.concat();
            let reduction = Reduction::new(op, Dtype::Float16).unwrap();
            // SAFETY: the stack holds all blocks one after another.
            unsafe { reduction.accumulate(stack.as_mut_ptr().cast(), count * 2, 5, count) };
            for (rank, found) in stack.chunks(count).enumerate() {
                assert_eq!(found, run(op, &blocks[..=rank]), "{op:?} of ranks 0 to {rank}");
            }
        }
    }

    #[test]
    fn blocks_are_combined_where_they_are() {
        let blocks: [f64; 6] = [1.0, 2.0, 10.0, 20.0, 100.0, 200.0];
        let nbytes = size_of_val(&blocks);
        for source in [Source::Host, Source::Guarded] {
            let storage = source.allocate(nbytes + 16).unwrap();
            let (first, out) = (storage.address(), storage.address().add(nbytes));
            let reduction = Reduction::new(ReduceOp::Sum, Dtype::Float64).unwrap();
            let read = |from: Address| {
                let mut found = [0.0; 2];
                // SAFETY: two elements are there, and there is room for them.
                unsafe { from.engine().read(from, found.as_mut_ptr().cast(), 16, Workers::ONE) };
                found
            };
            let stack = Stack { first, stride: 16, elsewhere: None };
            let own = Stack { elsewhere: Some((0, first.add(32))), ..stack };
            // SAFETY: the storage has three blocks of two elements, and room for one more.
            unsafe {
                first.engine().write(first, blocks.as_ptr().cast(), nbytes, Workers::ONE);
                first.engine().combine(reduction, &stack, 3, out, 2);
                assert_eq!(read(out), [111.0, 222.0]);
                first.engine().combine(reduction, &own, 2, out, 2);
                assert_eq!(read(out), [110.0, 220.0]);
                first.engine().accumulate(reduction, first, 16, 3, 2);
            }
            assert_eq!(read(first.add(16)), [11.0, 22.0]);
            assert_eq!(read(first.add(32)), [111.0, 222.0]);
        }
    }

    #[test]
    fn complex_numbers_multiply() {
        let i = Complex::new(0.0, 1.0);
        assert_eq!(run(ReduceOp::Prod, &[vec![i], vec![i]]), [Complex::new(-1.0, 0.0)]);
    }

    #[test]
    fn operators_are_defined_for_the_data_types_of_the_specification() {
        for &op in ReduceOp::VALUES {
            // These two give two arrays, which is another operation.
            let is_elementwise = !matches!(op, ReduceOp::Minloc | ReduceOp::Maxloc);
            for &dtype in Dtype::VALUES {
                let specified = is_elementwise && op.dtypes().contains(&dtype);
                assert_eq!(Reduction::new(op, dtype).is_ok(), specified, "{op:?} of {dtype:?}");
            }
        }
    }

    #[test]
    fn undefined_pairs_are_refused_by_name() {
        for (op, dtype) in [
            (ReduceOp::Band, Dtype::Float64),
            (ReduceOp::Min, Dtype::Complex64),
            (ReduceOp::Sum, Dtype::Byte),
            (ReduceOp::Minloc, Dtype::Int32),
        ] {
            let error = Reduction::new(op, dtype).unwrap_err();
            assert_eq!(error.status(), Status::NotSupported);
            assert!(error.message().contains(op.name()), "{error}");
        }
    }

    #[test]
    fn an_identity_changes_nothing_that_the_operator_can_give() {
        let mut pairs = 0;
        for &dtype in Dtype::VALUES {
            for &op in ReduceOp::VALUES {
                let Ok(reduction) = Reduction::new(op, dtype) else { continue };
                let identity = reduction.identity().unwrap();
                for byte in [0x00, 0x01, 0x3c, 0xc1] {
                    // A value that the operator has given: logical ones are 0 or 1, and a boolean has one form of true.
                    let (given, size) = ([byte; 16], dtype.size());
                    let (mut value, mut found) = ([0; 16], [0; 16]);
                    let mut stack = identity.bytes().to_vec();
                    // SAFETY: every block is one element, for which all arrays have room.
                    unsafe {
                        let twice = [given, given].map(|block| block[..size].to_vec()).concat();
                        reduction.run(twice.as_ptr(), size, 2, value.as_mut_ptr(), 1);
                        stack.extend_from_slice(&value[..size]);
                        reduction.run(stack.as_ptr(), size, 2, found.as_mut_ptr(), 1);
                    }
                    assert_eq!(found, value, "{op:?} of {dtype:?}");
                }
                pairs += 1;
            }
        }
        assert!(pairs > 100, "{pairs} pairs of operator and data type were tried");
    }
}
