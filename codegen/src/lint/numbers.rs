//! Numbers of the binary interface: unique within their list, never a reserved one.

use std::collections::HashMap;

use crate::diagnostic::Diagnostic;
use crate::spec::{Located, Spec};

pub(super) const RULE: super::Rule = super::Rule {
    sentence: "Numbers of the binary interface are unique within their list, and a reserved number is never used again.",
    check,
};

/// Checks dtype codes, enumeration values and status codes.
fn check(spec: &Spec, problems: &mut Vec<Diagnostic>) {
    let dtypes = spec.dtypes.dtypes.iter().map(|dtype| (&dtype.name, &dtype.code));
    unique("dtype", dtypes, &spec.dtypes.file, problems);
    for item in &spec.enums.enums {
        let values = item.values.iter().map(|value| (&value.name, &value.value));
        unique(&item.name, values, &spec.enums.file, problems);
        for value in item.values.iter().filter(|value| item.reserved.contains(&value.value.value)) {
            problems.push(Diagnostic::new(
                value.value.position(&spec.enums.file),
                format!(
                    "{} has the number {}, which is reserved in `{}`",
                    value.name, value.value, item.name
                ),
                "Numbers are never used again; take the next free one.",
            ));
        }
    }
    let codes =
        spec.errors.codes.iter().filter(|code| code.alias_of.is_none()).map(|code| (&code.name, &code.code));
    unique("status", codes, &spec.errors.file, problems);
}

fn unique<'a>(
    list: &str,
    entries: impl Iterator<Item = (&'a Located<String>, &'a Located<i32>)>,
    file: &str,
    problems: &mut Vec<Diagnostic>,
) {
    let mut first: HashMap<i32, &str> = HashMap::new();
    for (name, number) in entries {
        if let Some(other) = first.insert(number.value, name) {
            problems.push(Diagnostic::new(
                number.position(file),
                format!("{name} has the number {number}, which {other} has already in `{list}`"),
                "Take the next free number.",
            ));
        }
    }
}
