//! Rules that a specification must keep beyond its format; one rule a file.
//!
//! A rule reads the parsed specification and gives diagnostics. References are checked while the model is resolved.

mod documentation;
mod numbers;

use crate::diagnostic::Diagnostic;
use crate::spec::Spec;

/// A rule of the specification.
struct Rule {
    /// The rule as a sentence, for `spec/README.md`.
    sentence: &'static str,
    /// Reads the specification, notes what is wrong.
    check: fn(&Spec, &mut Vec<Diagnostic>),
}

const RULES: &[Rule] = &[documentation::RULE, numbers::RULE];

/// Applies every rule.
pub fn check(spec: &Spec) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for rule in RULES {
        (rule.check)(spec, &mut problems);
    }
    problems.sort();
    problems
}

/// The rules in words.
pub fn sentences() -> Vec<&'static str> {
    RULES.iter().map(|rule| rule.sentence).collect()
}
