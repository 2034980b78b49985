//! Building dtl for each language, so that a program that uses it can be compiled and run.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::command::Command;
use crate::setup::python::{Environment, Purpose};
use crate::{Result, repository, specified};

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
        repository::target().join(self.name())
    }

    fn name(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Release => "release",
        }
    }

    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Debug => &[],
            Self::Release => &["--release"],
        }
    }
}

/// Builds what lies in the folder of this name; of several threads that want it, one builds, and the others find it there.
fn one_at_a_time<T>(folder: &str, build: impl FnOnce() -> Result<T>) -> Result<T> {
    static FOLDERS: Mutex<BTreeMap<String, Arc<Mutex<()>>>> = Mutex::new(BTreeMap::new());
    let mut folders = FOLDERS.lock().unwrap_or_else(PoisonError::into_inner);
    let own = folders.entry(folder.to_owned()).or_default().clone();
    drop(folders);
    let _alone = own.lock().unwrap_or_else(PoisonError::into_inner);
    build()
}

/// Builds a crate of the workspace.
fn build(package: &str, profile: Profile) -> Command {
    Command::cargo()
        .args(["build", "--package", package])
        .args(profile.arguments())
        .telling(&format!("building {package}"))
}

/// The crate for Rust programs; gives the folder with `libdtl.rlib`.
pub fn rust(profile: Profile) -> Result<PathBuf> {
    build("dtl", profile).run()?;
    Ok(profile.folder())
}

/// `libdtl.so` and `libdtl.a` for C programs; gives the folder that holds them.
pub fn c(profile: Profile) -> Result<PathBuf> {
    one_at_a_time(profile.name(), || build_c(profile))
}

fn build_c(profile: Profile) -> Result<PathBuf> {
    build("dtl-ffi", profile).run()?;
    let folder = profile.folder();
    // Programs look for the name with the ABI version, as they do where dtl is installed.
    let versioned = folder.join(specified::library()?.soname());
    if fs::read_link(&versioned).is_err() {
        std::os::unix::fs::symlink("libdtl.so", &versioned)
            .map_err(|error| format!("{} cannot be made: {error}", versioned.display()))?;
    }
    Ok(folder)
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
    one_at_a_time(name, || compile_modules(name, options))
}

fn compile_modules(name: &str, options: &[&str]) -> Result<Modules> {
    let folder = repository::made(name)?;
    let mut objects = Vec::new();
    let mut stale = false;
    // Each uses those before it: when one is compiled, so are those after it.
    for source in fortran_sources() {
        let object = folder.join(source.file_stem().expect("sources have a name")).with_extension("o");
        let is_c = source.extension().is_some_and(|ending| ending == "c");
        let is_made = is_c || object.with_extension("mod").is_file();
        stale = stale || !is_newer(&object, &source) || !is_made;
        if stale {
            let command = match is_c {
                true => Command::new("gcc").args(["-std=c11", "-O2", "-g", "-Wall", "-Wextra", "-Werror"]),
                false => Command::new("gfortran").args(options).arg("-J").arg(&folder),
            };
            command
                .args(["-c", "-fPIC"])
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

/// What Fortran programs need beside libdtl, in the order in which it must be compiled: modules, and the C that reads descriptors.
pub fn fortran_sources() -> Vec<PathBuf> {
    let generated = |name: &str| repository::path("generated/fortran").join(name);
    let by_hand = |name: &str| fortran_border().join(name);
    vec![
        by_hand("descriptor.c"),
        generated("dtl_c.f90"),
        by_hand("dtl_border.f90"),
        generated("dtl_elements.f90"),
        by_hand("dtl_arrays.f90"),
        by_hand("dtl_dimensions.f90"),
        generated("dtl.f90"),
    ]
}

/// The folder with what of them is written by hand.
pub fn fortran_border() -> PathBuf {
    repository::path("runtime/border/fortran")
}

/// What the Python package is built from.
const PYTHON_SOURCES: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "generated/python",
    "generated/rust",
    "generated/types",
    "pyproject.toml",
    "runtime",
    "stubs",
];

/// Builds the Python package and installs it into the repository's virtual environment, where its sources are newer.
pub fn python(profile: Profile, purpose: Purpose) -> Result<Environment> {
    one_at_a_time("python", || build_python(profile, purpose))
}

fn build_python(profile: Profile, purpose: Purpose) -> Result<Environment> {
    // maturin takes seconds to find out that nothing has changed, most of them in pip.
    let stamp = Environment::own().stamp("dtl");
    let is_current = || {
        fs::read_to_string(&stamp).is_ok_and(|text| text == profile.name())
            && PYTHON_SOURCES.iter().all(|source| is_newer(&stamp, &repository::path(source)))
    };
    if is_current() {
        let environment = Environment::ready(purpose)?;
        // An environment that did not start any more was made again, without it.
        if is_current() {
            return Ok(environment);
        }
    }
    // maturin tells PyO3 which Python it builds for; in cargo's folder, each would undo what the other has built.
    let target = repository::made("python")?;
    let environment = Environment::ready(purpose)?;
    environment
        .command("maturin")
        .args(["develop", "--quiet"])
        .args(profile.arguments())
        .env("CARGO_TARGET_DIR", target)
        // Those of this folder are newer than a copy in the package would be.
        .hidden_env("DTL_PLUGINS", "none")
        // It would be stripped.
        .hidden_env("CARGO_PROFILE_DEV_DEBUG", "none")
        .telling("building the Python package")
        .run()?;
    repository::write(&stamp, profile.name())?;
    Ok(environment)
}

/// Whether `made` is there and not older than `source`, nor than any file in it if it is a folder.
pub fn is_newer(made: &Path, source: &Path) -> bool {
    let modified = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    let Some(time) = modified(made) else { return false };
    match fs::read_dir(source) {
        Ok(entries) => {
            entries.flatten().all(|entry| is_newer(made, &entry.path()) || is_by_product(&entry.path()))
        }
        Err(_) => modified(source).is_some_and(|source| source <= time),
    }
}

/// What Python and maturin put beside the sources of the package.
fn is_by_product(path: &Path) -> bool {
    path.ends_with("__pycache__") || path.extension().is_some_and(|extension| extension == "so")
}
