//! Collective calls: what the ranks of a context agree on before anything moves. `call.rs` is a call in progress, through which every
//! collective operation talks to the other ranks; it rests on `round.rs` (the fixed round that starts every collective),
//! `contract.rs` (what ranks must agree on, and the sentences when they do not) and `shape.rs` (shapes of arrays among that);
//! `panics.rs` is what becomes of a panic in a call.

pub(crate) mod call;
mod contract;
pub(crate) mod panics;
pub(crate) mod round;
mod shape;

pub use call::Call;

use crate::observe;
use crate::on_behalf::aside;
use dtl_types::Operation;

/// Calls the main part of `whole`, which counts as a call of it.
pub fn on_behalf_of<R>(whole: Operation, part: impl FnOnce() -> R) -> R {
    observe::call(whole);
    aside(whole, part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Context, ReduceOp, Status, allreduce};

    #[test]
    fn a_part_is_a_call_of_the_whole_while_it_lasts() {
        let ranks = Context::threads(2).unwrap();
        std::thread::scope(|scope| {
            for ctx in ranks {
                scope.spawn(move || {
                    let sum = || allreduce(&ctx, &[1], ReduceOp::Sum);
                    let failing =
                        if ctx.rank() == 0 { on_behalf_of(Operation::GatherObject, sum) } else { sum() };
                    let error = failing.unwrap_err();
                    assert_eq!(error.status(), Status::CollectiveParticipation);
                    assert!(
                        error.message().contains("rank 0 calls gather_object, rank 1 calls allreduce"),
                        "{error}"
                    );
                    assert_eq!(on_behalf_of(Operation::GatherObject, sum).unwrap(), [2]);
                    assert_eq!(sum().unwrap(), [2]);
                });
            }
        });
    }
}
