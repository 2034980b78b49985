//! `cargo xtask run [-n RANKS] FILE [arguments]`: builds what is missing and runs a program, in one process or on ranks that
//! an MPI starts.

use std::path::Path;
use std::process::ExitCode;

use crate::launcher::Launcher;
use crate::library::Profile;
use crate::{Result, parallel, program};

/// Runs the program and gives its exit code.
pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let mut profile = Profile::Debug;
    let (mut ranks, mut family) = (None, None);
    let mut rest = arguments;
    while let [option, others @ ..] = rest
        && option.starts_with('-')
    {
        rest = others;
        match option.as_str() {
            "--release" => profile = Profile::Release,
            "-n" => ranks = Some(number_of_ranks(value(option, &mut rest)?)?),
            "--mpi" => family = Some(Launcher::family_called(value(option, &mut rest)?)?),
            _ => {
                return Err(format!(
                    "`{option}` is no option of `cargo xtask run`; it knows --release, -n and --mpi"
                ));
            }
        }
    }
    let [file, arguments @ ..] = rest else {
        return Err(
            "`cargo xtask run` needs the file of a program, such as examples/python/quickstart.py".into()
        );
    };
    let on_ranks = ranks.is_some() || family.is_some();
    let (command, launcher) = parallel::both(
        // Relative to where the user is, who may be in a folder below the root.
        || program::prepare(Path::new(file), profile),
        || on_ranks.then(|| Launcher::find_or_install(family)).transpose(),
    );
    let mut command = command?.args(arguments);
    if let Some(launcher) = launcher? {
        let ranks = ranks.unwrap_or(1);
        eprintln!("({ranks} ranks under {})", launcher.describe());
        command = launcher.start(ranks, command)?;
    }
    let status = command.here().interactive()?;
    // A program that a signal ended has no exit code; shells report 128 and the signal.
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    let code = status.code().unwrap_or(128 + signal.unwrap_or(0));
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

/// What follows an option.
fn value<'a>(option: &str, rest: &mut &'a [String]) -> Result<&'a str> {
    let (first, others) = rest.split_first().ok_or_else(|| format!("`{option}` needs a value after it"))?;
    *rest = others;
    Ok(first)
}

fn number_of_ranks(text: &str) -> Result<u32> {
    text.parse()
        .ok()
        .filter(|ranks| *ranks > 0)
        .ok_or_else(|| format!("`-n {text}`: a number of ranks is 1 or more"))
}
