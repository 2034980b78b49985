//! What an operation may be to its object.

use super::{Check, Problems, Rule};
use crate::spec::{Object, Operation, Role, Scope, Spec};

pub(super) const RULE: Rule = Rule {
    sentence: "A property is local, takes no parameters, changes nothing and gives a result: a debugger or `repr` may read it \
               on one rank alone. A constructor gives its object. A free operation has no role.",
    check: Check::Written(check),
};

fn check(spec: &Spec, problems: &mut Problems) {
    for (object, operation, file) in spec.all_operations() {
        match (operation.role, object) {
            (Role::Property, Some(_)) => property(operation, file, problems),
            (Role::Constructor, Some(object)) => constructor(operation, object, file, problems),
            (Role::Property | Role::Constructor | Role::Static, None) => problems.add(
                &operation.name,
                file,
                format!("`{}` belongs to no object and has a role", operation.name),
                "Leave `role` away, or write the operation in a file of spec/objects.",
            ),
            (Role::Method | Role::Static, _) => {}
        }
    }
}

fn property(operation: &Operation, file: &str, problems: &mut Problems) {
    let name = &operation.name;
    let mut refuse = |problem: &str| {
        problems.add(
            name,
            file,
            format!("the property `{name}` {problem}"),
            "Leave `role: property` away, so that it is a method, which may do this.",
        );
    };
    if operation.scope != Scope::Local {
        refuse("is not local: reading it on one rank alone would wait for ever");
    }
    if !operation.params.is_empty() {
        refuse("takes parameters");
    }
    if operation.mutates {
        refuse("changes its object");
    }
    if operation.result.is_none() {
        refuse("gives no result");
    }
    if !operation.errors.is_empty() {
        refuse("can fail");
    }
}

fn constructor(operation: &Operation, object: &Object, file: &str, problems: &mut Problems) {
    let gives = operation.result.as_ref().map(|result| result.kind.value.as_str());
    if gives != Some(object.name.as_str()) {
        problems.add(
            &operation.name,
            file,
            format!("the constructor `{}` does not give a {}", operation.name, object.name),
            format!("Write `result: {{ kind: {}, ... }}`, or `role: static`.", object.name),
        );
    }
}
