//! Python protocols: local operations of the right shape.

use super::sorts::{Sort, sort};
use super::{Check, Problems, Rule};
use crate::spec::{Base, Operation, Protocol, Role, Scope, Spec};

pub(super) const RULE: Rule = Rule {
    sentence: "A Python protocol is served by a local operation of the object: `len` by one that gives an integer, `repr` and \
               `html` by one that gives a text, `numpy` and `array` by one that gives a view, all without parameters, `exit` by one \
               that needs no argument, `await` by one that needs none and gives a truth value, beside a `wait`, and subscriptions by those that take the key, and the value. A pair is made of \
               operations that need no argument and give an array. What a class is made from, or accepts, are static operations with \
               one parameter, an object.",
    check: Check::Written(check),
};

fn check(spec: &Spec, problems: &mut Problems) {
    for file in &spec.objects {
        for name in file.object.python.pairs.iter().flat_map(|pair| &pair.of) {
            let gives = |of: &Operation| required(of) == 0 && gives_array(spec, of);
            if !file.operations.iter().any(|of| of.name.value == name.value && gives(of)) {
                problems.add(
                    name,
                    &file.file,
                    format!("`{name}` cannot be one of a pair"),
                    "Name an operation of the object that needs no argument and gives an array.",
                );
            }
        }
        for name in file.object.python.made_from.iter().chain(&file.object.python.accepts) {
            let is_object = |kind: &str| spec.objects.iter().any(|file| file.object.name.value == kind);
            let makes_one = |of: &Operation| {
                of.role == Role::Static
                    && matches!(of.params.as_slice(), [source] if is_object(&source.kind.value))
            };
            if !file.operations.iter().any(|of| of.name.value == name.value && makes_one(of)) {
                problems.add(
                    name,
                    &file.file,
                    format!("nothing is made from something by `{name}`"),
                    "Name a static operation of the object with one parameter, an object of another class.",
                );
            }
        }
        for (protocol, name) in &file.object.python.protocols {
            let of_object = |operation: &&Operation| matches!(operation.role, Role::Method | Role::Property);
            let candidates: Vec<&Operation> =
                file.operations.iter().map(|operation| &operation.content).filter(of_object).collect();
            let Some(operation) = candidates.iter().find(|operation| operation.name.value == name.value)
            else {
                let known: Vec<&str> = candidates.iter().map(|operation| operation.name.as_str()).collect();
                let problem = format!("`{}` has no operation `{name}`", file.object.name);
                problems.add(name, &file.file, problem, format!("Use one of: {}.", known.join(", ")));
                continue;
            };
            if operation.scope != Scope::Local {
                problems.add(
                    name,
                    &file.file,
                    format!("`{name}` is not local and would be called by a protocol of Python"),
                    "Python calls protocols on one rank alone, which would wait for ever; name a local operation.",
                );
            }
            if !fits(spec, *protocol, operation) {
                problems.add(
                    name,
                    &file.file,
                    format!("`{name}` cannot serve this protocol"),
                    expectation(*protocol),
                );
            }
        }
    }
}

fn fits(spec: &Spec, protocol: Protocol, operation: &Operation) -> bool {
    let result = operation.result.as_ref().and_then(|result| sort(spec, &result.kind));
    match protocol {
        Protocol::Len => operation.params.is_empty() && matches!(result, Some(Sort::Integer)),
        Protocol::Repr | Protocol::Html => {
            operation.params.is_empty() && matches!(result, Some(Sort::Other(Base::Text)))
        }
        Protocol::Numpy | Protocol::Array => {
            operation.params.is_empty() && matches!(result, Some(Sort::Other(Base::View)))
        }
        Protocol::Exit => required(operation) == 0,
        Protocol::Await => required(operation) == 0 && matches!(result, Some(Sort::Other(Base::Flag))),
        Protocol::Contains | Protocol::Getitem => required(operation) == 1 && gives_array(spec, operation),
        Protocol::Setitem => required(operation) == 2 && operation.result.is_none(),
        Protocol::Delitem => required(operation) == 1 && operation.result.is_none(),
    }
}

/// The number of arguments that a caller cannot leave out.
fn required(operation: &Operation) -> usize {
    operation.params.iter().filter(|param| !param.optional && param.default.is_none()).count()
}

fn gives_array(spec: &Spec, operation: &Operation) -> bool {
    let result = operation.result.as_ref().and_then(|result| sort(spec, &result.kind));
    matches!(result, Some(Sort::Other(Base::Array)))
}

fn expectation(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Len => "`len` needs an operation without parameters that gives an integer.",
        Protocol::Repr => "`repr` needs an operation without parameters that gives a text.",
        Protocol::Html => "`html` needs an operation without parameters that gives a text.",
        Protocol::Numpy => "`numpy` needs an operation without parameters that gives a view.",
        Protocol::Array => "`array` needs an operation without parameters that gives a view.",
        Protocol::Exit => "`exit` needs an operation that can be called without arguments.",
        Protocol::Await => {
            "`await` needs an operation that can be called without arguments and gives a truth value."
        }
        Protocol::Contains => "`contains` needs an operation with one argument that gives an array.",
        Protocol::Getitem => "`getitem` needs an operation with one argument that gives an array.",
        Protocol::Setitem => "`setitem` needs an operation with two arguments and no result.",
        Protocol::Delitem => "`delitem` needs an operation with one argument and no result.",
    }
}
