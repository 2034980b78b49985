//! The C programs of `tests/c`: each is compiled, linked with `libdtl.so` and run, alone, again under AddressSanitizer, and in every
//! world.

use std::path::PathBuf;

use super::exercised::Exercised;
use super::programs;
use super::report::Report;
use crate::abi;
use crate::command::Command;
use crate::library::{self, Profile};
use crate::program::Compiler;
use crate::{Result, repository};

/// How the test programs are compiled.
const OPTIONS: &[&str] = &["-std=c11", "-g", "-Wall", "-Wextra", "-pedantic", "-Werror", "-pthread"];

/// The program that calls everything with numbers made up. No MPI survives a communicator that is made up.
const HOSTILE: &str = "tests/c/generated_border.c";

/// Runs the programs.
pub fn run(report: &mut Report) -> Result<()> {
    let sources = repository::files(&repository::path("tests/c"), "c");
    let compiler = Compiler::C { program: "gcc".into(), library: library::c(Profile::Debug)? };
    let mut ways = vec![(OPTIONS.to_vec(), "")];
    match sanitizer_works() {
        Ok(()) => {
            let options = [OPTIONS, &["-fsanitize=address", "-fno-omit-frame-pointer"]].concat();
            ways.push((options, " (AddressSanitizer)"));
        }
        Err(_) => report.skip("C programs under AddressSanitizer", "gcc has no libasan here"),
    }
    let mut programs = programs::run(report, &compiler, &sources, &ways).remove(0);
    programs.retain(|program| !program.source.ends_with(HOSTILE));
    let exercised = Exercised::new("c")?;
    programs::run_in_worlds(report, "tests/c", &programs, &exercised)?;
    report.step("every C function is exercised on 2 ranks", || exercised.all_of(&abi::functions()?));
    Ok(())
}

fn sanitizer_works() -> Result<()> {
    let source: PathBuf = repository::made("probe")?.join("sanitizer.c");
    let executable = source.with_extension("");
    repository::write(&source, "int main(void) { return 0; }\n")?;
    Command::new("gcc").arg("-fsanitize=address").arg(&source).arg("-o").arg(&executable).run()?;
    Command::new(&executable).run()
}
