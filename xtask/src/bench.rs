//! `cargo xtask bench [NAME]`: runs a program of `benches/` against what users install, the optimised wheel.

use dtl_plugin_abi::Family;

use crate::setup::python::{Environment, Purpose};
use crate::setup::system;
use crate::test::worlds::{TOOLS, World};
use crate::wheel::{self, LimitedApi};
use crate::{Result, repository};

/// Benchmarks of what ranks do together, beside mpi4py.
const OF_RANKS: [&str; 2] = ["collectives", "containers"];

/// The numbers of ranks that they run on.
const SIZES: [u32; 2] = [1, 2];

/// Runs `benches/NAME.py` in an environment of its own, with the wheel for newer Pythons installed.
pub fn run(name: &str) -> Result<()> {
    let program = repository::path("benches").join(format!("{name}.py"));
    if !program.is_file() {
        return Err(format!("there is no benchmark `{name}`: {} is missing", repository::short(&program)));
    }
    let environment = wheel::install(LimitedApi::Py310, "bench")?;
    if OF_RANKS.contains(&name) {
        return on_ranks(&environment, &program.to_string_lossy());
    }
    let status = environment.command("python").arg(&program).interactive()?;
    if status.success() { Ok(()) } else { Err(format!("{} failed ({status})", repository::short(&program))) }
}

/// Runs a program on the ranks of each MPI, one after the other, so that nothing else runs beside it.
fn on_ranks(environment: &Environment, program: &str) -> Result<()> {
    system::install(TOOLS)?;
    environment.install_for(Purpose::Bench)?;
    for family in Family::ALL {
        for ranks in SIZES {
            let world = World::new(family, ranks)?;
            let program = world.with_mpi4py(environment.command("python").arg(program).minutes(10))?;
            let job = world.run(program)?;
            if !job.launcher.succeeded() {
                return Err(job.failure());
            }
            println!("{}", job.ranks[0].out);
        }
    }
    Ok(())
}
