//! The Python tests, each folder in a process of its own; those of ranks also in every world, as one pytest for each rank.

use dtl_plugin_abi::Family;

use super::report::Report;
use super::tally::Tally;
use super::worlds::World;
use crate::command::Command;
use crate::library::{self, Profile};
use crate::program::PYTEST;
use crate::setup::python::{Environment, Purpose};
use crate::{Result, repository};

/// The tests that run functions on ranks.
const OF_RANKS: &str = "tests/python";

/// Those of several threads, which also run where MPI moves everything.
const OF_THREADS: &str = "tests/python/test_threads.py";

/// Runs pytest.
pub fn run(report: &mut Report) -> Result<()> {
    let environment = library::python(Profile::Debug, Purpose::Test)?;
    for folder in [OF_RANKS, "tests/guide", "tests/doctor", "tests/spec"] {
        report.step(folder, || pytest(&environment, folder));
    }
    for world in World::all()? {
        report.step(&format!("{OF_RANKS}, {}", world.name()), || {
            // Every rank shows the same failures; a few of them say enough.
            let job = world.run(command(&environment, OF_RANKS)?.arg("--maxfail=5"))?;
            world.complete(Tally::of_first_rank(&job, Tally::of_pytest))
        });
    }
    for family in Family::ALL {
        let world = World::new(family, 4)?;
        report.step(&format!("{OF_THREADS}, {}, no memory shared", world.name()), || {
            let program = environment.command("python").args(PYTEST).arg(OF_THREADS).minutes(5);
            let job = world.run(program.env("DTL_SHARED_MEMORY", "0"))?;
            Ok(Tally::of_first_rank(&job, Tally::of_pytest))
        });
    }
    Ok(())
}

/// Runs the tests of a folder.
pub fn pytest(environment: &Environment, folder: &str) -> Result<Tally> {
    let finished = command(environment, folder)?.finish()?;
    Ok(Tally::of_pytest(&finished.stdout).checked(&finished))
}

fn command(environment: &Environment, folder: &str) -> Result<Command> {
    if !repository::path(folder).is_dir() {
        return Err(format!("{folder} is missing"));
    }
    Ok(environment.command("python").args(PYTEST).arg(folder).minutes(10))
}
