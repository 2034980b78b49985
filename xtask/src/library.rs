//! Building dtl for each language, so that a program that uses it can be compiled and run.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use dtl_codegen::model::Model;

use crate::command::Command;
use crate::setup::python::{Environment, Purpose};
use crate::{Result, generate, repository};

/// How cargo optimises.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Quick to build, with the checks that find mistakes in dtl.
    Debug,
    /// What is shipped.
    Release,
}

impl Profile {
    /// The folder that cargo builds into.
    pub fn folder(self) -> PathBuf {
        repository::target().join(match self {
            Self::Debug => "debug",
            Self::Release => "release",
        })
    }

    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Debug => &[],
            Self::Release => &["--release"],
        }
    }
}

/// Builds a crate of the workspace.
fn cargo_build(package: &str, profile: Profile) -> Result<()> {
    Command::cargo()
        .args(["build", "--package", package])
        .args(profile.arguments())
        .telling(&format!("building {package}"))
        .run()
}

/// The crate for Rust programs; gives the folder with `libdtl.rlib`.
pub fn rust(profile: Profile) -> Result<PathBuf> {
    cargo_build("dtl", profile)?;
    Ok(profile.folder())
}

/// `libdtl.so` and `libdtl.a` for C programs; gives the folder that holds them.
pub fn c(profile: Profile) -> Result<PathBuf> {
    cargo_build("dtl-ffi", profile)?;
    let folder = profile.folder();
    // Programs look for the name with the ABI version, as they do where dtl is installed.
    let versioned = folder.join(soname(&generate::model()?));
    if fs::read_link(&versioned).is_err() {
        std::os::unix::fs::symlink("libdtl.so", &versioned)
            .map_err(|error| format!("{} cannot be made: {error}", versioned.display()))?;
    }
    Ok(folder)
}

/// The name under which programs load the library.
pub fn soname(model: &Model) -> String {
    format!("libdtl.so.{}", model.library.abi)
}

/// The folder with `dtl/dtl.h`.
pub fn include() -> PathBuf {
    repository::path("generated/c/include")
}

/// The modules for Fortran programs: where their `.mod` and object files are.
pub struct Modules {
    /// Folder with the `.mod` files.
    pub folder: PathBuf,
    /// The object files to link.
    pub objects: Vec<PathBuf>,
}

/// Compiles the Fortran modules, where their sources are newer, with these options.
pub fn fortran(name: &str, options: &[&str]) -> Result<Modules> {
    let folder = repository::made(name)?;
    let mut objects = Vec::new();
    let mut stale = false;
    // `dtl` uses `dtl_c`: when one is compiled, so are those after it.
    for source in fortran_sources() {
        let object = folder.join(source.file_stem().expect("sources have a name")).with_extension("o");
        stale = stale || !is_newer(&object, &source);
        if stale {
            Command::new("gfortran")
                .args(options)
                .args(["-c", "-fPIC", "-J"])
                .arg(&folder)
                .arg(&source)
                .arg("-o")
                .arg(&object)
                .telling("compiling the Fortran modules")
                .run()?;
        }
        objects.push(object);
    }
    Ok(Modules { folder, objects })
}

/// The Fortran modules in the order in which they must be compiled.
pub fn fortran_sources() -> Vec<PathBuf> {
    let mut sources = repository::files(&repository::path("generated/fortran"), "f90");
    sources.sort_by_key(|source| usize::from(!source.ends_with("dtl_c.f90")));
    sources
}

/// Builds the Python package and installs it into the repository's virtual environment.
pub fn python(profile: Profile, purpose: Purpose) -> Result<Environment> {
    let environment = Environment::ready(purpose)?;
    environment
        .command("maturin")
        .args(["develop", "--skip-install", "--quiet"])
        .args(profile.arguments())
        .minutes(20)
        .telling("building the Python package")
        .run()?;
    Ok(environment)
}

/// Whether `made` is there and not older than `source`.
fn is_newer(made: &Path, source: &Path) -> bool {
    let modified = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    modified(made).unwrap_or(SystemTime::UNIX_EPOCH) >= modified(source).unwrap_or(SystemTime::UNIX_EPOCH)
        && made.exists()
}
