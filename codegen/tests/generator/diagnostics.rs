//! What a wrong specification is told: for each patch in `diagnostics/*.md`, the expected messages word for word.
//!
//! `UPDATE_EXPECT=1 cargo test -p dtl-codegen --test generator` writes what the messages are now.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use dtl_patch::{apply, blocks};

use crate::support::{copy_of_tiny, tiny};

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics");
    let entries = fs::read_dir(folder).expect("the folder is in the repository");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    files.sort();
    files
}

fn messages(root: &Path) -> String {
    match dtl_codegen::load(root) {
        Ok(_) => "no problem\n".to_owned(),
        Err(problems) => problems.iter().map(|problem| problem.render(root)).collect::<Vec<_>>().join("\n"),
    }
}

/// The file with its expected messages replaced by what the messages are now.
fn rewritten(text: &str, name: &str) -> String {
    let introduction = text.split("\n## ").next().unwrap_or_default().trim_end();
    let mut fresh = format!("{introduction}\n");
    for (index, block) in blocks(text).into_iter().filter(|block| block.language == "diff").enumerate() {
        let (heading, patch) = (block.heading, block.text);
        let root = copy_of_tiny(&format!("diagnostics-{name}-{index}"));
        apply(&root, &patch).unwrap_or_else(|problem| panic!("{name}, {heading}: {problem}"));
        write!(fresh, "\n## {heading}\n\n```diff\n{patch}```\n\n```text\n{}```\n", messages(&root))
            .expect("a text takes everything");
        fs::remove_dir_all(root).expect("the copy can be removed");
    }
    fresh
}

#[test]
fn the_tiny_specification_is_right() {
    assert_eq!(messages(&tiny()), "no problem\n");
}

#[test]
fn a_wrong_specification_is_told_where_and_what_to_do() {
    let mut wrong = Vec::new();
    for path in cases() {
        let name = path.file_stem().expect("files have names").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("a case can be read");
        let fresh = rewritten(&text, &name);
        assert!(!fresh.contains("no problem"), "a patch in {name}.md is not noticed:\n{fresh}");
        if fresh != text && std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&path, fresh).expect("a case can be written");
        } else if fresh != text {
            wrong.push(
                similar::TextDiff::from_lines(&text, &fresh).unified_diff().header(&name, "now").to_string(),
            );
        }
    }
    assert!(wrong.is_empty(), "messages changed; UPDATE_EXPECT=1 accepts them:\n{}", wrong.join("\n"));
}

/// A rule without a case could stop working unnoticed.
#[test]
fn every_rule_has_a_file_of_cases() {
    let rules = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lint"))
        .expect("the rules have a folder");
    let names: Vec<String> =
        cases().iter().filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
    for rule in rules {
        let rule = rule.expect("it can be listed").path();
        let holds_a_rule =
            fs::read_to_string(&rule).expect("a rule can be read").contains("const RULE: Rule");
        let name = rule.file_stem().expect("files have names").to_string_lossy().into_owned();
        assert!(!holds_a_rule || names.contains(&name), "codegen/tests/diagnostics/{name}.md is missing");
    }
}
