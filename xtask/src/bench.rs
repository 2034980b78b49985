//! `cargo xtask bench [NAME]`: runs a program of `benches/` against what users install, the optimised wheel.

use crate::wheel::{self, LimitedApi};
use crate::{Result, repository};

/// Runs `benches/NAME.py` in an environment of its own, with the wheel for newer Pythons installed.
pub fn run(name: &str) -> Result<()> {
    let program = repository::path("benches").join(format!("{name}.py"));
    if !program.is_file() {
        return Err(format!("there is no benchmark `{name}`: {} is missing", repository::short(&program)));
    }
    let environment = wheel::install(LimitedApi::Py310, "bench")?;
    let status = environment.command("python").arg(&program).interactive()?;
    if status.success() { Ok(()) } else { Err(format!("{} failed ({status})", repository::short(&program))) }
}
