//! `cargo xtask install --prefix P`: what C, C++ and Fortran users build against, laid out as their tools expect it.
//!
//! ```text
//! lib/libdtl.so.1, libdtl.so, libdtl.a      include/dtl/      share/dtl/fortran/
//! lib/dtl/ (plugins for MPI libraries)      lib/cmake/DTL/    lib/pkgconfig/dtl.pc
//! ```
//! Nothing in there names the prefix, so the tree can be moved.

use std::fs;
use std::path::Path;

use crate::library::{self, Profile};
use crate::specified::{self, Library};
use crate::{Result, archive, plugins, repository};

const PKG_CONFIG: &str = include_str!("../templates/dtl.pc");
const CMAKE_CONFIG: &str = include_str!("../templates/DTLConfig.cmake");
const CMAKE_VERSION: &str = include_str!("../templates/DTLConfigVersion.cmake");

/// Builds the optimised library and the plugins, and installs everything below `prefix`. Without an MPI to build for, what is
/// installed works in one process, and says what it lacks.
pub fn install(prefix: &Path) -> Result<()> {
    let built = library::c(Profile::Release)?;
    let specified = specified::library()?;
    let soname = specified.soname();

    let lib = folder(prefix, "lib")?;
    copy(&built.join("libdtl.so"), &lib.join(&soname))?;
    let link = lib.join("libdtl.so");
    if fs::symlink_metadata(&link).is_ok() {
        fs::remove_file(&link).map_err(|error| format!("{} cannot be replaced: {error}", link.display()))?;
    }
    std::os::unix::fs::symlink(&soname, &link)
        .map_err(|error| format!("{} cannot be made: {error}", link.display()))?;
    archive::localise(&built.join("libdtl.a"), &lib.join("libdtl.a"))?;
    match plugins::build() {
        Ok(plugins) => {
            let to = folder(prefix, "lib/dtl")?;
            plugins.iter().try_for_each(|plugin| copy_into(plugin, &to))?;
        }
        Err(reason) => eprintln!("dtl is installed without MPI: {reason}"),
    }

    for headers in ["dtl", "dtl/bindings/c"] {
        copy_all(&library::include().join(headers), &folder(prefix, &format!("include/{headers}"))?)?;
    }
    let fortran = folder(prefix, "share/dtl/fortran")?;
    copy_all(&repository::path("generated/fortran"), &fortran)?;
    copy_all(&library::fortran_border(), &fortran)?;

    let pkg_config = folder(prefix, "lib/pkgconfig")?;
    let cmake = folder(prefix, "lib/cmake/DTL")?;
    for (path, template) in [
        (pkg_config.join("dtl.pc"), PKG_CONFIG),
        (cmake.join("DTLConfig.cmake"), CMAKE_CONFIG),
        (cmake.join("DTLConfigVersion.cmake"), CMAKE_VERSION),
    ] {
        repository::write(&path, filled(template, &specified))?;
    }
    Ok(())
}

/// A template with what the specification says about the library.
fn filled(template: &str, library: &Library) -> String {
    template
        .replace("@name@", &library.name)
        .replace("@summary@", &library.summary)
        .replace("@version@", &library.version)
        .replace("@soname@", &library.soname())
}

/// What lies where below the prefix, and how programs are built with it: a line for each.
pub fn described(prefix: &Path) -> String {
    // What pkg-config says begins with the path through which it was found, and must hold from every folder.
    let prefix = std::path::absolute(prefix).unwrap_or_else(|_| prefix.to_owned());
    let prefix = prefix.display();
    let rows = [
        ("lib/libdtl.so, libdtl.a", "the library, and the same as an archive"),
        ("lib/dtl/", "plugins for MPI libraries, which dtl finds beside the library"),
        ("include/dtl/dtl.h", "the header of C and C++"),
        (
            "share/dtl/fortran/",
            "the Fortran modules and a C file, as source for the compilers of the program",
        ),
        ("lib/pkgconfig/dtl.pc", "for pkg-config"),
        ("lib/cmake/DTL/", "for CMake: find_package(DTL)"),
    ];
    let rows: String = rows.iter().map(|(path, what)| format!("  {path:<24}  {what}\n")).collect();
    format!(
        "dtl is installed below {prefix}:\n{rows}A C program: cc program.c $(PKG_CONFIG_PATH={prefix}/lib/pkgconfig pkg-config --cflags \
         --libs dtl)\nA project of CMake: cmake -DCMAKE_PREFIX_PATH={prefix} ..."
    )
}

/// A folder below the prefix; made when it is not there.
fn folder(prefix: &Path, name: &str) -> Result<std::path::PathBuf> {
    let folder = prefix.join(name);
    fs::create_dir_all(&folder).map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
    Ok(folder)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    // A library that programs have mapped must not change under them: replaced, not overwritten.
    let new = to.with_extension("new");
    fs::copy(from, &new).map_err(|error| format!("{} cannot be copied: {error}", from.display()))?;
    fs::rename(&new, to).map_err(|error| format!("{} cannot be replaced: {error}", to.display()))
}

fn copy_into(file: &Path, folder: &Path) -> Result<()> {
    copy(file, &folder.join(file.file_name().expect("files have a name")))
}

/// Copies the files (not the folders) of a folder.
fn copy_all(from: &Path, to: &Path) -> Result<()> {
    let entries =
        fs::read_dir(from).map_err(|error| format!("{} cannot be read: {error}", from.display()))?;
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.is_file() {
            copy_into(&path, to)?;
        }
    }
    Ok(())
}
