//! Patches and commands in Markdown: what the recipes of `CONTRIBUTING.md` tell a person to do, in a form that a test can
//! do as well. The generator's own tests describe wrong specifications in the same way.

use std::fs;
use std::path::{Path, PathBuf};

/// A fenced block of code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The heading that it stands under.
    pub heading: String,
    /// What the fence is marked with, such as `diff`.
    pub language: String,
    /// The lines between the fences.
    pub text: String,
}

/// The fenced blocks of a Markdown text, in order.
pub fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut heading = "";
    let mut is_open = false;
    for line in markdown.lines() {
        match line.strip_prefix("```") {
            Some(_) if is_open => is_open = false,
            Some(language) => {
                is_open = true;
                blocks.push(Block {
                    heading: heading.to_owned(),
                    language: language.to_owned(),
                    text: String::new(),
                });
            }
            None if is_open => {
                let block = blocks.last_mut().expect("an open block was pushed");
                block.text.push_str(line);
                block.text.push('\n');
            }
            None if line.starts_with('#') => heading = line.trim_start_matches('#').trim(),
            None => {}
        }
    }
    blocks
}

/// Applies a patch below `root`.
///
/// `+++ path` names the file. Then follow lines that are kept (` `), removed (`-`) or added (`+`); an empty line ends a
/// piece. The kept and removed lines of a piece must occur in the file exactly once, in this order, without a gap. A file
/// that does not exist is made of the added lines.
pub fn apply(root: &Path, patch: &str) -> Result<(), String> {
    let mut path: Option<PathBuf> = None;
    let mut piece = Vec::new();
    for line in patch.lines().chain([""]) {
        if !line.is_empty() && !line.starts_with("+++ ") {
            piece.push(line);
            continue;
        }
        if let Some(path) = path.as_ref().filter(|_| !piece.is_empty()) {
            apply_piece(path, &piece)?;
        }
        piece.clear();
        path = line.strip_prefix("+++ ").map(|name| root.join(name)).or(path);
    }
    Ok(())
}

fn apply_piece(path: &Path, piece: &[&str]) -> Result<(), String> {
    let lines = |signs: &[char]| -> String {
        let kept = piece.iter().filter(|line| line.starts_with(signs));
        kept.map(|line| format!("{}\n", &line[1..])).collect()
    };
    let (before, after) = (lines(&[' ', '-']), lines(&[' ', '+']));
    let shown = path.display();
    let changed = match fs::read_to_string(path) {
        Err(_) if before.is_empty() => after,
        Err(error) => return Err(format!("{shown} cannot be read: {error}")),
        Ok(present) => {
            // Lines, not parts of lines: each begins after a line end.
            let present = format!("\n{present}");
            match present.matches(&format!("\n{before}")).count() {
                1 => present.replacen(&format!("\n{before}"), &format!("\n{after}"), 1)[1..].to_owned(),
                count => return Err(format!("these lines occur {count} times in {shown}:\n{before}")),
            }
        }
    };
    let folder = path.parent().expect("a file lies in a folder");
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, changed))
        .map_err(|error| format!("{shown} cannot be written: {error}"))
}
