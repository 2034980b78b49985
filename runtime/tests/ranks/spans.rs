//! Spans of typed containers: the elements of a range, on the ranks where the container has them.

use crate::ranks::on_ranks;
use dtl::{Array, PartitionPolicy, Scalar, Status, Vector, VectorOptions, ops};

#[test]
fn a_range_is_what_its_elements_say() {
    for ranks in [1, 2, 3] {
        on_ranks(ranks, |context| {
            for partition in [PartitionPolicy::Block, PartitionPolicy::Cyclic, PartitionPolicy::Hash] {
                let options = VectorOptions { partition, ..VectorOptions::default() };
                let mut vector = Vector::<i64>::with_options(context, 20, options).unwrap();
                let indices = vector.global_indices().unwrap();
                vector.local_view_mut().copy_from_slice(&indices);
                for (offset, count) in [(0, 20), (0, 0), (20, 0), (7, 6), (19, 1)] {
                    let mut all = vector.span();
                    let mut part = all.subspan(offset, count).unwrap();
                    let range = offset as i64..(offset + count) as i64;
                    let wanted: Vec<i64> =
                        indices.iter().copied().filter(|index| range.contains(index)).collect();
                    assert_eq!(part.local_view(), wanted);
                    assert_eq!((part.global_size(), part.is_empty()), (count, count == 0));
                    part.local_view_mut().iter_mut().for_each(|element| *element += 0);
                    assert_eq!(part.first(count + 1).unwrap_err().status(), Status::OutOfBounds);
                    assert_eq!(part.last(count).unwrap().local_view(), wanted);
                }
            }
        });
    }
}

#[test]
fn writing_to_a_span_writes_to_its_container() {
    on_ranks(2, |context| {
        let mut array = Array::<u8>::new(context, 6).unwrap();
        array.span().subspan(2, 3).unwrap().local_view_mut().fill(5);
        let wanted: &[u8] = if context.is_root() { &[0, 0, 5] } else { &[5, 5, 0] };
        assert_eq!(array.local_view(), wanted);
    });
}

#[test]
fn writing_to_a_span_of_copies_is_noticed() {
    on_ranks(2, |context| {
        let options = VectorOptions { partition: PartitionPolicy::Replicated, ..Default::default() };
        let mut vector = Vector::<i32>::with_options(context, 3, options).unwrap();
        // SAFETY: nobody has a slice of the vector.
        let span = ops::span_from_vector(unsafe { vector.erased() }).unwrap();
        assert!(!vector.is_dirty());
        ops::span_set_local(&span, 1, Scalar::of(7i32)).unwrap();
        assert!(vector.is_dirty());
        // Every rank has written the same, so nothing is lost.
        vector.sync().unwrap();
        assert!(!vector.is_dirty());
    });
}

#[test]
fn a_range_is_reduced_over_all_ranks() {
    on_ranks(3, |context| {
        let options = VectorOptions { partition: PartitionPolicy::Cyclic, ..Default::default() };
        let mut vector = Vector::<i64>::with_options(context, 10, options).unwrap();
        let indices = vector.global_indices().unwrap();
        vector.local_view_mut().copy_from_slice(&indices);
        let mut all = vector.span();
        assert!(all.any().unwrap() && !all.all().unwrap());
        let part = all.subspan(2, 4).unwrap();
        assert_eq!((part.sum().unwrap(), part.prod().unwrap()), (2 + 3 + 4 + 5, 2 * 3 * 4 * 5));
        assert_eq!((part.min().unwrap(), part.max().unwrap()), (2, 5));
        // The mean is 3.5, which is no integer.
        assert_eq!(part.mean().unwrap_err().status(), Status::OutOfRange);
    });
}
