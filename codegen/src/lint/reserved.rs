//! Words that a language keeps for itself.

use super::{Check, Problems, Rule};
use crate::model::upper_camel;
use crate::spec::{Located, Returns, Spec};

pub(super) const RULE: Rule = Rule {
    sentence: "No operation, parameter or result has a name that is reserved in one of the languages (`reserved` in \
               `spec/lang`), because names are the same in all of them.",
    check: Check::Written(check),
};

fn check(spec: &Spec, problems: &mut Problems) {
    for (_, operation, file) in spec.all_operations() {
        let own = operation.python.name.iter().chain([&operation.name]);
        let first = operation.function_of.iter().map(|object| &object.name);
        let params = operation.params.iter().map(|param| &param.name).chain(first);
        let result = operation.result.iter().flat_map(Returns::names);
        for name in own.chain(params).chain(result) {
            judge(spec, name, name, file, problems);
        }
    }
    for item in &spec.enums.enums {
        for value in &item.values {
            // Only Rust makes an identifier of the words themselves; everywhere else a prefix comes first.
            let variant = upper_camel(&value.name);
            let reserved = spec.languages.iter().filter(|(language, _)| language == "rust");
            if reserved.flat_map(|(_, file)| &file.reserved).any(|word| *word == variant) {
                judge(spec, &value.name, &variant, &spec.enums.file, problems);
            }
        }
    }
}

fn judge(spec: &Spec, name: &Located<String>, word: &str, file: &str, problems: &mut Problems) {
    let refuses = |words: &[String]| words.iter().any(|reserved| reserved.eq_ignore_ascii_case(word));
    let languages: Vec<&str> = spec
        .languages
        .iter()
        .filter(|(_, file)| refuses(&file.reserved))
        .map(|(name, _)| name.as_str())
        .collect();
    if !languages.is_empty() {
        let problem = format!("`{name}` is a reserved word in {}", languages.join(" and "));
        problems.add(name, file, problem, "Choose another name.");
    }
}
