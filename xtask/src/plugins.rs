//! `cargo xtask plugins`: the plugins for MPI libraries, in `target/plugins`, and what could not be built and why. How they are
//! built is in `runtime/plugin-build`.

use std::path::{Path, PathBuf};

use dtl_plugin_abi::Family;
use dtl_plugin_build::Build;

use crate::setup::python::{Environment, Purpose};
use crate::setup::system::CLANG;
use crate::{Result, repository};

/// Where plugins are built into; the loader of dtl looks there as well.
pub fn folder() -> PathBuf {
    repository::target().join("plugins")
}

/// Builds what can be built, and says what.
pub fn all() -> Result<()> {
    for plugin in build()? {
        println!("{}", repository::short(&plugin));
    }
    Ok(())
}

/// Builds what can be built and gives it, saying what cannot; fails if that is all.
pub fn build() -> Result<Vec<PathBuf>> {
    let build = beginning(&python()?);
    let mut built = Vec::new();
    for family in Family::ALL {
        match build.family(family) {
            Ok(plugins) => built.extend(plugins),
            Err(reason) => eprintln!("without plugins for {}: {reason}", family.name()),
        }
    }
    if built.is_empty() { Err("no plugin for an MPI library was built".to_owned()) } else { Ok(built) }
}

/// Builds those for one family, as a program under it needs no others.
pub fn build_for(family: Family) -> Result<()> {
    let built = beginning(&python()?).family(family);
    built.map(drop).map_err(|reason| format!("no plugin for {} was built: {reason}", family.name()))
}

/// The Python that is asked for what the system lacks: headers of MPI, and the libclang that reads them.
fn python() -> Result<PathBuf> {
    if CLANG.find().is_none() && std::env::var_os("LIBCLANG_PATH").is_none() {
        let environment = Environment::ready(Purpose::Run)?;
        environment.pip_install_pinned("libclang").run()?;
        return Ok(environment.python());
    }
    let own = repository::path(".venv/bin/python");
    Ok(if own.is_file() { own } else { "python3".into() })
}

/// Builds all of them for systems older than this one, and gives the folder; a missing one is an error.
pub fn portable(environment: &Environment, linker: &Path) -> Result<PathBuf> {
    let plugins = repository::made("plugins")?;
    let build = Build {
        plugins: plugins.clone(),
        linker: Some(linker.to_owned()),
        ..beginning(&environment.python())
    };
    Family::ALL.into_iter().try_for_each(|family| build.family(family).map(drop))?;
    Ok(plugins)
}

/// What all builds have in common.
fn beginning(python: &Path) -> Build {
    Build {
        sources: repository::path("runtime/mpi"),
        work: repository::target().join("mpi"),
        plugins: folder(),
        python: python.to_owned(),
        linker: None,
    }
}
