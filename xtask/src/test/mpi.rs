//! The runtime on processes, under every MPI of this machine: builds the plugins, then starts the jobs of `runtime/tests/mpi`.

use super::report::Report;
use super::tally::Tally;
use crate::Result;
use crate::command::Command;
use crate::plugins;

/// Builds the plugins and runs all jobs.
pub fn run(report: &mut Report) -> Result<()> {
    report.check("plugins", plugins::build);
    report.check("cargo clippy", || {
        Command::cargo().args(["clippy", "--package", "dtl", "--test", "mpi"]).run()
    });
    report.step("jobs", || {
        let jobs = Command::cargo().args(["test", "--package", "dtl", "--test", "mpi"]).minutes(20).finish()?;
        Ok(Tally::of_cargo(&jobs.stdout).checked(&jobs))
    });
    Ok(())
}
