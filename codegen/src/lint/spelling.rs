//! How names are spelled, and words that other YAML readers take for something else than a text.

use super::{Check, Problems, Rule};
use crate::spec::{Located, Returns, Spec};

pub(super) const RULE: Rule = Rule {
    sentence: "Names are words in lower case with underscores; those of values, constants and status codes are in upper case. \
               No name is a word that some YAML readers take for a truth value, such as `on` or `NO`.",
    check: Check::Written(check),
};

/// What YAML 1.1 reads as a truth value or as nothing.
const TRAPS: &[&str] = &["y", "n", "yes", "no", "on", "off", "true", "false", "null"];

fn check(spec: &Spec, problems: &mut Problems) {
    let mut names = Names { file: &spec.kinds.file, problems };
    spec.kinds.kinds.iter().for_each(|kind| names.lower("kinds", &kind.name));
    for callback in &spec.kinds.callbacks {
        names.lower("callbacks", &callback.name);
        callback.params.iter().for_each(|param| names.lower("parameters", &param.name));
    }
    names.file = &spec.dtypes.file;
    spec.dtypes.dtypes.iter().for_each(|dtype| names.lower("dtypes", &dtype.name));
    names.file = &spec.enums.file;
    for item in &spec.enums.enums {
        names.lower("enumerations", &item.name);
        names.upper("prefixes", &item.prefix);
        item.values.iter().for_each(|value| names.upper("values", &value.name));
    }
    names.file = &spec.errors.file;
    spec.errors.categories.iter().for_each(|category| names.upper("categories", &category.name));
    spec.errors.codes.iter().for_each(|code| names.upper("status codes", &code.name));
    spec.errors.exceptions.iter().for_each(|exception| names.camel("exceptions", &exception.name));
    names.file = &spec.constants.file;
    spec.constants.constants.iter().for_each(|constant| names.upper("constants", &constant.name));
    names.file = &spec.variables.file;
    spec.variables.variables.iter().for_each(|variable| names.upper("variables", &variable.name));
    names.file = &spec.structs.file;
    for item in &spec.structs.structs {
        names.lower("structs", &item.name);
        item.fields.iter().for_each(|field| names.lower("fields", &field.name));
    }
    for file in &spec.objects {
        names.file = &file.file;
        names.lower("objects", &file.object.name);
        names.camel("classes", &file.object.python.name);
    }
    for (_, operation, file) in spec.all_operations() {
        names.file = file;
        names.lower("operations", &operation.name);
        names.path(&operation.implementation);
        let first = operation.function_of.iter().map(|object| &object.name);
        let params = operation.params.iter().map(|param| &param.name);
        first.chain(params).for_each(|name| names.lower("parameters", name));
        operation.result.iter().flat_map(Returns::names).for_each(|name| names.lower("results", name));
        operation.python.name.iter().for_each(|name| names.lower("Python methods", name));
        operation.c.iter().flat_map(|form| &form.name).for_each(|name| names.lower("C functions", name));
        operation.examples.iter().for_each(|example| names.lower("examples", &example.name));
    }
}

struct Names<'a> {
    file: &'a str,
    problems: &'a mut Problems,
}

impl Names<'_> {
    fn lower(&mut self, what: &str, name: &Located<String>) {
        let right = starts_and_goes_on(
            name,
            |c| c.is_ascii_lowercase(),
            |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_',
        );
        self.judge(what, name, right, "Write words in lower case with underscores, beginning with a letter.");
    }

    fn upper(&mut self, what: &str, name: &Located<String>) {
        let right = starts_and_goes_on(
            name,
            |c| c.is_ascii_uppercase(),
            |c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_',
        );
        self.judge(what, name, right, "Write words in upper case with underscores, beginning with a letter.");
    }

    fn camel(&mut self, what: &str, name: &Located<String>) {
        let right = starts_and_goes_on(name, |c| c.is_ascii_uppercase(), |c| c.is_ascii_alphanumeric());
        self.judge(what, name, right, "Write words that each begin with a capital, without underscores.");
    }

    fn path(&mut self, name: &Located<String>) {
        let word = |word: &str| {
            starts_and_goes_on(
                word,
                |c| c.is_ascii_lowercase(),
                |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_',
            )
        };
        let right = name.split("::").all(word);
        self.judge(
            "paths",
            name,
            right,
            "Write the path of a function below the crate `dtl`, such as `collectives::allreduce`.",
        );
    }

    fn judge(&mut self, what: &str, name: &Located<String>, right: bool, cure: &str) {
        if TRAPS.contains(&name.to_ascii_lowercase().as_str()) {
            let problem = format!("`{name}` is a truth value or nothing to other YAML readers");
            self.problems.add(name, self.file, problem, "Choose another name.");
        } else if !right {
            self.problems.add(name, self.file, format!("`{name}` is not spelled as {what} are"), cure);
        }
    }
}

fn starts_and_goes_on(name: &str, first: impl Fn(char) -> bool, other: impl Fn(char) -> bool) -> bool {
    name.chars().next().is_some_and(first)
        && name.chars().all(other)
        && !name.contains("__")
        && !name.ends_with('_')
}
