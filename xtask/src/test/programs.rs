//! Test programs in compiled languages: each source file is a program that says how many of its checks passed.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::exercised::Exercised;
use super::report::Report;
use super::tally::Tally;
use super::worlds::World;
use crate::command::Command;
use crate::program::Compiler;
use crate::{Result, parallel, repository};

/// A program that was compiled.
pub struct Program {
    /// Its source file.
    pub source: PathBuf,
    executable: PathBuf,
}

/// A way to compile programs: options for the compiler, and how it is called.
pub type Way<'a> = (Vec<&'a str>, &'a str);

/// Compiles the programs in each way and runs each alone, as many at once as there are cores; gives those that were compiled, for
/// each way.
pub fn run(
    report: &mut Report,
    compiler: &Compiler,
    sources: &[PathBuf],
    ways: &[Way<'_>],
) -> Vec<Vec<Program>> {
    let all = ways.iter().flat_map(|way| sources.iter().map(move |source| (way, source)));
    let all: Vec<(&Way<'_>, &PathBuf)> = all.collect();
    // What takes longest begins first.
    let mut order: Vec<usize> = (0..all.len()).collect();
    let size = |at: usize| all[at].1.metadata().map_or(0, |file| file.len());
    order.sort_by_key(|at| Reverse(size(*at)));
    let results = parallel::map(&order, |at| {
        let start = Instant::now();
        let ((options, _), source) = all[*at];
        let executable = compiler.compile(source, options);
        let tally = executable.clone().and_then(|executable| run_alone(&executable));
        (executable, tally, start.elapsed())
    });
    let mut results: Vec<_> = order.into_iter().zip(results).collect();
    results.sort_by_key(|(at, _)| *at);
    let mut programs: Vec<Vec<Program>> = ways.iter().map(|_| Vec::new()).collect();
    for (at, (executable, tally, time)) in results {
        let ((_, how), source) = all[at];
        report.ended(&format!("{}{how}", repository::short(source)), time, tally);
        let program = executable.ok().map(|executable| Program { source: source.clone(), executable });
        programs[at / sources.len()].extend(program);
    }
    programs
}

fn run_alone(executable: &Path) -> Result<Tally> {
    let finished = Command::new(executable).finish()?;
    let tally = Tally::of_program(&finished.stdout);
    if !finished.succeeded() {
        return Err(finished.failure());
    }
    tally.ok_or_else(|| {
        format!("`{}` ended well, but without a last line `NAME: N checks passed`", finished.line)
    })
}

/// Runs the programs in every world, with notes of what they call. One that runs nothing on ranks knows no others, so that it
/// belongs into worlds of one.
pub fn run_in_worlds(
    report: &mut Report,
    folder: &str,
    programs: &[Program],
    exercised: &Exercised,
) -> Result<()> {
    for world in World::all()? {
        report.step(&format!("{folder}, {}", world.name()), || {
            let run = |program: &Program| {
                if world.ranks > 1 && !repository::read(&program.source)?.contains("on_ranks(") {
                    return Ok(Tally::default());
                }
                let job = world.run(exercised.watch(&world, Command::new(&program.executable)))?;
                Tally::of_job(&job)
            };
            let mut total = Tally::default();
            for tally in world.each(programs, run) {
                total.add(tally?);
            }
            world.complete(total)
        });
    }
    Ok(())
}
