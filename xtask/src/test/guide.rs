//! The user's guide on processes, in every world: each of its programs, started as the guide says, prints what it should and
//! ends well; the tests of mpi4py's communicators and of pytest-mpi likewise. Alone they run in the suite `python`.

use std::path::PathBuf;

use super::report::Report;
use super::tally::Tally;
use super::worlds::World;
use crate::command::Command;
use crate::library::{self, Profile};
use crate::setup::python::{Environment, Purpose};
use crate::{Result, repository};

/// What is no program of the guide.
const OURS: [&str; 2] = ["checked.py", "test_guide.py"];

/// Runs everything.
pub fn run(report: &mut Report) -> Result<()> {
    let environment = library::python(Profile::Debug, Purpose::Test)?;
    let mut programs = repository::files(&repository::path("tests/guide"), "py");
    programs.retain(|program| OURS.iter().all(|ours| !program.ends_with(ours)));
    for world in World::all()? {
        report.step(&format!("tests/guide, {}", world.name()), || sections(&environment, &programs, &world));
        for (folder, option) in [("tests/mpi4py", None), ("tests/pytest_mpi", Some("--with-mpi"))] {
            report.step(&format!("{folder}, {}", world.name()), || {
                let pytest = ["-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", folder];
                let pytest = environment.command("python").args(pytest).args(option);
                let job = world.run(world.with_mpi4py(pytest)?)?;
                Ok(Tally::of_first_rank(&job, Tally::of_pytest))
            });
        }
    }
    Ok(())
}

/// Runs the programs; each compares what it prints on each rank.
fn sections(environment: &Environment, programs: &[PathBuf], world: &World) -> Result<Tally> {
    let run = |program: &PathBuf| {
        let name = program.file_stem().expect("programs have a name");
        let command: Command = environment.command("python").args(["-W", "error", "tests/guide/checked.py"]);
        let job = world.run(world.with_mpi4py(command.arg(name))?)?;
        let silent = job.ranks.iter().all(|rank| rank.err.is_empty());
        if !job.launcher.succeeded() || !silent {
            return Err(job.failure());
        }
        Ok(Tally::one())
    };
    let mut tally = Tally::default();
    for one in world.each(programs, run) {
        tally.add(one?);
    }
    Ok(tally)
}
