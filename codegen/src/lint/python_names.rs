//! Names that Python puts into the module `dtl` or into a class, which have one namespace each.

use std::collections::HashMap;

use super::{Check, Problems, Rule};
use crate::diagnostic::Position;
use crate::model::{ByHand, Model, Operation};
use crate::spec::Role;

pub(super) const RULE: Rule = Rule {
    sentence: "Every name in the Python module is made by one entry (functions, classes, exceptions, constants, the \
               values of enumerations that have module-level constants, and what is `by_hand`, which Python alone \
               has), and so is every name in a class. A function of objects may have the name of a free operation whose first parameter \
               is a context: the class of the first argument tells them apart. In a group with `module`, the names of operations begin with \
               that of the module and an underscore.",
    check: Check::Resolved(check),
};

fn check(model: &Model, problems: &mut Problems) {
    let mut module = Names::new("the Python module", problems);
    model.objects.iter().for_each(|object| module.add(&object.python, &object.position));
    model.exceptions.iter().for_each(|exception| module.add(&exception.name, &exception.position));
    model.constants.iter().filter(|item| item.python).for_each(|item| module.add(&item.name, &item.position));
    for item in model.enums.iter().filter(|item| item.name != "dtype") {
        module.add(&item.type_name, &item.position);
        let Some(prefix) = &item.python_constants else { continue };
        item.values.iter().for_each(|value| module.add(&format!("{prefix}{}", value.name), &value.position));
    }
    let is_alone = |operation: &&Operation| operation.object.is_none() && operation.shares_name.is_none();
    for operation in model.operations_in("python").filter(is_alone) {
        module.add(&operation.python_name, &operation.position);
        if let Some(group) = &operation.python_module {
            module.must_begin_with(group, operation);
        }
    }
    for function in model.functions("python") {
        module.add(&function[0].python_name, &function[0].position);
    }
    for language in &model.languages {
        for item in &language.by_hand {
            module.add(&item.name, &item.position);
            if language.name != "python" {
                module.must_be_in_python(item, &language.name);
            }
        }
    }
    for object in &model.objects {
        let mut class = Names::new(format!("the Python class {}", object.python), problems);
        let is_in_class =
            |operation: &&Operation| operation.role != Role::Constructor && operation.function_of.is_none();
        let shown = model.operations_in("python").filter(is_in_class);
        for operation in
            shown.filter(|operation| operation.object.as_ref().is_some_and(|of| of.name == object.name))
        {
            class.add(&operation.python_name, &operation.position);
        }
    }
}

struct Names<'a> {
    place: String,
    seen: HashMap<String, String>,
    problems: &'a mut Problems,
}

impl<'a> Names<'a> {
    fn new(place: impl Into<String>, problems: &'a mut Problems) -> Self {
        Self { place: place.into(), seen: HashMap::new(), problems }
    }

    fn must_begin_with(&mut self, group: &str, operation: &Operation) {
        let rest = operation.python_name.strip_prefix(group).and_then(|rest| rest.strip_prefix('_'));
        if rest.is_none_or(str::is_empty) {
            self.problems.at(
                operation.position.clone(),
                format!("`{}` does not begin with the module of its group, `{group}`", operation.python_name),
                format!("Name it `{group}_...`, or leave `module` away."),
            );
        }
    }

    fn must_be_in_python(&mut self, item: &ByHand, language: &str) {
        self.problems.at(
            item.position.clone(),
            format!("`{}` is written by hand, but not in Python", item.name),
            format!("Make an operation of it, which {language} has like every language, or move it to spec/lang/python.yaml."),
        );
    }

    fn add(&mut self, name: &str, position: &Position) {
        if let Some(first) = self.seen.get(name) {
            let problem = format!("{} has `{name}` already", self.place);
            self.problems.at(
                position.clone(),
                problem,
                format!("Rename one of them; the first comes from {first}."),
            );
        } else {
            self.seen.insert(name.to_owned(), position.to_string());
        }
    }
}
