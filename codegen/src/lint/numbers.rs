//! Numbers of the binary interface: unique within their list, never a reserved one.

use std::collections::HashMap;

use super::{Check, Problems, Rule};
use crate::diagnostic::Position;
use crate::spec::{Located, Spec};

pub(super) const RULE: Rule = Rule {
    sentence: "Numbers of the binary interface are unique within their list, and a reserved number is never used again.",
    check: Check::Written(check),
};

fn check(spec: &Spec, problems: &mut Problems) {
    let dtypes = spec.dtypes.dtypes.iter().map(|dtype| (&dtype.name, &dtype.code));
    unique("dtypes", dtypes, &spec.dtypes.file, problems);
    for item in &spec.enums.enums {
        let values = item.values.iter().map(|value| (&value.name, &value.value));
        unique(&item.name, values, &spec.enums.file, problems);
        for value in item.values.iter().filter(|value| item.reserved.contains(&value.value.value)) {
            problems.add(
                &value.value,
                &spec.enums.file,
                format!(
                    "{} has the number {}, which is reserved in `{}`",
                    value.name, value.value, item.name
                ),
                "Numbers are never used again; take the next free one.",
            );
        }
    }
    let categories = spec.errors.categories.iter().map(|category| (&category.name, &category.value));
    unique("categories", categories, &spec.errors.file, problems);
    let codes =
        spec.errors.codes.iter().filter(|code| code.alias_of.is_none()).map(|code| (&code.name, &code.code));
    unique("codes", codes, &spec.errors.file, problems);
    aliases(spec, problems);
    if !spec.errors.codes.iter().any(|code| code.name.value == "SUCCESS" && code.code.value == 0) {
        problems.at(
            Position { file: spec.errors.file.clone(), line: 0, column: 0 },
            "there is no status SUCCESS with the code 0",
            "Add it: it is what a call gives that does not fail.",
        );
    }
}

fn unique<'a>(
    list: &str,
    entries: impl Iterator<Item = (&'a Located<String>, &'a Located<i32>)>,
    file: &str,
    problems: &mut Problems,
) {
    let mut first: HashMap<i32, &str> = HashMap::new();
    for (name, number) in entries {
        if let Some(other) = first.insert(number.value, name) {
            problems.add(
                number,
                file,
                format!("{name} has the number {number}, which {other} has already in `{list}`"),
                "Take the next free number.",
            );
        }
    }
}

/// Another name for a status must stand after it and have its number.
fn aliases(spec: &Spec, problems: &mut Problems) {
    for (index, code) in spec.errors.codes.iter().enumerate() {
        let Some(original) = &code.alias_of else { continue };
        let found = spec.errors.codes[..index].iter().find(|earlier| earlier.name.value == original.value);
        if found.is_none_or(|found| found.code.value != code.code.value) {
            problems.add(
                original,
                &spec.errors.file,
                format!(
                    "{} is another name for {original}, but no earlier status of that name has its code",
                    code.name
                ),
                "Name a status above this one, and give both the same code.",
            );
        }
    }
}
