//! The Python tests, each folder in a process of its own; those of ranks also in every world, as one pytest for each rank.

use std::time::Instant;

use dtl_plugin_abi::Family;

use super::depth::Depth;
use super::report::Report;
use super::tally::Tally;
use super::worlds::World;
use crate::command::Command;
use crate::library::{self, Profile};
use crate::program::PYTEST;
use crate::setup::python::Purpose;
use crate::{Result, parallel, repository};

/// The tests that run functions on ranks.
const OF_RANKS: &str = "tests/python";

/// Those of them that one process of an MPI runs in the gate, as it runs the others like one that is alone.
const OF_ONE_RANK: [&str; 3] = ["test_collectives.py", "test_contexts.py", "test_vectors.py"];

/// Those of several threads, which also run where MPI moves everything.
const OF_THREADS: &str = "tests/python/test_threads.py";

/// Runs pytest.
pub fn run(report: &mut Report) -> Result<()> {
    let environment = library::python(Profile::Debug, Purpose::Test)?;
    // Each of them is busy with one processor; those that take longest first.
    let folders = [OF_RANKS, "tests/guide", "tests/doctor", "tests/spec"];
    let mut parts: Vec<Vec<String>> = vec![Vec::new(), Vec::new()];
    for (number, file) in repository::files(&repository::path(OF_RANKS), "py").iter().enumerate() {
        if file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("test_")) {
            parts[number % 2].push(repository::short(file));
        }
    }
    parts.extend(folders[1..].iter().map(|folder| vec![(*folder).to_owned()]));
    let notes = repository::made_empty("ranks-of-tests")?;
    let noting = |command: Command| command.hidden_env("DTL_RANKS_OF_TESTS", &notes);
    let results = parallel::map(&parts, |files| {
        let start = Instant::now();
        (pytest(noting(environment.command("python")), files), start.elapsed())
    });
    let names = ["tests/python, one half", "tests/python, the other half"];
    let names = names.iter().chain(&folders[1..]);
    for (name, (result, time)) in names.zip(results) {
        report.ended(name, time, result);
    }
    for world in World::all()? {
        let alone = world.ranks == 1 && report.depth == Depth::Gate;
        let files: Vec<String> = match alone {
            true => OF_ONE_RANK.map(|file| format!("{OF_RANKS}/{file}")).into(),
            false => vec![OF_RANKS.into()],
        };
        let depth = report.depth;
        report.step(&format!("{}, {}", files.join(" "), world.name()), || {
            // Every rank shows the same failures; a few of them say enough.
            let tests = environment.command("python").args(PYTEST).args(&files).arg("--maxfail=5");
            let job = world.run(world.beyond_smaller(depth, noting(tests)))?;
            world.complete(Tally::of_first_rank(&job, Tally::of_pytest))
        });
    }
    for family in Family::ALL {
        let world = World::new(family, 4)?;
        report.step(&format!("{OF_THREADS}, {}, no memory shared", world.name()), || {
            let program = environment.command("python").args(PYTEST).arg(OF_THREADS);
            let job = world.run(program.env("DTL_SHARED_MEMORY", "0"))?;
            Ok(Tally::of_first_rank(&job, Tally::of_pytest))
        });
    }
    Ok(())
}

/// Runs the tests of files or folders.
pub fn pytest(python: Command, files: &[String]) -> Result<Tally> {
    let finished = python.args(PYTEST).args(files).finish()?;
    Ok(Tally::of_pytest(&finished.stdout).checked(&finished))
}
