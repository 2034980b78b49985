//! The C programs of `tests/c`: each is compiled, linked with `libdtl.so` and run, alone, again under AddressSanitizer, and in every
//! world; the one that calls everything with numbers made up, which takes longest, only where most is found.

use std::path::PathBuf;

use super::exercised::Exercised;
use super::programs::{self, Way};
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
    let is_hostile = |source: &PathBuf| source.ends_with(HOSTILE);
    let (hostile, others): (Vec<PathBuf>, Vec<PathBuf>) = sources.iter().cloned().partition(is_hostile);
    let plain = |sources| Way { sources, options: OPTIONS.to_vec(), how: String::new() };
    let mut ways = vec![plain(others)];
    match sanitizer_works() {
        Ok(()) => {
            let options = [OPTIONS, &["-fsanitize=address", "-fno-omit-frame-pointer"]].concat();
            ways.push(Way { sources, options, how: " (AddressSanitizer)".to_owned() });
        }
        Err(_) => {
            report.skip("C programs under AddressSanitizer", "gcc has no libasan here");
            ways.push(plain(hostile));
        }
    }
    let programs = programs::run(report, &compiler, &ways).remove(0);
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
