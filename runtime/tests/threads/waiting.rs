//! Ranks that come late, never, or have left.

use crate::ranks::{on_ranks, on_ranks_with, settings};
use dtl::comm::Settings;
use dtl::{Status, barrier};
use std::sync::Barrier;
use std::time::{Duration, Instant};

#[test]
fn a_late_rank_is_waited_for() {
    let times = on_ranks(3, |context| {
        barrier(context).unwrap();
        if context.rank() == 1 {
            std::thread::sleep(Duration::from_millis(50));
        }
        let arrival = Instant::now();
        barrier(context).unwrap();
        (arrival, Instant::now())
    });
    let (late, _) = times[1];
    assert!(times.iter().all(|(_, end)| *end >= late), "{times:?}");
}

#[test]
fn a_rank_that_never_comes_is_named_at_the_deadline() {
    let everybody_failed = Barrier::new(3);
    let short = Settings { timeout: Duration::from_secs(1), ..settings() };
    let errors = on_ranks_with(3, short, |context| {
        barrier(context).unwrap();
        if context.rank() == 2 {
            everybody_failed.wait();
            // Too late: the others have given the context up.
            return barrier(context).unwrap_err();
        }
        let error = barrier(context).unwrap_err();
        everybody_failed.wait();
        assert_eq!(barrier(context).unwrap_err().status(), Status::Timeout);
        error
    });
    for error in errors {
        assert_eq!(error.status(), Status::Timeout);
        assert!(error.message().contains("waited 1s for rank 2 and gave up"), "{error}");
    }
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
    assert!(start.elapsed() < Duration::from_secs(10));
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
