//! `cargo xtask gen`: writes every generated file, or compares.

use dtl_codegen::diagnostic::Diagnostic;
use dtl_codegen::model::Model;
use dtl_codegen::output::{self, OutputFile};

use crate::Result;
use crate::repository::root;

/// Writes what changed and deletes what no entry makes any more.
pub fn write() -> Result<()> {
    let files = files()?;
    let written = output::write(&root(), &files)
        .map_err(|error| format!("a generated file cannot be written: {error}"))?;
    for path in &written.changed {
        println!("wrote {path}");
    }
    for path in &written.deleted {
        println!("deleted {path}");
    }
    println!("{} files, {} changed, {} deleted", files.len(), written.changed.len(), written.deleted.len());
    Ok(())
}

/// Fails with a diff when the files in the repository are not those that the specification makes.
pub fn check() -> Result<()> {
    let files = files()?;
    let difference = output::difference(&root(), &files)
        .map_err(|error| format!("the generated files cannot be read: {error}"))?;
    if !difference.is_empty() {
        return Err(format!(
            "{difference}\ngenerated files differ from spec/; run `cargo xtask gen` and commit what it writes"
        ));
    }
    println!("{} generated files are up to date", files.len());
    Ok(())
}

/// Prints what an entry of the specification becomes in each language.
pub fn explain(item: &str) -> Result<()> {
    print!("{}", dtl_codegen::explain(&model()?, &files()?, item)?);
    Ok(())
}

/// What the specification says.
pub fn model() -> Result<Model> {
    dtl_codegen::load(&root()).map_err(|problems| report(&problems))
}

fn files() -> Result<Vec<OutputFile>> {
    dtl_codegen::generate(&root()).map_err(|problems| report(&problems))
}

fn report(problems: &[Diagnostic]) -> String {
    let root = root();
    let texts: String = problems.iter().map(|problem| format!("{}\n", problem.render(&root))).collect();
    format!("{} problem(s) in the specification; nothing was written\n{texts}", problems.len())
}
