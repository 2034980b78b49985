//! What an operation needs in order to have a form that does not block, and what gives back what requests have given.

use super::sorts::{Sort, sort};
use super::{Check, Problems, Rule};
use crate::spec::{Base, CallbackLife, Object, Operation, Outcome, Protocol, Role, Spec};

pub(super) const RULE: Rule = Rule {
    sentence: "A `nonblocking` operation is a free one with a parameter of kind `context`, or a method of an object that keeps a context alive: of a container, which is `lent` and generic, or of an object that is neither; \
               other ranks take part in it, and it gives an array or nothing, of a container nothing; its parameters are no container, list or callback that is kept beyond its end; there is an object `request`. An `outcome` is `own` for an operation of an object \
               that can be awaited, and another for one whose first parameter is a list.",
    check: Check::Written(check),
};

fn check(spec: &Spec, problems: &mut Problems) {
    check_outcomes(spec, problems);
    let has_requests = spec.objects.iter().any(|file| file.object.name.value == "request");
    for (object, operation, file) in spec.all_operations().filter(|(_, operation, _)| operation.nonblocking) {
        let mut refuse = |problem: &str, cure: &str| {
            problems.add(
                &operation.name,
                file,
                format!("`{}` cannot be nonblocking: {problem}", operation.name),
                cure,
            );
        };
        if !has_requests {
            refuse("there is no object `request`, which the form that does not block gives", "Specify it.");
        }
        let has_context = match object {
            Some(object) => can_be_kept(object),
            None => operation.params.iter().any(|param| param.kind.value == "context"),
        };
        if !has_context || operation.role != Role::Method || !operation.scope.concerns_others() {
            refuse(
                "it has no context in which other ranks take part, or belongs to an object that a request cannot keep",
                "Leave `nonblocking` away, or make it a free operation with a parameter of kind `context` and another `scope`.",
            );
        }
        let is_lent = object.is_some_and(Object::is_lent);
        if is_lent && operation.result.is_some() {
            refuse("it gives something beside the container", "Let it give nothing.");
        } else if !gives_array_or_nothing(spec, operation) {
            refuse("it gives something else than an array", "Let it give an array or nothing.");
        }
        for param in &operation.params {
            let owned = match sort(spec, &param.kind) {
                Some(Sort::Object) => param.kind.value == "context",
                Some(Sort::Other(base)) => !matches!(base, Base::View | Base::Value),
                Some(_) => true,
                // A callback, or a name that leads nowhere, which is reported elsewhere.
                None => spec.kinds.callbacks.iter().all(|callback| {
                    callback.name.value != param.kind.value || callback.lasts == CallbackLife::Operation
                }),
            };
            if !owned || param.list || param.per_dimension {
                refuse(
                    &format!("`{}` would have to outlive the call", param.name),
                    "Leave `nonblocking` away; arrays, numbers and counts for each rank are kept with the request.",
                );
            }
        }
    }
}

/// The request keeps the object. While it does, operations on a container are refused, and Rust's typed form, through which elements
/// can be reached without an operation, belongs to the request; other objects have no elements that could be written meanwhile.
fn can_be_kept(object: &Object) -> bool {
    object.generic == object.is_lent() && object.keeps_alive.iter().any(|kept| kept.value == "context")
}

fn check_outcomes(spec: &Spec, problems: &mut Problems) {
    for (object, operation, file) in spec.all_operations() {
        let Some(outcome) = operation.python.outcome else { continue };
        let fits = match outcome {
            Outcome::Own => object.is_some_and(|of| of.python.protocols.contains_key(&Protocol::Await)),
            Outcome::Each | Outcome::Chosen => operation.params.first().is_some_and(|param| param.list),
        };
        if !fits {
            problems.add(
                &operation.name,
                file,
                format!("`{}` has no request whose `outcome` Python could give back", operation.name),
                "Write `own` for an object that can be awaited, and `each` or `chosen` where the first parameter is a `list`.",
            );
        }
    }
}

fn gives_array_or_nothing(spec: &Spec, operation: &Operation) -> bool {
    operation.result.as_ref().is_none_or(|result| {
        matches!(sort(spec, &result.kind), Some(Sort::Other(Base::Array)) | None) && result.many.is_none()
    })
}
