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
