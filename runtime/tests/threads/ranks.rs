//! Runs a piece of program on several ranks.

use dtl::comm::Settings;
use dtl::{Context, Error, context};
use std::time::Duration;

/// Settings for tests: a rank that hangs is a failed test within seconds.
pub fn settings() -> Settings {
    Settings { timeout: Duration::from_secs(30), ..Settings::default() }
}

/// What each of `size` ranks returns from `body`, in the order of ranks.
pub fn on_ranks<R: Send>(size: i32, body: impl Fn(&Context) -> R + Sync) -> Vec<R> {
    on_ranks_with(size, settings(), body)
}

/// [`on_ranks`] with other settings.
pub fn on_ranks_with<R: Send>(size: i32, settings: Settings, body: impl Fn(&Context) -> R + Sync) -> Vec<R> {
    let contexts = context::threads_with(size, settings);
    std::thread::scope(|scope| {
        let threads: Vec<_> = contexts
            .into_iter()
            .map(|context| {
                let body = &body;
                scope.spawn(move || body(&context))
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("a rank panicked")).collect()
    })
}

/// The error that all ranks got, provided that it is the same one.
pub fn same_error<T: std::fmt::Debug>(results: Vec<Result<T, Error>>) -> Error {
    let errors: Vec<Error> =
        results.into_iter().map(|result| result.expect_err("a rank succeeded")).collect();
    assert!(errors.windows(2).all(|pair| pair[0] == pair[1]), "ranks got different errors: {errors:#?}");
    errors[0].clone()
}
