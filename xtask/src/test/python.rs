//! The Python tests, each folder in a process of its own.

use super::report::Report;
use super::tally::Tally;
use crate::library::{self, Profile};
use crate::setup::python::Purpose;
use crate::{Result, repository};

/// Folders of tests below `tests/`.
const FOLDERS: &[&str] = &["python", "guide", "spec"];

/// Runs pytest.
pub fn run(report: &mut Report) -> Result<()> {
    let environment = library::python(Profile::Debug, Purpose::Test)?;
    for folder in FOLDERS.iter().map(|folder| format!("tests/{folder}")) {
        if !repository::path(&folder).is_dir() {
            return Err(format!("{folder} is missing"));
        }
        report.step(&folder, || {
            let finished = environment
                .command("python")
                .args(["-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", &folder])
                .minutes(10)
                .finish()?;
            Ok(Tally::of_pytest(&finished.stdout).checked(&finished))
        });
    }
    Ok(())
}
