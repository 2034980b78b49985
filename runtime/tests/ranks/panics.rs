//! A panic on one rank within a collective call: an error of that rank, and of all ranks, none of which waits until the deadline.

use crate::arrays::{Place, Values};
use crate::ranks::{on_ranks_with, same_error, settings};
use dtl::array::Lent;
use dtl::comm::Settings;
use dtl::{ArrayMut, Context, Dtype, Output, PartitionPolicy, ReduceOp, Result, Status, ops};
use std::time::{Duration, Instant};

/// A place for a result, or none.
struct Fragile {
    is_broken: bool,
    place: Place,
}

impl Output for Fragile {
    fn expected(&self) -> Option<(Dtype, usize)> {
        None
    }

    fn provide<'a>(&'a mut self, dtype: Dtype, shape: &'a [usize]) -> Result<ArrayMut<'a>> {
        assert!(!self.is_broken, "there is no place");
        self.place.provide(dtype, shape)
    }
}

const TEXT: &str = "dtl failed inside (there is no place); please report it with the program that shows it";

/// A place for the result on each rank but one.
fn place(context: &Context) -> Fragile {
    Fragile { is_broken: context.rank() == 1, place: Place::default() }
}

fn lent(values: &Values) -> Lent {
    let Values { dtype, shape, bytes } = values.clone();
    // SAFETY: the bytes are those of all elements, and are kept.
    unsafe { Lent::from_raw(bytes.as_ptr(), dtype, shape.into(), Box::new(bytes)) }
}

/// What `call` gives on each of three ranks, of which rank 1 panics; in less than half the time that ranks wait.
fn with_a_panic(
    call: impl Fn(&Context, &Values) -> Result<()> + Sync,
    judge: impl Fn(&Context, Result<()>) + Sync,
) {
    let timeout = Duration::from_secs(20);
    for count in [1, 100_000] {
        let values = Values::of(Dtype::Int64, &[count], &vec![1; count]);
        on_ranks_with(3, Settings { timeout, ..settings() }, |context| {
            let start = Instant::now();
            let outcome = call(context, &values);
            assert!(start.elapsed() < timeout / 2);
            judge(context, outcome);
        });
    }
}

#[test]
fn before_anything_is_sent_it_is_the_same_error_on_all_ranks() {
    let judge = |context: &Context, outcome: Result<()>| {
        let error = same_error(context, outcome);
        assert_eq!((error.status(), error.rank()), (Status::Internal, Some(1)));
        assert!(error.message().ends_with(&format!("{TEXT} (found on rank 1)")), "{error}");
    };
    with_a_panic(|ctx, values| ops::allreduce(ctx, values.input(), ReduceOp::Sum, &mut place(ctx)), judge);
    with_a_panic(|ctx, values| ops::allgather(ctx, values.input(), &mut place(ctx)), judge);
    let get = |ctx: &Context, values: &Values| {
        let count = values.bytes.len() as u64;
        let vector = crate::vectors::create(ctx, count, Dtype::Byte, PartitionPolicy::Block)?;
        ops::vector_get(&vector, 0, count, 1, &mut place(ctx))
    };
    with_a_panic(get, judge);
    with_a_panic(|ctx, values| ops::iallgather(ctx, lent(values), place(ctx)).wait(None), judge);
}

#[test]
fn after_that_the_others_learn_that_the_rank_has_left() {
    let judge = |name: &str, context: &Context, outcome: Result<()>| {
        let next = ops::barrier(context);
        if context.rank() == 1 {
            let error = outcome.unwrap_err();
            assert_eq!((error.status(), error.rank()), (Status::Internal, Some(1)));
            assert_eq!(error.message(), format!("{name}: {TEXT}"));
            assert_eq!(next.unwrap_err().status(), Status::InvalidState);
        } else {
            assert_eq!(next.unwrap_err().status(), Status::RankFailure);
        }
    };
    with_a_panic(
        |ctx, values| ops::allgatherv(ctx, values.input(), None, None, &mut place(ctx)),
        |ctx, outcome| judge("allgatherv", ctx, outcome),
    );
    with_a_panic(
        |ctx, values| ops::iallgatherv(ctx, lent(values), None, None, place(ctx)).wait(None),
        |ctx, outcome| judge("iallgatherv", ctx, outcome),
    );
}
