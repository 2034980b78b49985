//! Calls that do not match between ranks, and errors that one rank finds: every rank gets the same error, and the context
//! can be used afterwards.

use crate::arrays::{Place, Values};
use crate::ranks::{on_ranks, same_error};
use dtl::{
    Call, Context, Dtype, Error, ExecutionPolicy, Operation, PartitionPolicy, PlacementPolicy, ReduceOp,
    Result, Status, Wait, ops,
};

/// Judges the error that all ranks get from `body`. Then checks that the context still works.
fn refused<T: std::fmt::Debug>(
    size: i32,
    body: impl Fn(&Context, i32) -> Result<T> + Sync,
    judge: impl Fn(&Error) + Sync,
) {
    on_ranks(size, |context| {
        judge(&same_error(context, body(context, context.rank())));
        let sum = allreduce(context, &Values::of(Dtype::Int64, &[200], &[1; 200]), ReduceOp::Sum).unwrap();
        assert_eq!(sum, Values::of(Dtype::Int64, &[200], &[i64::from(size); 200]));
    });
}

fn allreduce(context: &Context, values: &Values, op: ReduceOp) -> Result<Values> {
    let mut place = Place::default();
    ops::allreduce(context, values.input(), op, &mut place)?;
    Ok(place.result.expect("a result"))
}

fn broadcast(context: &Context, values: Option<&Values>, root: i32, place: &mut Place) -> Result<()> {
    ops::broadcast(context, values.map(Values::input), root, place)
}

fn ones(dtype: Dtype, count: usize) -> Values {
    Values::of(dtype, &[count], &vec![1; count])
}

#[test]
fn different_counts() {
    refused(
        4,
        |context, rank| {
            let count = if rank == 3 { 5 } else { 4 };
            allreduce(context, &ones(Dtype::Float64, count), ReduceOp::Sum)
        },
        |error| {
            assert_eq!(error.status(), Status::CollectiveParticipation);
            assert_eq!(
                error.message(),
                "allreduce: count differs between ranks: ranks 0-2 pass 4, rank 3 passes 5. \
         Every rank must pass the same number of elements."
            );
        },
    );
}

#[test]
fn a_number_of_elements_agrees_with_every_shape_of_so_many() {
    let shaped = |context: &Context, shape: &[usize], is_known: bool| {
        let values = Values::of(Dtype::Int64, shape, &[1; 60]);
        let input = if is_known { values.input() } else { values.input().of_unknown_shape() };
        let mut place = Place::default();
        ops::allreduce(context, input, ReduceOp::Sum, &mut place)?;
        Ok(place.result.expect("a result"))
    };
    for size in [2, 3, 70] {
        on_ranks(size, |context| {
            let sum =
                shaped(context, if context.rank() == 0 { &[60] } else { &[5, 12] }, context.rank() != 0);
            assert_eq!(sum.unwrap().bytes, Values::of(Dtype::Int64, &[60], &[i64::from(size); 60]).bytes);
        });
    }
    refused(
        3,
        |context, rank| shaped(context, [&[60], [5, 12].as_slice(), &[12, 5]][rank as usize], rank != 0),
        |error| {
            assert_eq!(
                error.message(),
                "allreduce: shape differs between ranks: rank 1 passes (5, 12), rank 2 passes (12, 5). \
                 Every rank must pass an array of the same shape."
            );
        },
    );
}

#[test]
fn rows_of_which_the_shape_is_not_known_have_the_same_size() {
    refused(
        2,
        |context, rank| {
            let values = Values::of(Dtype::Int64, &[2, 3], &[1; 6]);
            let flat = Values::of(Dtype::Int64, &[6], &[1; 6]);
            let input = if rank == 0 { values.input() } else { flat.input().of_unknown_shape() };
            ops::allgatherv(context, input, None, None, &mut Place::default())
        },
        |error| {
            let text = "allgatherv: rank 0 sends rows of 3 elements, rank 1 rows of 1.";
            assert!(error.message().starts_with(text), "{error}");
        },
    );
}

#[test]
fn different_dtypes_and_operators() {
    refused(
        3,
        |context, rank| {
            let (dtype, op) =
                if rank == 1 { (Dtype::Int32, ReduceOp::Max) } else { (Dtype::Float64, ReduceOp::Sum) };
            allreduce(context, &ones(dtype, 1000), op)
        },
        |error| {
            assert!(
                error
                    .message()
                    .contains("dtype differs between ranks: ranks 0,2 pass float64, rank 1 passes int32.")
            );
            assert!(
                error.message().contains("op differs between ranks: ranks 0,2 pass sum, rank 1 passes max."),
                "{error}"
            );
        },
    );
}

#[test]
fn different_operations() {
    refused(
        3,
        |context, rank| match rank {
            2 => context.barrier(),
            _ => allreduce(context, &ones(Dtype::Int8, 1), ReduceOp::Sum).map(drop),
        },
        |error| {
            assert!(
                error.message().starts_with(
                    "the ranks call different operations: ranks 0-1 call allreduce, rank 2 calls"
                )
            );
        },
    );
}

#[test]
fn different_roots() {
    refused(
        2,
        |context, rank| broadcast(context, Some(&ones(Dtype::Int8, 1)), rank, &mut Place::default()),
        |error| {
            assert!(
                error.message().contains("root differs between ranks: rank 0 passes 0, rank 1 passes 1."),
                "{error}"
            );
        },
    );
}

#[test]
fn different_arguments_of_a_vector() {
    refused(
        3,
        |context, rank| {
            let partition = if rank == 0 { PartitionPolicy::Block } else { PartitionPolicy::Cyclic };
            crate::vectors::create(context, 10, Dtype::Int8, partition)
        },
        |error| {
            assert_eq!(
                error.message(),
                "vector.create: partition differs between ranks: rank 0 passes block, ranks 1-2 pass cyclic. \
         Every rank must pass the same partition."
            );
        },
    );
}

#[test]
fn different_arguments_of_a_tensor() {
    refused(
        3,
        |context, rank| {
            let shape: &[u64] = if rank == 2 { &[4, 6] } else { &[4, 5] };
            let second = if rank == 0 { PartitionPolicy::Block } else { PartitionPolicy::Cyclic };
            ops::tensor_create(
                context,
                shape,
                Dtype::Int8,
                None,
                &[PartitionPolicy::Block, second],
                PlacementPolicy::Host,
                ExecutionPolicy::Seq,
                0,
                None,
                &[1],
            )
        },
        |error| {
            assert_eq!(
                error.message(),
                "tensor.create: shape differs between ranks: ranks 0-1 pass [4, 5], rank 2 passes [4, 6]. \
         Every rank must pass the same shape. partition differs between ranks: rank 0 passes [block, block], \
         ranks 1-2 pass [block, cyclic]. Every rank must pass the same partition."
            );
        },
    );
}

#[test]
fn different_containers() {
    refused(
        2,
        |context, rank| {
            let vectors = [(); 2]
                .map(|()| crate::vectors::create(context, 4, Dtype::Int8, PartitionPolicy::Block).unwrap());
            let vector = &vectors[rank as usize];
            ops::container_barrier(vector)
        },
        |error| {
            assert!(
                error.message().contains("container differs between ranks: rank 0 passes number 1, rank 1"),
                "{error}"
            );
        },
    );
}

#[test]
fn an_error_on_one_rank_is_everybodys() {
    for length in [3, 500] {
        let sentence = "x".repeat(length);
        refused(
            4,
            |context, rank| match rank {
                2 => {
                    let own = Error::new(Status::ExtentMismatch, sentence.clone());
                    Err(ops::refuse(context, Operation::Barrier, own))
                }
                _ => ops::barrier(context),
            },
            |error| {
                assert_eq!((error.status(), error.rank()), (Status::ExtentMismatch, Some(2)));
                assert_eq!(error.message(), format!("barrier: {sentence} (found on rank 2)"));
            },
        );
    }
}

/// The other ranks take no part in the operation, and an agreement would wait for them until the deadline.
#[test]
fn an_error_in_an_operation_of_two_ranks_is_that_of_one() {
    on_ranks(2, |context| {
        if context.rank() == 1 {
            let own = || Error::new(Status::InvalidArgument, "not so");
            let refused = ops::refuse(context, Operation::Send, own());
            assert_eq!(refused.message(), "send: not so");
            let issued = ops::refuse_issued(context, Operation::Isend, own()).wait(None).unwrap_err();
            assert_eq!(issued.message(), "isend: not so");
        }
        ops::barrier(context).unwrap();
    });
}

#[test]
fn the_first_of_several_errors_is_reported() {
    refused(
        3,
        |context, rank| {
            let own = Error::new(Status::InvalidArgument, format!("rank {rank} is wrong"));
            Call::new(context, Operation::Allreduce).admit::<()>(Err(own)).wait()
        },
        |error| {
            assert_eq!(
                (error.message(), error.rank()),
                ("allreduce: rank 0 is wrong (found on ranks 0-2)", Some(0))
            );
        },
    );
}

#[test]
fn a_result_that_one_rank_cannot_hold() {
    for count in [1, 1000] {
        refused(
            3,
            |context, rank| {
                let input = ones(Dtype::Int32, count);
                let mut place = Place { without_memory: rank == 1, ..Place::default() };
                ops::allgather(context, input.input(), &mut place)
            },
            |error| {
                assert_eq!((error.status(), error.rank()), (Status::OutOfMemory, Some(1)));
            },
        );
    }
    // The size of what a broadcast brings is known only when it comes.
    refused(
        3,
        |context, rank| {
            let values = ones(Dtype::Int32, 1000);
            let mut place = Place { without_memory: rank == 2, ..Place::default() };
            broadcast(context, (rank == 0).then_some(&values), 0, &mut place)
        },
        |error| {
            assert_eq!(error.message(), "broadcast: no memory for 1000 elements (found on rank 2)");
        },
    );
}

#[test]
fn a_place_that_does_not_fit_what_the_root_sends() {
    for count in [3, 3000] {
        refused(
            4,
            |context, rank| {
                let values = ones(Dtype::Float64, count);
                let fixed = (rank == 3).then_some((Dtype::Float64, 4));
                broadcast(
                    context,
                    (rank == 1).then_some(&values),
                    1,
                    &mut Place { fixed, ..Place::default() },
                )
            },
            |error| {
                assert_eq!(error.status(), Status::CollectiveParticipation);
                assert_eq!(
                    error.message(),
                    format!(
                        "broadcast: the root, rank 1, sends {count} elements of float64 with shape [{count}] to each rank, but \
                 rank 3 has a place for 4 elements of float64. Every rank must pass an array of the root's shape and \
                 data type, or none."
                    )
                );
            },
        );
    }
}

#[test]
fn what_the_root_cannot_send() {
    refused(
        2,
        |context, _| broadcast(context, None, 0, &mut Place::default()),
        |error| {
            assert_eq!((error.status(), error.rank()), (Status::InvalidArgument, Some(0)));
        },
    );
    for shape in [vec![], vec![3], vec![3, 2]] {
        refused(
            2,
            |context, _| {
                let values = Values::of(Dtype::Int8, &shape, &vec![1; shape.iter().product()]);
                ops::scatter(context, Some(values.input()), 1, &mut Place::default())
            },
            |error| {
                assert_eq!((error.status(), error.rank()), (Status::ExtentMismatch, Some(1)));
                assert!(
                    error.message().contains(&format!("{shape:?}, but its first extent must be 2")),
                    "{error}"
                );
            },
        );
    }
}
