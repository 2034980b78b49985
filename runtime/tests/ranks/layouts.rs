//! Containers of drawn shapes, partitions and types against a sequential oracle: where elements are, and where they are after
//! they have been moved. `DTL_CASES` is the number of cases; alone, ranks are 1 to 8 threads.

use crate::ranks::{on_ranks_with, settings};
use dtl::array::Array as Data;
use dtl::comm::Settings;
use dtl::layout::{Layout, Selection};
use dtl::memory::Source;
use dtl::{
    Call, Complex, Context, DynContainer, DynTensor, Element, ExecutionPolicy, Operation, PartitionPolicy,
    PlacementPolicy, SpecEnum, Status, VecOutput, Vector, VectorOptions, Wait, containers,
};

/// Numbers that are equal on all ranks: a linear congruential generator (Knuth 1997, "The Art of Computer Programming",
/// section 3.3.4), of which the upper half is used.
pub struct Draw(u64);

impl Draw {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    pub fn of<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len() as u64) as usize]
    }

    fn partition(&mut self) -> (PartitionPolicy, u64) {
        (self.of(PartitionPolicy::VALUES), 1 + self.below(6))
    }

    /// Extents whose product is the number of ranks.
    pub fn grid(&mut self, ndim: usize, ranks: i32) -> Vec<u64> {
        let mut left = ranks as u64;
        let mut grid = Vec::new();
        for _ in 1..ndim {
            let divisors: Vec<u64> = (1..=left).filter(|divisor| left.is_multiple_of(*divisor)).collect();
            grid.push(self.of(&divisors));
            left /= grid[grid.len() - 1];
        }
        grid.insert(self.below(ndim as u64) as usize, left);
        grid
    }

    /// Mostly small, so that empty ranks and single elements are common.
    fn size(&mut self) -> u64 {
        let bound = self.of(&[3, 10, 40, 200]);
        self.below(bound)
    }
}

/// The owner of each element by the definitions of the manual, and with it the elements of each rank, in order.
fn elements_of(rank: i32, size: u64, (policy, block): (PartitionPolicy, u64), ranks: i32) -> Vec<i64> {
    let (rank, ranks) = (rank as u64, ranks as u64);
    let owner = |index: u64| match policy {
        PartitionPolicy::Block => {
            let long = (size / ranks + 1) * (size % ranks);
            if index < long {
                index / (size / ranks + 1)
            } else {
                size % ranks + (index - long) / (size / ranks)
            }
        }
        PartitionPolicy::Cyclic => index % ranks,
        PartitionPolicy::BlockCyclic => index / block % ranks,
        PartitionPolicy::Hash => {
            Layout::line(policy, size, block, 0, ranks as i32).owner(index as i64).unwrap() as u64
        }
        PartitionPolicy::Replicated => rank,
    };
    (0..size).filter(|index| owner(*index) == rank).map(|index| index as i64).collect()
}

/// Element types of each size.
trait Number: Element + PartialEq + std::fmt::Debug {
    const ZERO: Self;
    fn of(index: i64) -> Self;
}

macro_rules! number {
    ($($type:ty: $zero:expr, $convert:expr;)*) => {$(
        impl Number for $type {
            const ZERO: Self = $zero;

            fn of(index: i64) -> Self {
                ($convert)(index)
            }
        }
    )*};
}

number! {
    u8: 0, |index| (index % 251) as u8;
    i16: 0, |index| index as i16 + 7;
    f32: 0.0, |index| index as f32 + 0.5;
    f64: 0.0, |index| 1.0 / (index as f64 + 1.0);
    Complex<f64>: Complex::new(0.0, 0.0), |index| Complex::new(index as f64, -1.0);
}

fn values<T: Number>(indices: impl IntoIterator<Item = i64>) -> Vec<T> {
    indices.into_iter().map(T::of).collect()
}

pub fn number_of_cases() -> u64 {
    std::env::var("DTL_CASES").map_or(4_000, |cases| cases.parse().expect("DTL_CASES is a number"))
}

/// Runs so many cases on contexts of 1 to 8 ranks, each with the numbers that all ranks draw for it; and some of them, on fewer numbers of
/// ranks, with containers in memory that comes from elsewhere.
pub fn for_all_cases(seed: u64, cases: u64, case: impl Fn(&Context, &mut Draw) + Sync) {
    let elsewhere = [Source::Segment, Source::Guarded];
    let few = elsewhere.into_iter().flat_map(|memory| [1, 3, 4].map(|ranks| (memory, ranks, cases / 64 + 1)));
    let all = (1..=8).map(|ranks| (Source::Host, ranks, cases.div_ceil(8)));
    for (memory, ranks, cases) in all.chain(few) {
        on_ranks_with(ranks, Settings { memory, ..settings() }, |context| {
            for number in 0..cases {
                let mut draw = Draw(seed ^ (number << 8) ^ ranks as u64);
                draw.below(1);
                case(context, &mut draw);
            }
        });
    }
}

#[test]
fn vectors_agree_with_the_oracle_wherever_their_elements_move() {
    for_all_cases(1, number_of_cases(), |context, draw| match draw.below(5) {
        0 => vector_case::<u8>(context, draw),
        1 => vector_case::<i16>(context, draw),
        2 => vector_case::<f32>(context, draw),
        3 => vector_case::<f64>(context, draw),
        _ => vector_case::<Complex<f64>>(context, draw),
    });
}

fn vector_case<T: Number>(context: &Context, draw: &mut Draw) {
    let (rank, ranks) = (context.rank(), context.size());
    let (size, old) = (draw.size(), draw.partition());
    let mine = |size: u64, partition| elements_of(rank, size, partition, ranks);
    let options = VectorOptions { partition: old.0, block_size: old.1, ..Default::default() };
    let mut vector = Vector::<T>::with_options(context, size, options).unwrap();
    let about = format!("{size} elements, {old:?}, rank {rank} of {ranks}");

    // Where elements are.
    let indices = mine(size, old);
    assert_eq!(vector.global_indices().unwrap(), indices, "{about}");
    assert_eq!(vector.local_size(), indices.len() as u64, "{about}");
    assert_eq!(vector.local_offset(), indices.first().map_or(size as i64, |first| *first), "{about}");
    for index in 0..size as i64 {
        let position = indices.iter().position(|own| *own == index);
        assert_eq!(vector.is_local(index).unwrap(), position.is_some(), "{about}");
        assert_eq!(vector.owner(index).unwrap() == rank, position.is_some(), "{about}");
        assert_eq!(vector.to_local(index).ok(), position.map(|local| local as i64), "{about}");
        if let Some(local) = position {
            assert_eq!(vector.to_global(local as i64).unwrap(), index, "{about}");
        }
    }
    vector.copy_from_host(&values::<T>(indices)).unwrap();

    // One array of everything, of a slice, and back.
    let root = draw.below(ranks as u64) as i32;
    let everything = values::<T>(0..size as i64);
    let gathered = vector.gather_to(root).unwrap();
    assert_eq!(gathered, (rank == root).then(|| everything.clone()), "{about}");
    let first = draw.below(size + 1);
    let step = 1 + draw.below(4);
    let count = draw.below((size - first).div_ceil(step) + 1);
    let selection = Selection { first, step, count };
    let mut slice = VecOutput::<T>::new();
    // SAFETY: no slice of the vector is in use.
    let erased = unsafe { vector.erased() };
    let call = Call::new(context, Operation::ContainerGatherTo);
    containers::global_array::get(&call, erased, &[selection], &mut slice).wait().unwrap();
    drop(call);
    let selected = values::<T>((0..count).map(|number| (first + number * step) as i64));
    assert_eq!(slice.into_vec(), selected, "{about} {selection:?}");
    let call = Call::new(context, Operation::ContainerGatherTo);
    let (ones, shape) = (vec![T::of(1); count as usize], [count as usize]);
    // SAFETY: the array has so many elements and stays for this call; no slice of the vector is in use.
    let (data, erased) = unsafe { (Data::from_raw(ones.as_ptr().cast(), T::DTYPE, &shape), vector.erased()) };
    containers::global_array::set(&call, erased, &[selection], data).wait().unwrap();
    drop(call);
    let is_selected = |index: i64| {
        let distance = index - first as i64;
        distance >= 0 && distance % step as i64 == 0 && distance / (step as i64) < count as i64
    };
    let stored = mine(size, old).into_iter().map(|index| if is_selected(index) { 1 } else { index });
    assert_eq!(vector.copy_to_host().unwrap(), values::<T>(stored), "{about} {selection:?}");
    let reversed: Vec<T> = everything.iter().rev().copied().collect();
    vector.from_global((rank == root).then_some(&reversed[..]), root).unwrap();
    let expected: Vec<T> = mine(size, old).iter().map(|index| reversed[*index as usize]).collect();
    assert_eq!(vector.copy_to_host().unwrap(), expected, "{about} root {root}");

    // Elsewhere, as a copy, in another number, and back.
    vector.from_global((rank == root).then_some(&everything[..]), root).unwrap();
    let (new, other_size) = (draw.partition(), draw.size());
    let options =
        VectorOptions { partition: new.0, block_size: new.1, fill: Some(T::of(1)), ..Default::default() };
    let mut copy = Vector::<T>::with_options(context, size, options).unwrap();
    vector.copy(&mut copy).unwrap();
    assert_eq!(copy.copy_to_host().unwrap(), values::<T>(mine(size, new)), "{about} copied to {new:?}");
    assert_eq!(vector.copy_to_host().unwrap(), values::<T>(mine(size, old)), "{about} copied from {new:?}");
    assert!(copy.is_clean(), "{about} copied to {new:?}");
    vector.redistribute(new.0, new.1).unwrap();
    assert_eq!(vector.copy_to_host().unwrap(), values::<T>(mine(size, new)), "{about} to {new:?}");
    vector.resize(other_size).unwrap();
    assert_eq!(vector.global_size(), other_size);
    let resized = mine(other_size, new).into_iter();
    let resized: Vec<T> =
        resized.map(|index| if (index as u64) < size { T::of(index) } else { T::ZERO }).collect();
    assert_eq!(vector.copy_to_host().unwrap(), resized, "{about} to {new:?} of {other_size}");
    vector.resize(size.min(other_size)).unwrap();
    vector.redistribute(old.0, old.1).unwrap();
    assert_eq!(
        vector.copy_to_host().unwrap(),
        values::<T>(mine(size.min(other_size), old)),
        "{about} by {new:?}"
    );
}

#[test]
fn tensors_agree_with_the_oracle_wherever_their_elements_move() {
    for_all_cases(2, number_of_cases() / 2, |context, draw| match draw.below(3) {
        0 => tensor_case::<u8>(context, draw),
        1 => tensor_case::<f32>(context, draw),
        _ => tensor_case::<Complex<f64>>(context, draw),
    });
}

/// How a tensor is divided: a partition for each dimension, and a process grid.
struct Division {
    partitions: Vec<(PartitionPolicy, u64)>,
    grid: Vec<u64>,
}

impl Division {
    fn draw(draw: &mut Draw, ndim: usize, ranks: i32) -> Self {
        let grid = draw.grid(ndim, ranks);
        Division { partitions: (0..ndim).map(|_| draw.partition()).collect(), grid }
    }

    fn policies(&self) -> Vec<PartitionPolicy> {
        self.partitions.iter().map(|(policy, _)| *policy).collect()
    }

    fn blocks(&self) -> Vec<u64> {
        self.partitions.iter().map(|(_, block)| *block).collect()
    }

    /// The indices of a rank's elements along each dimension.
    fn elements_of(&self, rank: i32, shape: &[u64]) -> Vec<Vec<i64>> {
        let mut stride: u64 = self.grid.iter().product();
        let dimensions = shape.iter().zip(&self.partitions).zip(&self.grid);
        dimensions
            .map(|((extent, partition), parts)| {
                stride /= parts;
                elements_of((rank as u64 / stride % parts) as i32, *extent, *partition, *parts as i32)
            })
            .collect()
    }
}

/// The position in row-major order of every combination of indices along the dimensions, in row-major order.
fn linear(indices: &[Vec<i64>], shape: &[u64]) -> Vec<i64> {
    indices.iter().zip(shape).fold(vec![0], |outer, (inner, extent)| {
        outer.iter().flat_map(|start| inner.iter().map(move |index| start * *extent as i64 + index)).collect()
    })
}

fn tensor_case<T: Number>(context: &Context, draw: &mut Draw) {
    let (rank, ranks) = (context.rank(), context.size());
    let ndim = 1 + draw.below(4) as usize;
    let largest = draw.of(&[3, 6, 9]);
    let shape: Vec<u64> = (0..ndim).map(|_| draw.below(largest)).collect();
    let (old, new) = (Division::draw(draw, ndim, ranks), Division::draw(draw, ndim, ranks));
    let about = |division: &Division| {
        format!("{shape:?} {:?} over {:?}, rank {rank} of {ranks}", division.partitions, division.grid)
    };
    let tensor = new_tensor::<T>(context, &shape, &old);

    let indices = old.elements_of(rank, &shape);
    let extents: Vec<u64> = indices.iter().map(|along| along.len() as u64).collect();
    assert_eq!(containers::tensor::local_shape(&tensor), extents, "{}", about(&old));
    store(&tensor, &values::<T>(linear(&indices, &shape)));
    let host = containers::properties::is_host_accessible(&tensor);
    match containers::local_part::local_view(&tensor) {
        Ok(_view) => {
            let refused = move_to(context, &tensor, &new).unwrap_err();
            assert!(host && refused.status() == Status::InvalidState, "{refused}");
        }
        Err(refused) => assert!(!host && refused.status() == Status::NotSupported, "{refused}"),
    }

    let copy = new_tensor::<T>(context, &shape, &new);
    let call = Call::new(context, Operation::ContainerCopy);
    containers::copy::copy(&call, &tensor, &copy).wait().unwrap();
    drop(call);
    let copied = values::<T>(linear(&new.elements_of(rank, &shape), &shape));
    assert_eq!(contents::<T>(&copy), copied, "{} copied to {}", about(&old), about(&new));

    let root = draw.below(ranks as u64) as i32;
    let mut everything = VecOutput::<T>::new();
    let call = Call::new(context, Operation::ContainerGatherTo);
    containers::global_array::gather_to(&call, &tensor, root, &mut everything).wait().unwrap();
    drop(call);
    let expected =
        if rank == root { values::<T>(0..shape.iter().product::<u64>() as i64) } else { Vec::new() };
    assert_eq!(everything.into_vec(), expected, "{}", about(&old));

    move_to(context, &tensor, &new).unwrap();
    assert_eq!(
        contents::<T>(&tensor),
        values::<T>(linear(&new.elements_of(rank, &shape), &shape)),
        "{}",
        about(&new)
    );
    let mut other = shape.clone();
    other.rotate_left(1);
    let call = Call::new(context, Operation::VectorRedistribute);
    containers::tensor::reshape(&call, &tensor, &other, true).wait().unwrap();
    drop(call);
    let rows = Division {
        partitions: vec![(PartitionPolicy::Block, 1); ndim],
        grid: (0..ndim).map(|dimension| if dimension == 0 { ranks as u64 } else { 1 }).collect(),
    };
    let reshaped = values::<T>(linear(&rows.elements_of(rank, &other), &other));
    assert_eq!(contents::<T>(&tensor), reshaped, "{} as {other:?}", about(&new));
    let call = Call::new(context, Operation::VectorRedistribute);
    containers::tensor::reshape(&call, &tensor, &shape, true).wait().unwrap();
    drop(call);
    move_to(context, &tensor, &old).unwrap();
    assert_eq!(contents::<T>(&tensor), values::<T>(linear(&indices, &shape)), "{}", about(&old));
}

fn new_tensor<T: Number>(context: &Context, shape: &[u64], division: &Division) -> DynTensor {
    let call = Call::new(context, Operation::VectorCreate);
    let (host, seq) = (PlacementPolicy::Host, ExecutionPolicy::Seq);
    let (policies, blocks) = (division.policies(), division.blocks());
    let grid = Some(&division.grid[..]);
    containers::tensor::create(&call, shape, T::DTYPE, None, &policies, host, seq, 0, grid, &blocks)
        .wait()
        .unwrap()
}

fn move_to(context: &Context, tensor: &DynTensor, division: &Division) -> dtl::Result<()> {
    let call = Call::new(context, Operation::VectorRedistribute);
    let (policies, blocks) = (division.policies(), division.blocks());
    containers::tensor::redistribute(&call, tensor, &policies, Some(&division.grid), &blocks).wait()
}

/// Gives a tensor these local elements, in whatever memory they are.
pub fn store<T: Element>(tensor: &DynContainer, elements: &[T]) {
    let shape: Vec<usize> =
        containers::tensor::local_shape(tensor).iter().map(|extent| *extent as usize).collect();
    let data = Data::from_slice(elements, &shape).unwrap();
    containers::local_part::copy_from(tensor, data).unwrap();
}

fn contents<T: Number>(tensor: &DynTensor) -> Vec<T> {
    let mut output = VecOutput::<T>::new();
    containers::local_part::copy_to(tensor, &mut output).unwrap();
    output.into_vec()
}
