//! Whether the generated files are those that the specification makes.

use super::report::Report;
use crate::{Result, generate, repository};

/// The generator's own tests are among cargo's, in `codegen/tests`.
pub fn run(report: &mut Report) -> Result<()> {
    report.check("gen --check", || generate::command(&repository::root()).arg("--check").run());
    Ok(())
}
