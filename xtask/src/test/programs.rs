//! Test programs in compiled languages: each source file is a program that says how many of its checks passed.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::report::Report;
use super::tally::Tally;
use crate::command::Command;
use crate::program::Compiler;
use crate::{Result, parallel, repository};

/// Compiles and runs the programs, as many at once as there are cores.
pub fn run(report: &mut Report, compiler: &Compiler, sources: &[PathBuf], options: &[&str], how: &str) {
    let results = parallel::map(sources, |source| {
        let start = Instant::now();
        (compile_and_run(compiler, source, options), start.elapsed())
    });
    for (source, (result, time)) in sources.iter().zip(results) {
        report.ended(&format!("{}{how}", repository::short(source)), time, result);
    }
}

fn compile_and_run(compiler: &Compiler, source: &Path, options: &[&str]) -> Result<Tally> {
    let executable = compiler.compile(source, options)?;
    let finished = Command::new(executable).seconds(120).finish()?;
    let tally = Tally::of_program(&finished.stdout);
    if !finished.succeeded() {
        return Err(finished.failure());
    }
    tally.ok_or_else(|| {
        format!("`{}` ended well, but without a last line `NAME: N checks passed`", finished.line)
    })
}
