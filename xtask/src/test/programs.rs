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

/// A way to compile programs.
pub struct Way<'a> {
    /// Source files of the programs.
    pub sources: Vec<PathBuf>,
    /// Options for the compiler.
    pub options: Vec<&'a str>,
    /// How it is called, after the names of programs.
    pub how: String,
}

/// Compiles the programs of each way and runs each alone, as many at once as there are cores; gives those that were compiled, for
/// each way.
pub fn run(report: &mut Report, compiler: &Compiler, ways: &[Way<'_>]) -> Vec<Vec<Program>> {
    let all =
        ways.iter().enumerate().flat_map(|(way, of)| of.sources.iter().map(move |source| (way, source)));
    let all: Vec<(usize, &PathBuf)> = all.collect();
    // What takes longest begins first.
    let mut order: Vec<usize> = (0..all.len()).collect();
    let size = |at: usize| all[at].1.metadata().map_or(0, |file| file.len());
    order.sort_by_key(|at| Reverse(size(*at)));
    let results = parallel::map(&order, |at| {
        let start = Instant::now();
        let (way, source) = all[*at];
        let executable = compiler.compile(source, &ways[way].options);
        let tally = executable.clone().and_then(|executable| run_alone(&executable));
        (executable, tally, start.elapsed())
    });
    let mut results: Vec<_> = order.into_iter().zip(results).collect();
    results.sort_by_key(|(at, _)| *at);
    let mut programs: Vec<Vec<Program>> = ways.iter().map(|_| Vec::new()).collect();
    for (at, (executable, tally, time)) in results {
        let (way, source) = all[at];
        report.ended(&format!("{}{}", repository::short(source), ways[way].how), time, tally);
        let program = executable.ok().map(|executable| Program { source: source.clone(), executable });
        programs[way].extend(program);
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
    let depth = report.depth;
    for world in World::all()? {
        report.step(&format!("{folder}, {}", world.name()), || {
            let run = |program: &Program| {
                if world.ranks > 1 && !repository::read(&program.source)?.contains("on_ranks(") {
                    return Ok(Tally::default());
                }
                let program = world.beyond_smaller(depth, Command::new(&program.executable));
                let job = world.run(exercised.watch(&world, program))?;
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
