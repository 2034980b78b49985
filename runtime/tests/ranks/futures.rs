//! Requests of Rust programs: typed results, vectors that they own, and `await`.

use crate::ranks::{on_ranks, on_threads, settings};
use dtl::{
    Context, ReduceOp, Request, Result, Status, barrier, iallgather, iallreduce, ibarrier, ibroadcast,
    igather,
};
use dtl::{iscatterv, waitall, waitany};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{self, Poll, Wake, Waker};
use std::time::Duration;

/// The smallest executor: it polls as often as it is woken.
fn block_on<T>(future: impl Future<Output = T>) -> (T, usize) {
    struct Wakes(AtomicUsize);
    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let wakes = Arc::new(Wakes(AtomicUsize::new(1)));
    let waker = Waker::from(wakes.clone());
    let mut future = pin!(future);
    for polls in 1.. {
        assert!(
            wakes.0.load(Ordering::Relaxed) >= polls,
            "a future that is not over asks to be polled again"
        );
        if let Poll::Ready(value) = future.as_mut().poll(&mut task::Context::from_waker(&waker)) {
            return (value, polls);
        }
    }
    unreachable!("there is no end of the polls")
}

fn sum(context: &Context, value: f64, length: usize) -> Request<Vec<f64>> {
    iallreduce(context, vec![value; length], ReduceOp::Sum)
}

#[test]
fn results_have_the_types_of_the_forms_that_block() {
    on_ranks(4, |context| {
        let rank = context.rank();
        let everywhere: Vec<i32> = iallgather(context, vec![rank]).wait().unwrap();
        let at_root: Option<Vec<i32>> = igather(context, vec![rank], 2).wait().unwrap();
        let from_root: Vec<i32> = ibroadcast(context, vec![rank; 3], 3).wait().unwrap();
        let data = (rank == 1).then(|| vec![10, 20, 21, 30]);
        let part: Vec<i32> = iscatterv(context, data, Some(&[1, 2, 0, 1]), None, 1).wait().unwrap();
        let () = ibarrier(context).wait().unwrap();
        assert_eq!(everywhere, [0, 1, 2, 3]);
        assert_eq!(at_root, (rank == 2).then(|| vec![0, 1, 2, 3]));
        assert_eq!(from_root, [3, 3, 3]);
        assert_eq!(part, [&[10][..], &[20, 21], &[], &[30]][rank as usize]);
    });
}

#[test]
fn requests_are_futures() {
    on_ranks(2, |context| {
        let two = async {
            let first = sum(context, 1.0, 3);
            let second = sum(context, 2.0, 50_000);
            Ok::<_, dtl::Error>((first.await?, second.await?))
        };
        let (first, second) = block_on(two).0.unwrap();
        assert_eq!((first, second), (vec![2.0; 3], vec![4.0; 50_000]));
        let (failed, _) = block_on(sum(context, 1.0, 2 + context.rank() as usize));
        assert_eq!(failed.unwrap_err().status(), Status::CollectiveParticipation);
    });
}

#[test]
fn a_future_is_polled_until_the_other_rank_comes() {
    on_threads(2, settings(), |context| {
        if context.rank() == 1 {
            std::thread::sleep(Duration::from_millis(30));
        }
        let (result, polls) = block_on(sum(context, 1.0, 1));
        assert_eq!(result.unwrap(), [2.0]);
        assert!(context.rank() == 1 || polls > 1);
    });
}

#[test]
fn all_and_any_of_several() {
    on_ranks(2, |context| {
        let requests = (0..4).map(|number| sum(context, f64::from(number), 2));
        assert_eq!(waitall(requests).unwrap(), [[0.0; 2], [2.0; 2], [4.0; 2], [6.0; 2]]);
        let mut left: Vec<Request<Vec<f64>>> =
            (0..4).map(|number| sum(context, f64::from(number), 1)).collect();
        let mut results = Vec::new();
        while !left.is_empty() {
            let (place, result) = waitany(&mut left).unwrap();
            assert!(place <= left.len());
            results.extend(result.unwrap());
        }
        results.sort_by(f64::total_cmp);
        assert_eq!(results, [0.0, 2.0, 4.0, 6.0]);
        assert_eq!(waitany(&mut left).unwrap_err().status(), Status::InvalidArgument);
        let failing: Result<Vec<Vec<f64>>> = waitall([
            sum(context, 1.0, 1),
            sum(context, 1.0, 1 + context.rank() as usize),
            sum(context, 1.0, 1),
        ]);
        assert_eq!(failing.unwrap_err().status(), Status::CollectiveParticipation);
        barrier(context).unwrap();
    });
}

#[test]
fn a_wait_that_is_too_long_keeps_the_request() {
    on_threads(2, settings(), |context| {
        if context.rank() == 1 {
            std::thread::sleep(Duration::from_millis(60));
        }
        let mut request = sum(context, 3.0, 2);
        let at_once = request.wait_for(Duration::from_millis(5)).unwrap();
        assert!(context.rank() == 1 || at_once.is_none());
        if at_once.is_none() {
            assert_eq!(request.wait().unwrap(), [6.0; 2]);
        }
    });
}
