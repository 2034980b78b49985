//! What the tests of a run came to: told as they end, summed up at the end.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use super::depth::Depth;
use super::spent::Spent;
use super::tally::Tally;
use crate::Result;

/// The results of all suites so far.
pub struct Report {
    /// How much the suites are to try.
    pub depth: Depth,
    total: Tally,
    suites: Vec<(&'static str, Spent, Tally)>,
    /// What belongs to the suite that is running.
    current: Tally,
}

impl Report {
    /// Nothing has been run.
    pub fn new(depth: Depth) -> Self {
        Self { depth, total: Tally::default(), suites: Vec::new(), current: Tally::default() }
    }

    /// Runs a suite; an error in it counts as a test that failed.
    pub fn suite(&mut self, name: &'static str, run: impl FnOnce(&mut Self) -> Result<()>) {
        println!("{name}");
        let start = Spent::so_far();
        if let Err(error) = run(self) {
            self.failed("preparation", &error);
        }
        let tally = std::mem::take(&mut self.current);
        self.total.add(tally.clone());
        self.suites.push((name, Spent::so_far().since(start), tally));
    }

    /// Runs something that is one test or several: it fails with the text to show, or says what it counted.
    pub fn step(&mut self, name: &str, run: impl FnOnce() -> Result<Tally>) {
        let start = Instant::now();
        let result = run();
        self.ended(name, start.elapsed(), result);
    }

    /// As `step`, for something that is one test.
    pub fn check(&mut self, name: &str, run: impl FnOnce() -> Result<()>) {
        self.step(name, || run().map(|()| Tally::one()));
    }

    /// Notes how something ended that ran elsewhere.
    pub fn ended(&mut self, name: &str, time: Duration, result: Result<Tally>) {
        match result {
            Ok(tally) if tally.failed == 0 => {
                let seconds = time.as_secs_f64();
                let (count, unit) =
                    if tally.checks > 0 { (tally.checks, "checks") } else { (tally.passed, "tests") };
                let left = match tally.left {
                    0 => String::new(),
                    left => format!("  ({left} for more ranks)"),
                };
                println!("  ok      {name:<66} {count:>6} {unit:<6} {seconds:>7.1} s{left}");
                self.current.add(tally);
            }
            Ok(tally) => {
                println!("  FAILED  {name}: {} of its tests", tally.failed);
                show(&tally.failure);
                self.current.add(tally);
            }
            Err(error) => self.failed(name, &error),
        }
    }

    /// Notes that something cannot be run on this machine, and why. In CI, where nobody reads skips, that is a failure.
    pub fn skip(&mut self, name: &str, reason: &str) {
        if std::env::var("CI").is_ok_and(|value| value == "true") {
            return self.failed(name, &format!("it cannot be run: {reason}; CI accepts no such skip"));
        }
        println!("  skipped {name}: {reason}");
        self.current.skipped.push(format!("{name}: {reason}"));
    }

    fn failed(&mut self, name: &str, error: &str) {
        println!("  FAILED  {name}");
        show(error);
        self.current.failed += 1;
    }

    /// Prints the table, the reasons for skips and the last line; gives the exit code.
    pub fn finish(self) -> ExitCode {
        println!();
        println!(
            "{:<12} {:>7} {:>7} {:>8} {:>8} {:>10}",
            "suite", "passed", "failed", "skipped", "min:s", "processor"
        );
        let mut total = Spent::default();
        for (name, spent, tally) in &self.suites {
            total.add(*spent);
            print_row(name, tally, *spent);
        }
        print_row("all", &self.total, total);
        println!();
        for reason in &self.total.skipped {
            println!("skipped: {reason}");
        }
        let Tally { passed, failed, skipped, .. } = &self.total;
        println!("{passed} passed, {failed} failed, {} skipped", skipped.len());
        if *failed == 0 && *passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

fn print_row(name: &str, tally: &Tally, spent: Spent) {
    let Tally { passed, failed, skipped, .. } = tally;
    let (elapsed, processor) = (minutes(spent.elapsed), minutes(spent.processor));
    println!("{name:<12} {passed:>7} {failed:>7} {:>8} {elapsed:>8} {processor:>10}", skipped.len());
}

fn minutes(time: Duration) -> String {
    format!("{}:{:02}", time.as_secs() / 60, time.as_secs() % 60)
}

fn show(text: &str) {
    for line in text.lines() {
        println!("    {line}");
    }
}
