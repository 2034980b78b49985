//! Execution policies: what several threads of a rank make of its elements is what one makes of them, bit for bit.

use crate::ranks::{on_ranks_with, settings};
use dtl::comm::Settings;
use dtl::{Context, Element, ExecutionPolicy, PartitionPolicy, Vector, VectorOptions};

/// Sizes below and above what is shared out between threads.
const SIZES: [u64; 4] = [0, 1000, 600_011, 3_000_017];

fn vector<T: Element>(
    context: &Context,
    size: u64,
    fill: T,
    execution: ExecutionPolicy,
    partition: PartitionPolicy,
) -> Vector<T> {
    let options = VectorOptions { fill: Some(fill), execution, partition, ..VectorOptions::default() };
    Vector::with_options(context, size, options).unwrap()
}

fn on_three_threads(ranks: i32, body: impl Fn(&Context) + Sync) {
    on_ranks_with(ranks, Settings { threads: Some(3), ..settings() }, body);
}

#[test]
fn elements_are_filled_copied_and_counted_alike() {
    for ranks in [1, 2] {
        on_three_threads(ranks, |context| {
            for size in SIZES {
                for partition in [PartitionPolicy::Block, PartitionPolicy::Hash] {
                    let [mut one, mut many] = [ExecutionPolicy::Seq, ExecutionPolicy::Par]
                        .map(|execution| vector(context, size, 7_i32, execution, partition));
                    assert_eq!(many.execution_policy(), ExecutionPolicy::Par);
                    assert!(many.local_view().iter().all(|element| *element == 7));
                    assert_eq!(one.global_indices().unwrap(), many.global_indices().unwrap());
                    let values: Vec<i32> = (0..many.local_size() as i32).collect();
                    many.copy_from_host(&values).unwrap();
                    assert_eq!(many.local_view(), values);
                    assert_eq!(many.copy_to_host().unwrap(), values);
                    one.fill(-3).unwrap();
                    many.fill(-3).unwrap();
                    assert_eq!(one.local_view(), many.local_view());
                }
            }
        });
    }
}

#[test]
fn sums_have_the_same_bits() {
    on_three_threads(2, |context| {
        for size in SIZES {
            let sums =
                [ExecutionPolicy::Seq, ExecutionPolicy::Async, ExecutionPolicy::Par].map(|execution| {
                    let mut vector = vector(context, size, 0.0_f64, execution, PartitionPolicy::Block);
                    let offset = vector.local_offset();
                    // Numbers whose sum depends on the order of additions.
                    let number =
                        |index: i64| ((index as f64) * 0.7).sin() * 10.0_f64.powi((index % 13) as i32);
                    for (element, index) in vector.local_view_mut().iter_mut().zip(offset..) {
                        *element = number(index);
                    }
                    vector.sum().unwrap().to_bits()
                });
            assert!(sums.iter().all(|sum| *sum == sums[0]), "{size} elements: {sums:?}");
        }
    });
}
