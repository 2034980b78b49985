//! `cargo xtask abi`: compares the C interface with the snapshot of its ABI in `tests/abi/`.
//!
//! A program that was compiled against an older header must go on working: declarations may be added, and none may
//! change or go. The snapshot carries the ABI version in its name, so that a new ABI starts a new one.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::{Result, generate, header, repository};

/// Fails when a declaration of the snapshot is gone or different, or when one is missing from it.
pub fn check() -> Result<()> {
    let (known, current) = (snapshot()?, interface()?);
    kept(&known, &current)?;
    let added: Vec<&String> = current.difference(&known).collect();
    if added.is_empty() {
        return Ok(());
    }
    let lines: String = added.iter().map(|line| format!("\n  + {line}")).collect();
    Err(format!(
        "the snapshot of the ABI lacks what was added; record it with `cargo xtask abi --update`:{lines}"
    ))
}

/// Records what was added. Refuses when something is gone or different.
pub fn update() -> Result<()> {
    let current = interface()?;
    let path = path()?;
    if path.exists() {
        kept(&snapshot()?, &current)?;
    }
    let text: String = current.iter().map(|line| format!("{line}\n")).collect();
    std::fs::create_dir_all(path.parent().expect("the snapshot lies in a folder"))
        .map_err(|error| error.to_string())?;
    repository::write(&path, text)?;
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

fn path() -> Result<PathBuf> {
    Ok(repository::path(format!("tests/abi/dtl-{}.txt", generate::model()?.library.abi)))
}

fn snapshot() -> Result<BTreeSet<String>> {
    Ok(repository::read(&path()?)?.lines().map(str::to_owned).collect())
}

/// Everything in the header that compiled programs depend on.
fn interface() -> Result<BTreeSet<String>> {
    let mut lines = BTreeSet::new();
    for declaration in header::declarations()? {
        lines.extend(entries(&declaration));
    }
    lines.extend(header::macros()?.into_iter().filter(|line| lasts(line)));
    Ok(lines)
}

/// A declaration as lines of the snapshot: an enumeration gives one for each value, so that values can be added.
fn entries(declaration: &str) -> Vec<String> {
    let Some((_, values)) = declaration.split_once("enum").and_then(|(_, rest)| rest.split_once('{')) else {
        return vec![declaration.to_owned()];
    };
    let values = values.split('}').next().unwrap_or_default();
    values
        .split(',')
        .map(str::trim)
        .filter(|value| !value.is_empty() && lasts(value))
        .map(str::to_owned)
        .collect()
}

/// Whether a value is meant to stay: counts grow with what they count, versions with every release.
fn lasts(line: &str) -> bool {
    let name = line.split([' ', '=']).next().unwrap_or_default();
    let value = line[name.len()..].trim();
    !(value.is_empty() || name.ends_with("_COUNT") || name.starts_with("DTL_VERSION"))
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

    #[test]
    fn values_of_enumerations_are_separate_and_counts_are_left_out() {
        assert_eq!(
            entries("enum { DTL_OP_SUM = 0, DTL_OP_PROD = 1, DTL_OP_COUNT = 2 }"),
            ["DTL_OP_SUM = 0", "DTL_OP_PROD = 1"]
        );
        assert_eq!(entries("int f(void)"), ["int f(void)"]);
        assert!(!lasts("DTL_VERSION_MINOR 1") && !lasts("DTL_DTL_H") && lasts("DTL_ABI_VERSION 1"));
    }
}
