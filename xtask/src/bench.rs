//! `cargo xtask bench [NAME]`: runs a program of `benches/` against what users install, the optimised wheel.

use crate::setup::python::Environment;
use crate::wheel::{self, LimitedApi};
use crate::{Result, repository};

/// Runs `benches/NAME.py` in an environment of its own, with the wheel for newer Pythons installed.
pub fn run(name: &str) -> Result<()> {
    let program = repository::path("benches").join(format!("{name}.py"));
    if !program.is_file() {
        return Err(format!("there is no benchmark `{name}`: {} is missing", repository::short(&program)));
    }
    let wheel = wheel::build(LimitedApi::Py310)?;
    let environment = Environment::at(repository::made("bench")?.join("venv"))?;
    environment.install(&["--requirement", "xtask/requirements/run.txt"])?;
    environment.install(&["--force-reinstall", "--no-deps", &wheel.to_string_lossy()])?;
    let status = environment.command("python").arg(&program).interactive()?;
    if status.success() { Ok(()) } else { Err(format!("{} failed ({status})", repository::short(&program))) }
}
