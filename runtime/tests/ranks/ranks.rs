//! Runs a piece of program on several ranks. In a process that is alone, ranks are its threads; where an MPI has started
//! several, each of them runs all tests in the same order, and ranks are the first processes.

use dtl::comm::Settings;
use dtl::constants::{NO_DEVICE, UNDEFINED};
use dtl::{Context, Environment, Error, ReduceOp, Result, groups};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// Settings for tests: a rank that hangs is a failed test within minutes, and none waits so long on a machine that does much else.
pub fn settings() -> Settings {
    let from_environment = Settings::from_environment().unwrap_or_else(|error| panic!("{error}"));
    Settings { timeout: Duration::from_secs(300), ..from_environment }
}

/// A context of this process alone, whether or not there are others.
pub fn alone() -> Context {
    Environment::new().unwrap().make_cpu_context().unwrap()
}

/// Runs `body` on each of `size` ranks. A rank that panics fails the test in every process.
pub fn on_ranks(size: i32, body: impl Fn(&Context) + Sync) {
    on_ranks_with(size, settings(), body);
}

/// [`on_ranks`] with other settings.
pub fn on_ranks_with(size: i32, settings: Settings, body: impl Fn(&Context) + Sync) {
    let world = groups::create_with(None, NO_DEVICE, settings).unwrap_or_else(|error| panic!("{error}"));
    if world.has_mpi() {
        on_processes(&world, size, body);
    } else {
        on_threads(size, settings, body);
    }
}

/// Ranks that are processes: the first of the world.
fn on_processes(world: &Context, size: i32, body: impl Fn(&Context)) {
    if size > world.size() {
        println!("left to a larger world: {size} ranks, of which there are {}", world.size());
        return;
    }
    if size < fewest() {
        return;
    }
    let group = world.split(if world.rank() < size { 0 } else { UNDEFINED }, 0).unwrap();
    // The panic itself has been shown where it happened.
    let failed = group.is_some_and(|group| catch_unwind(AssertUnwindSafe(|| body(&group))).is_err());
    let anywhere = dtl::allreduce(world, &[u8::from(failed)], ReduceOp::Max).unwrap();
    assert_eq!(anywhere, [0], "a rank panicked");
}

/// What fewer ranks do, a smaller world has done.
fn fewest() -> i32 {
    std::env::var("DTL_FEWEST_RANKS").map_or(1, |ranks| ranks.parse().expect("DTL_FEWEST_RANKS is a number"))
}

/// Ranks that are threads, wherever this runs.
pub fn on_threads(size: i32, settings: Settings, body: impl Fn(&Context) + Sync) {
    std::thread::scope(|scope| {
        let start = |context| {
            let body = &body;
            scope.spawn(move || body(&context))
        };
        let threads: Vec<_> = groups::threads_with(size, settings).into_iter().map(start).collect();
        threads.into_iter().for_each(|thread| thread.join().expect("a rank panicked"));
    });
}

/// The error that this rank got, provided that all ranks got the same one. The context must still work.
pub fn same_error<T: std::fmt::Debug>(context: &Context, result: Result<T>) -> Error {
    const LONGEST: usize = 2000;
    let error = result.expect_err("a rank succeeded");
    let mut text = format!("{error:?}").into_bytes();
    assert!(text.len() <= LONGEST);
    text.resize(LONGEST, b' ');
    let all = dtl::allgather(context, &text).unwrap();
    assert!(all.chunks(LONGEST).all(|other| other == text), "{}", String::from_utf8_lossy(&all));
    error
}
