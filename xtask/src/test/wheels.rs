//! The wheels, each built once, as users get them: installed where nothing of the repository is, and used without MPI, under
//! every MPI of the system, and under those that the wheel's extras bring from PyPI.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use dtl_plugin_abi::{FLAVORS, Family};

use super::binary;
use super::hiding::Hiding;
use super::report::Report;
use crate::command::Command;
use crate::launcher::Launcher;
use crate::setup::python::{Environment, Purpose};
use crate::setup::system::{MPICH, OPENMPI};
use crate::wheel::{self, GLIBC, LimitedApi};
use crate::{Result, repository};

/// Builds and tries the one for newer Pythons, which most users get, or both. What the `.venv` of the other suites holds is built
/// as the other one is.
pub fn run(report: &mut Report) -> Result<()> {
    let hiding = Hiding::prepare()?;
    if let Some(reason) = hiding.lacking() {
        report.skip("wheels where no MPI of the system is", reason);
    }
    for &api in report.depth.choose(&[LimitedApi::Py310][..], &LimitedApi::ALL) {
        let tag = api.tag();
        let mut wheel = None;
        report.check(&format!("{tag} is built"), || {
            wheel = Some(wheel::build(api)?);
            Ok(())
        });
        let Some(wheel) = wheel else { continue };
        report.check(
            &format!("{tag} has every plugin, and needs no glibc after {}.{}", GLIBC.0, GLIBC.1),
            || contents(&wheel, api),
        );
        let plain = wheel::install_file(&wheel, api, "wheels", None);
        let plain = || plain.as_ref().map_err(Clone::clone);
        report.check(&format!("{tag} without MPI"), || says(hiding.hide(program(plain()?)?), 1, ""));
        for (family, tool) in [(Family::OpenMpi, OPENMPI), (Family::Mpich, MPICH)] {
            report.check(&format!("{tag} under the system's {}", family.name()), || {
                let launcher = Launcher::at(tool.find().ok_or(tool.without)?)?;
                RANKS.into_iter().try_for_each(|ranks| {
                    says(launcher.start_installed(ranks, program(plain()?)?), ranks, "/usr/")
                })
            });
            report.check(&format!("{tag} under its extra {}", family.name()), || {
                let name = format!("wheels-{}", family.name());
                let environment = wheel::install_file(&wheel, api, &name, Some(family.name()))?;
                let launcher = Launcher::at(environment.folder().join("bin/mpirun"))?;
                RANKS.into_iter().try_for_each(|ranks| {
                    let job = launcher.start_installed(ranks, program(&environment)?);
                    says(hiding.hide(job), ranks, &environment.folder().to_string_lossy())
                })
            });
        }
    }
    Ok(())
}

/// On how many ranks each wheel is tried.
const RANKS: [u32; 3] = [1, 2, 4];

/// The program of `tests/installed`, run in a folder where nothing of the repository is.
fn program(environment: &Environment) -> Result<Command> {
    let program = environment.command("python").arg(repository::path("tests/installed/sum.py"));
    Ok(program.dir(repository::made("wheels")?))
}

/// Runs the program; one rank must have the sum, all ranks must have taken part, and the MPI must be a library below this
/// folder, or none when there is no name of a folder.
fn says(job: Command, ranks: u32, folder: &str) -> Result<()> {
    let line = job.line();
    let output = job.output()?;
    let library = output.trim_end().strip_prefix(&format!("499500 on {ranks}"));
    let right = match library.map(str::trim_start) {
        Some("") => folder.is_empty(),
        Some(library) => !folder.is_empty() && library.starts_with(folder) && !library.contains(' '),
        None => false,
    };
    if right {
        Ok(())
    } else {
        Err(format!(
            "`{line}` printed {output:?} instead of 499500 on {ranks}, with one MPI library below {folder:?}"
        ))
    }
}

/// Looks at the libraries in a wheel.
fn contents(wheel: &Path, api: LimitedApi) -> Result<()> {
    let folder = repository::made_empty("wheel-contents")?;
    Environment::ready(Purpose::Run)?
        .command("python")
        .args(["-m", "zipfile", "-e"])
        .args([wheel, &folder])
        .run()?;
    let libraries = repository::files(&folder.join("dtl"), "so");
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let names: BTreeSet<String> = libraries.iter().map(|library| name(library)).collect();
    let plugins = FLAVORS.iter().map(|flavor| flavor.plugin.to_owned());
    let expected: BTreeSet<String> = plugins.chain(["_dtl.abi3.so".to_owned()]).collect();
    // MPI stays outside: a folder of libraries beside the package would be a copy of one.
    if names != expected || fs::read_dir(&folder).map_err(|error| error.to_string())?.count() != 2 {
        return Err(format!("the {} wheel holds {names:?} instead of {expected:?}", api.tag()));
    }
    for library in libraries {
        let (newest, needed) = (binary::newest_glibc(&library)?, binary::needed(&library)?);
        if newest > GLIBC {
            return Err(format!("{} needs glibc {}.{}", name(&library), newest.0, newest.1));
        }
        let own = FLAVORS.iter().find(|flavor| flavor.plugin == name(&library)).map(|flavor| flavor.soname);
        let foreign: Vec<&String> = needed
            .iter()
            .filter(|name| Some(name.as_str()) != own && !binary::is_part_of_glibc(name))
            .collect();
        if !foreign.is_empty() || own.is_some_and(|own| !needed.iter().any(|name| name == own)) {
            return Err(format!("{} needs {needed:?}", name(&library)));
        }
    }
    Ok(())
}
