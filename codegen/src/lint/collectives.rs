//! What a collective operation needs.

use super::sorts::{Sort, sort};
use super::{Check, Problems, Rule};
use crate::spec::{Base, Object, Operation, Role, Scope, Spec};

pub(super) const RULE: Rule = Rule {
    sentence: "A collective operation has a context (a parameter, or its object) and can fail; a rooted one has a parameter of \
               kind `root`; one that moves arrays has an example, unless its object decides what it gives, or a function of the caller does.",
    check: Check::Written(check),
};

fn check(spec: &Spec, problems: &mut Problems) {
    for (object, operation, file) in spec.all_operations() {
        if operation.scope.is_collective() {
            check_operation(spec, object, operation, file, problems);
        }
    }
}

fn check_operation(
    spec: &Spec,
    object: Option<&Object>,
    operation: &Operation,
    file: &str,
    problems: &mut Problems,
) {
    let name = &operation.name;
    let takes_self = object.is_some() && matches!(operation.role, Role::Method | Role::Property);
    if !takes_self && !operation.params.iter().any(|param| param.kind.value == "context") {
        problems.add(
            name,
            file,
            format!(
                "the collective operation `{name}` has no context, so nothing says which ranks take part"
            ),
            "Add a parameter `{ name: ctx, kind: context, ... }`.",
        );
    }
    if operation.infallible {
        problems.add(
            name,
            file,
            format!("the collective operation `{name}` is called infallible, but other ranks can fail"),
            "Leave `infallible` away.",
        );
    }
    if operation.scope == Scope::Rooted && !operation.params.iter().any(|param| param.kind.value == "root") {
        problems.add(
            name,
            file,
            format!("the rooted operation `{name}` has no root"),
            "Add a parameter `{ name: root, kind: root, default: 0, ... }`, or write `scope: collective`.",
        );
    }
    let is_array = |kind| matches!(sort(spec, kind), Some(Sort::Other(Base::Array)));
    let moves_arrays = operation.params.iter().any(|param| is_array(&param.kind))
        || operation.result.as_ref().is_some_and(|result| is_array(&result.kind));
    // Examples are data, which a function of the caller is not, and expect one array.
    let is_callback = |kind: &str| spec.kinds.callbacks.iter().any(|callback| callback.name.value == kind);
    let calls_back = operation.params.iter().any(|param| is_callback(&param.kind.value));
    let gives_two = operation.result.as_ref().is_some_and(|result| result.beside.is_some());
    if moves_arrays && !takes_self && !calls_back && !gives_two && operation.examples.is_empty() {
        problems.add(
            name,
            file,
            format!("the collective operation `{name}` has no example"),
            "Add one with the values of each rank; it becomes a test and a snippet in each language.",
        );
    }
}
