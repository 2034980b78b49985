//! `agree:` is for collective operations, names each thing once and forgets no root.

use super::{Check, Problems, Rule};
use crate::spec::{Located, Scope, Spec};

pub(super) const RULE: Rule = Rule {
    sentence: "Only collective operations have `agree`, which names each thing once, and the root of a rooted operation.",
    check: Check::Written(check),
};

fn check(spec: &Spec, problems: &mut Problems) {
    for (object, operation, file) in spec.all_operations() {
        let name = &operation.name;
        if let Some(first) = operation.agree.first().filter(|_| !operation.scope.is_collective()) {
            problems.add(
                first,
                file,
                format!("`{name}` is not collective, so there is nobody to agree with"),
                "Leave `agree` away, or write `scope: collective`.",
            );
        }
        for (index, agreed) in operation.agree.iter().enumerate() {
            if operation.agree[..index].iter().any(|earlier| earlier.value == agreed.value) {
                problems.add(agreed, file, format!("`{agreed}` is agreed on twice"), "Name it once.");
            }
        }
        let is_shape = |agreed: &&Located<String>| agreed.ends_with(".shape") || agreed.ends_with(".row");
        let shapes: Vec<_> = operation.agree.iter().filter(is_shape).collect();
        // What ranks compare has one place for the container of a method and the shape of an array.
        let room = usize::from(object.is_none_or(|object| object.name.value == "context"));
        if let Some(shape) = shapes.get(room) {
            problems.add(
                *shape,
                file,
                format!(
                    "`{name}` has no room for `{shape}`: one shape is compared, and none beside a container"
                ),
                "Leave it away; what an array of a method may be, the container says.",
            );
        }
        let roots = operation.params.iter().filter(|param| param.kind.value == "root");
        for root in roots.filter(|_| operation.scope == Scope::Rooted) {
            if !operation.agree.iter().any(|agreed| agreed.value == root.name.value) {
                problems.add(
                    &root.name,
                    file,
                    format!(
                        "the ranks of `{name}` do not agree on `{}`: two roots would wait for each other",
                        root.name
                    ),
                    format!("Add `{}` to `agree`.", root.name),
                );
            }
        }
    }
}
