//! The table of misuse: every collective operation, called by one rank with one thing wrong, on 2, 3 and 5 ranks as threads
//! and under each MPI. Its program prints a row for each; all rows of a world are one launch. The table is shown once, as what
//! is said hardly differs from world to world.

use dtl_plugin_abi::Family;

use super::load;
use super::report::Report;
use super::tally::Tally;
use super::worlds::World;
use crate::Result;
use crate::command::Command;
use crate::library::{self, Profile};
use crate::setup::python::Purpose;

/// The numbers of ranks.
const SIZES: [u32; 3] = [2, 3, 5];

/// For which of them the table is shown, and MPI itself is tried, too.
const SHOWN: u32 = 3;

/// How many seconds a rank waits for another on an idle machine: a mistake that is found only then was not caught.
const PATIENCE: f64 = 5.0;

/// Runs the table everywhere.
pub fn run(report: &mut Report) -> Result<()> {
    let python = library::python(Profile::Debug, Purpose::Test)?;
    for ranks in SIZES {
        let program = || {
            let command =
                python.command("python").args(["tests/misuse/misuse.py".to_owned(), ranks.to_string()]);
            command.env("PYTHONPATH", "tests/python")
        };
        report.step(&format!("{ranks} threads"), || {
            let patience = format!("{:.1}", PATIENCE * load::slowdown());
            let table = program().env("DTL_MPI", "none").env("DTL_TIMEOUT", patience).output()?;
            if ranks == SHOWN {
                println!("{table}");
            }
            judged(&table)
        });
        for family in Family::ALL {
            let world = World::new(family, ranks)?;
            report.step(&world.name(), || in_world(&world, program()));
            if ranks == SHOWN {
                let name = format!("{}, without shared memory", world.name());
                report.step(&name, || in_world(&world, program().env("DTL_SHARED_MEMORY", "0")));
            }
        }
    }
    Ok(())
}

fn in_world(world: &World, program: Command) -> Result<Tally> {
    let job = world.run_with_timeout(PATIENCE * load::slowdown(), program)?;
    match job.ranks.iter().find(|rank| !rank.out.is_empty()) {
        Some(rank) if job.launcher.succeeded() => judged(&rank.out),
        _ => Err(job.failure()),
    }
}

/// Counts the rows, of which the last line of the program tells; libraries may have something to say after it.
fn judged(table: &str) -> Result<Tally> {
    let rows = table.lines().rev().find_map(|line| line.strip_suffix(" rows, 0 failed"));
    match rows.and_then(|rows| rows.parse().ok()) {
        Some(passed) => Ok(Tally { passed, ..Tally::default() }),
        None => Err(format!("{table}\nThat is not how the table ends.")),
    }
}
