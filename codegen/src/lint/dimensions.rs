//! What counts dimensions: somebody must know how many there are.

use super::{Check, Problems, Rule};
use crate::spec::{Base, Located, Object, Operation, PositionOf, Spec};

pub(super) const RULE: Rule = Rule {
    sentence: "What has one value `per_dimension`, or is the number of a dimension, belongs to an operation with a parameter of \
               kind `shape` that must be given, or to an object with a property `ndim`.",
    check: Check::Written(check),
};

fn check(spec: &Spec, problems: &mut Problems) {
    for (object, operation, file) in spec.all_operations() {
        if knows_dimensions(spec, object, operation) {
            continue;
        }
        for (name, kind) in counting(spec, operation) {
            problems.add(
                kind,
                file,
                format!("`{name}` counts dimensions, but nothing says how many there are"),
                "Give the operation a parameter of kind `shape`, or the object a property `ndim`.",
            );
        }
    }
}

fn knows_dimensions(spec: &Spec, object: Option<&Object>, operation: &Operation) -> bool {
    let mut params = operation.params.iter();
    let has_shape =
        params.any(|param| param.kind.value == "shape" && !param.optional && param.default.is_none());
    let file = spec.objects.iter().find(|file| Some(&file.object.name) == object.map(|object| &object.name));
    has_shape
        || file.is_some_and(|file| file.operations.iter().any(|operation| operation.name.value == "ndim"))
}

/// The parameters and the result that count dimensions, with their kinds.
fn counting<'a>(spec: &'a Spec, operation: &'a Operation) -> Vec<(&'a str, &'a Located<String>)> {
    let is_dimension = |kind: &Located<String>| {
        let mut kinds = spec.kinds.kinds.iter();
        kinds.any(|known| {
            known.name.value == kind.value
                && known.position_of == Some(PositionOf::Dimension)
                && known.base == Base::I32
        })
    };
    let params = operation.params.iter().map(|param| (param.name.as_str(), param.per_dimension, &param.kind));
    let result = operation.result.iter().map(|result| ("the result", result.per_dimension, &result.kind));
    params
        .chain(result)
        .filter(|(_, listed, kind)| *listed || is_dimension(kind))
        .map(|(name, _, kind)| (name, kind))
        .collect()
}
