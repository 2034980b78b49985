//! Reductions with functions of the caller, against the same function over what all ranks pass, one after the other.

use crate::ranks::{on_ranks, on_ranks_with, same_error, settings};
use dtl::comm::Settings;
use dtl::{Context, Error, ReduceOp, Result, Status};

/// Maps x -> a x + b, one after the other: coefficients a, then as many b. Neither commutative nor element by element.
fn affine(first: &[i64], second: &[i64], both: &mut [i64]) -> Result<()> {
    let count = first.len() / 2;
    for place in 0..count {
        both[place] = first[place].wrapping_mul(second[place]);
        both[place + count] = first[place + count].wrapping_mul(second[place]) + second[place + count];
    }
    Ok(())
}

fn values(rank: i32, count: usize) -> Vec<i64> {
    (0..2 * count as i64).map(|place| (place + 3 * i64::from(rank)) % 5 - 1).collect()
}

/// What a list of arrays gives, from the first to the last.
fn folded(arrays: &[Vec<i64>]) -> Vec<i64> {
    let mut arrays = arrays.iter();
    let first = arrays.next().cloned().unwrap_or_default();
    arrays.fold(first, |sum, next| {
        let mut both = vec![0; sum.len()];
        affine(&sum, next, &mut both).unwrap();
        both
    })
}

const COUNTS: [usize; 4] = [0, 1, 7, 40_000];

#[test]
fn arrays_are_combined_in_the_order_of_ranks() {
    for size in [1, 2, 3, 5, 8] {
        on_ranks(size, |context| {
            let me = context.rank();
            for count in COUNTS {
                let inputs: Vec<Vec<i64>> = (0..size).map(|rank| values(rank, count)).collect();
                let mine = inputs[me as usize].as_slice();
                let all = folded(&inputs);
                assert_eq!(dtl::allreduce_func(context, mine, affine).unwrap(), all);
                for root in [0, size - 1] {
                    let found = dtl::reduce_func(context, mine, affine, root).unwrap();
                    assert_eq!(found, (me == root).then(|| all.clone()));
                }
                let upto = dtl::scan_func(context, mine, affine).unwrap();
                assert_eq!(upto, folded(&inputs[..=me as usize]));
                let below = dtl::exscan_func(context, mine, affine).unwrap();
                assert_eq!(below, folded(&inputs[..me as usize]));
                let rows: Vec<i64> = (0..size).flat_map(|row| values(me + 2 * row, count)).collect();
                let part = dtl::reduce_scatter_func(context, &rows, affine).unwrap();
                let parts: Vec<Vec<i64>> = (0..size).map(|rank| values(rank + 2 * me, count)).collect();
                assert_eq!(part, folded(&parts));
            }
        });
    }
}

#[test]
fn they_may_be_issued_and_waited_for_in_another_order() {
    for size in [1, 2, 4] {
        on_ranks(size, |context| {
            let me = context.rank() as usize;
            for count in COUNTS {
                let inputs: Vec<Vec<i64>> = (0..size).map(|rank| values(rank, count)).collect();
                let mine = || inputs[me].clone();
                let all = dtl::iallreduce_func(context, mine(), affine);
                let at_root = dtl::ireduce_func(context, mine(), affine, 0);
                let upto = dtl::iscan_func(context, mine(), affine);
                let below = dtl::iexscan_func(context, mine(), affine);
                let rows: Vec<i64> = (0..size).flat_map(|row| values(me as i32 + row, count)).collect();
                let part = dtl::ireduce_scatter_func(context, rows, affine);
                let parts: Vec<Vec<i64>> = (0..size).map(|rank| values(rank + me as i32, count)).collect();
                assert_eq!(part.wait().unwrap(), folded(&parts));
                assert_eq!(below.wait().unwrap(), folded(&inputs[..me]));
                assert_eq!(at_root.wait().unwrap(), (me == 0).then(|| folded(&inputs)));
                assert_eq!(upto.wait().unwrap(), folded(&inputs[..=me]));
                assert_eq!(all.wait().unwrap(), folded(&inputs));
            }
        });
    }
}

#[test]
fn what_surrounds_a_function_may_be_borrowed_and_the_result_put_into_memory_that_is_there() {
    on_ranks(3, |context| {
        let factor = 10;
        let digits = |a: &[i32], b: &[i32], both: &mut [i32]| {
            both.iter_mut().zip(a.iter().zip(b)).for_each(|(both, (a, b))| *both = factor * a + b);
            Ok(())
        };
        let mut number = [0];
        dtl::allreduce_func_into(context, &[context.rank() + 1], digits, &mut number).unwrap();
        assert_eq!(number, [123]);
        let all = |a: &[bool], b: &[bool], both: &mut [bool]| {
            both[0] = a[0] && !b[0];
            Ok(())
        };
        assert_eq!(dtl::scan_func(context, &[context.rank() != 1], all).unwrap(), [context.rank() < 2]);
    });
}

/// Judges the error that all ranks get when the function fails on one of them. Then checks that the context still works.
fn fails(settings: Settings, call: impl Fn(&Context) -> Result<()> + Sync, judge: impl Fn(&Error) + Sync) {
    on_ranks_with(4, settings, |context| {
        judge(&same_error(context, call(context)));
        assert_eq!(dtl::allreduce(context, &[1], ReduceOp::Sum).unwrap(), [4]);
    });
}

#[test]
fn every_rank_learns_of_a_function_that_fails_on_one() {
    for check in [true, false] {
        for count in [1, 5000] {
            let settings = Settings { check, ..settings() };
            let call = |context: &Context| {
                let me = context.rank();
                let mut result = vec![-1; count];
                let outcome = dtl::allreduce_func_into(
                    context,
                    &vec![me; count],
                    |_, _, _| match me {
                        2 => Err(Error::new(Status::InvalidArgument, "seven is no square")),
                        3 => panic!("it is not called after one that has failed"),
                        _ => Ok(()),
                    },
                    &mut result,
                );
                assert_eq!(result, vec![-1; count], "nothing is written after a failure");
                outcome
            };
            fails(settings, call, |error| {
                assert_eq!((error.status(), error.rank()), (Status::ReduceFailed, Some(2)));
                assert_eq!(
                    error.message(),
                    "allreduce_func: the function that combines has failed: seven is no square (found on rank 2)"
                );
            });
        }
    }
}

#[test]
fn a_panic_is_a_failure_of_the_function() {
    let scatter = |context: &Context| {
        let (me, rows) = (context.rank(), [1, 2, 3, 4]);
        let panics = move |_: &[i32], _: &[i32], _: &mut [i32]| {
            assert_ne!(me, 1, "on purpose");
            Ok(())
        };
        dtl::ireduce_scatter_func(context, rows.to_vec(), panics).wait().map(drop)
    };
    fails(settings(), scatter, |error| {
        assert_eq!((error.status(), error.rank()), (Status::ReduceFailed, Some(1)));
        assert!(error.message().contains("it panicked") && error.message().contains("on purpose"), "{error}");
    });
}

#[test]
fn an_operator_on_one_rank_and_a_function_on_another_are_different_calls() {
    let call = |context: &Context| match context.rank() {
        1 => dtl::allreduce(context, &[1_i64, 2], ReduceOp::Sum).map(drop),
        _ => dtl::allreduce_func(context, &[1_i64, 2], affine).map(drop),
    };
    fails(settings(), call, |error| {
        assert_eq!(error.status(), Status::CollectiveParticipation);
        let words = ["rank 1 calls allreduce", "call allreduce_func"];
        assert!(words.iter().all(|words| error.message().contains(words)), "{error}");
    });
    let counts = |context: &Context| {
        let mine = vec![1; if context.rank() == 0 { 2 } else { 3 }];
        dtl::scan_func(context, &mine, affine).map(drop)
    };
    fails(settings(), counts, |error| {
        assert_eq!(error.status(), Status::CollectiveParticipation);
        assert!(error.message().starts_with("scan_func: count differs between ranks"), "{error}");
    });
}

#[test]
fn a_function_that_communicates_is_refused_at_once() {
    /// Something that a function must not do.
    type Communicates = fn(&Context) -> Result<()>;
    let ways: [Communicates; 4] = [
        |context| context.barrier(),
        |context| dtl::iallreduce(context, vec![1], ReduceOp::Sum).wait().map(drop),
        |context| dtl::send(context, &[1], 0, 0),
        |context| dtl::recv::<i32>(context, 0, 0).map(drop),
    ];
    for way in ways {
        let call = |context: &Context| {
            let func = |a: &[i32], _: &[i32], both: &mut [i32]| {
                both.copy_from_slice(a);
                way(context)
            };
            dtl::scan_func(context, &[1, 2], func).map(drop)
        };
        fails(settings(), call, |error| {
            assert_eq!((error.status(), error.rank()), (Status::ReduceFailed, Some(1)));
            assert!(error.message().contains("such a function may only compute"), "{error}");
        });
    }
}
