//! Rules that a specification must keep beyond its format; one rule a file.
//!
//! A rule reads the parsed specification, where every text has its place, or the resolved model where the rule is about
//! names that are derived. It gives diagnostics. References are checked while the model is resolved.

mod agreement;
mod bases;
mod by_hand;
mod c_names;
mod collectives;
mod dimensions;
mod documentation;
mod duplicates;
mod enumerations;
mod examples;
mod fortran;
mod functions;
mod nonblocking;
mod numbers;
mod parameters;
mod protocols;
mod python_names;
mod reserved;
mod roles;
mod same_as;
mod skips;
mod sorts;
mod spelling;
mod supports;
mod versions;
mod with_function;

use crate::diagnostic::{Diagnostic, Position};
use crate::model::Model;
use crate::spec::{Located, Spec};

/// A rule of the specification.
struct Rule {
    /// The rule as a sentence, for `spec/README.md`.
    sentence: &'static str,
    /// What notes the violations.
    check: Check,
}

/// What a rule reads.
enum Check {
    /// The specification as it is written.
    Written(fn(&Spec, &mut Problems)),
    /// The model, in which every name of C is spelled out.
    Resolved(fn(&Model, &mut Problems)),
}

const RULES: &[Rule] = &[
    spelling::RULE,
    duplicates::RULE,
    reserved::RULE,
    c_names::RULE,
    python_names::RULE,
    by_hand::RULE,
    numbers::RULE,
    enumerations::RULE,
    documentation::RULE,
    roles::RULE,
    bases::RULE,
    same_as::RULE,
    functions::RULE,
    protocols::RULE,
    parameters::RULE,
    dimensions::RULE,
    collectives::RULE,
    agreement::RULE,
    nonblocking::RULE,
    examples::RULE,
    skips::RULE,
    fortran::RULE,
    supports::RULE,
    versions::RULE,
    with_function::RULE,
];

/// What the rules found.
struct Problems(Vec<Diagnostic>);

impl Problems {
    /// Notes a problem with `text` in `file`.
    fn add<T>(&mut self, text: &Located<T>, file: &str, problem: impl Into<String>, cure: impl Into<String>) {
        self.at(text.position(file), problem, cure);
    }

    /// Notes a problem at a place.
    fn at(&mut self, position: Position, problem: impl Into<String>, cure: impl Into<String>) {
        self.0.push(Diagnostic::new(position, problem, cure));
    }

    /// In the order of files and lines, whatever the order of the rules. What is wrong in a shared operation is wrong for
    /// each object that includes it, and said once.
    fn sorted(mut self) -> Vec<Diagnostic> {
        self.0.sort();
        self.0.dedup();
        self.0
    }
}

/// Applies every rule about the specification as it is written.
pub fn check(spec: &Spec) -> Vec<Diagnostic> {
    let mut problems = Problems(Vec::new());
    for rule in RULES {
        if let Check::Written(check) = rule.check {
            check(spec, &mut problems);
        }
    }
    problems.sorted()
}

/// Applies every rule about the resolved model.
pub fn check_model(model: &Model) -> Vec<Diagnostic> {
    let mut problems = Problems(Vec::new());
    for rule in RULES {
        if let Check::Resolved(check) = rule.check {
            check(model, &mut problems);
        }
    }
    problems.sorted()
}

/// The rules in words.
pub fn sentences() -> Vec<&'static str> {
    RULES.iter().map(|rule| rule.sentence).collect()
}
