//! The C functions as four places know them: the specification, the header, the library and the Fortran modules.

use std::collections::BTreeSet;
use std::path::Path;

use crate::command::Command;
use crate::{Result, header, library, repository};

/// A set of names of functions.
pub type Names = BTreeSet<String>;

/// What the header declares.
pub fn of_header() -> Result<Names> {
    Ok(header::functions()?.into_iter().collect())
}

/// What a shared library exports.
pub fn of_shared_library(path: &Path) -> Result<Names> {
    nm(&["--dynamic"], path)
}

/// What an archive offers to the linker.
pub fn of_archive(path: &Path) -> Result<Names> {
    nm(&["--extern-only"], path)
}

/// The libraries that a shared library asks the loader for.
pub fn needed(path: &Path) -> Result<Vec<String>> {
    let text = Command::new("objdump").arg("--private-headers").arg(path).output()?;
    let names = text.lines().filter_map(|line| line.trim().strip_prefix("NEEDED"));
    Ok(names.map(|name| name.trim().to_owned()).collect())
}

fn nm(options: &[&str], path: &Path) -> Result<Names> {
    let text =
        Command::new("nm").args(options).args(["--defined-only", "--format=posix"]).arg(path).output()?;
    // Lines of an archive's members are `libdtl.a[dtl.o]:`.
    let symbols = text.lines().filter(|line| !line.ends_with(':'));
    Ok(symbols.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect())
}

/// What the Fortran modules bind to.
pub fn of_fortran() -> Result<Names> {
    let mut names = Names::new();
    for source in library::fortran_sources() {
        // Continuation lines may part a binding from its procedure, but not within itself.
        for part in repository::read(&source)?.split("bind(C").skip(1) {
            let binding = part.split(')').next().unwrap_or_default();
            if let Some((_, name)) = binding.split_once("name") {
                names.insert(name.trim_matches([' ', '=', '"', '\'']).to_owned());
            }
        }
    }
    // They use the C library as well.
    names.retain(|name| name.starts_with("dtl_"));
    Ok(names)
}

/// Fails with the names that only one side has.
pub fn equal(left: (&str, &Names), right: (&str, &Names)) -> Result<()> {
    let only = |(name, names): (&str, &Names), (other, others): (&str, &Names)| {
        let missing: Vec<&str> = names.difference(others).map(String::as_str).collect();
        if missing.is_empty() {
            None
        } else {
            Some(format!("in {name} but not in {other}: {}", missing.join(", ")))
        }
    };
    let problems: Vec<String> = [only(left, right), only(right, left)].into_iter().flatten().collect();
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_names_both_sides() {
        let (left, right) = (Names::from(["a".into(), "b".into()]), Names::from(["b".into(), "c".into()]));
        let error = equal(("the header", &left), ("the library", &right)).unwrap_err();
        assert_eq!(error, "in the header but not in the library: a\nin the library but not in the header: c");
        assert!(equal(("the header", &left), ("the header", &left)).is_ok());
    }
}
