//! What libraries say about themselves: the symbols they offer, the libraries they need.

use std::collections::BTreeSet;
use std::path::Path;

use crate::Result;
use crate::command::Command;

/// What an archive offers to the linker.
pub fn offered(archive: &Path) -> Result<BTreeSet<String>> {
    let text = Command::new("nm")
        .args(["--extern-only", "--defined-only", "--format=posix"])
        .arg(archive)
        .output()?;
    // A line for each member, such as `libdtl.a[dtl.o]:`, comes before its symbols.
    let symbols = text.lines().filter(|line| !line.ends_with(':'));
    Ok(symbols.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect())
}

/// The libraries that a shared library asks the loader for.
pub fn needed(library: &Path) -> Result<Vec<String>> {
    let text = Command::new("objdump").arg("--private-headers").arg(library).output()?;
    let names = text.lines().filter_map(|line| line.trim().strip_prefix("NEEDED"));
    Ok(names.map(|name| name.trim().to_owned()).collect())
}

/// The newest version of glibc that a shared library asks for.
pub fn newest_glibc(library: &Path) -> Result<(u32, u32)> {
    let text = Command::new("objdump").arg("--dynamic-syms").arg(library).output()?;
    let version = |word: &str| {
        let (major, minor) = word.trim_matches(['(', ')']).strip_prefix("GLIBC_")?.split_once('.')?;
        // A third number, as in 2.2.5, is of the time before those that matter.
        Some((major.parse().ok()?, minor.split('.').next()?.parse().ok()?))
    };
    let newest = text.split_whitespace().filter_map(version).max();
    newest.ok_or_else(|| format!("{} asks for no version of glibc", library.display()))
}

/// Whether a library of this name comes with glibc or the compiler, and so is on every system that a program runs on.
pub fn is_part_of_glibc(name: &str) -> bool {
    ["libc.", "libm.", "libdl.", "libpthread.", "librt.", "libgcc_s.", "ld-linux"]
        .iter()
        .any(|known| name.starts_with(known))
}
