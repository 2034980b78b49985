//! Order and keys of parameters.

use super::sorts::{Sort, sort};
use super::{Check, Problems, Rule};
use crate::spec::{Base, CForm, Direction, Operation, Param, Spec};

pub(super) const RULE: Rule = Rule {
    sentence: "Parameters that a caller may leave out follow the others, keyword-only ones come last and may be left out; \
               `shape` and `direction` are for arrays, but `out` is for objects; `counts_bool_under` names a reduction operator; `many` an integer \
               parameter; `announced` is for an array of which C is told how many elements of which type fit; what `selects` in Python has `first`, `count` and `step`.",
    check: Check::Written(check),
};

fn check(spec: &Spec, problems: &mut Problems) {
    for (_, operation, file) in spec.all_operations() {
        order(operation, file, problems);
        for param in &operation.params {
            keys(spec, operation, param, file, problems);
        }
        let has = |name: &str| operation.params.iter().any(|param| param.name.value == name);
        if operation.python.selects && !["first", "count", "step"].into_iter().all(has) {
            problems.add(
                &operation.name,
                file,
                format!("`{}` does not say which elements it selects", operation.name),
                "Give it the integer parameters `first`, `count` and `step`, or leave `selects` away.",
            );
        }
        let announced = operation.result.as_ref().is_some_and(|result| result.announced.is_some());
        let told = |form: &CForm| {
            let args: Vec<&str> = form.args.iter().flatten().map(|arg| arg.value.as_str()).collect();
            [".count", ".dtype"]
                .iter()
                .all(|part| args.iter().any(|arg| arg.ends_with(&format!("= result{part}"))))
        };
        if announced && !operation.c.iter().any(told) {
            problems.add(
                &operation.name,
                file,
                format!("`{}` announces what C is not told", operation.name),
                "Leave `announced` away, or write a C form with `count = result.count` and `dtype = result.dtype`.",
            );
        }
        let Some(many) = operation.result.as_ref().and_then(|result| result.many.as_ref()) else { continue };
        let counts = operation.params.iter().find(|param| param.name.value == many.value);
        if !counts.is_some_and(|param| matches!(sort(spec, &param.kind), Some(Sort::Integer))) {
            problems.add(
                many,
                file,
                format!("`{many}` is no integer parameter of `{}`", operation.name),
                "Name the parameter that says how many objects there are.",
            );
        }
    }
}

fn order(operation: &Operation, file: &str, problems: &mut Problems) {
    let can_be_absent = |param: &Param| param.optional || param.default.is_some();
    let mut absent: Option<&Param> = None;
    let mut keyword: Option<&Param> = None;
    for param in &operation.params {
        if let Some(earlier) = absent.filter(|_| !can_be_absent(param)) {
            problems.add(
                &param.name,
                file,
                format!(
                    "`{}` must be given, but stands after `{}`, which may be left out",
                    param.name, earlier.name
                ),
                "Put parameters with `default` or `optional` after all others.",
            );
        }
        if let Some(earlier) = keyword.filter(|_| !param.keyword_only) {
            problems.add(
                &param.name,
                file,
                format!("`{}` stands after `{}`, which is keyword-only", param.name, earlier.name),
                "Put keyword-only parameters last.",
            );
        }
        if param.optional && param.default.is_some() {
            problems.add(
                &param.name,
                file,
                format!("`{}` is optional and has a default", param.name),
                "Keep `default` if its absence means that value, `optional` if it means something else.",
            );
        }
        absent = absent.or(can_be_absent(param).then_some(param));
        keyword = keyword.or(param.keyword_only.then_some(param));
    }
}

fn keys(spec: &Spec, operation: &Operation, param: &Param, file: &str, problems: &mut Problems) {
    let is_array = matches!(sort(spec, &param.kind), Some(Sort::Other(Base::Array)) | None);
    let is_object = matches!(sort(spec, &param.kind), Some(Sort::Object) | None);
    let directed = match param.direction {
        Direction::In => true,
        Direction::Out => is_object,
        Direction::Inout | Direction::Kept => is_array,
    };
    if !directed || (!is_array && param.shape.is_some()) {
        problems.add(
            &param.name,
            file,
            format!("`{}` has a `shape` or `direction` that is not for its kind", param.name),
            "Leave it away; `shape`, `inout` and `kept` are for `kind: buffer`, `out` is for objects.",
        );
    }
    let takes_elements =
        matches!(sort(spec, &param.kind), Some(Sort::Other(Base::Array | Base::Value | Base::View)) | None);
    if let Some(of) = param.of.as_ref().filter(|_| !takes_elements) {
        problems.add(of, file, format!("`{}` has no elements, but has `of`", param.name), "Leave `of` away.");
    }
    let Some(under) = &param.counts_bool_under else { return };
    let operator = operation.params.iter().find(|candidate| candidate.name.value == under.value);
    if operator.is_none_or(|operator| operator.kind.value != "reduce_op") {
        problems.add(
            under,
            file,
            format!("`{under}` is no reduction operator of `{}`", operation.name),
            "Name a parameter with `kind: reduce_op`.",
        );
    }
}
