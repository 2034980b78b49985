//! `cargo xtask plugins`: builds the plugin for each binary interface of MPI libraries into `target/plugins`, from headers
//! alone, and says what could not be built and why. Nothing links MPI: the compiler wrapper that mpi-sys asks names only the
//! headers, and an empty library stands in for the one that the plugin is to need.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use dtl_plugin_abi::{FLAVORS, Family, Flavor};

use crate::Result;
use crate::command::Command;
use crate::repository;

/// Where headers are, beside what the environment and the project's own Python environment have.
const SYSTEM_HEADERS: [&str; 8] = [
    "/usr/lib/x86_64-linux-gnu/openmpi/include",
    "/usr/lib/aarch64-linux-gnu/openmpi/include",
    "/usr/include/x86_64-linux-gnu/mpich",
    "/usr/include/aarch64-linux-gnu/mpich",
    "/usr/include/openmpi-x86_64",
    "/usr/include/mpich-x86_64",
    "/usr/local/include",
    "/usr/include",
];

/// The environment variable with a folder of headers to look into first.
const HEADERS_VARIABLE: &str = "DTL_MPI_INCLUDE";

/// The compiler that mpi-sys sees: asked what it would do, it names the headers and no library.
const WRAPPER: &str = "#!/bin/sh
if [ \"$1\" = -show ]; then
    echo \"cc -I$DTL_MPI_INCLUDE\"
else
    exec cc -I\"$DTL_MPI_INCLUDE\" \"$@\"
fi
";

/// Where plugins are built into; the loader of dtl looks there as well.
pub fn folder() -> PathBuf {
    repository::target().join("plugins")
}

/// Builds what can be built; fails if that is nothing.
pub fn build() -> Result<()> {
    let mut built = 0;
    for family in Family::ALL {
        match Build::prepare(family) {
            Ok(build) => built += build.all_flavors(),
            Err(reason) => eprintln!("{}: not built: {reason}", family.name()),
        }
    }
    if built == 0 { Err("no plugin was built".to_owned()) } else { Ok(()) }
}

/// What building the plugins of one family takes.
struct Build {
    family: Family,
    headers: PathBuf,
    /// Everything that is made on the way; mpi-sys does not notice other headers, so each family has its own.
    target: PathBuf,
}

impl Build {
    fn prepare(family: Family) -> Result<Self> {
        let target = repository::target().join("mpi").join(family.name());
        fs::create_dir_all(&target).map_err(|error| format!("{}: {error}", target.display()))?;
        let headers = find_headers(family).map_or_else(|| fetch_headers(&target, family), Ok)?;
        Ok(Build { family, headers, target })
    }

    /// Builds all plugins of the family; gives how many succeeded.
    fn all_flavors(&self) -> usize {
        let flavors = FLAVORS.iter().filter(|flavor| flavor.family == self.family);
        let results = flavors.map(|flavor| match self.flavor(flavor) {
            Ok(plugin) => {
                println!(
                    "{}: built {} with {}",
                    self.family.name(),
                    repository::short(&plugin),
                    self.headers.display()
                );
                true
            }
            Err(reason) => {
                eprintln!("{}: {} not built: {reason}", self.family.name(), flavor.plugin);
                false
            }
        });
        results.filter(|built| *built).count()
    }

    fn flavor(&self, flavor: &Flavor) -> Result<PathBuf> {
        let stub = self.target.join(flavor.soname);
        Command::new("cc")
            .args(["-shared", "-nostdlib", "-x", "c", "/dev/null", "-o"])
            .arg(&stub)
            .arg(format!("-Wl,-soname,{}", flavor.soname))
            .run()?;
        Command::cargo()
            .args([
                "rustc",
                "--quiet",
                "--release",
                "--manifest-path",
                "runtime/mpi/Cargo.toml",
                "--target-dir",
            ])
            .arg(&self.target)
            .args(["--", "-C", "link-arg=-Wl,--no-as-needed", "-C"])
            .arg(format!("link-arg={}", stub.display()))
            .env("MPICC", self.write_wrapper()?)
            .env(HEADERS_VARIABLE, &self.headers)
            .telling(&format!("building {}", flavor.plugin))
            .run()?;
        let plugin = folder().join(flavor.plugin);
        fs::create_dir_all(plugin.parent().expect("a file in a folder"))
            .and_then(|()| fs::copy(self.target.join("release/libdtl_mpi.so"), &plugin))
            .map_err(|error| format!("{}: {error}", plugin.display()))?;
        Ok(plugin)
    }

    fn write_wrapper(&self) -> Result<PathBuf> {
        let wrapper = self.target.join("mpicc");
        fs::write(&wrapper, WRAPPER)
            .and_then(|()| fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)))
            .map_err(|error| format!("{}: {error}", wrapper.display()))?;
        Ok(wrapper)
    }
}

/// The first folder with this family's headers.
fn find_headers(family: Family) -> Option<PathBuf> {
    let asked_for = std::env::var_os(HEADERS_VARIABLE).map(PathBuf::from);
    let own = repository::path(".venv/include");
    let system = SYSTEM_HEADERS.iter().map(PathBuf::from);
    asked_for.into_iter().chain([own]).chain(system).find(|folder| has_headers(folder, family))
}

/// Whether the folder has the family's `mpi.h`, which defines the family's version.
fn has_headers(folder: &Path, family: Family) -> bool {
    let sign = match family {
        Family::OpenMpi => "OMPI_MAJOR_VERSION",
        Family::Mpich => "MPICH_VERSION",
    };
    fs::read_to_string(folder.join("mpi.h")).is_ok_and(|header| header.contains(sign))
}

/// Gets the family's wheel from PyPI, which has its headers, into an environment of its own.
fn fetch_headers(target: &Path, family: Family) -> Result<PathBuf> {
    let environment = target.join("wheel");
    let headers = environment.join("include");
    if !has_headers(&headers, family) {
        Command::new("python3").args(["-m", "venv"]).arg(&environment).run()?;
        Command::new(environment.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", family.name()])
            .telling(&format!("no headers of {} on this machine; getting its wheel from PyPI", family.name()))
            .run()?;
    }
    if has_headers(&headers, family) {
        return Ok(headers);
    }
    Err(format!("no headers found, and the wheel has none; set {HEADERS_VARIABLE} to their folder"))
}
