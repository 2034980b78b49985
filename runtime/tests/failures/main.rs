//! What becomes of a program when one call below it fails: each call of the transport and each allocation of storage in turn, on
//! one rank of three. All ranks must get an error or none, and nothing may crash, hang or stay behind. Alone in its process,
//! whose objects and allocations it counts.

mod allocations;
mod program;

use dtl::comm::Settings;
use dtl::comm::scripted::{Failure, Script};
use dtl::groups::{threads_with, threads_with_script};
use dtl::{Context, Error, Status, live_objects};
use program::STEPS;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

const RANKS: i32 = 3;
/// Ranks whose calls fail: the root of some steps, and one that is not.
const FAILING: [i32; 2] = [0, 2];
/// More than any step takes on a busy machine: a rank that waits longer has not been told.
const HANGS: Duration = Duration::from_secs(120);

/// The tests count what is alive in the process, so that only one can run at a time.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What each rank got from each step that it came to; `None` stands for success.
type Outcomes = Vec<Vec<Option<Error>>>;

/// Runs the program on ranks that are threads. `body` says for each step whether the rank goes on.
fn run(contexts: Vec<Context>, before: impl Fn(i32) + Sync, goes_on: fn(&Error) -> bool) -> Outcomes {
    let rank = |context: Context| {
        before(context.rank());
        let mut outcomes = Vec::new();
        for (_, step) in STEPS {
            outcomes.push(step(&context).err());
            if outcomes.last().and_then(Option::as_ref).is_some_and(|error| !goes_on(error)) {
                break;
            }
        }
        outcomes
    };
    std::thread::scope(|scope| {
        let rank = &rank;
        let threads: Vec<_> =
            contexts.into_iter().map(|context| scope.spawn(move || rank(context))).collect();
        threads.into_iter().map(|thread| thread.join().expect("a rank panicked")).collect()
    })
}

/// Runs the program with a failing call of the transport, after which ranks end; whether it failed.
fn fails(script: Script, timeout: Duration) -> bool {
    let (objects, start) = (live_objects(), Instant::now());
    let contexts = threads_with_script(RANKS, Settings { timeout, ..Settings::default() }, script);
    let outcomes = run(contexts, |_| (), |_| false);
    let failed: Vec<bool> = outcomes.iter().map(|steps| steps.iter().any(Option::is_some)).collect();
    assert!(failed.iter().all(|one| *one == failed[0]), "{script:?}: some ranks only: {outcomes:?}");
    assert!(start.elapsed() < HANGS / 2, "{script:?}: ranks waited until the deadline: {outcomes:?}");
    assert_eq!(live_objects(), objects, "{script:?}: objects are left: {outcomes:?}");
    failed[0]
}

#[test]
fn each_call_of_the_transport_may_fail() {
    let _alone = alone();
    for failure in [Failure::AtOnce, Failure::OnTheWay] {
        for rank in FAILING {
            let script = |call| Script { rank, call, failure };
            let calls = (0..).take_while(|call| fails(script(*call), HANGS)).count() as u64;
            assert!(calls > 2 * STEPS.len() as u64, "only {calls} calls were seen to fail");
            // Nothing fails behind the last call either.
            assert!((1..4).all(|more| !fails(script(calls + more), HANGS)));
        }
    }
}

#[test]
fn calls_that_never_end_are_given_up_at_the_deadline() {
    let _alone = alone();
    for call in (0..40).step_by(3) {
        let script = Script { rank: 1, call, failure: Failure::Never };
        assert!(fails(script, Duration::from_millis(50)));
    }
}

#[test]
fn each_allocation_of_storage_may_fail() {
    let _alone = alone();
    let settings = Settings { timeout: HANGS, ..Settings::default() };
    for failing in FAILING {
        let mut failed = 0;
        for allocation in 0.. {
            let (objects, storage) = (live_objects(), allocations::storage());
            let contexts = threads_with(RANKS, settings);
            let fail = |rank| {
                if rank == failing {
                    allocations::fail(allocation)
                }
            };
            let outcomes = run(contexts, fail, |error| error.status() != Status::Timeout);
            for (number, (name, _)) in STEPS.iter().enumerate() {
                let got: Vec<&Option<Error>> = outcomes.iter().map(|steps| &steps[number]).collect();
                assert!(
                    got.iter().all(|other| *other == got[0]),
                    "{name}, allocation {allocation} on rank {failing} fails: {got:?}"
                );
                if let Some(error) = got[0] {
                    assert_eq!((error.status(), error.rank()), (Status::OutOfMemory, Some(failing)));
                }
            }
            // A step whose allocation fails, and then no other: what is left of it is in nobody's way.
            let failures = outcomes[0].iter().filter(|outcome| outcome.is_some()).count();
            assert!(failures < 2, "allocation {allocation} on rank {failing}: {outcomes:?}");
            assert_eq!(live_objects(), objects, "objects are left: {outcomes:?}");
            assert_eq!(allocations::storage(), storage, "storage is left: {outcomes:?}");
            failed += failures;
            if failures == 0 {
                break;
            }
        }
        assert!(failed > 10, "only {failed} allocations were seen to fail");
    }
}
