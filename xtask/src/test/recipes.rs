//! The recipes of CONTRIBUTING.md, carried out on a copy of the repository: an operation, a dtype and a value of an
//! enumeration are added as a person would add them, and then used from all four languages on two ranks.
//!
//! What is added lies in `tests/recipes`: in `operation/` new files and what goes to the end of old ones, and the programs that
//! use it. Rows that stand between others are here.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use dtl_codegen::output::MARKER;

use super::report::Report;
use crate::command::Command;
use crate::program::Language;
use crate::{Result, repository};

/// A row that goes in front of an existing line.
struct Row {
    file: &'static str,
    before: &'static str,
    text: &'static str,
}

const DTYPE: &[Row] = &[
    Row {
        file: "spec/dtypes.yaml",
        before: "sets:\n",
        text: "  - { name: timedelta64, code: 16, bytes: 8, rust: i64, c: int64_t, fortran_as: int64, \
               numpy: timedelta64, doc: Span of time in a unit that the program chooses. }\n",
    },
    Row {
        file: "spec/dtypes.yaml",
        before: "  storable: {",
        text: "  temporal: { doc: Times., members: [timedelta64] }\n",
    },
    Row { file: "spec/dtypes.yaml", before: ", byte] }\n", text: ", temporal" },
    Row {
        file: "runtime/border/python/src/dtype.rs",
        before: "    (NPY_TYPES::NPY_VOID, Dtype::Byte),\n",
        text: "    (NPY_TYPES::NPY_TIMEDELTA, Dtype::Timedelta64),\n",
    },
];

const VALUE: &[Row] = &[Row {
    file: "spec/enums.yaml",
    before: "  - name: reduction_schedule_policy\n",
    text: "      - { name: PARANOID, value: 2, doc: The same bits on every machine. }\n",
}];

/// What every program prints.
const EXPECTED: &str = "4 9, dtype 16, mode 2\n";

/// Carries the recipes out and uses what they added.
pub fn run(report: &mut Report) -> Result<()> {
    let mut files = Files::of_repository()?;
    for row in DTYPE.iter().chain(VALUE) {
        files.insert(row)?;
    }
    files.add_folder(&repository::path("tests/recipes/operation"), Path::new(""))?;
    let tree = repository::made("recipes/tree")?;
    files.write(&tree)?;

    report.check("the generator takes what was added", || xtask(&tree)?.arg("gen").run());
    for language in Language::ALL {
        report.check(&format!("{} uses what was added, on two ranks", language.name()), || {
            let program = tree.join("tests/recipes/call").with_extension(language.ending());
            let output = xtask(&tree)?.arg("run").arg(program).minutes(15).output()?;
            // Some languages print the point of a real number.
            let plain = output.replace(".0", "");
            if plain == EXPECTED {
                Ok(())
            } else {
                Err(format!("it prints {plain:?} instead of {EXPECTED:?}"))
            }
        });
    }
    Ok(())
}

/// Ourselves, working on another tree, which has a build folder of its own: kept, so that a second run is quick.
fn xtask(tree: &Path) -> Result<Command> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let target = repository::made("recipes/target")?;
    Ok(Command::new(program).env("CARGO_MANIFEST_DIR", tree.join("xtask")).env("CARGO_TARGET_DIR", target))
}

/// The text files of a tree, by their paths.
struct Files(BTreeMap<PathBuf, String>);

impl Files {
    /// Every text file that is in the repository, or would be when it is committed now.
    fn of_repository() -> Result<Self> {
        let listed =
            Command::new("git").args(["ls-files", "--cached", "--others", "--exclude-standard"]).output()?;
        let paths = listed.lines().map(PathBuf::from);
        // Listed and not readable: deleted, but not committed yet.
        Ok(Self(
            paths
                .filter_map(|path| fs::read_to_string(repository::path(&path)).ok().map(|text| (path, text)))
                .collect(),
        ))
    }

    fn get(&mut self, file: &str) -> Result<&mut String> {
        self.0.get_mut(Path::new(file)).ok_or_else(|| format!("{file} is missing"))
    }

    fn insert(&mut self, row: &Row) -> Result<()> {
        let text = self.get(row.file)?;
        if text.matches(row.before).count() != 1 {
            return Err(format!(
                "{} does not have {:?} once, in front of which a row goes",
                row.file, row.before
            ));
        }
        *text = text.replace(row.before, &format!("{}{}", row.text, row.before));
        Ok(())
    }

    /// Adds the files of a folder, which lies at `place` in the tree. `NAME.end` goes to the end of the file NAME.
    fn add_folder(&mut self, folder: &Path, place: &Path) -> Result<()> {
        let entries =
            fs::read_dir(folder).map_err(|error| format!("{} cannot be read: {error}", folder.display()))?;
        for entry in entries {
            let entry = entry.map_err(|error| error.to_string())?;
            let (path, place) = (entry.path(), place.join(entry.file_name()));
            if path.is_dir() {
                self.add_folder(&path, &place)?;
            } else {
                let text = repository::read(&path)?;
                match place.to_string_lossy().strip_suffix(".end") {
                    Some(old) => self.get(old)?.push_str(&text),
                    None => drop(self.0.insert(place, text)),
                }
            }
        }
        Ok(())
    }

    /// Makes `tree` hold these files. Those that are like this already are left alone, because cargo builds again what is
    /// newer than what it built; those that the generator made there are left to it.
    fn write(&self, tree: &Path) -> Result<()> {
        for (path, text) in &self.0 {
            let path = tree.join(path);
            let present = fs::read_to_string(&path);
            if present.is_ok_and(|present| present == *text || is_generated(&present)) {
                continue;
            }
            let folder = path.parent().expect("files lie in folders");
            fs::create_dir_all(folder)
                .map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
            repository::write(&path, text)?;
        }
        self.remove_others(&tree.join("spec"), tree)
    }

    /// Removes what an earlier run had in `folder` and this one has not: the generator reads everything there.
    fn remove_others(&self, folder: &Path, tree: &Path) -> Result<()> {
        for entry in fs::read_dir(folder).map_err(|error| error.to_string())? {
            let path = entry.map_err(|error| error.to_string())?.path();
            let known = self.0.contains_key(path.strip_prefix(tree).unwrap_or(&path));
            if path.is_dir() {
                self.remove_others(&path, tree)?;
            } else if !known {
                fs::remove_file(&path).map_err(|error| error.to_string())?;
            }
        }
        Ok(())
    }
}

fn is_generated(text: &str) -> bool {
    text.lines().take(5).any(|line| line.contains(MARKER))
}
