//! MPI libraries as files: which interface one has, which are in this process, and where others are looked for. Nothing is
//! opened here.

use super::ancestry;
use dtl_plugin_abi::{FLAVORS, Family, Flavor};
use std::ffi::{CStr, OsStr, c_int, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The file of an MPI library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Library {
    /// Its absolute path, without links.
    pub(super) path: PathBuf,
    /// The interface that it has.
    pub(super) flavor: &'static Flavor,
}

/// The folder with the libraries of the Python environment, which packages of MPI from PyPI put theirs into.
static ENVIRONMENT_FOLDER: OnceLock<PathBuf> = OnceLock::new();

/// Makes this folder one of the first to be looked into. Only the first call counts.
pub fn set_environment_folder(folder: PathBuf) {
    let _ = ENVIRONMENT_FOLDER.set(folder);
}

impl Library {
    /// The library with this path, if it is a file with the name of an MPI library. What counts is the name that links lead
    /// to: a link can have any name, and the file's tells which plugin goes with it.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let path = path.canonicalize().ok()?;
        let flavor = flavor(path.file_name()?.to_str()?)?;
        Some(Library { path, flavor })
    }
}

/// The interface of a library with this file name: `libmpi.so.40`, with or without further numbers.
pub(super) fn flavor(name: &str) -> Option<&'static Flavor> {
    FLAVORS.iter().find(|flavor| {
        name.strip_prefix(flavor.soname).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// The MPI libraries that are loaded in this process, by whomever and under whatever name: `libmpi.so` may be a link to any.
pub(super) fn in_process() -> Vec<Library> {
    let mut libraries: Vec<Library> = Vec::new();
    for path in loaded() {
        if path.file_name().is_some_and(|name| name.as_bytes().starts_with(b"libmpi")) {
            libraries.extend(Library::of(&path).filter(|library| !libraries.contains(library)));
        }
    }
    libraries
}

/// The files of all libraries in this process.
fn loaded() -> Vec<PathBuf> {
    unsafe extern "C" fn add(object: *mut libc::dl_phdr_info, _: usize, files: *mut c_void) -> c_int {
        // SAFETY: the dynamic linker passes an object with its name, and the list that it was given.
        unsafe {
            let name = CStr::from_ptr((*object).dlpi_name);
            (*files.cast::<Vec<PathBuf>>()).push(PathBuf::from(OsStr::from_bytes(name.to_bytes())));
        }
        0
    }
    let mut files: Vec<PathBuf> = Vec::new();
    // SAFETY: the function has the type that the linker wants, and the list outlives the call.
    unsafe { libc::dl_iterate_phdr(Some(add), (&raw mut files).cast()) };
    files
}

/// The first library of the folders that are looked into, of the preferred family if there is one.
pub(super) fn search(preferred: Option<Family>) -> Option<Library> {
    let (mut first, folders) = (FLAVORS.to_vec(), folders());
    first.sort_by_key(|flavor| preferred.is_some_and(|family| family != flavor.family));
    first.iter().find_map(|flavor| folders.iter().find_map(|folder| Library::of(&folder.join(flavor.soname))))
}

/// The first library of one family.
pub(super) fn search_family(family: Family) -> Option<Library> {
    search(Some(family)).filter(|library| library.flavor.family == family)
}

/// Where libraries are looked for: with the launcher that runs this process, in the Python environment, where the dynamic
/// linker looks, and where launchers are installed.
pub(super) fn folders() -> Vec<PathBuf> {
    let launcher = ancestry::of_this().filter_map(|ancestor| beside(&ancestor.program()?));
    let linker = std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let installed = std::env::split_paths(&path)
        .flat_map(|folder| ["mpirun", "mpiexec"].map(|name| folder.join(name)))
        .filter_map(|program| beside(&program.canonicalize().ok()?));
    let architecture = std::env::consts::ARCH;
    let system = [
        format!("/usr/lib/{architecture}-linux-gnu"),
        format!("/lib/{architecture}-linux-gnu"),
        "/usr/lib64".to_owned(),
        "/usr/lib64/openmpi/lib".to_owned(),
        "/usr/lib64/mpich/lib".to_owned(),
        "/usr/local/lib".to_owned(),
        "/usr/lib".to_owned(),
    ];
    let mut folders: Vec<PathBuf> = launcher
        .chain(ENVIRONMENT_FOLDER.get().cloned())
        .chain(std::env::split_paths(&linker).filter(|folder| folder.is_absolute()).collect::<Vec<_>>())
        .chain(installed.collect::<Vec<_>>())
        .chain(system.map(PathBuf::from))
        .filter(|folder| folder.is_dir())
        .collect();
    let mut known = Vec::new();
    folders.retain(|folder| {
        let new = !known.contains(folder);
        known.push(folder.clone());
        new
    });
    folders
}

/// The folder of libraries beside that of a program.
fn beside(program: &Path) -> Option<PathBuf> {
    Some(program.parent()?.parent()?.join("lib"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_name_tells_the_interface() {
        let plugin = |name| flavor(name).map(|flavor| flavor.plugin);
        assert_eq!(plugin("libmpi.so.40.30.4"), Some("dtl-mpi-openmpi.so"));
        assert_eq!(plugin("libmpi.so.12"), Some("dtl-mpi-mpich.so"));
        assert_eq!(plugin("libmpich.so.12.2.2"), Some("dtl-mpi-mpich-debian.so"));
        for other in
            ["libmpi.so", "libmpi.so.400", "libmpi_cxx.so.40", "libmpi_mpifh.so.40", "libmpi_abi.so.1"]
        {
            assert_eq!(plugin(other), None, "{other}");
        }
    }

    #[test]
    fn each_folder_is_looked_into_once_and_by_its_whole_path() {
        let folders = folders();
        assert!(folders.iter().all(|folder| folder.is_absolute()));
        for (place, folder) in folders.iter().enumerate() {
            assert!(!folders[..place].contains(folder), "{folder:?} twice");
        }
    }
}
