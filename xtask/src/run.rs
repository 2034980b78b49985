//! `cargo xtask run FILE [arguments]`: builds what is missing and runs a program in one process.

use std::path::Path;
use std::process::ExitCode;

use crate::library::Profile;
use crate::{Result, program};

/// Runs the program and gives its exit code.
pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let mut profile = Profile::Debug;
    let mut rest = arguments;
    while let [option, others @ ..] = rest
        && option.starts_with('-')
    {
        match option.as_str() {
            "--release" => profile = Profile::Release,
            "-n" | "--mpi" => {
                return Err(format!(
                    "`{option}` asks for several processes, and dtl cannot start these yet: it has no MPI transport. \
                     Leave the option out to run one process; `Context.threads` gives several ranks in it."
                ));
            }
            _ => return Err(format!("`{option}` is no option of `cargo xtask run`; it knows --release")),
        }
        rest = others;
    }
    let [file, arguments @ ..] = rest else {
        return Err(
            "`cargo xtask run` needs the file of a program, such as examples/python/quickstart.py".into()
        );
    };
    // Relative to where the user is, who may be in a folder below the root.
    let status = program::prepare(Path::new(file), profile)?.args(arguments).here().interactive()?;
    // A program that a signal ended has no exit code; shells report 128 and the signal.
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    let code = status.code().unwrap_or(128 + signal.unwrap_or(0));
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}
