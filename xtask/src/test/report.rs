//! What the tests of a run came to: told as they end, summed up at the end.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use super::depth::Depth;
use super::spent::Spent;
use super::tally::Tally;
use crate::Result;

/// The results of all suites so far.
pub struct Report {
    /// What is printed when this is added to another report; nothing is kept where it is printed at once.
    kept: Option<String>,
    /// How much the suites are to try.
    pub depth: Depth,
    start: Spent,
    total: Tally,
    suites: Vec<(&'static str, Spent, Tally)>,
    /// What belongs to the suite that is running.
    current: Tally,
}

impl Report {
    /// Nothing has been run.
    pub fn new(depth: Depth) -> Self {
        let (total, current) = (Tally::default(), Tally::default());
        Self { kept: None, depth, start: Spent::so_far(), total, suites: Vec::new(), current }
    }

    /// Nothing has been run; what will be runs beside another report, to which this one is added.
    pub fn beside_another(depth: Depth) -> Self {
        Self { kept: Some(String::new()), ..Self::new(depth) }
    }

    /// Adds what ran beside this, and prints it.
    pub fn add(&mut self, other: Self) {
        self.say(other.kept.unwrap_or_default().trim_end());
        self.total.add(other.total);
        self.suites.extend(other.suites);
    }

    /// Prints a line, or keeps it.
    pub fn say(&mut self, line: &str) {
        match &mut self.kept {
            Some(kept) => *kept += &format!("{line}\n"),
            None if line.is_empty() => {}
            None => println!("{line}"),
        }
    }

    /// Runs a suite; an error in it counts as a test that failed.
    pub fn suite(&mut self, name: &'static str, run: impl FnOnce(&mut Self) -> Result<()>) {
        self.say(name);
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
                self.say(&format!("  ok      {name:<66} {count:>6} {unit:<6} {seconds:>7.1} s{left}"));
                self.current.add(tally);
            }
            Ok(tally) => {
                self.say(&format!("  FAILED  {name}: {} of its tests", tally.failed));
                self.show(&tally.failure);
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
        self.say(&format!("  skipped {name}: {reason}"));
        self.current.skipped.push(format!("{name}: {reason}"));
    }

    fn failed(&mut self, name: &str, error: &str) {
        self.say(&format!("  FAILED  {name}"));
        self.show(error);
        self.current.failed += 1;
    }

    fn show(&mut self, text: &str) {
        text.lines().for_each(|line| self.say(&format!("    {line}")));
    }

    /// Prints the table, the reasons for skips and the last line; gives the exit code.
    pub fn finish(self) -> ExitCode {
        println!();
        println!(
            "{:<12} {:>7} {:>7} {:>8} {:>8} {:>10}",
            "suite", "passed", "failed", "skipped", "min:s", "processor"
        );
        for (name, spent, tally) in &self.suites {
            print_row(name, tally, *spent);
        }
        print_row("all", &self.total, Spent::so_far().since(self.start));
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
