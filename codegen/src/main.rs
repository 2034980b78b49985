//! The generator as a program, which `cargo xtask gen` builds and starts: `dtl-codegen ROOT [--check | --explain ITEM]`.

use std::path::Path;
use std::process::ExitCode;

use dtl_codegen::diagnostic::Diagnostic;
use dtl_codegen::output;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        [root] => write(Path::new(root)),
        [root, "--check"] => check(Path::new(root)),
        [root, "--explain", item] => explain(Path::new(root), item),
        _ => Err("usage: dtl-codegen ROOT [--check | --explain ITEM]".to_owned()),
    };
    match done {
        Ok(said) => {
            println!("{}", said.trim_end());
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Writes what changed and deletes what no entry makes any more.
fn write(root: &Path) -> Result<String, String> {
    let files = dtl_codegen::generate(root).map_err(|problems| report(root, &problems))?;
    let written = output::write(root, &files)
        .map_err(|error| format!("a generated file cannot be written: {error}"))?;
    let changed = written.changed.iter().map(|path| format!("wrote {path}\n"));
    let deleted = written.deleted.iter().map(|path| format!("deleted {path}\n"));
    let said: String = changed.chain(deleted).collect();
    let (changed, deleted) = (written.changed.len(), written.deleted.len());
    Ok(format!("{said}{} files, {changed} changed, {deleted} deleted", files.len()))
}

/// Fails with a diff when the files in the repository are not those that the specification makes.
fn check(root: &Path) -> Result<String, String> {
    let files = dtl_codegen::generate(root).map_err(|problems| report(root, &problems))?;
    let difference = output::difference(root, &files)
        .map_err(|error| format!("the generated files cannot be read: {error}"))?;
    if difference.is_empty() {
        return Ok(format!("{} generated files are up to date", files.len()));
    }
    Err(format!(
        "{difference}\ngenerated files differ from spec/; run `cargo xtask gen` and commit what it writes"
    ))
}

/// What an entry of the specification becomes in each language.
fn explain(root: &Path, item: &str) -> Result<String, String> {
    let model = dtl_codegen::load(root).map_err(|problems| report(root, &problems))?;
    let files = dtl_codegen::generate(root).map_err(|problems| report(root, &problems))?;
    dtl_codegen::explain(&model, &files, item)
}

fn report(root: &Path, problems: &[Diagnostic]) -> String {
    let texts: String = problems.iter().map(|problem| format!("{}\n", problem.render(root))).collect();
    format!("{} problem(s) in the specification; nothing was written\n{texts}", problems.len())
}
