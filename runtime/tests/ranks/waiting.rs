//! Ranks that come late, never, or have left.

use crate::ranks::{on_ranks, on_threads, settings};
use dtl::comm::Settings;
use dtl::{Status, allgather, barrier};
use std::sync::Barrier;
use std::time::{Duration, Instant, SystemTime};

#[test]
fn a_late_rank_is_waited_for() {
    let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos() as u64;
    on_ranks(3, |context| {
        barrier(context).unwrap();
        if context.rank() == 1 {
            std::thread::sleep(Duration::from_millis(50));
        }
        let arrival = now();
        barrier(context).unwrap();
        let end = now();
        let arrivals = allgather(context, &[arrival]).unwrap();
        assert!(arrivals.iter().all(|arrival| *arrival <= end), "{arrivals:?} {end}");
    });
}

#[test]
fn a_rank_that_never_comes_is_named_at_the_deadline() {
    let everybody_failed = Barrier::new(3);
    let short = Settings { timeout: Duration::from_secs(1), ..settings() };
    on_threads(3, short, |context| {
        barrier(context).unwrap();
        // For the rank that never came it is too late then: the others have given the context up.
        let early = (context.rank() != 2).then(|| barrier(context).unwrap_err());
        everybody_failed.wait();
        let late = barrier(context).unwrap_err();
        assert_eq!(late.status(), Status::Timeout);
        let first = early.unwrap_or(late);
        assert_eq!(first.status(), Status::Timeout);
        assert!(
            first.message().contains(
                "waited 1s for rank 2 and gave up; the last call on this context that all ranks came to was number 1, barrier"
            ),
            "{first}"
        );
    });
}

#[test]
fn a_rank_that_has_left_is_named_at_once() {
    let start = Instant::now();
    on_ranks(4, |context| {
        barrier(context).unwrap();
        if context.rank() == 1 {
            context.close().unwrap();
            assert_eq!(barrier(context).unwrap_err().status(), Status::InvalidState);
            return;
        }
        let error = barrier(context).unwrap_err();
        assert_eq!((error.status(), error.rank()), (Status::RankFailure, Some(1)));
        assert!(error.message().starts_with("barrier: rank 1 left the context"), "{error}");
    });
    assert!(start.elapsed() < settings().timeout / 5);
}

#[test]
fn threads_of_one_rank_take_turns() {
    on_ranks(2, |context| {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..50).for_each(|_| barrier(context).unwrap()));
            }
        });
    });
}
