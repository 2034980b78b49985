//! The Fortran modules under LLVM's flang: another compiler, with its own reading of the standard and its own descriptors.

use std::path::Path;

use super::report::Report;
use crate::command::Command;
use crate::setup::system::FLANG;
use crate::{Result, library, repository};

/// What flang says of what it accepts and cannot make code of: in version 16, arrays of any rank and polymorphic types.
const UNABLE: &str = "not yet implemented";

/// Lets flang check the modules, and says whether it makes code of them.
pub fn run(report: &mut Report) -> Result<()> {
    let Some(flang) = FLANG.find() else {
        report.skip("LLVM's flang", FLANG.without);
        return Ok(());
    };
    let folder = repository::made_empty("flang")?;
    let modules: Vec<_> = library::fortran_sources()
        .into_iter()
        .filter(|source| source.extension().is_some_and(|ending| ending == "f90"))
        .collect();
    report.check("LLVM's flang accepts the modules", || {
        modules.iter().try_for_each(|module| compiler(&flang, &folder).arg("-fsyntax-only").arg(module).run())
    });
    report.check("LLVM's flang makes no code of the modules yet, so that nothing runs there", || {
        let last = modules.last().ok_or("there are no modules")?;
        let command = compiler(&flang, &folder).arg("-c").arg(last).arg("-o").arg(folder.join("dtl.o"));
        let finished = command.finish()?;
        if finished.succeeded() {
            return Err(
                "this flang makes code of them: link the test programs with it and run them here".into()
            );
        }
        if finished.stderr.contains(UNABLE) { Ok(()) } else { Err(finished.failure()) }
    });
    Ok(())
}

/// flang, with the modules that it has checked.
fn compiler(flang: &Path, folder: &Path) -> Command {
    Command::new(flang).arg("-module-dir").arg(folder).arg("-I").arg(folder)
}
