//! A tiny specification that has one of each thing, copies of it, and patches: what the tests of the generator share.

use std::fs;
use std::path::{Path, PathBuf};

/// The root of this repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("codegen lies in the repository").to_owned()
}

/// The root of the tiny specification.
pub fn tiny() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tiny")
}

/// A fresh folder with a copy of the tiny specification.
pub fn copy_of_tiny(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if root.exists() {
        fs::remove_dir_all(&root).expect("the folder of an earlier run can be removed");
    }
    copy(&tiny(), &root);
    root
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("folders can be made in the target folder");
    for entry in fs::read_dir(from).expect("the folder exists").map(|entry| entry.expect("it can be listed"))
    {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file can be copied");
        }
    }
}

/// Applies a patch below `root`.
///
/// `+++ path` names the file. Then follow lines that are kept (` `), removed (`-`) or added (`+`); an empty line ends a
/// piece. The kept and removed lines of a piece must occur in the file exactly once, in this order, without a gap. A file
/// that does not exist is made of the added lines.
pub fn apply(root: &Path, patch: &str) {
    let mut path: Option<PathBuf> = None;
    let mut piece = Vec::new();
    for line in patch.lines().chain([""]) {
        if line.is_empty() || line.starts_with("+++ ") {
            if let Some(path) = path.as_ref().filter(|_| !piece.is_empty()) {
                apply_piece(path, &piece);
            }
            piece.clear();
            path = line.strip_prefix("+++ ").map(|name| root.join(name)).or(path);
        } else {
            piece.push(line);
        }
    }
}

fn apply_piece(path: &Path, piece: &[&str]) {
    let lines = |signs: &[char]| -> String {
        let kept = piece.iter().filter(|line| line.starts_with(signs));
        kept.map(|line| format!("{}\n", &line[1..])).collect()
    };
    let (before, after) = (lines(&[' ', '-']), lines(&[' ', '+']));
    let present = fs::read_to_string(path).unwrap_or_default();
    let changed = if present.is_empty() {
        after
    } else {
        let places = format!("\n{present}").matches(&format!("\n{before}")).count();
        assert_eq!(places, 1, "these lines occur {places} times in {}:\n{before}", path.display());
        format!("\n{present}").replacen(&format!("\n{before}"), &format!("\n{after}"), 1)[1..].to_owned()
    };
    fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("folders can be made");
    fs::write(path, changed).expect("a file of the copy can be written");
}

/// The contents of the fenced blocks of a Markdown text that are marked `language`, with the headings they stand under.
pub fn blocks<'a>(markdown: &'a str, language: &str) -> Vec<(&'a str, String)> {
    let mut found = Vec::new();
    let mut heading = "";
    let mut open: Option<(bool, String)> = None;
    for line in markdown.lines() {
        match &mut open {
            Some((wanted, text)) if line == "```" => {
                if *wanted {
                    found.push((heading, std::mem::take(text)));
                }
                open = None;
            }
            Some((_, text)) => {
                text.push_str(line);
                text.push('\n');
            }
            None if line.starts_with("```") => open = Some((&line[3..] == language, String::new())),
            None if line.starts_with('#') => heading = line.trim_start_matches('#').trim(),
            None => {}
        }
    }
    found
}
