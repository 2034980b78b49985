//! Documentation must say something: no empty text, no placeholder, no repetition of the name; sentences end.

use super::{Check, Problems, Rule};
use crate::spec::{Located, Object, Operation, Spec};

pub(super) const RULE: Rule = Rule {
    sentence: "Documentation says something: no empty text, no placeholder, no repetition of the name. Sentences end with a \
               full stop, phrases without one.",
    check: Check::Written(check),
};

/// What a text must look like.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// One or more sentences.
    Sentence,
    /// Words from which sentences are made: no full stop.
    Phrase,
}

use Form::{Phrase, Sentence};

fn check(spec: &Spec, problems: &mut Problems) {
    let library = &spec.library.library;
    let mut texts = Texts { file: &spec.library.file, problems };
    texts.check(&library.name, &library.summary, Sentence);
    texts.optional(&library.name, &library.details);

    texts.file = &spec.kinds.file;
    for kind in &spec.kinds.kinds {
        texts.check(&kind.name, &kind.doc, Phrase);
        kind.check.iter().for_each(|check| texts.check(&kind.name, &check.cure, Sentence));
    }
    for callback in &spec.kinds.callbacks {
        texts.check(&callback.name, &callback.summary, Sentence);
        texts.check(&callback.name, &callback.called, Phrase);
        callback.params.iter().for_each(|param| texts.check(&param.name, &param.doc, Sentence));
        callback.returns.iter().for_each(|returns| texts.check(&returns.kind, &returns.doc, Phrase));
    }
    texts.file = &spec.dtypes.file;
    spec.dtypes.dtypes.iter().for_each(|dtype| texts.check(&dtype.name, &dtype.doc, Sentence));
    spec.dtypes.sets.iter().for_each(|(name, set)| texts.check(name, &set.doc, Sentence));

    texts.file = &spec.enums.file;
    for item in &spec.enums.enums {
        texts.check(&item.name, &item.summary, Sentence);
        texts.optional(&item.name, &item.details);
        item.values.iter().for_each(|value| texts.check(&value.name, &value.doc, Sentence));
    }
    texts.file = &spec.errors.file;
    spec.errors.categories.iter().for_each(|category| texts.check(&category.name, &category.doc, Sentence));
    spec.errors
        .exceptions
        .iter()
        .for_each(|exception| texts.check(&exception.name, &exception.doc, Sentence));
    for code in &spec.errors.codes {
        texts.check(&code.name, &code.message, Phrase);
        texts.optional(&code.name, &code.remedy);
    }
    texts.file = &spec.constants.file;
    spec.constants.constants.iter().for_each(|constant| texts.check(&constant.name, &constant.doc, Sentence));
    texts.file = &spec.variables.file;
    for variable in &spec.variables.variables {
        texts.check(&variable.name, &variable.holds, Phrase);
        texts.check(&variable.name, &variable.doc, Sentence);
    }
    texts.file = &spec.structs.file;
    for item in &spec.structs.structs {
        texts.check(&item.name, &item.doc, Sentence);
        item.fields.iter().for_each(|field| texts.check(&field.name, &field.doc, Sentence));
    }
    for file in &spec.objects {
        texts.file = &file.file;
        texts.object(&file.object);
        for operation in &file.operations {
            texts.file = &operation.file;
            texts.operation(operation);
        }
    }
    for file in &spec.operations {
        texts.file = &file.file;
        texts.check("title", &file.title, Phrase);
        texts.check(&file.title, &file.doc, Sentence);
        file.operations.iter().for_each(|operation| texts.operation(operation));
    }
    for (language, file) in &spec.languages {
        texts.file = &file.file;
        texts.optional(language, &file.conventions);
        file.special.iter().for_each(|item| texts.optional(&item.written, &item.doc));
    }
}

struct Texts<'a> {
    file: &'a str,
    problems: &'a mut Problems,
}

impl Texts<'_> {
    fn object(&mut self, object: &Object) {
        self.check(&object.name, &object.summary, Sentence);
        self.optional(&object.name, &object.details);
    }

    fn operation(&mut self, operation: &Operation) {
        let name = &operation.name;
        self.check(name, &operation.summary, Sentence);
        self.optional(name, &operation.details);
        operation.function_of.iter().for_each(|object| self.check(&object.name, &object.doc, Sentence));
        operation.params.iter().for_each(|param| self.check(&param.name, &param.doc, Sentence));
        operation.result.iter().for_each(|result| self.check(name, &result.doc, Sentence));
        let second = operation.result.iter().flat_map(|result| &result.beside);
        second.for_each(|second| self.check(name, &second.doc, Sentence));
        operation.errors.iter().for_each(|error| self.check(&error.status, &error.when, Phrase));
        operation.deprecated.iter().for_each(|notice| self.check(name, &notice.note, Sentence));
        operation.examples.iter().for_each(|example| self.check(&example.name, &example.doc, Sentence));
    }

    /// A text that may be absent.
    fn optional(&mut self, name: &str, text: &Located<String>) {
        if !text.is_empty() {
            self.check(name, text, Sentence);
        }
    }

    fn check(&mut self, name: &str, text: &Located<String>, form: Form) {
        let Some(problem) = problem(name, text, form) else { return };
        let cure = match form {
            Sentence => "Say in a sentence what a user needs to know: meaning, units, who must call it.",
            Phrase => "Write a phrase in lower case that a sentence can take up, without a full stop.",
        };
        self.problems.add(text, self.file, format!("the documentation of `{name}` {problem}"), cure);
    }
}

fn problem(name: &str, text: &str, form: Form) -> Option<&'static str> {
    let trimmed = text.trim();
    let lower = trimmed.to_ascii_lowercase();
    let bare: String = lower.chars().filter(char::is_ascii_alphanumeric).collect();
    let of_name: String = name.to_ascii_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    // A value or a status may be its own best description ("Barrier."); what has a name in lower case is more than that.
    let repeats = name.starts_with(|c: char| c.is_ascii_lowercase())
        && ["", "the", "a", "an"].iter().any(|article| bare == format!("{article}{of_name}"));
    if trimmed.is_empty() {
        Some("has no text")
    } else if ["todo", "tbd", "fixme", "xxx", "..."].iter().any(|word| lower.starts_with(word)) {
        Some("is a placeholder")
    } else if repeats {
        Some("only repeats the name")
    } else if form == Sentence && !trimmed.ends_with(['.', ':']) {
        Some("does not end with a full stop")
    } else if form == Phrase && trimmed.ends_with('.') {
        Some("ends with a full stop")
    } else if trimmed.matches('`').count() % 2 == 1 {
        Some("has a backtick without a partner")
    } else {
        None
    }
}
