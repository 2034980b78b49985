//! How many tests a runner says that it has run: one reader for each runner's output.

use crate::Result;
use crate::command::Finished;
use crate::launcher::Job;

/// Tests that were run, by how they ended.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tally {
    /// How many passed.
    pub passed: u64,
    /// How many failed.
    pub failed: u64,
    /// A line for each that was skipped, with its reason.
    pub skipped: Vec<String>,
    /// What test programs checked, each of which counts as one test.
    pub checks: u64,
    /// Cases that need more ranks than there were processes; a larger world runs them.
    pub left: u64,
    /// What to show because something failed.
    pub failure: String,
}

impl Tally {
    /// One test that passed.
    pub fn one() -> Self {
        Self { passed: 1, ..Self::default() }
    }

    /// Adds the tests of `other`.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.checks += other.checks;
        self.left += other.left;
        self.skipped.extend(other.skipped);
        self.failure.push_str(&other.failure);
    }

    /// With what `finished` shows, if it failed; it counts as one test when it named none.
    pub fn checked(self, finished: &Finished) -> Self {
        if finished.succeeded() { self } else { self.failing(finished.failure()) }
    }

    /// What the first rank of a job counted, as all ranks run the same tests; with what the job shows, if it failed.
    pub fn of_first_rank(job: &Job, count: fn(&str) -> Self) -> Self {
        let tally = count(&job.ranks[0].out);
        if job.launcher.succeeded() { tally } else { tally.failing(job.failure()) }
    }

    fn failing(mut self, failure: String) -> Self {
        self.failed = self.failed.max(1);
        self.failure = failure;
        self
    }

    /// What `cargo test` says: a result line for each test program, `ignored` lines with reasons.
    pub fn of_cargo(output: &str) -> Self {
        let mut tally = Self::default();
        for line in output.lines() {
            if let Some(result) = line.strip_prefix("test result: ") {
                for part in result.split([';', '.']) {
                    match number_before(part) {
                        Some((number, "passed")) => tally.passed += number,
                        Some((number, "failed")) => tally.failed += number,
                        _ => {}
                    }
                }
            } else if line.contains(LEFT) {
                tally.left += 1;
            } else if let Some((name, reason)) =
                line.strip_prefix("test ").and_then(|test| test.split_once(" ... ignored"))
            {
                let reason = reason.trim_start_matches(',').trim();
                tally
                    .skipped
                    .push(format!("{name}: {}", if reason.is_empty() { "no reason given" } else { reason }));
            }
        }
        tally
    }

    /// What `pytest -rs` says: the last line, and a line with the reason of each skip.
    pub fn of_pytest(output: &str) -> Self {
        let mut tally = Self::default();
        for line in output.lines() {
            if let Some((count, reason)) =
                line.strip_prefix("SKIPPED [").and_then(|rest| rest.split_once("] "))
            {
                let count = count.parse().unwrap_or(1);
                if reason.contains(LEFT) {
                    tally.left += count as u64;
                    continue;
                }
                if reason.contains(DONE) {
                    continue;
                }
                tally.skipped.extend(std::iter::repeat_n(reason.to_owned(), count));
            }
        }
        let last = output.lines().last().unwrap_or_default().trim_matches(['=', ' ']);
        for part in last.split([',']) {
            match number_before(part) {
                Some((number, "passed" | "xfailed")) => tally.passed += number,
                Some((number, "failed" | "error" | "errors" | "xpassed")) => tally.failed += number,
                _ => {}
            }
        }
        tally
    }

    /// What a C or Fortran program says at its end, `name: N checks passed`. The program is one test: its checks are often
    /// one sentence in a loop.
    pub fn of_program(output: &str) -> Option<Self> {
        let number = |end: &str| -> Option<u64> {
            let line = output.lines().rev().find(|line| line.ends_with(end))?;
            line.strip_suffix(end)?.rsplit_once(": ")?.1.parse().ok()
        };
        let left = number(&format!(" cases {LEFT}")).unwrap_or(0);
        Some(Self { passed: 1, checks: number(" checks passed")?, left, ..Self::default() })
    }

    /// What a C or Fortran program says on all ranks of a job.
    pub fn of_job(job: &Job) -> Result<Self> {
        let mut tally = Self::default();
        for printed in &job.ranks {
            let of_rank = Self::of_program(&printed.out).filter(|_| job.launcher.succeeded());
            let of_rank = of_rank.ok_or_else(|| job.failure())?;
            tally = Self { checks: tally.checks + of_rank.checks, ..of_rank };
        }
        Ok(tally)
    }
}

/// What test programs say of cases for more ranks than there are.
const LEFT: &str = "left to a larger world";

/// What pytest says of tests on fewer ranks than a world is for.
const DONE: &str = "done in a smaller world";

/// `12 passed`, at the start of a part of a sentence.
fn number_before(part: &str) -> Option<(u64, &str)> {
    let mut words = part.split_whitespace();
    Some((words.next()?.parse().ok()?, words.next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_results_are_added_over_test_programs() {
        let output = "running 3 tests\ntest a ... ok\ntest b ... ignored, needs two machines\n\
                      test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s\n\
                      test result: FAILED. 4 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0s\n";
        let tally = Tally::of_cargo(output);
        assert_eq!((tally.passed, tally.failed), (6, 1));
        assert_eq!(tally.skipped, ["b: needs two machines"]);
    }

    #[test]
    fn pytest_counts_and_reasons_are_read() {
        let output =
            "....s\nSKIPPED [2] tests/a.py:3: no device\n1 failed, 12 passed, 2 skipped, 1 error in 0.30s\n";
        let tally = Tally::of_pytest(output);
        assert_eq!((tally.passed, tally.failed), (12, 2));
        assert_eq!(tally.skipped, ["tests/a.py:3: no device", "tests/a.py:3: no device"]);
        let left = "SKIPPED [40] tests/ranks.py:9: left to a larger world: 4 ranks, of which there are 2\n2 passed\n";
        assert_eq!((Tally::of_pytest(left).left, Tally::of_pytest(left).skipped.len()), (40, 0));
        let done = "SKIPPED [7] tests/ranks.py:9: done in a smaller world: 1 ranks\n2 passed\n";
        assert_eq!(Tally::of_pytest(done), Tally { passed: 2, ..Tally::default() });
        assert_eq!(Tally::of_pytest("===== 3 passed in 0.1s =====\n").passed, 3);
    }

    #[test]
    fn programs_say_how_many_checks_passed() {
        let tally = Tally::of_program("hello\ncollectives: 17 checks passed\n").unwrap();
        assert_eq!((tally.passed, tally.checks, tally.left), (1, 17, 0));
        let of_two_ranks = "sums: 17 checks passed\nsums: 3 cases left to a larger world\n";
        assert_eq!(Tally::of_program(of_two_ranks).unwrap().left, 3);
        assert_eq!(Tally::of_program("hello\n"), None);
    }
}
