//! Thousands of requests at the same time: each gives what it gives alone. What they cost is tested in `tests/polls.rs`.

use crate::ranks::on_ranks;
use dtl::constants::{ANY_SOURCE, ANY_TAG};
use dtl::future::{Future, when_all, when_any};
use dtl::{DynFuture, Error, Operation, ReduceOp, Status, allreduce, barrier, iallreduce, irecv, isend};
use dtl::{messages, ops, recv, waitall, waitany};

const MANY: usize = 4000;

#[test]
fn messages_that_nobody_has_asked_for_are_found_by_every_receive() {
    on_ranks(2, |context| {
        const FEW: i32 = 1000;
        let other = 1 - context.rank();
        let sent = (0..4 * FEW).map(|tag| isend(context, vec![tag], other, tag));
        let sent: Vec<_> = sent.collect();
        barrier(context).unwrap();
        let last: Vec<i32> = (3 * FEW..4 * FEW).rev().collect();
        for tag in &last {
            assert_eq!(recv::<i32>(context, other, *tag).unwrap(), [*tag]);
        }
        // Of those that are left, the first ones, in their order.
        for first in 0..FEW {
            assert_eq!(messages::probe(context, ANY_SOURCE, ANY_TAG).unwrap().tag, 3 * first);
            assert_eq!(recv::<i32>(context, other, ANY_TAG).unwrap(), [3 * first]);
            assert_eq!(recv::<i32>(context, ANY_SOURCE, 3 * first + 1).unwrap(), [3 * first + 1]);
            assert_eq!(recv::<i32>(context, ANY_SOURCE, ANY_TAG).unwrap(), [3 * first + 2]);
        }
        assert_eq!(messages::iprobe(context, ANY_SOURCE, ANY_TAG).unwrap(), None);
        waitall(sent).unwrap();
    });
}

#[test]
fn the_first_receive_that_accepts_a_message_gets_it() {
    on_ranks(2, |context| {
        let other = 1 - context.rank();
        let wanted = [(other, 7), (ANY_SOURCE, 7), (other, ANY_TAG), (ANY_SOURCE, ANY_TAG)];
        for turn in 0..24 {
            // The same four receives, in another order each time.
            let mut order = vec![0, 1, 2, 3];
            let shuffled =
                [order.remove(turn % 4), order.remove(turn / 4 % 3), order.remove(turn / 12), order[0]];
            let receives: Vec<_> =
                shuffled.iter().map(|at| irecv::<i32>(context, wanted[*at].0, wanted[*at].1)).collect();
            barrier(context).unwrap();
            let sent: Vec<_> = (0..4).map(|value| isend(context, vec![value], other, 7)).collect();
            assert_eq!(waitall(receives).unwrap(), [[0], [1], [2], [3]]);
            waitall(sent).unwrap();
        }
    });
}

#[test]
fn requests_that_nobody_waits_for_complete_in_their_order() {
    on_ranks(3, |context| {
        let next = (context.rank() + 1) % 3;
        for number in 0..3000 {
            drop(iallreduce(context, vec![number], ReduceOp::Sum));
            drop(isend(context, vec![number], next, number));
            drop(irecv::<i32>(context, ANY_SOURCE, number));
        }
        assert_eq!(allreduce(context, &[2], ReduceOp::Sum).unwrap(), [6]);
        drop(isend(context, vec![7], next, 3000));
        assert_eq!(recv::<i32>(context, ANY_SOURCE, 3000).unwrap(), [7]);
    });
}

#[test]
fn one_after_another_is_found_among_many() {
    on_ranks(2, |context| {
        let mut requests: Vec<_> =
            (0..500).map(|value| iallreduce(context, vec![value], ReduceOp::Sum)).collect();
        let mut sums: Vec<i32> = (0..500).map(|_| waitany(&mut requests).unwrap().1.unwrap()[0]).collect();
        sums.sort_unstable();
        assert!(sums.into_iter().eq((0..500).map(|value| 2 * value)));
    });
}

#[test]
fn futures_of_many_requests_are_over_with_them() {
    on_ranks(2, |context| {
        let values = 0..MANY as i32;
        let all = values.clone().map(|value| iallreduce(context, vec![value], ReduceOp::Sum));
        let all = when_all(all.map(Future::from)).unwrap();
        assert!(all.wait().unwrap().into_iter().eq(values.map(|value| vec![2 * value])));
    });
}

#[test]
fn futures_that_are_parts_of_many_others_are_looked_at_once() {
    const DEEP: usize = 100;
    let deep = |first: DynFuture, of: fn(Vec<DynFuture>) -> dtl::Result<DynFuture>| {
        (0..DEEP).fold(first, |future, _| of(vec![future.clone(), future]).unwrap())
    };
    for of in [DynFuture::all, DynFuture::first] {
        let set = DynFuture::new();
        let never = deep(set.clone(), of);
        assert!(!never.test().unwrap());
        assert!(never.wait(Some(std::time::Duration::from_millis(20))).is_err());
        set.set(dtl::future::Value::new(1)).unwrap();
        never.wait(None).unwrap();
    }
    on_ranks(2, |context| {
        for of in [DynFuture::all, DynFuture::first] {
            let failing = ops::refuse_issued(
                context,
                Operation::Iallreduce,
                Error::new(Status::InvalidArgument, "not so"),
            );
            let error = deep(DynFuture::of_request(failing), of).wait(None).unwrap_err();
            assert!(error.message().contains("not so"), "{error}");
        }
    });
    let (first, second) = (Future::new(), Future::new());
    let any = when_any([first, second.clone()]).unwrap();
    second.set(3).unwrap();
    assert_eq!(any.wait().unwrap(), (1, 3));
}
