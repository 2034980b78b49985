//! Collectives of arrays that have the same shape on all ranks: those of `plan.rs`.

use super::Rest;
use crate::plan::{Plan, Random};
use dtl::Context;

/// One that is over when it returns.
pub fn blocking(context: &Context, random: &mut Random) -> Rest {
    let plan = Plan::new(random, context.size());
    plan.assert_result(context.rank(), plan.run(context));
    super::nothing()
}

/// One that is only issued.
pub fn issued(context: &Context, random: &mut Random) -> Rest {
    let rank = context.rank();
    let (plan, request) = Plan::new(random, context.size()).issue(context);
    Box::new(move || {
        request.wait(None).unwrap_or_else(|error| panic!("rank {rank}: {error}"));
        plan.assert_result(rank, request.take().expect("a request that is over has a result"));
    })
}
