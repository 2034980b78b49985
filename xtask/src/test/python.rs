//! The Python tests, each folder in a process of its own.

use super::report::Report;
use super::tally::Tally;
use crate::library::{self, Profile};
use crate::setup::python::{Environment, Purpose};
use crate::{Result, repository};

/// Runs pytest.
pub fn run(report: &mut Report) -> Result<()> {
    let environment = library::python(Profile::Debug, Purpose::Test)?;
    for folder in ["tests/python", "tests/guide", "tests/spec"] {
        report.step(folder, || pytest(&environment, folder));
    }
    Ok(())
}

/// Runs the tests of a folder.
pub fn pytest(environment: &Environment, folder: &str) -> Result<Tally> {
    if !repository::path(folder).is_dir() {
        return Err(format!("{folder} is missing"));
    }
    let finished = environment
        .command("python")
        .args(["-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", folder])
        .minutes(10)
        .finish()?;
    Ok(Tally::of_pytest(&finished.stdout).checked(&finished))
}
