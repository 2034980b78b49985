//! Random sequences of collectives, and the reductions and messages that are too large for one piece.

use crate::plan::{Plan, Random};
use crate::ranks::{on_ranks, on_ranks_with, settings};
use dtl::array::Array;
use dtl::comm::Settings;
use dtl::{Dtype, ReduceOp, SliceOutput, allreduce, ops};

fn random_sequence(size: i32, seed: u64, length: usize, settings: Settings) {
    let mut random = Random::new(seed);
    let plans: Vec<Plan> = (0..length).map(|_| Plan::new(&mut random, size)).collect();
    on_ranks_with(size, settings, |context| {
        let rank = context.rank();
        for (number, plan) in plans.iter().enumerate() {
            let (operation, op) = (plan.operation, plan.op);
            assert_eq!(
                plan.run(context),
                plan.expected(rank),
                "rank {rank} of {size}, seed {seed}, call {number}: {operation:?} {op:?} of {:?} at root {}",
                plan.numbers,
                plan.root
            );
        }
    });
}

#[test]
fn random_sequences_give_what_a_sequential_program_computes() {
    for size in 1..=8 {
        for seed in 0..4 {
            random_sequence(size, seed, 60, settings());
        }
    }
}

#[test]
fn messages_over_the_limit_of_the_transport_go_in_pieces() {
    for (size, largest_block) in [(2, 128), (3, 1000), (4, 129)] {
        random_sequence(size, 17, 60, Settings { largest_block, ..settings() });
    }
}

#[test]
fn large_reductions_have_the_same_bits_on_all_ranks() {
    // 300,001 elements of alternating magnitude, whose sum depends on its order.
    let count = 300_001;
    let value =
        |rank: i32, index: usize| (1.0 + rank as f64) / (index as f64 + 0.3) * 1e3f64.powi(rank % 3 - 1);
    let expected: Vec<u64> =
        (0..count).map(|index| (value(0, index) + value(1, index) + value(2, index)).to_bits()).collect();
    on_ranks(3, |context| {
        let mine: Vec<f64> = (0..count).map(|index| value(context.rank(), index)).collect();
        let result = allreduce(context, &mine, ReduceOp::Sum).unwrap();
        assert!(result.iter().map(|value| value.to_bits()).eq(expected.iter().copied()));
    });
}

#[test]
fn input_and_output_may_be_the_same_memory() {
    for count in [1, 5, 1003, 200_000] {
        on_ranks(4, |context| {
            let rank = i64::from(context.rank());
            let mut values: Vec<i64> = (0..count).map(|index| index * (rank + 1)).collect();
            let shape = [values.len()];
            // SAFETY: the memory outlives the call and is only used by it.
            let input = unsafe { Array::from_raw(values.as_ptr().cast(), Dtype::Int64, &shape) };
            ops::allreduce(context, input, ReduceOp::Sum, &mut SliceOutput::new(&mut values)).unwrap();
            assert!((0..count).zip(&values).all(|(index, value)| *value == 10 * index));

            // Each rank sends its number, and that of the rank it is for.
            let mut rows: Vec<i64> = (0..4).flat_map(|to| vec![10 * rank + to; count as usize]).collect();
            let shape = [4, count as usize];
            // SAFETY: the rows outlive the call and are only used by it.
            let input = unsafe { Array::from_raw(rows.as_ptr().cast(), Dtype::Int64, &shape) };
            ops::alltoall(context, input, &mut SliceOutput::new(&mut rows)).unwrap();
            let expected: Vec<i64> = (0..4).flat_map(|from| vec![10 * from + rank; count as usize]).collect();
            assert!(rows == expected, "all-to-all of {count} elements");
        });
    }
}
