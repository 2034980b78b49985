//! Format, lints, tests and documentation of every crate.

use super::report::Report;
use super::tally::Tally;
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
    Ok(())
}
