//! Contexts made from contexts: who is in them, and that they do not disturb each other.

use crate::arrays::{Place, Values};
use crate::ranks::{alone, on_ranks, same_error};
use dtl::constants::UNDEFINED;
use dtl::{Context, ContextOptions, Dtype, NcclOperationMode, Status, ops};

/// The numbers that all ranks of a context pass, in the order of ranks.
fn numbers(context: &Context, own: i64) -> Values {
    let input = Values::of(Dtype::Int64, &[], &[own]);
    let mut place = Place::default();
    ops::allgather(context, input.input(), &mut place).unwrap();
    place.result.expect("a result")
}

#[test]
fn groups_are_ordered_by_key_and_then_by_rank() {
    // Colours 0, 1, 0, 1, ...; keys descend within colour 0 and are all equal in colour 1.
    let cases: [(i32, &[i64], &[i64]); 4] =
        [(1, &[0], &[]), (2, &[0], &[1]), (4, &[2, 0], &[1, 3]), (7, &[6, 4, 2, 0], &[1, 3, 5])];
    for (size, even, odd) in cases {
        on_ranks(size, |context| {
            let rank = context.rank();
            let (color, key) = (rank % 2, if rank % 2 == 0 { -rank } else { 5 });
            let group = context.split(color, key).unwrap().unwrap();
            let members = if rank % 2 == 0 { even } else { odd };
            assert_eq!(numbers(&group, rank.into()), Values::of(Dtype::Int64, &[members.len()], members));
            assert_eq!(members[group.rank() as usize], i64::from(rank));
        });
    }
}

#[test]
fn ranks_without_a_colour_get_no_context() {
    on_ranks(4, |context| {
        let color = if context.rank() < 3 { 9 } else { UNDEFINED };
        let size = context.split(color, 0).unwrap().map(|group| group.size());
        assert_eq!(size, (context.rank() < 3).then_some(3));
    });
    on_ranks(3, |context| {
        let error = same_error(context, context.split(-context.rank(), 0).map(drop));
        assert_eq!((error.status(), error.rank()), (Status::InvalidArgument, Some(1)));
        assert_eq!(
            error.message(),
            "context.split: color is -1; it must be 0 or more, or UNDEFINED (-32766) to be in no group (found on ranks 1-2)"
        );
    });
}

#[test]
fn groups_of_groups_work_while_the_first_context_does() {
    [4, 8].into_iter().for_each(groups_of_groups);
}

fn groups_of_groups(size: i32) {
    on_ranks(size, |context| {
        let (rank, half_size) = (context.rank(), size / 2);
        let copy = context.dup().unwrap();
        let half = copy.split(rank / half_size, 0).unwrap().unwrap();
        drop(copy);
        let pair = half.split(rank % half_size / 2, -rank).unwrap().unwrap();
        for round in 0..20 {
            let pair_rank = numbers(&pair, (rank + round).into());
            let first = i64::from(rank / 2 * 2 + round);
            assert_eq!(pair_rank, Values::of(Dtype::Int64, &[2], &[first + 1, first]));
            if round % 3 == 0 {
                let everybody: Vec<i64> = (0..size.into()).collect();
                assert_eq!(
                    numbers(context, rank.into()),
                    Values::of(Dtype::Int64, &[everybody.len()], &everybody)
                );
            }
        }
    });
}

#[test]
fn a_single_process_splits_and_duplicates() {
    let context = alone();
    let group = context.dup().unwrap().split(3, 1).unwrap().unwrap();
    assert_eq!((group.rank(), group.size()), (0, 1));
    assert!(group.split(UNDEFINED, 0).unwrap().is_none());
}

#[test]
fn devices_are_refused_with_a_reason() {
    on_ranks(2, |context| {
        let error = same_error(context, context.with_cuda(0).map(drop));
        assert_eq!(error.status(), Status::BackendUnavailable);
        assert!(error.message().contains("no CUDA support"), "{error}");
    });
    let context = alone();
    let error = ops::context_split_nccl(&context, 0, 0, 1, NcclOperationMode::HybridParity).unwrap_err();
    assert!(error.message().contains("device 1") && error.message().contains("no NCCL support"), "{error}");
    let refused = |comm, device_id| {
        let options = ContextOptions { comm, device_id, ..ContextOptions::default() };
        Context::with_options(options).unwrap_err().status()
    };
    assert_eq!(refused(None, 0), Status::BackendUnavailable);
    assert_eq!(refused(None, -2), Status::InvalidArgument);
    if !ops::context_has_mpi(&Context::new().unwrap()) {
        assert_eq!(refused(Some(1), -1), Status::BackendUnavailable);
    }
}

#[test]
fn numbers_of_threads_are_limited() {
    for size in [-1, 0, 1025] {
        let error = Context::threads(size).unwrap_err();
        assert_eq!(error.status(), Status::InvalidArgument);
        assert!(error.message().contains(&size.to_string()), "{error}");
    }
    assert_eq!(Context::threads(1024).unwrap().len(), 1024);
}
