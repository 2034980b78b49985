//! Programs of the system that the tests need beside Rust, Python and a C compiler.

use std::path::PathBuf;

use crate::Result;
use crate::command::Command;

/// A program of the system, and the package that holds it.
pub struct Tool {
    /// Names under which it may be installed, the preferred one first.
    pub programs: &'static [&'static str],
    /// The Debian packages, the one with the program first.
    pub packages: &'static [&'static str],
    /// Whether the tests can do without it, skipping what it is for.
    pub optional: bool,
    /// What is not done without it.
    pub without: &'static str,
}

/// Everything that `cargo xtask test` uses.
pub const TOOLS: &[Tool] = &[GFORTRAN, FLANG, GCC, GXX, PKG_CONFIG, CMAKE, CLANG, OPENMPI, MPICH];

/// The Fortran compiler.
pub const GFORTRAN: Tool = Tool {
    programs: &["gfortran"],
    packages: &["gfortran"],
    optional: false,
    without: "no Fortran program is compiled",
};
/// LLVM's Fortran compiler.
pub const FLANG: Tool = Tool {
    programs: &["flang-new-16"],
    packages: &["flang-16"],
    optional: true,
    without: "the Fortran modules are not tried with LLVM's flang",
};
/// GNU's C compiler.
pub const GCC: Tool = Tool {
    programs: &["gcc"],
    packages: &["gcc"],
    optional: false,
    without: "the header is not tried with gcc",
};
/// GNU's C++ compiler.
pub const GXX: Tool = Tool {
    programs: &["g++"],
    packages: &["g++"],
    optional: false,
    without: "the header is not tried with g++",
};
/// The tool that tells a build where an installed library lies.
pub const PKG_CONFIG: Tool = Tool {
    programs: &["pkg-config", "pkgconf"],
    packages: &["pkg-config"],
    optional: false,
    without: "the installed library is not tried through pkg-config",
};
/// CMake.
pub const CMAKE: Tool = Tool {
    programs: &["cmake"],
    packages: &["cmake"],
    optional: true,
    without: "the installed library is not tried through CMake",
};
/// Open MPI, with its headers.
pub const OPENMPI: Tool = Tool {
    programs: &["mpirun.openmpi"],
    packages: &["openmpi-bin", "libopenmpi-dev"],
    optional: false,
    without: "nothing runs under Open MPI",
};
/// MPICH, with its headers.
pub const MPICH: Tool = Tool {
    programs: &["mpirun.mpich"],
    packages: &["mpich", "libmpich-dev"],
    optional: false,
    without: "nothing runs under MPICH",
};
/// The other C and C++ compiler; its library reads the headers of MPI for the plugins.
pub const CLANG: Tool = Tool {
    programs: &["clang", "clang-20", "clang-19", "clang-18", "clang-17", "clang-16", "clang-15", "clang-14"],
    packages: &["clang"],
    optional: true,
    without: "the header is not tried with clang",
};

impl Tool {
    /// Where it is.
    pub fn find(&self) -> Option<PathBuf> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
        self.programs
            .iter()
            .flat_map(|program| folders.iter().map(move |folder| folder.join(program)))
            .find(|candidate| candidate.is_file())
    }
}

/// Installs what is missing through apt, when we have the right to; otherwise fails with the command to type, unless
/// everything that is missing is optional.
pub fn install(tools: &[Tool]) -> Result<()> {
    let missing: Vec<&Tool> = tools.iter().filter(|tool| tool.find().is_none()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages = |tools: &[&Tool]| tools.iter().flat_map(|tool| tool.packages).copied().collect::<Vec<_>>();
    let required: Vec<&Tool> = missing.iter().filter(|tool| !tool.optional).copied().collect();
    let (packages, required) = (packages(&missing), packages(&required));
    let installed = match privilege() {
        Some(prefix) => apt(prefix, &packages),
        None => Err("this user may not install packages".into()),
    };
    match installed {
        Err(reason) if !required.is_empty() => Err(format!(
            "{reason}\nThe tests need {}. Install what is missing, on Debian or Ubuntu with\n  \
             sudo apt-get update && sudo apt-get install -y {}\nand run the command again.",
            required.join(", "),
            packages.join(" ")
        )),
        _ => Ok(()),
    }
}

/// What to put before `apt-get` so that it may install; `None` when it may not, or is not there.
fn privilege() -> Option<&'static [&'static str]> {
    let succeeds = |line: &[&str]| Command::new(line[0]).args(&line[1..]).seconds(120.0).run().is_ok();
    if !succeeds(&["apt-get", "--version"]) {
        None
    } else if Command::new("id").arg("-u").output().is_ok_and(|id| id.trim() == "0") {
        Some(&[])
    } else if succeeds(&["sudo", "-n", "true"]) {
        Some(&["sudo", "-n"])
    } else {
        None
    }
}

fn apt(prefix: &[&str], packages: &[&str]) -> Result<()> {
    let command = |arguments: &[&str]| {
        let words = [prefix, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], arguments].concat();
        Command::new(words[0]).args(&words[1..])
    };
    command(&["update"]).telling("updating the list of system packages").run()?;
    let install = [&["install", "-y", "--no-install-recommends"], packages].concat();
    command(&install).telling(&format!("installing {}", packages.join(", "))).run()
}
