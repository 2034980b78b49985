//! Public names of C and Fortran, which have one namespace each, and Fortran's ignores case.

use std::collections::HashMap;

use super::{Check, Problems, Rule};
use crate::diagnostic::Position;
use crate::model::Model;

pub(super) const RULE: Rule = Rule {
    sentence: "Every public name of C is made by one entry, and stays different from the others when case is ignored, as \
               Fortran does.",
    check: Check::Resolved(check),
};

fn check(model: &Model, problems: &mut Problems) {
    let mut names = Names { seen: HashMap::new(), problems };
    for item in &model.enums {
        names.add(format!("dtl_{}", item.name), &item.position);
        for value in &item.values {
            names.add(format!("DTL_{}_{}", item.prefix, value.name), &value.position);
        }
        if item.count {
            names.add(format!("DTL_{}_COUNT", item.prefix), &item.position);
        }
    }
    model.statuses.iter().for_each(|status| names.add(status.enumerator.clone(), &status.position));
    model
        .constants
        .iter()
        .for_each(|constant| names.add(format!("DTL_{}", constant.name), &constant.position));
    for item in &model.structs {
        names.add(format!("dtl_{}", item.name), &item.position);
        names.add(format!("dtl_{}_init", item.name), &item.position);
    }
    model.objects.iter().for_each(|object| names.add(format!("dtl_{}_t", object.name), &object.position));
    // In Fortran, a function of several objects has one name, which is none of C's, unless an operation on a context shares it; that of a
    // single one may have the same.
    for function in model.functions("fortran") {
        let name = format!("dtl_{}", function[0].name);
        let is_also_in_c = function.len() == 1 && function[0].c.iter().any(|form| form.name == name);
        if !is_also_in_c && model.free_operation(function[0]).is_none() {
            names.add(name, &function[0].position);
        }
    }
    for operation in model.operations() {
        for function in &operation.c {
            names.add(function.name.clone(), &operation.position);
            for (index, arg) in function.args.iter().enumerate() {
                if function.args[..index].iter().any(|earlier| earlier.name == arg.name) {
                    names.problems.at(
                        operation.position.clone(),
                        format!("the C function {} has two parameters called `{}`", function.name, arg.name),
                        "Give them different names in `c: [{ args: [...] }]`.",
                    );
                }
            }
        }
    }
}

struct Names<'a> {
    seen: HashMap<String, (String, String)>,
    problems: &'a mut Problems,
}

impl Names<'_> {
    fn add(&mut self, name: String, position: &Position) {
        let folded = name.to_ascii_lowercase();
        if let Some((first, place)) = self.seen.get(&folded) {
            let problem = if *first == name {
                format!("`{name}` is a public name of C already")
            } else {
                format!("`{name}` differs from `{first}` in case alone, which Fortran ignores")
            };
            self.problems.at(
                position.clone(),
                problem,
                format!("Rename one of them; the first comes from {place}."),
            );
        } else {
            self.seen.insert(folded, (name, position.to_string()));
        }
    }
}
