//! Whether the generated files are those that the specification makes.

use super::report::Report;
use crate::{Result, generate};

/// The generator's own tests are among cargo's, in `codegen/tests`.
pub fn run(report: &mut Report) -> Result<()> {
    report.check("gen --check", generate::check);
    Ok(())
}
