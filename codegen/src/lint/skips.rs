//! Operations that a language does not offer: they exist, are named once, and the reason is a sentence.

use super::{Check, Problems, Rule};
use crate::spec::Spec;

pub(super) const RULE: Rule = Rule {
    sentence: "A skip names an operation that exists, once for each language, and gives its reason as a sentence.",
    check: Check::Written(check),
};

/// The languages that have a backend.
const LANGUAGES: &[&str] = &["c", "fortran", "python", "rust"];

fn check(spec: &Spec, problems: &mut Problems) {
    let mut known: Vec<String> = spec.objects.iter().map(|file| file.object.name.value.clone()).collect();
    for (object, operation, file) in spec.all_operations() {
        known.push(match object {
            Some(object) => format!("{}.{}", object.name, operation.name),
            None => operation.name.value.clone(),
        });
        if file.starts_with("spec/shared/") {
            known.push(format!("{}.{}", operation.name.position(file).stem(), operation.name));
        }
    }
    for (language, file) in &spec.languages {
        if !LANGUAGES.contains(&language.as_str()) {
            problems.at(
                crate::diagnostic::Position { file: file.file.clone(), line: 0, column: 0 },
                format!("there is no language `{language}`"),
                format!("Name the file after one of: {}.", LANGUAGES.join(", ")),
            );
        }
        for (index, skip) in file.skips.iter().enumerate() {
            let name = &skip.operation;
            if !known.contains(&name.value) {
                let cure = "Write the full name, such as `allreduce` or `vector.fill`, or `container.fill` for every object that \
                            extends `container` or includes it from such a file of spec/shared, or the name of an object for all of it; or delete the skip.";
                problems.add(name, &file.file, format!("there is no operation `{name}` to skip"), cure);
            }
            if file.skips[..index].iter().any(|earlier| earlier.operation.value == name.value) {
                problems.add(name, &file.file, format!("`{name}` is skipped twice"), "Keep one of the two.");
            }
            let reason = skip.reason.trim();
            if reason.split_whitespace().count() < 3 || !reason.ends_with('.') {
                problems.add(
                    &skip.reason,
                    &file.file,
                    format!("the skip of `{name}` gives no reason"),
                    "Say in a sentence why the language cannot offer it; it appears on the coverage page.",
                );
            }
        }
    }
}
