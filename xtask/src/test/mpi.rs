//! What only processes can do, under every MPI of this machine: builds the plugins, and starts the jobs of `runtime/tests/mpi`,
//! some of which are to end badly. What ranks do alike as threads and as processes is in the suites of the languages.

use super::report::Report;
use super::tally::Tally;
use crate::command::Command;
use crate::{Result, plugins};

/// Builds the plugins and starts the jobs.
pub fn run(report: &mut Report) -> Result<()> {
    report.check("plugins", || plugins::build().map(drop));
    report.check("cargo clippy", || {
        Command::cargo().args(["clippy", "--package", "dtl", "--test", "mpi", "--", "-D", "warnings"]).run()
    });
    // The plugin is a workspace of its own.
    report.check("cargo clippy of the plugin", || {
        let plugin = ["--manifest-path", "runtime/mpi/Cargo.toml", "--target-dir", "target/mpi/clippy"];
        Command::cargo().arg("clippy").args(plugin).args(["--all-targets", "--", "-D", "warnings"]).run()
    });
    report.step("jobs", || {
        let jobs = Command::cargo().args(["test", "--package", "dtl", "--test", "mpi"]).finish()?;
        Ok(Tally::of_cargo(&jobs.stdout).checked(&jobs))
    });
    Ok(())
}
