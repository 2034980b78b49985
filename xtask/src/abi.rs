//! `cargo xtask abi`: compares the C interface with the snapshot of its ABI in `tests/abi/`.
//!
//! A program that was compiled against an older header must go on working: declarations may be added, and none may
//! change or go. What there is now is a generated list; the snapshot is what a version that people use had. It carries
//! the number of the ABI in its name, so that a new ABI starts a new one.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::{Result, repository, specified};

/// Fails when a declaration of the snapshot is gone or different.
pub fn check() -> Result<()> {
    let (known, current) = (lines(&snapshot()?)?, interface()?);
    kept(&known, &current)?;
    let added = current.difference(&known).count();
    println!("{} declarations as they were, {added} added", known.len());
    Ok(())
}

/// Records what was added, when a version is released. Refuses when something is gone or different.
pub fn update() -> Result<()> {
    let (path, current) = (snapshot()?, interface()?);
    if path.exists() {
        kept(&lines(&path)?, &current)?;
    }
    let heading = "# What programs that use this ABI may rely on: written by `cargo xtask abi --update`, which only ever adds.\n";
    let text: String = current.iter().map(|line| format!("{line}\n")).collect();
    std::fs::create_dir_all(path.parent().expect("the snapshot lies in a folder"))
        .map_err(|error| error.to_string())?;
    repository::write(&path, format!("{heading}{text}"))?;
    println!("{}: {} declarations", repository::short(&path), current.len());
    Ok(())
}

fn kept(known: &BTreeSet<String>, current: &BTreeSet<String>) -> Result<()> {
    let gone: Vec<String> = known.difference(current).map(|line| format!("\n  - {line}")).collect();
    if gone.is_empty() {
        return Ok(());
    }
    Err(format!(
        "the C interface no longer has these declarations, and programs compiled with them would break; \
         restore them, or raise `abi` in spec/dtl.yaml and start a new snapshot:{}",
        gone.concat()
    ))
}

/// The name of the list and of the snapshot.
fn name() -> Result<String> {
    Ok(format!("dtl-{}.txt", specified::library()?.abi))
}

fn snapshot() -> Result<PathBuf> {
    Ok(repository::path("tests/abi").join(name()?))
}

/// The list that the generator makes: a line for each function, enumerator, constant and struct.
fn interface() -> Result<BTreeSet<String>> {
    lines(&repository::path("generated/c/abi").join(name()?))
}

/// The functions of the C interface, with the types of their parameters.
pub fn prototypes() -> Result<Vec<String>> {
    Ok(interface()?.iter().filter_map(|line| line.strip_prefix("function ")).map(str::to_owned).collect())
}

/// Their names.
pub fn functions() -> Result<Vec<String>> {
    Ok(prototypes()?.iter().map(|prototype| function_name(prototype).to_owned()).collect())
}

/// The name of the function with this prototype.
pub fn function_name(prototype: &str) -> &str {
    let head = prototype.split('(').next().unwrap_or(prototype);
    head.rsplit(' ').next().unwrap_or(head)
}

fn lines(path: &Path) -> Result<BTreeSet<String>> {
    Ok(repository::read(path)?.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(lines: &[&str]) -> BTreeSet<String> {
        lines.iter().map(|&line| line.to_owned()).collect()
    }

    #[test]
    fn additions_are_kept_apart_from_changes() {
        assert!(kept(&set(&["int f(void)"]), &set(&["int f(void)", "int g(void)"])).is_ok());
        let error = kept(&set(&["int f(void)"]), &set(&["long f(void)"])).unwrap_err();
        assert!(error.ends_with("\n  - int f(void)"), "{error}");
    }
}
