//! What is abstract, and what extends it.

use super::{Check, Problems, Rule};
use crate::spec::{CompleteObject, Role, Spec};

pub(super) const RULE: Rule = Rule {
    sentence: "An abstract object is made by nothing and extends nothing, and some object extends it, which has its `ownership`, \
               `keeps_alive`, `thread_safety` and `generic`.",
    check: Check::Written(check),
};

fn check(spec: &Spec, problems: &mut Problems) {
    let is_base = |file: &&CompleteObject| file.object.is_abstract;
    for file in spec.objects.iter().filter(is_base) {
        let object = &file.object;
        let makes_one = |role: Role| matches!(role, Role::Constructor | Role::Static);
        for operation in file.operations.iter().filter(|operation| makes_one(operation.role)) {
            problems.add(
                &operation.name,
                &operation.file,
                format!("`{}` makes an abstract object, of which there is none", operation.name),
                "Write it for the objects that extend it.",
            );
        }
        if let Some(base) = &object.extends {
            problems.add(
                base,
                &file.file,
                "an abstract object extends another",
                "Remove `extends` or `abstract`.",
            );
        }
        let extends_it = |other: &&CompleteObject| {
            other.object.extends.as_ref().is_some_and(|name| name.value == object.name.value)
        };
        if !spec.objects.iter().any(|other| extends_it(&other)) {
            let problem = format!("nothing extends `{}`", object.name);
            problems.add(
                &object.name,
                &file.file,
                problem,
                "Add `extends` to an object, or remove `abstract`.",
            );
        }
        for other in spec.objects.iter().filter(extends_it) {
            for key in differences(file, other) {
                problems.add(
                    &other.object.name,
                    &other.file,
                    format!(
                        "`{}` has another `{key}` than `{}`, which it extends",
                        other.object.name, object.name
                    ),
                    "What holds for all that extend it holds for each: write the same.",
                );
            }
        }
    }
}

/// The keys in which an object differs from the one that it extends, where operations of that one depend on them.
fn differences(base: &CompleteObject, other: &CompleteObject) -> Vec<&'static str> {
    let (base, other) = (&base.object, &other.object);
    let kept = |object: &crate::spec::Object| {
        object.keeps_alive.iter().map(|kept| kept.value.clone()).collect::<Vec<_>>()
    };
    let differs = [
        (base.ownership != other.ownership, "ownership"),
        (kept(base) != kept(other), "keeps_alive"),
        (base.thread_safety != other.thread_safety, "thread_safety"),
        (base.generic != other.generic, "generic"),
    ];
    differs.into_iter().filter(|(differs, _)| *differs).map(|(_, key)| key).collect()
}
