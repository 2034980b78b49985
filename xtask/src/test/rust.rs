//! Format, lints, tests and documentation of every crate; the tests of ranks also in every world, as one test program for
//! each rank.

use std::path::PathBuf;

use super::report::Report;
use super::tally::Tally;
use super::worlds::World;
use crate::Result;
use crate::command::Command;

/// Everything that cargo itself can say.
pub fn run(report: &mut Report) -> Result<()> {
    report.check("cargo fmt", || {
        Command::cargo().args(["fmt", "--all", "--check", "--", "--color", "never"]).run()
    });
    report.check("cargo clippy", || Command::cargo().args(["clippy", "--workspace", "--all-targets"]).run());
    report.step("cargo test", || {
        let tests = Command::cargo().args(["test", "--workspace", "--no-fail-fast"]).finish()?;
        Ok(Tally::of_cargo(&tests.stdout).checked(&tests))
    });
    report.check("cargo doc", || {
        Command::cargo().env("RUSTDOCFLAGS", "-D warnings").args(["doc", "--workspace", "--no-deps"]).run()
    });
    let program = tests_of_ranks()?;
    for world in World::all()? {
        report.step(&format!("runtime/tests/ranks, {}", world.name()), || {
            // One test after the other, so that all ranks are in the same.
            let tests = Command::new(&program).args(["--test-threads=1", "--nocapture"]).minutes(5);
            // Some cases are for more ranks than any world has; they have run on threads.
            Ok(Tally::of_first_rank(&world.run(tests)?, Tally::of_cargo))
        });
    }
    Ok(())
}

/// The program that cargo makes of `runtime/tests/ranks`.
fn tests_of_ranks() -> Result<PathBuf> {
    let built = Command::cargo()
        .args(["test", "--package", "dtl", "--test", "ranks", "--no-run", "--message-format", "json"])
        .output()?;
    let mut paths = built.lines().filter_map(|line| line.split_once("\"executable\":\"")?.1.split_once('"'));
    paths.next().map(|(path, _)| path.into()).ok_or_else(|| "cargo names no program of these tests".into())
}
