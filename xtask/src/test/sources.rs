//! dtl built from its sources by tools that know nothing of cargo xtask: CMake and pip.

use std::path::Path;

use dtl_plugin_abi::FLAVORS;

use super::hiding::Hiding;
use super::installed;
use super::report::Report;
use crate::command::Command;
use crate::setup::python::{Age, Environment, Purpose};
use crate::setup::system::CMAKE;
use crate::{Result, repository};

/// Builds in every way.
pub fn run(report: &mut Report) -> Result<()> {
    if CMAKE.find().is_some() {
        report.check("C and Fortran programs with dtl as a subdirectory", || {
            let source = repository::root();
            installed::cmake("sources-subdirectory", &format!("-DDTL_SOURCE={}", source.display()))
        });
        report.check("CMake installs", cmake_install);
        report.check("the guide's block: cmake, make _dtl, make python_install", guide);
    } else {
        report.skip("CMake", CMAKE.without);
    }
    report.check("pip installs the source distribution", source_distribution);
    Ok(())
}

/// The project of the step before installs dtl together with itself.
fn cmake_install() -> Result<()> {
    let prefix = repository::made_empty("sources-installed")?;
    Command::new("cmake")
        .arg("--install")
        .arg(repository::made("sources-subdirectory")?)
        .arg("--prefix")
        .arg(&prefix)
        .run()?;
    let plugins = FLAVORS.map(|flavor| format!("lib/dtl/{}", flavor.plugin));
    let others = ["include/dtl/dtl.h", "lib/libdtl.so", "lib/libdtl.a", "share/dtl/fortran/dtl.f90"];
    let expected = plugins.iter().map(String::as_str).chain(others);
    let missing: Vec<&str> = expected.filter(|file| !prefix.join(file).is_file()).collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("it does not install {}", missing.join(", "))) }
}

/// What is not optimised is built in half the time. The suites `wheels` and `installed` try what is.
const UNOPTIMISED: [(&str, &str); 3] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
];

/// So, and into one folder, where what comes from elsewhere is built once.
fn unoptimised(command: Command) -> Result<Command> {
    let command =
        UNOPTIMISED.into_iter().fold(command, |command, (name, value)| command.hidden_env(name, value));
    Ok(command.hidden_env("CARGO_TARGET_DIR", repository::made("sources-cargo")?))
}

/// What the user's guide says about installing, in an environment of its own.
fn guide() -> Result<()> {
    let folder = repository::made_empty("sources-guide")?;
    let environment = Environment::at(folder.join("environment"), Age::Newest)?;
    let build = repository::made("sources-guide/build")?;
    let root = repository::root().display().to_string();
    let steps: [&[&str]; 3] =
        [&["cmake", &root, "-DDTL_BUILD_PYTHON=ON"], &["make", "_dtl"], &["make", "python_install"]];
    for step in steps {
        environment
            .activated(unoptimised(Command::new(step[0]))?)
            .args(&step[1..])
            .dir(&build)
            .telling(&format!("running {}", step.join(" ")))
            .run()?;
    }
    finds_mpi(&environment)
}

/// Packs the sources as for PyPI, and installs them in an environment of its own, where no headers of MPI are on the system.
fn source_distribution() -> Result<()> {
    let dist = repository::made_empty("sources-dist")?;
    Environment::ready(Purpose::Run)?.command("maturin").args(["sdist", "--out"]).arg(&dist).run()?;
    let [packed] = repository::files(&dist, "gz").try_into().map_err(|_| "maturin made no sdist")?;
    let environment = Environment::at(repository::made_empty("sources-sdist")?, Age::Newest)?;
    let install = environment.pip_install_pinned(&packed.to_string_lossy());
    Hiding::prepare()?.hide(unoptimised(install)?).telling("building from the source distribution").run()?;
    finds_mpi(&environment)
}

/// What the guide says to verify: the version, which pip knows as well, and that MPI is found, which the system of the tests
/// has.
fn finds_mpi(environment: &Environment) -> Result<()> {
    let program = "import dtl, importlib.metadata as m; print(dtl.__version__ == m.version('dtl-arrays'), dtl.has_mpi())";
    let output = environment.command("python").args(["-c", program]).dir(Path::new("/")).output()?;
    if output.trim() == "True True" {
        Ok(())
    } else {
        Err(format!("the version is that which was installed, and MPI is found: {output:?}"))
    }
}
