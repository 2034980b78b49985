//! Distributed vectors: their distribution over ranks, their memory, and what they refuse.

use crate::arrays::{Place, Values};
use crate::ranks::{alone, on_ranks, same_error};
use dtl::array::Array;
use dtl::{
    Context, Dtype, DynVector, ExecutionPolicy, PartitionPolicy, PlacementPolicy, ReduceOp, Result, Scalar,
    Status, Vector, allreduce, ops,
};

/// A vector of zeros; blocks of a block-cyclic one have 3 elements.
pub fn create(context: &Context, size: u64, dtype: Dtype, partition: PartitionPolicy) -> Result<DynVector> {
    create_with(context, size, dtype, None, partition, PlacementPolicy::Host)
}

fn create_with(
    context: &Context,
    size: u64,
    dtype: Dtype,
    fill: Option<Scalar>,
    partition: PartitionPolicy,
    placement: PlacementPolicy,
) -> Result<DynVector> {
    ops::vector_create(context, size, dtype, fill, partition, placement, ExecutionPolicy::Seq, 0, 3)
}

const PARTITIONS: [PartitionPolicy; 4] =
    [PartitionPolicy::Block, PartitionPolicy::Cyclic, PartitionPolicy::BlockCyclic, PartitionPolicy::Hash];

/// What `operation` gives.
fn result(operation: impl FnOnce(&mut Place) -> Result<()>) -> Values {
    let mut place = Place::default();
    operation(&mut place).unwrap();
    place.result.expect("a result")
}

#[test]
fn the_parts_of_all_ranks_make_up_the_vector() {
    for partition in PARTITIONS {
        for (size, ranks) in [(0, 3), (2, 4), (23, 4), (64, 5)] {
            on_ranks(ranks, |context| {
                let it = create(context, size, Dtype::Int64, partition).unwrap();
                assert_eq!((ops::container_global_size(&it), ops::container_num_ranks(&it)), (size, ranks));
                assert_eq!(ops::container_partition_policy(&it), partition);
                let indices = result(|place| ops::vector_global_indices(&it, place));
                assert_eq!(indices.shape, [ops::container_local_size(&it) as usize]);
                ops::container_copy_from_host(&it, indices.input()).unwrap();
                assert_eq!(result(|place| ops::container_copy_to_host(&it, place)), indices);
                let typed = Vector::<i64>::from_erased(it).unwrap();
                let mut times_here = vec![0i32; size as usize];
                typed.local_view().iter().for_each(|index| times_here[*index as usize] += 1);
                let times = allreduce(context, &times_here, ReduceOp::Sum).unwrap();
                assert!(times.iter().all(|times| *times == 1), "{partition:?} {size} {ranks}: {times:?}");
            });
        }
    }
}

#[test]
fn elements_are_filled_whatever_their_size() {
    for dtype in [Dtype::Uint8, Dtype::Bfloat16, Dtype::Float32, Dtype::Complex64, Dtype::Complex128] {
        on_ranks(2, |context| {
            let one = Values::of(dtype, &[1], &[1]);
            // SAFETY: the array holds one element.
            let value = unsafe { Scalar::from_raw(dtype, one.bytes.as_ptr()) };
            let it =
                create_with(context, 7, dtype, Some(value), PartitionPolicy::Block, PlacementPolicy::Host)
                    .unwrap();
            let count = ops::container_local_size(&it) as usize;
            assert_eq!(
                result(|place| ops::container_copy_to_host(&it, place)),
                Values::of(dtype, &[count], &vec![1; count])
            );
            let zero = Values::of(dtype, &[1], &[0]);
            // SAFETY: the array holds one element.
            ops::container_fill(&it, unsafe { Scalar::from_raw(dtype, zero.bytes.as_ptr()) }).unwrap();
            assert_eq!(
                result(|place| ops::container_copy_to_host(&it, place)),
                Values::of(dtype, &[count], &vec![0; count])
            );
        });
    }
}

#[test]
fn booleans_are_zero_or_one() {
    let context = alone();
    let it = create(&context, 3, Dtype::Bool, PartitionPolicy::Block).unwrap();
    let shape = [3];
    // SAFETY: three bytes that live as long as the program.
    ops::container_copy_from_host(&it, unsafe {
        Array::from_raw([0u8, 2, 255].as_ptr(), Dtype::Bool, &shape)
    })
    .unwrap();
    assert_eq!(Vector::<bool>::from_erased(it).unwrap().local_view(), [false, true, true]);
}

#[test]
fn views_keep_the_memory_and_share_it() {
    let view = {
        let context = alone();
        let it = create(&context, 1000, Dtype::Float64, PartitionPolicy::Block).unwrap();
        let view = ops::container_local_view(&it).unwrap();
        ops::container_fill(&it, Scalar::of(2.5)).unwrap();
        context.close().unwrap();
        assert_eq!(ops::vector_owner(&it, 999).unwrap(), 0);
        view
    };
    assert_eq!((view.len(), view.dtype()), (1000, Dtype::Float64));
    assert_eq!(view.as_mut_ptr() as usize % 64, 0);
    // SAFETY: the view keeps 1000 elements alive, and nobody writes them.
    let elements = unsafe { std::slice::from_raw_parts(view.as_mut_ptr().cast::<f64>(), view.len()) };
    assert!(elements.iter().all(|element| *element == 2.5));
}

#[test]
fn typed_vectors_have_their_elements_to_themselves() {
    let context = alone();
    let it = create(&context, 5, Dtype::Int32, PartitionPolicy::Cyclic).unwrap();
    let view = ops::container_local_view(&it).unwrap();
    assert_eq!(Vector::<i32>::from_erased(it.clone()).unwrap_err().status(), Status::InvalidState);
    drop(view);
    let error = Vector::<f32>::from_erased(it).unwrap_err();
    assert_eq!(error.message(), "the vector holds int32, not float32");
    let it = create(&context, 5, Dtype::Int32, PartitionPolicy::Cyclic).unwrap();
    let mut typed = Vector::<i32>::from_erased(it).unwrap();
    typed.local_view_mut().copy_from_slice(&[1, 2, 3, 4, 5]);
    assert_eq!(typed.local_view(), [1, 2, 3, 4, 5]);
}

#[test]
fn arrays_that_do_not_fit_are_refused() {
    on_ranks(2, |context| {
        let it = create(context, 5, Dtype::Int32, PartitionPolicy::Block).unwrap();
        let wrong = Values::of(Dtype::Int32, &[1, 2], &[1, 2]);
        let error = ops::container_copy_from_host(&it, wrong.input()).unwrap_err();
        assert_eq!(error.status(), Status::ExtentMismatch);
        let size = ops::container_local_size(&it);
        assert_eq!(
            error.message(),
            format!(
                "container.copy_from_host: the array has the shape [1, 2], but this rank's part of the container has [{size}]"
            )
        );
        let error = ops::container_fill(&it, Scalar::of(1.0)).unwrap_err();
        assert_eq!(error.status(), Status::InvalidArgument);
        assert!(error.message().contains("float64") && error.message().contains("int32"), "{error}");
    });
}

#[test]
fn a_size_beyond_memory_is_refused_on_all_ranks() {
    on_ranks(2, |context| {
        let block = PartitionPolicy::Block;
        let error = same_error(context, create(context, 1 << 56, Dtype::Float64, block));
        assert_eq!(error.status(), Status::OutOfMemory);
        let error = same_error(context, create(context, u64::MAX, Dtype::Int8, block));
        assert_eq!(error.status(), Status::InvalidArgument);
    });
}

#[test]
fn devices_are_refused_unless_only_preferred() {
    let context = alone();
    let place = |placement| create_with(&context, 4, Dtype::Int8, None, PartitionPolicy::Block, placement);
    for placement in [PlacementPolicy::Device, PlacementPolicy::Unified] {
        assert_eq!(place(placement).unwrap_err().status(), Status::BackendUnavailable);
    }
    let it = place(PlacementPolicy::DevicePreferred).unwrap();
    assert_eq!(ops::container_placement_policy(&it), PlacementPolicy::Host);
    assert!(ops::container_is_host_accessible(&it) && !ops::container_is_device_accessible(&it));
}

#[test]
fn a_vector_describes_itself() {
    on_ranks(4, |context| {
        let it = create(context, 1001, Dtype::Float64, PartitionPolicy::Block).unwrap();
        let (rank, here) = (context.rank(), if context.is_root() { 251 } else { 250 });
        assert_eq!(
            ops::container_describe(&it),
            format!("shape (1001,), float64, block over 4 ranks, rank {rank} has ({here},)")
        );
    });
}
