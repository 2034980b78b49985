//! What a user or a test may set about communication, read from the environment when a context is created.

use crate::error::{Error, Result};
use crate::memory::Source;
use dtl_types::{Operation, SpecEnum, Status, variables};
use std::time::Duration;

/// The environment variable with the number of seconds after which waiting for other ranks is an error.
const TIMEOUT_VARIABLE: &str = variables::TIMEOUT.name;
/// The environment variable with the number of seconds after which stderr is told that this rank waits.
const REPORT_VARIABLE: &str = variables::REPORT_AFTER.name;
/// The environment variable that lets ranks trust each other's calls, if it is `off`.
const CHECK_VARIABLE: &str = variables::CHECK.name;
/// The environment variable that keeps ranks of one machine from using shared memory, if it is 0.
const SHARED_MEMORY_VARIABLE: &str = variables::SHARED_MEMORY.name;
/// The environment variable with the number of threads that work on a rank's elements.
const THREADS_VARIABLE: &str = variables::NUM_THREADS.name;
const MOST_THREADS: usize = 1024;
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(3600);
const DEFAULT_REPORT_AFTER: Duration = Duration::from_secs(60);

/// Limits of communication that all contexts of a group share.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// How long to wait for other ranks before it is an error.
    pub timeout: Duration,
    /// How long to wait for other ranks before stderr is told of it.
    pub report_after: Duration,
    /// Whether ranks compare what they call before they do it.
    pub check: bool,
    /// The largest block, in bytes, that is moved at once; below 2^31. Smaller values exist to test large messages.
    pub largest_block: usize,
    /// The most that a rank receives at once, in bytes, through a transport that does not tell of progress: the pieces of large
    /// blocks are such that whoever waits for one still sees that data moves. Agreed on when a context is made.
    pub most_at_once: usize,
    /// The most ranks of which each tells all others what it calls; more of them compare a number made of it first. Smaller
    /// values exist to test that.
    pub most_that_tell: usize,
    /// Whether ranks that run on one machine may communicate through shared memory.
    pub shared_memory: bool,
    /// How many threads may work on a rank's elements; `None` for its share of the cores.
    pub threads: Option<usize>,
    /// Where the memory of containers comes from. Others than the host's exist to test that nothing else is assumed.
    pub memory: Source,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            timeout: DEFAULT_TIMEOUT,
            report_after: DEFAULT_REPORT_AFTER,
            check: true,
            largest_block: 1 << 30,
            most_at_once: usize::MAX,
            most_that_tell: 64,
            shared_memory: true,
            threads: None,
            memory: Source::Host,
        }
    }
}

/// What a slow network moves to a rank in a second, in bytes.
const PACE: f64 = (512 << 10) as f64;
/// The least size of a piece, in bytes.
const LEAST: usize = 64 << 10;

impl Settings {
    /// What a rank can receive, over a slow network, before it would say that it waits or give up.
    pub(crate) fn at_once(&self) -> usize {
        (self.timeout.min(self.report_after).as_secs_f64() * PACE) as usize
    }

    /// How much of each block is moved at once, where a rank receives so many and hears of nothing before.
    pub(crate) fn piece(&self, blocks: usize) -> usize {
        self.largest_block.min((self.most_at_once / blocks).max(LEAST))
    }

    /// The defaults, with what the environment variables of the process change.
    pub fn from_environment() -> Result<Self> {
        let mut settings = Settings::default();
        if let Ok(seconds) = std::env::var(TIMEOUT_VARIABLE) {
            settings.timeout = duration(TIMEOUT_VARIABLE, &seconds)?;
        }
        if let Ok(seconds) = std::env::var(REPORT_VARIABLE) {
            settings.report_after = duration(REPORT_VARIABLE, &seconds)?;
        }
        if let Ok(choice) = std::env::var(CHECK_VARIABLE) {
            settings.check = check(&choice)?;
        }
        if let Ok(choice) = std::env::var(SHARED_MEMORY_VARIABLE) {
            settings.shared_memory = shared_memory(&choice)?;
        }
        if let Ok(number) = std::env::var(THREADS_VARIABLE) {
            settings.threads = Some(threads(&number)?);
        }
        Ok(settings)
    }
}

impl Settings {
    /// Says on stderr that a rank or this process waits, which it does only when it has waited long.
    #[cold]
    pub(crate) fn report_wait(&self, operation: Operation, who: &str, for_what: &str) {
        let Settings { timeout, report_after, .. } = self;
        dtl_plugin_abi::say(&format!(
            "{}: {who} has been waiting {report_after:?} for {for_what}. After {timeout:?} ({TIMEOUT_VARIABLE}) it will be an error.",
            operation.name()
        ));
    }
}

fn check(choice: &str) -> Result<bool> {
    match choice.trim() {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(Error::new(
            Status::InvalidArgument,
            format!("the environment variable {CHECK_VARIABLE} is '{choice}'; it must be on or off"),
        )),
    }
}

fn shared_memory(choice: &str) -> Result<bool> {
    match choice.trim() {
        "0" => Ok(false),
        "1" => Ok(true),
        _ => Err(Error::new(
            Status::InvalidArgument,
            format!(
                "the environment variable {SHARED_MEMORY_VARIABLE} is '{choice}'; it must be 1, for shared memory between ranks \
                 of one machine, or 0"
            ),
        )),
    }
}

fn threads(number: &str) -> Result<usize> {
    number.trim().parse().ok().filter(|number| (1..=MOST_THREADS).contains(number)).ok_or_else(|| {
        Error::new(
            Status::InvalidArgument,
            format!("the environment variable {THREADS_VARIABLE} is '{number}'; it must be a number of threads from 1 to {MOST_THREADS}"),
        )
    })
}

fn duration(variable: &str, seconds: &str) -> Result<Duration> {
    above_0(seconds.trim().parse().unwrap_or(f64::NAN))
        .ok_or_else(|| not_above_0(&format!("the environment variable {variable} is '{seconds}'")))
}

/// The time to wait for other ranks that a program asks for.
pub(crate) fn timeout(seconds: f64) -> Result<Duration> {
    above_0(seconds).ok_or_else(|| not_above_0(&format!("timeout is {seconds}")))
}

fn above_0(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok().filter(|duration| !duration.is_zero())
}

fn not_above_0(what: &str) -> Error {
    Error::new(Status::InvalidArgument, format!("{what}; it must be a number of seconds above 0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_positive_seconds() {
        assert_eq!(duration(TIMEOUT_VARIABLE, "2.5").unwrap(), Duration::from_millis(2500));
        for wrong in ["", "soon", "0", "-1", "inf", "NaN"] {
            let error = duration(TIMEOUT_VARIABLE, wrong).unwrap_err();
            assert!(error.message().contains(&format!("'{wrong}'")), "{error}");
        }
    }

    #[test]
    fn the_check_is_on_or_off() {
        assert!(check("on").unwrap() && !check(" off").unwrap());
        for wrong in ["", "0", "false"] {
            let error = check(wrong).unwrap_err();
            assert!(error.message().contains(&format!("'{wrong}'")), "{error}");
        }
    }

    #[test]
    fn threads_are_at_least_one() {
        assert_eq!(threads(" 8 ").unwrap(), 8);
        for wrong in ["", "many", "0", "-1", "1.5", "1025"] {
            let error = threads(wrong).unwrap_err();
            assert!(error.message().contains(&format!("'{wrong}'")), "{error}");
        }
    }

    #[test]
    fn shared_memory_is_on_or_off() {
        assert!(shared_memory("1").unwrap() && !shared_memory("0").unwrap());
        let error = shared_memory("maybe").unwrap_err();
        assert!(error.message().contains("'maybe'"), "{error}");
    }
}
