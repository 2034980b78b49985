//! What is wrong with a specification, where, and what to do about it.

use std::fmt;
use std::path::Path;

/// A place in a file of the specification.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Path relative to the specification's root, such as `spec/enums.yaml`.
    pub file: String,
    /// Line, counted from 1; 0 when the whole file is meant.
    pub line: u32,
    /// Column, counted from 1.
    pub column: u32,
}

impl Position {
    /// Name of the file without folder and ending: `enums`.
    pub fn stem(&self) -> &str {
        self.file.rsplit('/').next().unwrap_or_default().trim_end_matches(".yaml")
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}", self.file),
            line => write!(f, "{}:{line}:{}", self.file, self.column),
        }
    }
}

/// One problem: where it is, what it is, and the cure.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// Where the offending text stands.
    pub position: Position,
    /// What is wrong, as one sentence without a final full stop.
    pub problem: String,
    /// What the person should do, as one or more sentences.
    pub cure: String,
}

impl Diagnostic {
    /// Describes a problem at a place.
    pub fn new(position: Position, problem: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { position, problem: problem.into(), cure: cure.into() }
    }

    /// The message with the offending line of `root`/`file` under it.
    pub fn render(&self, root: &Path) -> String {
        let mut text = format!("{}: error: {}\n", self.position, self.problem);
        let source = std::fs::read_to_string(root.join(&self.position.file)).unwrap_or_default();
        if let Some(line) = (self.position.line as usize).checked_sub(1).and_then(|n| source.lines().nth(n)) {
            let column = (self.position.column as usize).saturating_sub(1);
            text.push_str(&format!("    | {line}\n    | {}^\n", " ".repeat(column)));
        }
        text.push_str(&format!("    = {}\n", self.cure));
        text
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: error: {}. {}", self.position, self.problem, self.cure)
    }
}
