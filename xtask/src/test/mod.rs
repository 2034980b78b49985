//! `cargo xtask test [--deep] [SUITE...]`: every test of every language, one suite after the other.
//!
//! A suite is a file here. It runs what lies in `tests/`, `examples/` and the crates; it holds no test of dtl itself,
//! only what compares things that no single program sees (sets of symbols, printed numbers, installed files).

mod articles;
mod artifacts;
mod binary;
mod c;
mod depth;
mod endings;
mod examples;
mod exercised;
mod flang;
mod fortran;
mod generator;
mod guide;
mod header;
mod hiding;
mod installed;
mod load;
mod lost_rank;
mod misuse;
mod mpi;
mod oracle;
mod programs;
mod python;
mod recipes;
mod report;
mod rust;
mod sources;
mod spent;
mod tally;
mod typing;
mod wheels;
pub mod worlds;

use std::process::ExitCode;

use crate::setup::system::{self, Tool};
use crate::{Result, parallel};
use depth::Depth;
use report::Report;

/// A group of tests that is run together.
struct Suite {
    name: &'static str,
    /// Programs of the system that it uses.
    tools: &'static [Tool],
    /// Whether it also runs on the processes of every MPI.
    in_worlds: bool,
    /// Whether it mostly waits, so that it runs beside those that build.
    waits: bool,
    run: fn(&mut Report) -> Result<()>,
}

impl Suite {
    const fn new(name: &'static str, tools: &'static [Tool], run: fn(&mut Report) -> Result<()>) -> Self {
        Self { name, tools, in_worlds: false, waits: false, run }
    }

    const fn in_worlds(self) -> Self {
        Self { in_worlds: true, ..self }
    }

    const fn waits(self) -> Self {
        Self { waits: true, ..self }
    }
}

/// All suites, those that build what later ones use first.
const SUITES: &[Suite] = &[
    Suite::new("generator", &[], generator::run),
    Suite::new("rust", &[], rust::run).in_worlds(),
    Suite::new("mpi", &[], mpi::run).in_worlds(),
    Suite::new("c", &[system::GCC], c::run).in_worlds(),
    Suite::new("header", &[system::GCC, system::GXX, system::CLANG], header::run),
    Suite::new("fortran", &[system::GFORTRAN, system::GCC, system::FLANG], fortran::run).in_worlds(),
    Suite::new("python", &[], python::run).in_worlds(),
    Suite::new("guide", &[], guide::run).in_worlds(),
    Suite::new("misuse", &[], misuse::run).in_worlds(),
    Suite::new("oracle", &[], oracle::run).in_worlds(),
    Suite::new("typing", &[], typing::run),
    Suite::new("artifacts", &[system::GCC], artifacts::run),
    Suite::new("examples", &[system::GFORTRAN], examples::run).in_worlds(),
    Suite::new("articles", &[system::GFORTRAN], articles::run).in_worlds(),
    Suite::new("endings", &[system::GFORTRAN], endings::run).in_worlds().waits(),
    Suite::new("installed", &[system::GFORTRAN, system::PKG_CONFIG, system::CMAKE], installed::run)
        .in_worlds(),
    Suite::new("sources", &[system::GFORTRAN, system::CMAKE], sources::run).in_worlds(),
    Suite::new("wheels", &[], wheels::run).in_worlds(),
    Suite::new("recipes", &[system::GFORTRAN], recipes::run),
];

/// Runs the suites of these names, or all of them; with `--deep` among the arguments, all that they have.
pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let (options, names): (Vec<_>, Vec<_>) = arguments.iter().partition(|word| word.starts_with('-'));
    if let Some(unknown) = options.iter().find(|option| **option != "--deep") {
        return Err(format!("`{unknown}` is no option of `cargo xtask test`; it knows --deep"));
    }
    let depth = if options.is_empty() { Depth::Gate } else { Depth::Deep };
    if let Some(unknown) = names.iter().find(|name| SUITES.iter().all(|suite| suite.name != name.as_str())) {
        let known: Vec<&str> = SUITES.iter().map(|suite| suite.name).collect();
        return Err(format!("there is no suite `{unknown}`; the suites are {}", known.join(", ")));
    }
    let chosen: Vec<&Suite> = SUITES
        .iter()
        .filter(|suite| names.is_empty() || names.iter().any(|name| name.as_str() == suite.name))
        .collect();
    // Everything that is missing, in one go and before the first test: half an hour later nobody is looking.
    for suite in &chosen {
        system::install(suite.tools)?;
        if suite.in_worlds {
            system::install(worlds::TOOLS)?;
        }
    }
    let mut report = Report::new(depth);
    let first_that_waits = chosen.iter().position(|suite| suite.waits).unwrap_or(chosen.len());
    let (before, rest) = chosen.split_at(first_that_waits);
    let (waiting, others): (Vec<_>, Vec<_>) = rest.iter().partition(|suite| suite.waits);
    let all = |report: &mut Report, suites: &[&Suite]| {
        suites.iter().for_each(|suite| report.suite(suite.name, suite.run));
    };
    all(&mut report, before);
    let mut beside = Report::beside_another(depth);
    parallel::both(|| all(&mut report, &others), || all(&mut beside, &waiting));
    report.add(beside);
    Ok(report.finish())
}
