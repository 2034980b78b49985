//! The recipes of CONTRIBUTING.md, done as they say: their patches are applied to a copy of the repository, and their
//! commands are run there. What they add is then used from all four languages on two ranks, by the programs in
//! `tests/recipes`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use dtl_codegen::output::MARKER;
use dtl_codegen::patch::{Block, apply, blocks};

use super::report::Report;
use crate::command::Command;
use crate::library::Profile;
use crate::program::Language;
use crate::{Result, repository};

/// The recipes that are followed one after the other, because the programs use what each of them adds. Every other one is
/// followed on a copy of its own.
const USED: &[&str] = &["Add an operation", "Add a value to an enumeration", "Add a dtype"];

/// What every program prints.
const EXPECTED: &str = "4 9, last 4 2, dtype 16\n";

/// Follows every recipe.
pub fn run(report: &mut Report) -> Result<()> {
    let text = repository::read(&repository::path("CONTRIBUTING.md"))?;
    let blocks: Vec<Block> =
        blocks(&text).into_iter().filter(|block| block.heading.starts_with("Add ")).collect();
    let mut recipes: Vec<&str> = blocks.iter().map(|block| block.heading.as_str()).collect();
    recipes.dedup();
    if let Some(missing) = USED.iter().find(|used| !recipes.contains(used)) {
        return Err(format!("CONTRIBUTING.md holds no recipe `{missing}`"));
    }
    let steps = |recipe: &str| {
        blocks.iter().filter(move |block| block.heading == recipe).cloned().collect::<Vec<_>>()
    };

    let copy = Copy::fresh()?;
    for recipe in USED {
        report.check(recipe, || copy.follow(&steps(recipe)));
    }
    for language in Language::ALL {
        report.check(&format!("{} uses what was added, on two ranks", language.name()), || {
            copy.call_from(language)
        });
    }
    for recipe in recipes.into_iter().filter(|recipe| !USED.contains(recipe)) {
        report.check(recipe, || Copy::fresh()?.follow(&steps(recipe)));
    }
    report.check("a new name and a deprecation are no obstacle in any language", rename_and_deprecate);
    Ok(())
}

/// What else happens to an entry in its life; nothing but the entry changes.
fn rename_and_deprecate() -> Result<()> {
    const PATCH: &str = "
+++ spec/ops/queries.yaml
-  - name: placement_available
+  - name: can_place

+++ spec/ops/collectives.yaml
   - name: gather
+    deprecated: { since: \"0.1\", note: Use `allgather`. }
";
    let copy = Copy::fresh()?;
    apply(&copy.root, PATCH)?;
    copy.type_in("cargo xtask gen")?;
    copy.type_in("cargo build --quiet --package dtl-ffi --package dtl-python")?;
    for program in ["c/quickstart.c", "fortran/quickstart.f90", "rust/quickstart.rs"] {
        copy.xtask()?.arg("run").arg(copy.root.join("examples").join(program)).minutes(10).run()?;
    }
    Ok(())
}

/// A copy of the repository with a folder of its own to build into; both are kept, so that a second run is quick.
struct Copy {
    root: PathBuf,
}

impl Copy {
    /// The files of the repository as they are now, those that are not committed yet included.
    fn fresh() -> Result<Self> {
        let root = repository::made("recipes/repository")?;
        let listed =
            Command::new("git").args(["ls-files", "--cached", "--others", "--exclude-standard"]).output()?;
        let names: BTreeSet<&str> = listed.lines().collect();
        for name in &names {
            // Listed and not readable: deleted, but not committed yet.
            if let Ok(contents) = fs::read(repository::path(name)) {
                update(&root.join(name), &contents)?;
            }
        }
        remove_others(&root, &root, &names)?;
        let copy = Self { root };
        copy.borrow_builds()?;
        copy.xtask()?.arg("gen").run()?;
        Ok(copy)
    }

    /// Most of what cargo builds are the crates of others, which are the same in the copy: the first run takes them over.
    fn borrow_builds(&self) -> Result<()> {
        let built = self.target().join("debug");
        if built.exists() {
            return Ok(());
        }
        repository::made("recipes/target/debug")?;
        let parts = [".fingerprint", "build", "deps"].map(|part| Profile::Debug.folder().join(part));
        Command::new("cp").arg("-a").args(parts).arg(built).telling("copying what is built already").run()
    }

    /// Does what the blocks of a recipe say.
    fn follow(&self, blocks: &[Block]) -> Result<()> {
        for block in blocks {
            match block.language.as_str() {
                "diff" => apply(&self.root, &block.text)?,
                "sh" => block.text.lines().try_for_each(|line| self.type_in(line))?,
                other => {
                    return Err(format!("a recipe has a block marked `{other}`; it may be `diff` or `sh`"));
                }
            }
        }
        Ok(())
    }

    /// Does what a person does who types this line.
    fn type_in(&self, line: &str) -> Result<()> {
        match line.strip_prefix("cargo xtask ") {
            // The copy's own xtask would be the same program.
            Some(arguments) => self.xtask()?.args(arguments.split_whitespace()).run(),
            None => self.command("sh").args(["-e", "-c", line]).minutes(10).run(),
        }
    }

    fn call_from(&self, language: Language) -> Result<()> {
        let program = self.root.join("tests/recipes/call").with_extension(language.ending());
        let printed = self.xtask()?.arg("run").arg(program).minutes(15).output()?;
        // Some languages print the point of a real number.
        let plain = printed.replace(".0", "");
        if plain == EXPECTED { Ok(()) } else { Err(format!("it prints {plain:?} instead of {EXPECTED:?}")) }
    }

    /// Ourselves, working on the copy.
    fn xtask(&self) -> Result<Command> {
        // Not by our path: cargo may have put another build there since we started.
        Ok(self.command("/proc/self/exe").env("CARGO_MANIFEST_DIR", self.root.join("xtask")))
    }

    /// A command that is run in the copy and builds into its folder.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        Command::new(program).dir(&self.root).env("CARGO_TARGET_DIR", self.target())
    }

    fn target(&self) -> PathBuf {
        self.root.with_file_name("target")
    }
}

/// Makes a file of the copy hold this. One that does already is left alone, because cargo builds again what is newer than
/// what it built; one that the generator makes is left to it.
fn update(target: &Path, contents: &[u8]) -> Result<()> {
    let present = fs::read(target);
    if present.is_ok_and(|present| present == contents || (is_generated(&present) && is_generated(contents)))
    {
        return Ok(());
    }
    fs::create_dir_all(target.parent().expect("a file lies in a folder"))
        .and_then(|()| fs::write(target, contents))
        .map_err(|error| format!("{} cannot be written: {error}", target.display()))
}

fn is_generated(contents: &[u8]) -> bool {
    let text = String::from_utf8_lossy(contents);
    text.lines().take(5).any(|line| line.contains(MARKER))
}

/// Removes the files below `folder` that the repository does not have.
fn remove_others(root: &Path, folder: &Path, names: &BTreeSet<&str>) -> Result<()> {
    let entries =
        fs::read_dir(folder).map_err(|error| format!("{} cannot be listed: {error}", folder.display()))?;
    for entry in entries.flatten() {
        let path = entry.path();
        let kind =
            entry.file_type().map_err(|error| format!("{} cannot be seen: {error}", path.display()))?;
        if kind.is_dir() {
            // The copy's own virtual environment, where there was none to borrow, is as good in the next run.
            if entry.file_name() != ".venv" {
                remove_others(root, &path, names)?;
            }
        } else if kind.is_file() {
            let name =
                path.strip_prefix(root).expect("it lies below the root").to_string_lossy().into_owned();
            if !names.contains(name.as_str()) {
                fs::remove_file(&path).map_err(|error| format!("{name} cannot be removed: {error}"))?;
            }
        }
    }
    Ok(())
}
