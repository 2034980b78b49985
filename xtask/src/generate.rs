//! `cargo xtask gen`: starts the generator, `dtl-codegen`, which is a program of its own so that no other command needs it.

use std::path::Path;
use std::process::ExitCode;

use crate::Result;
use crate::command::Command;
use crate::repository;

/// Runs the generator on this repository with these options; gives its exit code.
pub fn run(options: &[&str]) -> Result<ExitCode> {
    let status = command(&repository::root()).args(options).interactive()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The command that builds the generator and runs it on the specification below `root`.
pub fn command(root: &Path) -> Command {
    Command::cargo().args(["run", "--quiet", "--package", "dtl-codegen", "--"]).arg(root)
}
