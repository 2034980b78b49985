//! `cargo xtask gen`: writes every generated file, or compares.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use dtl_codegen::diagnostic::Diagnostic;
use dtl_codegen::output;

/// The root of this repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository").to_owned()
}

/// Writes what changed and deletes what no entry makes any more.
pub fn write() -> ExitCode {
    let root = root();
    let files = match dtl_codegen::generate(&root) {
        Ok(files) => files,
        Err(problems) => return report(&root, &problems),
    };
    match output::write(&root, &files) {
        Ok(written) => {
            for path in &written.changed {
                println!("wrote {path}");
            }
            for path in &written.deleted {
                println!("deleted {path}");
            }
            println!(
                "{} files, {} changed, {} deleted",
                files.len(),
                written.changed.len(),
                written.deleted.len()
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: a generated file cannot be written: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Fails with a diff when the files in the repository are not those that the specification makes.
pub fn check() -> ExitCode {
    let root = root();
    let files = match dtl_codegen::generate(&root) {
        Ok(files) => files,
        Err(problems) => return report(&root, &problems),
    };
    match output::difference(&root, &files) {
        Ok(difference) if difference.is_empty() => {
            println!("{} generated files are up to date", files.len());
            ExitCode::SUCCESS
        }
        Ok(difference) => {
            println!("{difference}");
            eprintln!(
                "error: generated files differ from spec/; run `cargo xtask gen` and commit what it writes"
            );
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: the generated files cannot be read: {error}");
            ExitCode::FAILURE
        }
    }
}

fn report(root: &Path, problems: &[Diagnostic]) -> ExitCode {
    for problem in problems {
        eprintln!("{}", problem.render(root));
    }
    eprintln!("error: {} problem(s) in the specification; nothing was written", problems.len());
    ExitCode::FAILURE
}
