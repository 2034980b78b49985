//! The installed tree, used as a stranger would: through pkg-config, CMake and fpm, from C and from Fortran, in one process and
//! on ranks of every MPI of the system.

use std::path::Path;

use super::{binary, report::Report};
use crate::command::Command;
use crate::launcher::Launcher;
use crate::setup::python::{Environment, Purpose};
use crate::setup::system::{CMAKE, MPICH, OPENMPI, PKG_CONFIG};
use crate::{Result, abi, install, library, repository};

/// Installs into a folder of its own and builds the programs of `tests/installed` against that.
pub fn run(report: &mut Report) -> Result<()> {
    let prefix = repository::made_empty("installed")?;
    report.check("install", || install::install(&prefix));
    report.check("libdtl.a offers the C interface and nothing else", || {
        let specified = abi::functions()?.into_iter().collect();
        let offered = binary::offered(&prefix.join("lib/libdtl.a"))?;
        let different: Vec<&String> = offered.symmetric_difference(&specified).collect();
        if different.is_empty() { Ok(()) } else { Err(format!("only one of them has {different:?}")) }
    });
    report.check("a C program through pkg-config", || c_program(&prefix, &[]));
    report.check("a C program with the archive, through pkg-config", || c_program(&prefix, &["--static"]));
    report.check("a Fortran program through pkg-config", || fortran_program(&prefix));
    match CMAKE.find() {
        Some(_) => report.check("C and Fortran programs through CMake", || {
            cmake("installed-cmake", &format!("-DCMAKE_PREFIX_PATH={}", prefix.display()))
        }),
        None => report.skip("CMake", CMAKE.without),
    }
    report.check("a Fortran program through fpm", || fpm(&prefix));
    Ok(())
}

/// What pkg-config says about the installed dtl, as arguments for a compiler.
fn pkg_config(prefix: &Path, options: &[&str]) -> Result<Vec<String>> {
    let program = PKG_CONFIG.find().ok_or("pkg-config is not installed")?;
    let answer = Command::new(program)
        .env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig"))
        .args(["--cflags", "--libs"])
        .args(options)
        .arg("dtl")
        .output()?;
    Ok(answer.split_whitespace().map(str::to_owned).collect())
}

fn c_program(prefix: &Path, options: &[&str]) -> Result<()> {
    let executable = repository::made("programs")?.join(format!("installed-c{}", options.concat()));
    let mut arguments = pkg_config(prefix, options)?;
    if options.contains(&"--static") {
        let archive = prefix.join("lib/libdtl.a").display().to_string();
        arguments =
            arguments.into_iter().map(|word| if word == "-ldtl" { archive.clone() } else { word }).collect();
    }
    Command::new("gcc")
        .arg(repository::path("tests/installed/sum.c"))
        .args(arguments)
        .arg("-o")
        .arg(&executable)
        .run()?;
    // What pkg-config says leads the program to the library.
    says_sum(|| Command::new(&executable))
}

fn fortran_program(prefix: &Path) -> Result<()> {
    let executable = repository::made("programs")?.join("installed-fortran");
    let sources = library::fortran_sources();
    let installed = sources
        .iter()
        .filter_map(|source| source.file_name())
        .map(|name| prefix.join("share/dtl/fortran").join(name));
    Command::new("gfortran")
        .arg("-J")
        .arg(repository::made_empty("installed-modules")?)
        .args(installed)
        .arg(repository::path("tests/installed/sum.f90"))
        .args(pkg_config(prefix, &[])?)
        .arg("-o")
        .arg(&executable)
        .run()?;
    says_sum(|| Command::new(&executable))
}

/// Builds the programs of `tests/installed` with CMake, which finds dtl through this option, and runs them.
pub fn cmake(name: &str, option: &str) -> Result<()> {
    let build = repository::made_empty(name)?;
    Command::new("cmake")
        .arg("-S")
        .arg(repository::path("tests/installed"))
        .arg("-B")
        .arg(&build)
        .arg(option)
        .run()?;
    Command::new("cmake").arg("--build").arg(&build).telling("building with CMake").run()?;
    for program in ["sum_shared", "sum_static", "sum_fortran"] {
        says_sum(|| Command::new(build.join(program)))?;
    }
    Ok(())
}

/// Builds and runs the Fortran program as a project of fpm, which knows folders relative to its own only.
fn fpm(prefix: &Path) -> Result<()> {
    let project = repository::made_empty("installed-fpm")?;
    std::fs::create_dir(project.join("app")).map_err(|error| error.to_string())?;
    repository::write(
        &project.join("fpm.toml"),
        "name = \"sum\"\n[dependencies]\ndtl = { path = \"../installed/share/dtl/fortran\" }\n",
    )?;
    let program = repository::read(&repository::path("tests/installed/sum.f90"))?;
    repository::write(&project.join("app/main.f90"), program)?;
    let lib = prefix.join("lib");
    Environment::ready(Purpose::Test)?
        .command("fpm")
        .args(["install", "--prefix", "."])
        .dir(&project)
        .env("FPM_LDFLAGS", format!("-L{0} -Wl,-rpath,{0}", lib.display()))
        .run()?;
    says_sum(|| Command::new(project.join("bin/sum")))
}

/// The programs of `tests/installed` print the sum of the numbers below 1000, and the number of ranks; one of these prints.
fn says_sum(program: impl Fn() -> Command) -> Result<()> {
    let says = |command: Command, ranks: u32| {
        let line = command.line();
        let output = command.output()?;
        let expected = format!("499500 on {ranks}");
        if output.trim() == expected {
            Ok(())
        } else {
            Err(format!("`{line}` printed {output:?} instead of {expected}"))
        }
    };
    says(program(), 1)?;
    [OPENMPI, MPICH].into_iter().try_for_each(|mpi| {
        let launcher = Launcher::at(mpi.find().ok_or(mpi.without)?)?;
        says(launcher.start_installed(2, program()), 2)
    })
}
