//! Collects the files of the Python package that lie elsewhere in the output folder, from where maturin puts them into the
//! wheel: the Python that is written by hand, the type stubs, and with the feature `plugins` the plugins for MPI libraries.
//!
//! The environment variable `DTL_PLUGINS` is a folder that has all plugins, or `none` for a package without. When it is not
//! set, which is when pip builds, what can be built is built here, and what cannot is told.

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let package = Path::new(&env::var("OUT_DIR").map_err(io::Error::other)?).join("dtl");
    // What an earlier build has left may be of files that are gone.
    if package.exists() {
        fs::remove_dir_all(&package)?;
    }
    fs::create_dir_all(&package)?;
    copy(Path::new("../../runtime/python/dtl"), &package)?;
    copy(Path::new("../../stubs/dtl"), &package)?;
    #[cfg(feature = "plugins")]
    plugins::collect(&package)?;
    Ok(())
}

/// Copies the files of a folder; what interpreters and type checkers leave there lies in folders of its own.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", from.display());
    for file in fs::read_dir(from)? {
        let file = file?;
        if file.file_type()?.is_file() {
            fs::copy(file.path(), to.join(file.file_name()))?;
        }
    }
    Ok(())
}

#[cfg(feature = "plugins")]
mod plugins {
    use dtl_plugin_abi::{FLAVORS, Family};
    use dtl_plugin_build::Build;
    use std::path::{Path, PathBuf};
    use std::{env, fs, io};

    /// Puts the plugins into the package.
    pub fn collect(package: &Path) -> io::Result<()> {
        println!("cargo::rerun-if-env-changed=DTL_PLUGINS");
        match env::var_os("DTL_PLUGINS") {
            Some(none) if none == "none" => Ok(()),
            Some(folder) => copy_all(Path::new(&folder), package),
            None => build(package),
        }
    }

    fn copy_all(folder: &Path, package: &Path) -> io::Result<()> {
        for flavor in FLAVORS {
            let plugin = folder.join(flavor.plugin);
            println!("cargo::rerun-if-changed={}", plugin.display());
            fs::copy(&plugin, package.join(flavor.plugin)).map_err(|error| {
                io::Error::new(error.kind(), format!("DTL_PLUGINS lacks {}: {error}", plugin.display()))
            })?;
        }
        Ok(())
    }

    /// Builds what can be built.
    fn build(package: &Path) -> io::Result<()> {
        println!("cargo::rerun-if-changed=../../runtime/mpi");
        let sources = fs::canonicalize("../../runtime/mpi")?;
        let python = env::var_os("PYO3_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from);
        let work = package.with_file_name("plugins");
        let build = Build { sources, work, plugins: package.to_owned(), python, linker: None };
        for family in Family::ALL {
            let Err(reason) = build.family(family) else { continue };
            println!("cargo::warning=dtl is installed without support for {}.", family.name());
            for line in reason.lines() {
                println!("cargo::warning={line}");
            }
            // pip shows no warnings of a build that succeeds; whoever misses the plugin is told when the program runs.
            for flavor in FLAVORS.iter().filter(|flavor| flavor.family == family) {
                fs::write(package.join(flavor.absence()), &reason)?;
            }
        }
        Ok(())
    }
}
