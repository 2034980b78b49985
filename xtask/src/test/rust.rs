//! Format, lints, tests and documentation of every crate; the tests of ranks also in every world, as one test program for
//! each rank.

use std::path::PathBuf;

use dtl_plugin_abi::Family;

use super::report::Report;
use super::tally::Tally;
use super::worlds::World;
use crate::Result;
use crate::command::Command;

/// How many cases tests draw that draw any: so many of vectors, half as many each of tensors, halos and sorts.
const CASES: &str = "DTL_CASES";

/// How many sequences of operations are drawn.
const SEQUENCES: &str = "DTL_SEQUENCES";

/// The tests that draw cases, which also run optimised.
const DRAWN: [&str; 4] = ["layouts", "halos", "sorting", "sequences::"];

/// Everything that cargo itself can say.
pub fn run(report: &mut Report) -> Result<()> {
    report.check("cargo fmt", || {
        Command::cargo().args(["fmt", "--all", "--check", "--", "--color", "never"]).run()
    });
    // Warnings are errors here and not in the manifests: a later compiler, which has more of them, still builds dtl for its users.
    report.check("cargo clippy", || {
        Command::cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]).run()
    });
    // The step after the next one draws more of them, optimised.
    let (cases, sequences) = (report.depth.choose("800", "4000"), report.depth.choose("300", "1000"));
    report.step("cargo test", || {
        let tests = Command::cargo().args(["test", "--workspace", "--no-fail-fast"]);
        let tests = tests.env(CASES, cases).env(SEQUENCES, sequences).finish()?;
        Ok(Tally::of_cargo(&tests.stdout).checked(&tests))
    });
    report.check("cargo doc", || {
        Command::cargo().env("RUSTDOCFLAGS", "-D warnings").args(["doc", "--workspace", "--no-deps"]).run()
    });
    let (cases, sequences) = (report.depth.choose("2000", "50000"), report.depth.choose("5000", "100000"));
    report.step(&format!("{cases} layouts, {sequences} sequences, optimised"), || {
        let tests =
            Command::cargo().args(["test", "--release", "-p", "dtl", "--test", "ranks", "--"]).args(DRAWN);
        let tests = tests.env(CASES, cases).env(SEQUENCES, sequences).finish()?;
        Ok(Tally::of_cargo(&tests.stdout).checked(&tests))
    });
    let program = tests_of_ranks()?;
    let cases = report.depth.choose("800", "8000");
    // One test after the other, so that all ranks are in the same.
    let tests = || Command::new(&program).args(["--test-threads=1", "--nocapture"]).env(CASES, cases);
    // Some cases are for more ranks than any world has; they have run on threads.
    let tally = |world: &World, tests| Ok(Tally::of_first_rank(&world.run(tests)?, Tally::of_cargo));
    let depth = report.depth;
    for world in World::all()? {
        report.step(&format!("runtime/tests/ranks, {}", world.name()), || {
            tally(&world, world.beyond_smaller(depth, tests()))
        });
    }
    // As if each rank had a machine of its own: all that moves is moved by MPI.
    for family in Family::ALL {
        let world = World::new(family, 4)?;
        report.step(&format!("runtime/tests/ranks, {}, no memory shared", world.name()), || {
            tally(&world, tests().env("DTL_SHARED_MEMORY", "0").env(CASES, "800"))
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
