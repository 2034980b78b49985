//! The Fortran modules, held to the standard, and the Fortran programs of `tests/fortran`, alone and in every
//! world.

use super::programs;
use super::report::Report;
use crate::library::{self, Profile};
use crate::program::Compiler;
use crate::{Result, repository};

/// How modules and test programs are compiled.
const OPTIONS: &[&str] =
    &["-std=f2018", "-g", "-Wall", "-Wextra", "-Wimplicit-interface", "-Werror", "-fopenmp", "-fcheck=all"];

/// Compiles the modules and runs the programs.
pub fn run(report: &mut Report) -> Result<()> {
    let library = library::c(Profile::Debug)?;
    let mut modules = None;
    report.check("modules compile as Fortran 2018 without a warning", || {
        modules = Some(library::fortran("fortran-checked", OPTIONS)?);
        Ok(())
    });
    if let Some(modules) = modules {
        let sources = repository::files(&repository::path("tests/fortran"), "f90");
        let compiler = Compiler::Fortran { modules, library };
        let programs = programs::run(report, &compiler, &sources, OPTIONS, "");
        programs::run_in_worlds(report, "tests/fortran", &programs)?;
    }
    Ok(())
}
