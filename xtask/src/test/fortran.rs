//! The Fortran modules, held to the standard, and the Fortran programs of `tests/fortran`, alone and in every
//! world; one that is right with options that change what default kinds are; and the modules under another compiler.

use dtl_plugin_abi::Family;

use super::exercised::Exercised;
use super::flang;
use super::programs::{self, Way};
use super::report::Report;
use super::tally::Tally;
use super::worlds::World;
use crate::abi;
use crate::command::Command;
use crate::library::{self, Modules, Profile};
use crate::program::Compiler;
use crate::setup::python::Purpose;
use crate::{Result, parallel, repository};

/// How modules and test programs are compiled.
const OPTIONS: &[&str] =
    &["-std=f2018", "-g", "-Wall", "-Wextra", "-Wimplicit-interface", "-Werror", "-fopenmp", "-fcheck=all"];

/// Options of users' programs, with which they compile the modules, too.
const OPTIONS_OF_USERS: &[(&str, &[&str])] = &[
    ("-fdefault-integer-8", &["-std=f2018", "-Wall", "-Werror", "-fcheck=all", "-fdefault-integer-8"]),
    (
        "-fdefault-real-8",
        &[
            "-std=f2018",
            "-pedantic",
            "-Wall",
            "-Werror",
            "-fcheck=all",
            "-fdefault-real-8",
            "-fdefault-double-8",
            "-finit-integer=-7",
            "-finit-real=snan",
            "-finit-logical=true",
            "-finit-character=65",
        ],
    ),
];

/// The program that is compiled with them.
const PROGRAM_OF_USERS: &str = "tests/fortran/kinds.f90";

/// A job of a Python program, which is rank 0, and a Fortran program, which is rank 1.
const WITH_PYTHON: &str = "tests/fortran/with_python/matrices";

/// Compiles the modules and runs the programs.
pub fn run(report: &mut Report) -> Result<()> {
    let library = library::c(Profile::Debug)?;
    // Each takes a core for a while.
    let mut variants = vec![("-checked", OPTIONS)];
    variants.extend(OPTIONS_OF_USERS);
    let compiled =
        parallel::map(&variants, |(name, options)| library::fortran(&format!("fortran{name}"), options));
    let mut compiled = compiled.into_iter();
    let checked = compiled.next().expect("it is the first");
    for ((name, options), modules) in OPTIONS_OF_USERS.iter().zip(compiled) {
        let compiler = Compiler::Fortran { modules: modules?, library: library.clone() };
        // These modules do not know that several threads call them.
        let options = [options, ["-fopenmp"].as_slice()].concat();
        let sources = vec![repository::path(PROGRAM_OF_USERS)];
        programs::run(report, &compiler, &[Way { sources, options, how: format!(", {name}") }]);
    }
    let mut modules = None;
    report.check("modules compile as Fortran 2018 without a warning", || {
        modules = Some(checked?);
        Ok(())
    });
    if let Some(modules) = modules {
        let sources = repository::files(&repository::path("tests/fortran"), "f90");
        let called = called_by(&modules)?;
        let compiler = Compiler::Fortran { modules, library };
        let way = Way { sources, options: OPTIONS.to_vec(), how: String::new() };
        let programs = programs::run(report, &compiler, &[way]).remove(0);
        let exercised = Exercised::new("fortran")?;
        programs::run_in_worlds(report, "tests/fortran", &programs, &exercised)?;
        let python = library::python(Profile::Debug, Purpose::Test)?;
        let executable = compiler.compile(&repository::path(format!("{WITH_PYTHON}.f90")), OPTIONS)?;
        for family in Family::ALL {
            let world = World::new(family, 2)?;
            report.step(&format!("{WITH_PYTHON}, {}", world.name()), || {
                let program = repository::path(format!("{WITH_PYTHON}.py"));
                let job = world.run(python.command("python").arg(program).arg(&executable))?;
                Tally::of_job(&job)
            });
        }
        report.step("every procedure is exercised on 2 ranks", || exercised.all_of(&called));
    }
    flang::run(report)
}

/// The C functions that the modules call, as the linker knows: each public procedure calls one that no other calls.
fn called_by(modules: &Modules) -> Result<Vec<String>> {
    let symbols = Command::new("nm").arg("--undefined-only").args(&modules.objects).output()?;
    let called = |name: &String| symbols.split_whitespace().any(|symbol| symbol == name);
    Ok(abi::functions()?.into_iter().filter(called).collect())
}
