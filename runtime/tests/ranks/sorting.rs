//! Sorting of containers of drawn sizes, partitions, types and contents against a sequential oracle, which compares values and
//! knows nothing of bits. `DTL_CASES` is the number of cases.

use crate::arrays::Place;
use crate::layouts::{Draw, for_all_cases, number_of_cases};
use crate::ranks::{on_ranks, on_ranks_with, same_error, settings};
use dtl::array::Array;
use dtl::comm::Settings;
use dtl::types::SpecEnum;
use dtl::{
    Complex, Context, Dtype, DynVector, ExecutionPolicy, PartitionPolicy, PlacementPolicy, ReduceOp, Status,
    ops,
};
use half::{bf16, f16};
use std::cmp::Ordering;
use std::fmt::Debug;

/// A type as which the elements of a container can be read, with the order that users know.
trait Sample: Copy + Debug {
    /// The value that these bits are, as many of them as it has.
    fn of_bits(bits: u128) -> Self;
    fn bits(self) -> u128;
    /// Values that are different and equal, or nearly so.
    fn special() -> Vec<Self>;
    /// Ascending or descending; what is not a number comes last either way.
    fn compare(self, other: Self, reverse: bool) -> Ordering;
}

macro_rules! integers {
    ($($type:ty),+) => {$(
        impl Sample for $type {
            fn of_bits(bits: u128) -> Self {
                bits as $type
            }
            fn bits(self) -> u128 {
                self as u128
            }
            fn special() -> Vec<Self> {
                vec![0, 1, <$type>::MAX, <$type>::MIN, <$type>::MAX - 1, <$type>::MIN + 1]
            }
            fn compare(self, other: Self, reverse: bool) -> Ordering {
                if reverse { other.cmp(&self) } else { self.cmp(&other) }
            }
        }
    )+};
}

integers!(i8, i16, i32, i64, u8, u16, u32, u64);

macro_rules! floats {
    ($($type:ident as $bits:ty),+) => {$(
        impl Sample for $type {
            fn of_bits(bits: u128) -> Self {
                $type::from_bits(bits as $bits)
            }
            fn bits(self) -> u128 {
                self.to_bits().into()
            }
            fn special() -> Vec<Self> {
                let infinity = $type::INFINITY.to_bits();
                let sign = 1 << (<$bits>::BITS - 1);
                let bits = [0, 1, infinity, infinity + 1, infinity - 1, sign - 1];
                bits.into_iter().flat_map(|bits| [bits, bits | sign]).map($type::from_bits).collect()
            }
            fn compare(self, other: Self, reverse: bool) -> Ordering {
                let order = self.partial_cmp(&other);
                match order {
                    Some(order) => if reverse { order.reverse() } else { order },
                    None => self.is_nan().cmp(&other.is_nan()),
                }
            }
        }
    )+};
}

floats!(f16 as u16, bf16 as u16, f32 as u32, f64 as u64);

macro_rules! complex {
    ($($part:ident as $bits:ty),+) => {$(
        impl Sample for Complex<$part> {
            fn of_bits(bits: u128) -> Self {
                Complex::new($part::of_bits(bits), $part::of_bits(bits >> <$bits>::BITS))
            }
            fn bits(self) -> u128 {
                self.re.bits() | self.im.bits() << <$bits>::BITS
            }
            fn special() -> Vec<Self> {
                let parts = $part::special();
                parts.iter().flat_map(|re| parts.iter().map(|im| Complex::new(*re, *im))).collect()
            }
            /// What NumPy documents: those whose parts have the same NaNs are in the order of the parts that have none.
            fn compare(self, other: Self, reverse: bool) -> Ordering {
                let nans = |value: Self| (value.re.is_nan(), value.im.is_nan());
                let part = |own: $part, other: $part| own.compare(other, reverse);
                nans(self).cmp(&nans(other)).then(part(self.re, other.re)).then(part(self.im, other.im))
            }
        }
    )+};
}

complex!(f32 as u32, f64 as u64);

/// The elements of the whole container, the same on all ranks.
fn contents<T: Sample>(draw: &mut Draw, size: u64) -> Vec<T> {
    let mut random = || T::of_bits((0..5).fold(0, |bits, _| bits << 31 | u128::from(draw.below(1 << 31))));
    let mut values: Vec<T> = (0..size).map(|_| random()).collect();
    let special = T::special();
    match draw.below(7) {
        0 => {}
        1 => values.fill(draw.of(&special)),
        2 => {
            let few: Vec<T> = (0..3).map(|_| draw.of(&special)).collect();
            values.iter_mut().for_each(|value| *value = draw.of(&few));
        }
        3 => values.iter_mut().for_each(|value| *value = draw.of(&special)),
        // Sorted already, or the other way round, so that every element of a rank goes to the same one.
        4 => values.sort_by(|a, b| a.compare(*b, false)),
        5 => values.sort_by(|a, b| a.compare(*b, true)),
        // Most of them equal, and few keys close together.
        _ => {
            let common = draw.of(&special);
            for value in &mut values {
                *value = if draw.below(4) > 0 {
                    common
                } else {
                    T::of_bits(common.bits() ^ u128::from(draw.below(8)))
                };
            }
        }
    }
    values
}

/// A container with this rank's share of the contents.
fn vector<T: Sample>(
    context: &Context,
    dtype: Dtype,
    contents: &[T],
    (partition, block): (PartitionPolicy, u64),
    execution: ExecutionPolicy,
) -> DynVector {
    let (size, host) = (contents.len() as u64, PlacementPolicy::Host);
    let vector =
        ops::vector_create(context, size, dtype, None, partition, host, execution, 0, block).unwrap();
    let indices = indices(&vector);
    let own: Vec<T> = indices.into_iter().map(|index| contents[index as usize]).collect();
    let shape = [own.len()];
    // SAFETY: the elements have the size of the data type, and stay for this call.
    ops::container_copy_from_host(&vector, unsafe { Array::from_raw(own.as_ptr().cast(), dtype, &shape) })
        .unwrap();
    vector
}

fn indices(vector: &DynVector) -> Vec<i64> {
    let mut output = dtl::VecOutput::<i64>::new();
    ops::vector_global_indices(vector, &mut output).unwrap();
    output.into_vec()
}

/// This rank's elements, of a type that has their size.
fn elements<T: Copy>(vector: &DynVector) -> Vec<T> {
    let mut place = Place::default();
    ops::container_copy_to_host(vector, &mut place).unwrap();
    let bytes = place.result.expect("the elements").bytes;
    // SAFETY: the bytes are so many elements, and all bytes are a value of the types that tests use.
    bytes
        .chunks(size_of::<T>())
        .map(|element| unsafe { element.as_ptr().cast::<T>().read_unaligned() })
        .collect()
}

fn case<T: Sample>(context: &Context, draw: &mut Draw, dtype: Dtype) {
    let size = match draw.below(10) {
        0 => 0,
        1 => draw.below(2000),
        2..5 => draw.below(10),
        _ => draw.below(150),
    };
    let partition = (draw.of(PartitionPolicy::VALUES), 1 + draw.below(40));
    let execution = draw.of(ExecutionPolicy::VALUES);
    let (reverse, stable) = (draw.below(2) == 1, draw.below(2) == 1);
    let mut contents = contents::<T>(draw, size);
    if dtype == Dtype::Bool {
        // What comes from a program becomes 0 or 1.
        contents.iter_mut().for_each(|value| *value = T::of_bits((value.bits() != 0).into()));
    }
    let about = format!(
        "{size} of {dtype}, {partition:?}, reverse {reverse}, stable {stable}, rank {} of {}",
        context.rank(),
        context.size()
    );
    let vector = vector(context, dtype, &contents, partition, execution);
    let view = ops::container_local_view(&vector).ok();
    ops::vector_sort(&vector, reverse, stable).unwrap();
    if let Some(view) = view {
        let now = ops::container_local_view(&vector).unwrap();
        assert_eq!(view.as_mut_ptr(), now.as_mut_ptr(), "elements are where they were");
    }

    let mut expected = contents.clone();
    expected.sort_by(|a, b| a.compare(*b, reverse));
    let indices = indices(&vector);
    let found: Vec<T> = elements(&vector);
    assert_eq!(found.len(), indices.len(), "{about}");
    for (found, index) in found.iter().zip(indices) {
        let expected = expected[index as usize];
        assert!(found.compare(expected, reverse).is_eq(), "{about}: {found:?} for {expected:?} at {index}");
        if stable {
            assert_eq!(found.bits(), expected.bits(), "{about}: at {index}");
        }
    }
    // Elements that are equal may be in any order, but they are the same ones.
    let mixed = |values: &[T]| values.iter().fold(0_u64, |sum, value| sum.wrapping_add(mix(value.bits())));
    let mut sum = [mixed(&found)];
    if partition.0 != PartitionPolicy::Replicated {
        sum = dtl::allreduce(context, &sum, ReduceOp::Sum).unwrap().try_into().unwrap();
    }
    assert_eq!(sum, [mixed(&contents)], "{about}");
}

/// Numbers that are apart however close the bits are.
fn mix(bits: u128) -> u64 {
    let folded = (bits as u64) ^ ((bits >> 64) as u64).rotate_left(17);
    (folded ^ folded >> 29).wrapping_mul(0x9FB2_1C65_1E98_DF25) ^ folded >> 32
}

#[test]
fn elements_of_every_type_are_in_order_whatever_they_are_and_however_they_are_divided() {
    for_all_cases(4, number_of_cases() / 2, |context, draw| match draw.of(Dtype::STORABLE) {
        dtype @ Dtype::Int8 => case::<i8>(context, draw, dtype),
        dtype @ Dtype::Int16 => case::<i16>(context, draw, dtype),
        dtype @ Dtype::Int32 => case::<i32>(context, draw, dtype),
        dtype @ Dtype::Int64 => case::<i64>(context, draw, dtype),
        dtype @ (Dtype::Uint8 | Dtype::Byte | Dtype::Bool) => case::<u8>(context, draw, dtype),
        dtype @ Dtype::Uint16 => case::<u16>(context, draw, dtype),
        dtype @ Dtype::Uint32 => case::<u32>(context, draw, dtype),
        dtype @ Dtype::Uint64 => case::<u64>(context, draw, dtype),
        dtype @ Dtype::Float16 => case::<f16>(context, draw, dtype),
        dtype @ Dtype::Bfloat16 => case::<bf16>(context, draw, dtype),
        dtype @ Dtype::Float32 => case::<f32>(context, draw, dtype),
        dtype @ Dtype::Float64 => case::<f64>(context, draw, dtype),
        dtype @ Dtype::Complex64 => case::<Complex<f32>>(context, draw, dtype),
        dtype @ Dtype::Complex128 => case::<Complex<f64>>(context, draw, dtype),
        #[allow(unreachable_patterns, reason = "a dtype that is added has an arm when it has an order")]
        _ => {}
    });
}

#[test]
fn what_several_threads_of_a_rank_sort_is_in_order() {
    for ranks in [1, 2] {
        on_ranks_with(ranks, Settings { threads: Some(3), ..settings() }, |context| {
            let size = 300_011 * ranks as u64;
            let contents: Vec<f64> = (0..size).map(|index| f64::from(mix(index.into()) as i32)).collect();
            let mut expected = contents.clone();
            expected.sort_by(|a, b| b.total_cmp(a));
            for stable in [false, true] {
                let cyclic = (PartitionPolicy::Cyclic, 1);
                let vector = vector(context, Dtype::Float64, &contents, cyclic, ExecutionPolicy::Par);
                ops::vector_sort(&vector, true, stable).unwrap();
                let own = indices(&vector).into_iter().map(|index| expected[index as usize]);
                assert!(own.eq(elements::<f64>(&vector)));
            }
        });
    }
}

#[test]
fn ranks_that_want_different_orders_are_told_and_nothing_moves() {
    on_ranks(3, |context| {
        let contents: Vec<i32> = (0..20).rev().collect();
        let block = (PartitionPolicy::Block, 1);
        let vector = vector(context, Dtype::Int32, &contents, block, ExecutionPolicy::Seq);
        let error = same_error(context, ops::vector_sort(&vector, context.rank() == 1, false));
        assert!(
            error
                .message()
                .contains("reverse differs between ranks: ranks 0,2 pass false, rank 1 passes true"),
            "{error}"
        );
        let own: Vec<i32> = indices(&vector).into_iter().map(|index| 19 - index as i32).collect();
        assert_eq!(elements::<i32>(&vector), own);
    });
}

#[test]
fn copies_that_differ_are_made_equal_first_and_lost_writes_are_an_error() {
    on_ranks(3, |context| {
        let replicated = (PartitionPolicy::Replicated, 1);
        let contents: Vec<i16> = (0..10).map(|index| index * 7 % 10).collect();
        let vector = vector(context, Dtype::Int16, &contents, replicated, ExecutionPolicy::Seq);
        ops::container_sync(&vector).unwrap();
        if context.rank() == 2 {
            // Writes through a view are not noticed.
            let view = ops::container_local_view(&vector).unwrap();
            // SAFETY: the view has ten elements of this type, and nothing else uses them.
            unsafe { std::slice::from_raw_parts_mut(view.as_mut_ptr().cast::<i16>(), 10) }.fill(9);
        }
        ops::vector_sort(&vector, false, false).unwrap();
        assert_eq!(elements::<i16>(&vector), (0..10).collect::<Vec<i16>>());

        if context.rank() == 1 {
            ops::container_fill(&vector, dtl::Scalar::of(5_i16)).unwrap();
        }
        let error = same_error(context, ops::vector_sort(&vector, true, false));
        assert_eq!(error.status(), Status::ConsistencyViolation, "{error}");
        ops::vector_sort(&vector, true, false).unwrap();
        assert_eq!(elements::<i16>(&vector), (0..10).rev().collect::<Vec<i16>>());
    });
}
