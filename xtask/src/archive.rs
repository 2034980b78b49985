//! Making an archive that offers `dtl_*` to the linker and nothing else.
//!
//! The archive that rustc writes holds the Rust standard library with all its symbols: linked beside another Rust library
//! they would clash. Here its members become one object, and every other symbol becomes local to it.

use std::path::Path;

use crate::command::Command;
use crate::{Result, abi, repository};

/// Writes a localised copy of the archive `from`.
pub fn localise(from: &Path, to: &Path) -> Result<()> {
    let folder = repository::made_empty("archive")?;
    let object = folder.join("dtl.o");
    // Only what these functions need, where `--whole-archive` would take all of the standard library.
    let functions = abi::functions()?;
    let roots = functions.iter().flat_map(|name| ["-u", name]);
    Command::new("ld").args(["-r", "--gc-sections"]).args(roots).arg(from).arg("-o").arg(&object).run()?;
    // The bitcode that some of Rust's own objects carry makes `ar` fail where its plugin is of an older LLVM.
    let bitcode = ["--remove-section=.llvmbc", "--remove-section=.llvmcmd"];
    let symbols = ["--wildcard", "--keep-global-symbol=dtl_*"];
    Command::new("objcopy").args(symbols).args(bitcode).arg(&object).run()?;
    let archive = folder.join("libdtl.a");
    Command::new("ar").arg("rcs").arg(&archive).arg(&object).run()?;
    std::fs::copy(&archive, to).map_err(|error| format!("{} cannot be written: {error}", to.display()))?;
    Ok(())
}
