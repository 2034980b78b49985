//! Operations that are one to the other ranks.

use super::{Check, Problems, Rule};
use crate::model::{Model, Operation};

pub(super) const RULE: Rule = Rule {
    sentence: "What `same_as` names is another collective operation on the same object or none, on which ranks agree alike, because a \
               rank may call it where the others call this one.",
    check: Check::Resolved(check),
};

fn check(model: &Model, problems: &mut Problems) {
    for operation in model.operations() {
        let Some(name) = &operation.same_as else { continue };
        if !model.operations().any(|other| other.full_name == *name && are_one(operation, other)) {
            problems.at(
                operation.position.clone(),
                format!("`{}` cannot be the same as `{name}`", operation.full_name),
                "Name a collective operation on the same object, or on a context where this is one of a context, that blocks and \
                 has nothing to agree on, as this one.",
            );
        }
    }
}

/// Whether calls of both look alike to the other ranks.
fn are_one(operation: &Operation, other: &Operation) -> bool {
    let container = |operation: &Operation| {
        operation.object.as_ref().map(|object| object.name.clone()).filter(|name| name != "context")
    };
    let is_plain = |it: &Operation| it.is_collective() && !it.is_issued() && it.agree.is_empty();
    is_plain(operation)
        && is_plain(other)
        && other.same_as.is_none()
        && container(operation) == container(other)
}
