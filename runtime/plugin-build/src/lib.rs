//! Builds the plugins for MPI libraries (`runtime/mpi`), one for each binary interface, from headers alone. `cargo xtask` calls it
//! for the folder of developers, installed trees and wheels, and the build script of the Python module for `pip install .`.
//!
//! Nothing links MPI: the compiler wrapper that mpi-sys asks names only the headers, and an empty library stands in for the
//! one that the plugin is to need. Where headers come from is in `headers.rs`.

mod headers;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use dtl_plugin_abi::{FLAVORS, Family, Flavor};

/// The environment variable with a folder of headers to look into first; the compiler wrapper reads it too.
const HEADERS_VARIABLE: &str = "DTL_MPI_INCLUDE";

/// The compiler that mpi-sys sees: asked what it would do, it names the headers and no library.
const WRAPPER: &str = "#!/bin/sh
if [ \"$1\" = -show ]; then
    echo \"cc -I$DTL_MPI_INCLUDE\"
else
    exec cc -I\"$DTL_MPI_INCLUDE\" \"$@\"
fi
";

/// How to build plugins, and where.
#[derive(Debug)]
pub struct Build {
    /// The folder of the plugin's crate, `runtime/mpi`.
    pub sources: PathBuf,
    /// Takes everything that is made on the way; kept, it makes the next time quick.
    pub work: PathBuf,
    /// Takes the plugins.
    pub plugins: PathBuf,
    /// A Python, which is asked for the packages with libclang and with headers where the system has none.
    pub python: PathBuf,
    /// What links the plugins, if not the usual linker: one for older systems than this.
    pub linker: Option<PathBuf>,
}

impl Build {
    /// Builds all plugins of a family; gives their files. The error is a sentence for a person.
    pub fn family(&self, family: Family) -> Result<Vec<PathBuf>, String> {
        // mpi-sys does not notice other headers, so each family has its own folder.
        let work = self.work.join(family.name());
        make(&work)?;
        make(&self.plugins)?;
        let headers = headers::find(&self.python, family)
            .map_or_else(|| headers::fetch(&self.python, &work, family), Ok)?;
        let flavors = FLAVORS.iter().filter(|flavor| flavor.family == family);
        flavors.map(|flavor| self.flavor(flavor, &work, &headers)).collect()
    }

    fn flavor(&self, flavor: &Flavor, work: &Path, headers: &Path) -> Result<PathBuf, String> {
        let stub = work.join(flavor.soname);
        run(Command::new("cc")
            .args(["-shared", "-nostdlib", "-x", "c", "/dev/null", "-o"])
            .arg(&stub)
            .arg(format!("-Wl,-soname,{}", flavor.soname)))?;
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .args(["rustc", "--quiet", "--locked", "--release", "--manifest-path"])
            .arg(self.sources.join("Cargo.toml"))
            .arg("--target-dir")
            .arg(work)
            .args(["--", "-C", "link-arg=-Wl,--no-as-needed", "-C"])
            .arg(format!("link-arg={}", stub.display()))
            .env("MPICC", write_wrapper(work)?)
            .env(HEADERS_VARIABLE, headers);
        if let Some(alias) = flavor.alias {
            cargo.arg("-C").arg(format!("link-arg=-Wl,-soname,{alias}"));
        }
        if let Some(linker) = &self.linker {
            cargo.arg("-C").arg(format!("linker={}", linker.display()));
        }
        for (name, value) in headers::libclang(&self.python) {
            cargo.env(name, value);
        }
        run(&mut cargo)?;
        let plugin = self.plugins.join(flavor.plugin);
        // Replaced, not overwritten: a program may be using it.
        let new = plugin.with_extension("new");
        fs::copy(work.join("release/libdtl_mpi.so"), &new)
            .and_then(|_| fs::rename(&new, &plugin))
            .map_err(|error| format!("{}: {error}", plugin.display()))?;
        Ok(plugin)
    }
}

fn write_wrapper(work: &Path) -> Result<PathBuf, String> {
    let wrapper = work.join("mpicc");
    fs::write(&wrapper, WRAPPER)
        .and_then(|()| fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)))
        .map_err(|error| format!("{}: {error}", wrapper.display()))?;
    Ok(wrapper)
}

fn make(folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| format!("{} cannot be made: {error}", folder.display()))
}

/// Runs a command and gives what it printed; if it does not succeed, the error shows its errors.
fn run(command: &mut Command) -> Result<String, String> {
    let program = Path::new(command.get_program()).file_name().map(OsStr::to_owned).unwrap_or_default();
    let program = program.to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("`{program}` cannot be started: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("`{program}` failed ({}):\n{}", output.status, errors.trim_end()))
}
