//! `cargo xtask bench [NAME [OPTION...]]`: runs a program of `benches/` against what users install, the optimised wheel; one in Fortran
//! of the same name after that.

use std::path::Path;

use dtl_plugin_abi::Family;

use crate::command::Command;
use crate::library::Profile;
use crate::setup::python::{Environment, Purpose};
use crate::setup::system;
use crate::test::worlds::{TOOLS, World};
use crate::wheel::{self, LimitedApi};
use crate::{Result, program, repository};

/// Benchmarks of what ranks do together, beside mpi4py, and the numbers of ranks that they run on.
const OF_RANKS: [(&str, &[u32]); 4] =
    [("collectives", &[2]), ("containers", &[1, 2]), ("objects", &[2]), ("requests", &[2, 4])];

/// Runs `benches/NAME.py` with these options in an environment of its own, with the wheel for newer Pythons installed.
pub fn run(name: &str, options: &[&str]) -> Result<()> {
    let program = repository::path("benches").join(format!("{name}.py"));
    if !program.is_file() {
        return Err(format!("there is no benchmark `{name}`: {} is missing", repository::short(&program)));
    }
    let environment = wheel::install(LimitedApi::Py310, "bench")?;
    let command = environment.command("python").arg(&program).args(options);
    if let Some((_, sizes)) = OF_RANKS.iter().find(|(of_ranks, _)| *of_ranks == name) {
        return on_ranks(&environment, sizes, &command);
    }
    succeed(command, &program)?;
    // The same from Fortran, which hands over arrays in a way of its own.
    let beside = program.with_extension("f90");
    if !beside.is_file() {
        return Ok(());
    }
    succeed(program::prepare(&beside, Profile::Release)?, &beside)
}

/// Runs a benchmark, which prints what it finds.
fn succeed(command: Command, program: &Path) -> Result<()> {
    let status = command.interactive()?;
    if status.success() { Ok(()) } else { Err(format!("{} failed ({status})", repository::short(program))) }
}

/// Runs a program on the ranks of each MPI, one after the other, so that nothing else runs beside it.
fn on_ranks(environment: &Environment, sizes: &[u32], program: &Command) -> Result<()> {
    system::install(TOOLS)?;
    environment.install_for(Purpose::Bench)?;
    for family in Family::ALL {
        for ranks in sizes {
            let world = World::new(family, *ranks)?;
            let job = world.run(world.with_mpi4py(program.clone())?)?;
            if !job.launcher.succeeded() {
                return Err(job.failure());
            }
            println!("{}", job.ranks[0].out);
        }
    }
    Ok(())
}
