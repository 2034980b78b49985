//! Rules that a specification must keep beyond its format; one rule a file.
//!
//! A rule reads the parsed specification and gives diagnostics. References are checked while the model is resolved.

mod documentation;
mod numbers;

use crate::diagnostic::Diagnostic;
use crate::spec::Spec;

/// A rule: reads the specification, notes what is wrong.
type Rule = fn(&Spec, &mut Vec<Diagnostic>);

const RULES: &[Rule] = &[documentation::check, numbers::check];

/// Applies every rule.
pub fn check(spec: &Spec) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for rule in RULES {
        rule(spec, &mut problems);
    }
    problems
}
