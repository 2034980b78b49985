//! Values that are not there yet: set by other threads or by requests, and all or the first of several.

use crate::ranks::on_ranks;
use dtl::future::{Future, when_all, when_any};
use dtl::{Context, DynFuture, ReduceOp, Request, Status, barrier, iallreduce, ibarrier};
use std::thread;
use std::time::Duration;

fn sum(context: &Context, value: f64, length: usize) -> Request<Vec<f64>> {
    iallreduce(context, vec![value; length], ReduceOp::Sum)
}

#[test]
fn a_value_is_set_once_and_seen_by_all() {
    let future = Future::new();
    assert!(!future.is_over() && !future.test().unwrap());
    assert_eq!(future.wait_for(Duration::from_millis(10)).unwrap(), None);
    thread::scope(|scope| {
        let waiting: Vec<_> = (0..4).map(|_| scope.spawn(|| future.wait().unwrap())).collect();
        future.set("come".to_owned()).unwrap();
        for thread in waiting {
            assert_eq!(thread.join().unwrap(), "come");
        }
    });
    let error = future.set("again".to_owned()).unwrap_err();
    assert_eq!(error.status(), Status::InvalidState);
    assert_eq!(future.wait_for(Duration::ZERO).unwrap().as_deref(), Some("come"));
}

#[test]
fn all_have_their_order_and_the_first_stays_the_first() {
    let futures: Vec<Future<i32>> = (0..3).map(|_| Future::new()).collect();
    let (all, first) = (when_all(futures.clone()).unwrap(), when_any(futures.clone()).unwrap());
    for place in [1, 2, 0] {
        assert!(!all.is_over());
        futures[place as usize].set(10 * place).unwrap();
        assert_eq!(first.wait().unwrap(), (1, 10));
    }
    assert_eq!(all.wait().unwrap(), [0, 10, 20]);
    assert!(all.set(vec![]).is_err());
    assert!(when_all::<i32>([]).unwrap().wait().unwrap().is_empty());
    assert_eq!(when_any::<i32>([]).unwrap_err().status(), Status::InvalidArgument);
}

#[test]
fn futures_of_futures_have_a_greatest_depth() {
    let (mut deep, mut depth) = (DynFuture::new(), 0);
    let error = loop {
        match DynFuture::all(vec![deep.clone()]) {
            Ok(deeper) => deep = deeper,
            Err(error) => break error,
        }
        depth += 1;
    };
    assert_eq!((error.status(), depth), (Status::NotSupported, 1000));
    assert!(!deep.is_over());
}

#[test]
fn requests_are_futures_with_their_results() {
    for ranks in [1, 2, 4] {
        on_ranks(ranks, |context| {
            let total = f64::from(ranks * (ranks + 1) / 2);
            let own = f64::from(context.rank() + 1);
            let sums: Vec<Future<Vec<f64>>> =
                [1, 20_000].map(|length| sum(context, own, length).into()).into_iter().collect();
            let all = when_all(sums.clone()).unwrap();
            for _ in 0..2 {
                assert_eq!(all.wait().unwrap(), [vec![total], vec![total; 20_000]]);
            }
            let first = when_any([Future::new(), sums[0].clone()]).unwrap();
            assert_eq!(first.wait().unwrap(), (1, vec![total]));
        });
    }
}

#[test]
fn errors_say_which_and_a_future_given_up_stops_nothing() {
    on_ranks(2, |context| {
        let length = 2 + context.rank() as usize;
        let futures = [sum(context, 1.0, 3), sum(context, 1.0, length)].map(Future::from);
        let error = when_all(futures).unwrap().wait().unwrap_err();
        assert!(error.message().starts_with("futures[1] has failed: iallreduce: count differs"), "{error}");
        drop(when_all([Future::from(ibarrier(context))]).unwrap());
        barrier(context).unwrap();
    });
}
