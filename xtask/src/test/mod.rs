//! `cargo xtask test [SUITE...]`: every test of every language, one suite after the other.
//!
//! A suite is a file here. It runs what lies in `tests/`, `examples/` and the crates; it holds no test of dtl itself,
//! only what compares things that no single program sees (sets of symbols, printed numbers, installed files).

mod artifacts;
mod binary;
mod c;
mod examples;
mod fortran;
mod generator;
mod header;
mod installed;
mod mpi;
mod programs;
mod python;
mod recipes;
mod report;
mod rust;
mod tally;
mod typing;
mod wheels;

use std::process::ExitCode;

use crate::Result;
use crate::setup::system::{self, Tool};
use report::Report;

/// A group of tests that is run together.
struct Suite {
    name: &'static str,
    /// Programs of the system that it uses.
    tools: &'static [Tool],
    run: fn(&mut Report) -> Result<()>,
}

/// All suites, those that build what later ones use first.
const SUITES: &[Suite] = &[
    Suite { name: "generator", tools: &[], run: generator::run },
    Suite { name: "rust", tools: &[], run: rust::run },
    Suite {
        name: "mpi",
        tools: &[system::OPENMPI, system::MPICH, system::CLANG, system::GFORTRAN],
        run: mpi::run,
    },
    Suite { name: "c", tools: &[system::GCC], run: c::run },
    Suite { name: "header", tools: &[system::GCC, system::GXX, system::CLANG], run: header::run },
    Suite { name: "fortran", tools: &[system::GFORTRAN], run: fortran::run },
    Suite { name: "python", tools: &[], run: python::run },
    Suite { name: "typing", tools: &[], run: typing::run },
    Suite { name: "artifacts", tools: &[system::GCC], run: artifacts::run },
    Suite { name: "examples", tools: &[system::GFORTRAN], run: examples::run },
    Suite {
        name: "installed",
        tools: &[system::GFORTRAN, system::PKG_CONFIG, system::CMAKE],
        run: installed::run,
    },
    Suite { name: "wheels", tools: &[], run: wheels::run },
    Suite { name: "recipes", tools: &[system::GFORTRAN], run: recipes::run },
];

/// Runs the suites of these names, or all of them.
pub fn run(names: &[String]) -> Result<ExitCode> {
    if let Some(unknown) = names.iter().find(|name| SUITES.iter().all(|suite| suite.name != **name)) {
        let known: Vec<&str> = SUITES.iter().map(|suite| suite.name).collect();
        return Err(format!("there is no suite `{unknown}`; the suites are {}", known.join(", ")));
    }
    let chosen: Vec<&Suite> = SUITES
        .iter()
        .filter(|suite| names.is_empty() || names.iter().any(|name| name == suite.name))
        .collect();
    // Everything that is missing, in one go and before the first test: half an hour later nobody is looking.
    for suite in &chosen {
        system::install(suite.tools)?;
    }
    let mut report = Report::new();
    for suite in chosen {
        report.suite(suite.name, suite.run);
    }
    Ok(report.finish())
}
