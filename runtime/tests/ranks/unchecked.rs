//! Contexts whose ranks do not compare what they call: everything else is as with the check, an error of one rank is its own,
//! and nobody waits for it for ever.

use crate::arrays::{Place, Values};
use crate::plan::{Plan, Random};
use crate::ranks::{on_ranks_with, settings};
use dtl::comm::Settings;
use dtl::constants::NO_DEVICE;
use dtl::{Dtype, Error, Operation, ReduceOp, Status, allreduce, barrier, groups, ops};

fn unchecked() -> Settings {
    Settings { check: false, ..settings() }
}

#[test]
fn calls_that_match_give_what_they_give_with_the_check() {
    for size in 1..=4 {
        let mut random = Random::new(5);
        let plans: Vec<Plan> = (0..300).map(|_| Plan::new(&mut random, size)).collect();
        on_ranks_with(size, unchecked(), |context| {
            for plan in &plans {
                assert_eq!(plan.run(context), plan.expected(context.rank()), "{:?}", plan.operation);
            }
            let twin = context.dup().unwrap();
            assert_eq!(allreduce(&twin, &[1], ReduceOp::Sum).unwrap(), [size]);
        });
    }
}

#[test]
fn roots_that_differ_are_not_noticed() {
    on_ranks_with(2, unchecked(), |context| {
        let mine = [i64::from(context.rank())];
        let gathered = dtl::gather(context, &mine, context.rank()).unwrap();
        assert_eq!(gathered.unwrap(), [0, 1]);
        barrier(context).unwrap();
    });
}

#[test]
fn a_rank_that_finds_an_error_leaves_the_others() {
    // What MPI itself moves ends the job; that is a case of `runtime/tests/mpi`.
    let counts: &[usize] = if settings().shared_memory { &[1, 5000] } else { &[1] };
    for &count in counts {
        on_ranks_with(3, unchecked(), |context| {
            let values = Values::of(Dtype::Int32, &[count], &vec![1; count]);
            let error = if context.rank() == 1 {
                let own = Error::new(Status::ExtentMismatch, "on purpose");
                ops::refuse(context, Operation::Allreduce, own)
            } else {
                let mut place = Place::default();
                ops::allreduce(context, values.input(), ReduceOp::Sum, &mut place).unwrap_err()
            };
            let own = if context.rank() == 1 { Status::ExtentMismatch } else { Status::RankFailure };
            assert_eq!((error.status(), error.rank()), (own, Some(1)), "{error}");
            let next = barrier(context).unwrap_err();
            let own = if context.rank() == 1 { Status::InvalidState } else { Status::RankFailure };
            assert_eq!(next.status(), own, "{next}");
        });
    }
}

#[test]
fn ranks_agree_on_whether_they_check() {
    let world = groups::create_with(None, NO_DEVICE, settings()).unwrap();
    let is_last = world.rank() == world.size() - 1;
    let made = groups::create_with(None, NO_DEVICE, Settings { check: !is_last, ..settings() });
    if world.size() == 1 {
        return assert!(made.is_ok());
    }
    let error = made.unwrap_err();
    assert_eq!(error.status(), Status::CollectiveParticipation);
    assert!(error.message().contains("check differs between ranks: rank"), "{error}");
    barrier(&world).unwrap();
}
