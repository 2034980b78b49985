//! Documentation must say something: no empty text, no placeholder, no repetition of the name; sentences end.

use crate::diagnostic::Diagnostic;
use crate::spec::{Located, Operation, Spec};

pub(super) const RULE: super::Rule = super::Rule {
    sentence: "Documentation says something: no empty text, no placeholder, no repetition of the name; sentences end with a full stop.",
    check,
};

/// Checks every text that users will read.
fn check(spec: &Spec, problems: &mut Vec<Diagnostic>) {
    for item in &spec.enums.enums {
        sentence(&item.name, &item.summary, &spec.enums.file, problems);
        for value in &item.values {
            sentence(&value.name, &value.doc, &spec.enums.file, problems);
        }
    }
    for dtype in &spec.dtypes.dtypes {
        sentence(&dtype.name, &dtype.doc, &spec.dtypes.file, problems);
    }
    for constant in &spec.constants.constants {
        sentence(&constant.name, &constant.doc, &spec.constants.file, problems);
    }
    for file in &spec.objects {
        sentence(&file.object.name, &file.object.summary, &file.file, problems);
        file.operations.iter().for_each(|operation| check_operation(operation, &file.file, problems));
    }
    for file in &spec.operations {
        file.operations.iter().for_each(|operation| check_operation(operation, &file.file, problems));
    }
}

fn check_operation(operation: &Operation, file: &str, problems: &mut Vec<Diagnostic>) {
    sentence(&operation.name, &operation.summary, file, problems);
    for param in &operation.params {
        sentence(&param.name, &param.doc, file, problems);
    }
    if let Some(result) = &operation.result {
        sentence(&operation.name, &result.doc, file, problems);
    }
}

fn sentence(name: &str, text: &Located<String>, file: &str, problems: &mut Vec<Diagnostic>) {
    let trimmed = text.trim();
    let lower = trimmed.to_ascii_lowercase();
    let bare: String = lower.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    let of_name: String = name.to_ascii_lowercase().chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    // A value of an enumeration may be its own best description ("Barrier."); a parameter or operation may not.
    let repeats = [format!("the{of_name}"), format!("a{of_name}")].contains(&bare);
    let problem = if trimmed.is_empty() {
        "has no text"
    } else if ["todo", "tbd", "fixme", "xxx"].iter().any(|word| lower.starts_with(word)) {
        "is a placeholder"
    } else if repeats {
        "only repeats the name"
    } else if !trimmed.ends_with(['.', ':']) {
        "does not end with a full stop"
    } else {
        return;
    };
    problems.push(Diagnostic::new(
        text.position(file),
        format!("the documentation of `{name}` {problem}"),
        "Say in a sentence what a user needs to know: meaning, units, who must call it.",
    ));
}
