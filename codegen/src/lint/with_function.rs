//! Reductions whose operator may be a function in Python.

use super::{Check, Problems, Rule};
use crate::model::{Model, Operation};

pub(super) const RULE: Rule = Rule {
    sentence: "What `with_function` names is an operation with the same parameters, but for a function in place of the operator, \
               because Python passes on what it is given.",
    check: Check::Resolved(check),
};

fn check(model: &Model, problems: &mut Problems) {
    for operation in model.operations() {
        let Some(name) = &operation.with_function else { continue };
        let alike = model.with_function(operation).is_some_and(|other| are_alike(operation, other));
        if !alike {
            problems.at(
                operation.position.clone(),
                format!("`{}` cannot leave functions to `{name}`", operation.full_name),
                "Name an operation with a function where this one has an operator, and otherwise the same parameters and form.",
            );
        }
    }
}

/// Whether the parameters are the same, with a function where the first has its operator.
fn are_alike(operation: &Operation, other: &Operation) -> bool {
    let (Some(op), Some(func)) = (operation.operator(), other.failing_callback()) else { return false };
    let without = |operation: &Operation, left_out: &str| -> Vec<String> {
        let others = operation.params.iter().filter(|param| param.name != left_out);
        others.map(|param| param.name.clone()).collect()
    };
    without(operation, &op.name) == without(other, &func.name) && operation.is_issued() == other.is_issued()
}
