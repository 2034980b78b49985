//! Functions of the caller that are passed elements: what they are passed in every layout, what they change, and how they fail.

use crate::ranks::{on_ranks, same_error};
use crate::vectors::create;
use dtl::{Context, Dtype, Error, PartitionPolicy, Status, Tensor, Vector, allgather};
use std::sync::Mutex;

const PARTITIONS: [PartitionPolicy; 5] = [
    PartitionPolicy::Block,
    PartitionPolicy::Cyclic,
    PartitionPolicy::BlockCyclic,
    PartitionPolicy::Hash,
    PartitionPolicy::Replicated,
];

fn vector(context: &Context, size: u64, partition: PartitionPolicy) -> Vector<i64> {
    Vector::from_erased(create(context, size, Dtype::Int64, partition).unwrap()).unwrap()
}

#[test]
fn a_function_is_called_for_every_element_with_its_index() {
    for partition in PARTITIONS {
        for (size, ranks) in [(0, 2), (1, 4), (23, 3), (64, 4)] {
            on_ranks(ranks, |context| {
                let mut it = vector(context, size, partition);
                let called = Mutex::new(Vec::new());
                it.for_each(|element, index| {
                    called.lock().unwrap().push(index as i64);
                    *element += 10 * index as i64;
                })
                .unwrap();
                let called = called.into_inner().unwrap();
                assert!(called.is_sorted(), "{partition:?}: {called:?}");
                assert_eq!(called, it.global_indices().unwrap());
                let expected: Vec<i64> = called.iter().map(|index| 10 * index).collect();
                assert_eq!(it.local_view(), expected, "{partition:?}");
            });
        }
    }
}

#[test]
fn the_first_element_of_all_ranks_is_found() {
    for partition in PARTITIONS {
        on_ranks(3, |context| {
            let mut it = vector(context, 50, partition);
            it.for_each(|element, index| *element = (index as i64 * 7) % 50).unwrap();
            for wanted in [0, 1, 17, 49] {
                let expected = (0..50).find(|index| (index * 7) % 50 >= wanted);
                assert_eq!(it.find_if(|element| element >= wanted).unwrap(), expected, "{partition:?}");
            }
            assert_eq!(it.find_if(|element| element > 49).unwrap(), None);
        });
    }
}

#[test]
fn answers_are_counted_over_all_ranks() {
    for partition in PARTITIONS {
        for size in [0, 1, 50] {
            on_ranks(3, |context| {
                let mut it = vector(context, size, partition);
                it.for_each(|element, index| *element = index as i64).unwrap();
                for bound in [0, 17, 50] {
                    let holds = |element: i64| element < bound;
                    let expected = (0..size as i64).filter(|element| *element < bound).count() as u64;
                    assert_eq!(it.count_if(holds).unwrap(), expected, "{partition:?}");
                    assert_eq!(it.all_of(holds).unwrap(), expected == size, "{partition:?}");
                    assert_eq!(it.any_of(holds).unwrap(), expected > 0, "{partition:?}");
                    assert_eq!(it.none_of(holds).unwrap(), expected == 0, "{partition:?}");
                }
            });
        }
    }
}

#[test]
fn values_are_found_and_counted() {
    for partition in PARTITIONS {
        on_ranks(3, |context| {
            let mut it = vector(context, 50, partition);
            it.for_each(|element, index| *element = index as i64 / 4).unwrap();
            assert_eq!((it.find(3).unwrap(), it.count(3).unwrap()), (Some(12), 4), "{partition:?}");
            assert_eq!((it.find(12).unwrap(), it.count(12).unwrap()), (Some(48), 2), "{partition:?}");
            assert_eq!((it.find(-1).unwrap(), it.count(-1).unwrap()), (None, 0), "{partition:?}");
            let error = same_error(context, it.count(i64::from(context.rank() == 2)));
            assert!(error.message().contains("it is 0 on rank 0 and 1 on rank 2"), "{error}");
        });
    }
}

#[test]
fn rows_of_a_tensor_are_counted_in_their_order() {
    on_ranks(3, |context| {
        let mut it = Tensor::<i32>::new(context, &[5, 4]).unwrap();
        it.for_each(|element, index| *element = index as i32).unwrap();
        assert_eq!(it.find_if(|element| element == 13).unwrap(), Some(13));
        let all = it.gather_to(0).unwrap();
        assert!(all.is_none_or(|all| all == (0..20).collect::<Vec<i32>>()));
    });
}

#[test]
fn a_failure_or_a_panic_on_one_rank_is_one_error_on_all() {
    on_ranks(4, |context| {
        let mut it = vector(context, 8, PartitionPolicy::Block);
        let error = Error::new(Status::InvalidArgument, "no");
        let fails = |element: &mut i64, index: u64| match index {
            5 => Err(error.clone()),
            _ => {
                *element = 1;
                Ok(())
            }
        };
        let error = same_error(context, it.for_each(fails));
        assert_eq!(error.status(), Status::Algorithm);
        let text = "container.for_each: the function that is called for each element has failed: no (found on rank 2)";
        assert_eq!(error.message(), text);
        // What was changed before the failure stays.
        let all = allgather(context, it.local_view()).unwrap();
        assert_eq!(all, [1, 1, 1, 1, 1, 0, 1, 1]);

        let panics = |element: i64| -> bool { if element == 0 { panic!("at zero") } else { false } };
        let error = same_error(context, it.find_if(panics));
        assert!(
            error.message().contains("the function that asks for elements has failed: it panicked: at zero")
        );
        let error = same_error(context, it.find_if(|_| dtl::barrier(context).map(|()| true)));
        assert!(error.message().contains("such a function may only compute"), "{error}");
        assert_eq!(it.find_if(|element| Ok(element == 1)).unwrap(), Some(0));
    });
}
