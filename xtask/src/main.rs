//! The commands of this repository: `cargo xtask COMMAND`. One file for each; no logic of dtl itself.

mod abi;
mod archive;
mod bench;
mod command;
mod generate;
mod install;
mod launcher;
mod library;
mod parallel;
mod plugins;
mod program;
mod repository;
mod run;
mod setup;
mod specified;
mod test;
mod wheel;

use std::path::Path;
use std::process::ExitCode;

/// What can go wrong is told to a person, in sentences.
type Result<T> = std::result::Result<T, String>;

const USAGE: &str = "usage: cargo xtask COMMAND

  gen [--check]              write the generated files, or fail when they are not up to date
  gen --explain ITEM         show what an entry of the specification becomes in each language
  run [--release] FILE ...   run a .py, .c, .f90 or .rs program in one process, building what is missing
  run -n RANKS [--mpi openmpi|mpich] FILE ...
                             run it on ranks that are processes, under the MPI that is found
  test [--deep] [SUITE...]   run every test of every language, or those of some suites; with --deep all that they have
  wheel                      build both Python wheels into dist/
  install --prefix FOLDER    install library, header, plugins, Fortran sources and package files
  abi [--update]             compare the C interface with its snapshot, or record what was added
  plugins                    build the plugins for MPI libraries, from their headers
  bench [NAME [OPTION...]]   run a benchmark against the optimised wheel (calls, collectives, containers, objects, requests)
  setup                      install what the tests need; the other commands do it themselves";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(code) => code,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<ExitCode> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["gen"] | ["gen", "--check"] | ["gen", "--explain", _] => return generate::run(&words[1..]),
        ["run", ..] => return run::run(&arguments[1..]),
        ["test", ..] => return test::run(&arguments[1..]),
        ["wheel"] => wheel::all(),
        ["install", "--prefix", prefix] => {
            install::install(Path::new(prefix))?;
            println!("{}", install::described(Path::new(prefix)));
            Ok(())
        }
        ["abi"] => abi::check(),
        ["abi", "--update"] => abi::update(),
        ["plugins"] => plugins::all(),
        ["bench"] => bench::run("calls", &[]),
        ["bench", name, options @ ..] => bench::run(name, options),
        ["setup"] => setup::everything(),
        _ => {
            eprintln!("{USAGE}");
            return Ok(ExitCode::from(2));
        }
    }
    .map(|()| ExitCode::SUCCESS)
}
