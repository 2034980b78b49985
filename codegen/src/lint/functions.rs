//! Operations of objects that users call as functions: those of one name are one function in Python and Fortran.

use super::{Check, Problems, Rule};
use crate::doc::default_text;
use crate::model::{Model, Operation, Param, Type};
use crate::spec::Role;

pub(super) const RULE: Rule = Rule {
    sentence: "What has `function_of` is a method of an object, has one name in every language, can fail and makes no object, \
               because Python refuses what is none of its objects and has one function for all of them; and for all of \
               them it takes and gives the same.",
    check: Check::Resolved(check),
};

fn check(model: &Model, problems: &mut Problems) {
    for operation in model.operations().filter(|operation| operation.function_of.is_some()) {
        if let Some((problem, cure)) = obstacle(operation) {
            let problem = format!("`{}` cannot be a function of an object: {problem}", operation.name);
            problems.at(operation.position.clone(), problem, cure);
        }
    }
    for function in model.functions("python") {
        let first = function[0];
        for other in function.iter().filter(|other| signature(other) != signature(first)) {
            problems.at(
                other.position.clone(),
                format!(
                    "`{}` is {} and `{}` is {}; in Python they are one function",
                    first.full_name,
                    signature(first),
                    other.full_name,
                    signature(other)
                ),
                "Write the operation in a file of spec/shared, which the objects include, or give one of them another name.",
            );
        }
    }
}

/// What keeps the operation from being a function, and what helps.
fn obstacle(operation: &Operation) -> Option<(&'static str, &'static str)> {
    if operation.object.is_none() {
        return Some((
            "it belongs to none",
            "Leave `function_of` away, or write it in a file of spec/objects.",
        ));
    }
    if operation.role != Role::Method {
        return Some(("it has a role", "Leave `role` or `function_of` away."));
    }
    if operation.python_name != operation.name {
        return Some(("it has another name in Python", "Leave `python: { name: ... }` away."));
    }
    if operation.numpy_reduction || operation.selects {
        return Some((
            "methods alone have `numpy_reduction` and `selects`",
            "Leave these keys or `function_of` away.",
        ));
    }
    if operation.infallible {
        return Some(("it cannot fail", "Leave `infallible` or `function_of` away."));
    }
    let makes_object = operation.result.as_ref().is_some_and(|result| matches!(result.ty, Type::Object(_)));
    makes_object.then_some(("it makes an object", "Leave `function_of` away."))
}

/// What Python takes besides the object, and gives: `(value, op = sum) -> index`.
fn signature(operation: &Operation) -> String {
    let params: Vec<String> = operation.params.iter().map(parameter).collect();
    let result = operation.result.as_ref().map(|result| match &result.ty {
        Type::Integer(kind) => kind.name.clone(),
        Type::Enum(item) => item.name.clone(),
        Type::Array(_) if result.is_one_element() => "one element".to_owned(),
        Type::Array(_) => "an array".to_owned(),
        Type::Flag => "a flag".to_owned(),
        _ => "something else".to_owned(),
    });
    let gives = result.map(|result| format!(" -> {result}")).unwrap_or_default();
    format!("({}){gives}", params.join(", "))
}

fn parameter(param: &Param) -> String {
    let name = &param.name;
    let keyword = if param.keyword_only { "keyword " } else { "" };
    match default_text(param) {
        Some(default) => format!("{keyword}{name} = {default}"),
        None if param.optional => format!("{keyword}{name} = none"),
        None => format!("{keyword}{name}"),
    }
}
