//! The stubs: compared with the module as it is at run time, and used by two type checkers.

use super::report::Report;
use crate::Result;
use crate::library::{self, Profile};
use crate::setup::python::Purpose;

/// Runs stubtest, mypy and pyright. stubtest is given no allowlist: nothing may differ.
pub fn run(report: &mut Report) -> Result<()> {
    let environment = library::python(Profile::Debug, Purpose::Test)?;
    let check = |report: &mut Report, name: &str, words: &[&str]| {
        report.check(name, || environment.command("python").arg("-m").args(words).run());
    };
    check(report, "stubtest dtl", &["mypy.stubtest", "dtl"]);
    check(report, "mypy --strict", &["mypy", "--strict", "tests/typing", "examples/python"]);
    check(report, "pyright", &["pyright", "tests/typing", "examples/python"]);
    Ok(())
}
