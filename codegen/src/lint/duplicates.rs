//! Names that occur twice in one list.

use std::collections::HashMap;

use super::{Check, Problems, Rule};
use crate::spec::{Located, Returns, Spec};

pub(super) const RULE: Rule = Rule {
    sentence: "No name occurs twice in its list. Kinds, callbacks, enumerations and objects share one list, because `kind:` names any of \
               them; so do dtypes and sets.",
    check: Check::Written(check),
};

fn check(spec: &Spec, problems: &mut Problems) {
    let mut kinds = List::new("what `kind:` can name", problems);
    spec.kinds.kinds.iter().for_each(|kind| kinds.add(&kind.name, &spec.kinds.file));
    spec.kinds.callbacks.iter().for_each(|callback| kinds.add(&callback.name, &spec.kinds.file));
    spec.enums.enums.iter().for_each(|item| kinds.add(&item.name, &spec.enums.file));
    spec.objects.iter().for_each(|file| kinds.add(&file.object.name, &file.file));

    let mut dtypes = List::new("dtypes and sets", problems);
    spec.dtypes.dtypes.iter().for_each(|dtype| dtypes.add(&dtype.name, &spec.dtypes.file));
    for (name, set) in &spec.dtypes.sets {
        // Keys of a mapping have no place of their own; the first text below it has.
        let name = Located { value: name.clone(), line: set.doc.line, column: set.doc.column };
        dtypes.add(&name, &spec.dtypes.file);
    }
    for item in &spec.enums.enums {
        let mut values = List::new(format!("the values of `{}`", item.name), problems);
        item.values.iter().for_each(|value| values.add(&value.name, &spec.enums.file));
    }
    let mut categories = List::new("the categories", problems);
    spec.errors.categories.iter().for_each(|category| categories.add(&category.name, &spec.errors.file));
    let mut exceptions = List::new("the exceptions", problems);
    spec.errors.exceptions.iter().for_each(|exception| exceptions.add(&exception.name, &spec.errors.file));
    let mut codes = List::new("the status codes", problems);
    spec.errors.codes.iter().for_each(|code| codes.add(&code.name, &spec.errors.file));
    let mut constants = List::new("the constants", problems);
    spec.constants.constants.iter().for_each(|constant| constants.add(&constant.name, &spec.constants.file));
    let mut variables = List::new("the variables", problems);
    spec.variables.variables.iter().for_each(|variable| variables.add(&variable.name, &spec.variables.file));

    let mut structs = List::new("the structs", problems);
    spec.structs.structs.iter().for_each(|item| structs.add(&item.name, &spec.structs.file));
    for item in &spec.structs.structs {
        let mut fields = List::new(format!("the fields of `{}`", item.name), problems);
        item.fields.iter().for_each(|field| fields.add(&field.name, &spec.structs.file));
    }
    // `vector.fill` is the function `vector_fill` where languages meet, so a free operation of that name would be another one.
    let mut operations = List::new("the operations", problems);
    for (object, operation, file) in spec.all_operations() {
        let symbol = object.map_or_else(
            || operation.name.value.clone(),
            |object| format!("{}_{}", object.name, operation.name),
        );
        if operation.nonblocking {
            let container = object.filter(|object| object.is_lent()).map(|object| object.name.as_str());
            let form = operation.nonblocking_form(container).name;
            operations.add(
                &Located {
                    value: object.map_or(form.value.clone(), |object| format!("{}_{form}", object.name)),
                    ..form.clone()
                },
                file,
            );
        }
        operations.add(&Located { value: symbol, ..operation.name.clone() }, file);
    }
    for (_, operation, file) in spec.all_operations() {
        let mut params = List::new(format!("the parameters and results of `{}`", operation.name), problems);
        operation.function_of.iter().for_each(|object| params.add(&object.name, file));
        operation.params.iter().for_each(|param| params.add(&param.name, file));
        operation.result.iter().flat_map(Returns::names).for_each(|name| params.add(name, file));
        let mut examples = List::new(format!("the examples of `{}`", operation.name), problems);
        operation.examples.iter().for_each(|example| examples.add(&example.name, file));
    }
}

struct List<'a> {
    what: String,
    seen: HashMap<String, String>,
    problems: &'a mut Problems,
}

impl<'a> List<'a> {
    fn new(what: impl Into<String>, problems: &'a mut Problems) -> Self {
        Self { what: what.into(), seen: HashMap::new(), problems }
    }

    fn add(&mut self, name: &Located<String>, file: &str) {
        let position = name.position(file);
        if let Some(first) = self.seen.get(&name.value) {
            let problem = format!("`{name}` occurs twice among {}", self.what);
            self.problems.at(
                position,
                problem,
                format!("Choose another name; the first one stands at {first}."),
            );
        } else {
            self.seen.insert(name.value.clone(), position.to_string());
        }
    }
}
