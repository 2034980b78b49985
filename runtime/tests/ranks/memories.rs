//! Containers whose memory is not the host's, or comes from elsewhere: they do the same, and whoever reaches past what asks for the memory
//! gets an error, or ends the process. Where elements move is tried by `layouts.rs`, `halos.rs` and `sorting.rs` with such memory as well.

use crate::arrays::{Place, Values};
use crate::ranks::{on_ranks, on_ranks_with, same_error, settings};
use dtl::comm::Settings;
use dtl::memory::{Kind, Source};
use dtl::{
    Context, Dtype, Halo, HaloBoundary, PartitionPolicy, ReduceOp, Scalar, Status, Stencil, Vector,
    VectorOptions, ops,
};

const SOURCES: [Source; 3] = [Source::Host, Source::Segment, Source::Guarded];

fn vector(context: &Context, size: u64, partition: PartitionPolicy) -> Vector<i32> {
    let options = VectorOptions { partition, block_size: 2, fill: Some(3), ..VectorOptions::default() };
    Vector::with_options(context, size, options).unwrap()
}

#[test]
fn elements_are_read_written_and_reduced_in_any_memory() {
    for (memory, ranks) in SOURCES.into_iter().flat_map(|memory| [1, 3].map(|ranks| (memory, ranks))) {
        on_ranks_with(ranks, Settings { memory, ..settings() }, |context| {
            for partition in [PartitionPolicy::Block, PartitionPolicy::Cyclic, PartitionPolicy::Replicated] {
                let mut it = vector(context, 11, partition);
                assert_eq!(it.sum().unwrap(), 33);
                let indices = it.global_indices().unwrap();
                for (local, index) in indices.iter().enumerate() {
                    it.set_local(local as u64, *index as i32 - 4).unwrap();
                    assert_eq!(it.get_local(local as u64).unwrap(), *index as i32 - 4);
                }
                it.sync().unwrap();
                let values: Vec<i32> = (0..11).map(|index| index - 4).collect();
                assert_eq!(it.sum().unwrap(), values.iter().sum::<i32>());
                assert_eq!((it.min().unwrap(), it.max().unwrap()), (-4, 6));
                assert_eq!((it.any().unwrap(), it.all().unwrap()), (true, false));
                it.fill(2).unwrap();
                assert_eq!(it.prod().unwrap(), 1 << 11);
                assert_eq!(it.copy_to_host().unwrap(), vec![2; indices.len()]);
                let made = it.like(Dtype::Int32).unwrap();
                assert_eq!(made.sum().unwrap(), 0);
            }
        });
    }
}

#[test]
fn spans_work_in_any_memory() {
    for memory in SOURCES {
        on_ranks_with(2, Settings { memory, ..settings() }, |context| {
            let mut it = vector(context, 10, PartitionPolicy::Block);
            // SAFETY: nobody has a slice of the vector.
            let all = ops::span_from_vector(unsafe { it.erased() }).unwrap();
            let part = ops::span_subspan(&all, 3, 4).unwrap();
            let count = ops::span_local_size(&part);
            for index in 0..count {
                ops::span_set_local(&part, index, Scalar::of(index as i32)).unwrap();
            }
            let mut place = Place::default();
            ops::span_copy_to_host(&part, &mut place).unwrap();
            let wanted: Vec<i64> = (0..count as i64).collect();
            let values = Values::of(Dtype::Int32, &[count as usize], &wanted);
            assert_eq!(place.result.unwrap(), values);
            ops::span_copy_from_host(&part, values.input()).unwrap();
            drop((all, part));
            assert_eq!(it.sum().unwrap(), 6 * 3 + 2);
            it.redistribute(PartitionPolicy::Cyclic, 1).unwrap();
            assert_eq!(it.sum().unwrap(), 6 * 3 + 2);
        });
    }
}

#[test]
fn replicated_elements_that_differ_are_noticed_in_any_memory() {
    for memory in SOURCES {
        on_ranks_with(2, Settings { memory, ..settings() }, |context| {
            let mut it = vector(context, 4, PartitionPolicy::Replicated);
            it.set_local(1, context.rank()).unwrap();
            let error = same_error(context, it.sync());
            assert_eq!(error.status(), Status::ConsistencyViolation);
            assert_eq!(it.copy_to_host().unwrap(), [3, 0, 3, 3]);
        });
    }
}

#[test]
fn only_the_hosts_memory_has_views() {
    on_ranks_with(1, Settings { memory: Source::Guarded, ..settings() }, |context| {
        let it = vector(context, 4, PartitionPolicy::Block);
        assert!(!it.is_host_accessible());
        // SAFETY: nobody has a slice of the vector.
        let erased = unsafe { it.erased() };
        let error = ops::container_local_view(erased).unwrap_err();
        assert_eq!(error.status(), Status::NotSupported);
        assert!(error.message().contains("guarded memory") && error.message().contains("copy"), "{error}");
        // The array of a halo is the host's, whatever its container is in.
        // SAFETY: nobody has a slice of the vector.
        let mut halo: Halo = unsafe { it.halo(&[1], HaloBoundary::Periodic, Stencil::Box, None) }.unwrap();
        halo.exchange().unwrap();
        assert_eq!(halo.local_view::<i32>().unwrap(), [3; 6]);
    });
}

#[test]
fn an_array_elsewhere_is_refused_on_all_ranks() {
    on_ranks(2, |context| {
        let values = Values::of(Dtype::Int32, &[2], &[1, 2]);
        let kind = if context.is_root() { Kind::Host } else { Kind::Guarded };
        let mut place = Place::default();
        let reduced = ops::allreduce(context, values.input().in_memory(kind), ReduceOp::Sum, &mut place);
        let error = same_error(context, reduced);
        assert_eq!((error.status(), error.rank()), (Status::NotSupported, Some(1)));
        assert!(error.message().contains("data is in guarded memory"), "{error}");
    });
}
