//! What FORD reads: the documentation of a public name, as lines without comment signs.

use crate::doc::{collectiveness, conditions, deprecation, error_lines, ford, listed, since};
use crate::model::{Model, Operation, Param, Returns, Type};
use crate::spec::Direction;

use super::core::passed_type;
use super::counts;
use super::slots::{Slot, is_function, is_roots_alone, limited, slots};
use super::spelling::{default, elements, scalar};

/// What `ierr` means.
pub(super) const IERR: &str =
    "`DTL_SUCCESS`, or the status of an error; without it an error ends the program.";

/// The documentation of an operation: what it does, its arguments, who must call it, its errors.
pub(super) fn operation_doc(model: &Model, operation: &Operation) -> Vec<String> {
    let mut text = format!("{}\n\n{}\n\n", operation.summary.trim(), operation.details.trim());
    if operation.is_issued() {
        // The summary names the form that blocks.
        text.push_str("The arguments are as there, with `request` behind them.");
        return ford(&text);
    }
    let overloads = model.overloads(operation, "fortran");
    let mut items: Vec<String> = first_argument(operation, &overloads).into_iter().collect();
    items.extend(slots(operation).into_iter().map(|slot| item(operation, slot)));
    if let Some(result) = operation.result.as_ref().filter(|_| is_function(operation)) {
        items.push(format!("- result (`{}`): {}", type_name(&result.ty), result.doc.trim()));
    }
    // The introduction says what `ierr` is.
    text.push_str(&items.join("\n"));
    for (array, elements) in limited(model, operation) {
        let types: Vec<String> = elements.iter().map(|element| format!("`{}`", element.ty)).collect();
        text.push_str(&format!("\n\nTypes of `{array}`: {}.", types.join(", ")));
    }
    text.push_str(&format!("\n\n{}\n\n", collectiveness(operation)));
    let errors: Vec<String> = error_lines(operation)
        .iter()
        .map(|line| format!("`{}` if {}", line.status.enumerator, line.when))
        .collect();
    if !errors.is_empty() {
        text.push_str(&format!("Errors: {}.\n\n", errors.join("; ")));
    }
    for notice in [since(operation), deprecation(operation)].into_iter().flatten() {
        text.push_str(&format!("{notice}\n\n"));
    }
    ford(&text)
}

/// The object as the first argument of a function.
fn first_argument(operation: &Operation, overloads: &[&Operation]) -> Option<String> {
    let first = operation.function_of.as_ref()?;
    let objects = overloads.iter().filter_map(|overload| overload.object.as_ref());
    let types: Vec<String> = objects.map(|object| format!("`{}`", passed_type(object))).collect();
    Some(format!("- `{}` ({}): {}", first.name, listed(&types, "or"), first.doc.trim()))
}

fn item(operation: &Operation, slot: Slot<'_>) -> String {
    let traits = match slot {
        Slot::Param(param) => traits_of_parameter(operation, param),
        Slot::Result(_) | Slot::Beside(_) if is_roots_alone(operation, slot) => {
            format!("{}; optional, only the root's is written", type_of(slot))
        }
        Slot::Result(_) | Slot::Beside(_) => type_of(slot),
    };
    format!("- `{}` ({traits}): {}", slot.name(), meaning(operation, slot))
}

/// What an argument means.
pub(super) fn meaning(operation: &Operation, slot: Slot<'_>) -> String {
    match slot {
        Slot::Param(param) => meaning_of_parameter(operation, param),
        Slot::Result(result) | Slot::Beside(result) => meaning_of_result(result),
    }
}

/// What an argument is if it is left out.
pub(super) fn if_absent(operation: &Operation, slot: Slot<'_>) -> Option<String> {
    match slot {
        Slot::Param(param) => match &param.default {
            Some(value) => Some(format!("`{}` if absent", default(value))),
            None if is_roots_alone(operation, slot) => Some("only the root's counts".to_owned()),
            None => None,
        },
        Slot::Result(_) | Slot::Beside(_) => {
            is_roots_alone(operation, slot).then(|| "only the root's is written".to_owned())
        }
    }
}

fn traits_of_parameter(operation: &Operation, param: &Param) -> String {
    let slot = Slot::Param(param);
    let mut traits = vec![match &operation.function_of {
        Some(first) if operation.has_type_of_first(param) => format!("of the type of `{}`", first.name),
        _ => type_of(slot),
    }];
    match if_absent(operation, slot) {
        Some(absent) => traits.push(format!("optional, {absent}")),
        None if slot.is_optional(operation) => traits.push("optional".to_owned()),
        None => {}
    }
    traits.join("; ")
}

fn meaning_of_parameter(operation: &Operation, param: &Param) -> String {
    let mut text = param.doc.trim().to_owned();
    if let Type::Counts = param.ty {
        text.push_str(counts::note(operation, param));
    }
    if matches!(&param.ty, Type::Integer(kind) if kind.is_index()) {
        text.push_str(" It is counted from 1.");
    } else if let Some(range) = conditions(param) {
        text.push_str(&format!(" {range}"));
    }
    if param.direction == Direction::Inout {
        text.push_str(" It is read at the root and written on the other ranks.");
    }
    text
}

fn meaning_of_result(result: &Returns) -> String {
    let mut text = result.doc.trim().to_owned();
    let is_index = |kind: &crate::model::Kind| kind.is_index();
    if matches!(&result.ty, Type::Integer(kind) if is_index(kind)) {
        text.push_str(" It is counted from 1; 0 after an error.");
    }
    if result.elements.as_ref().is_some_and(|kind| is_index(kind)) {
        text.push_str(" They are counted from 1.");
    }
    if let Type::View(_) = result.ty {
        text.push_str(" The pointer may be used as long as a variable of the program holds the object.");
    }
    text
}

fn type_of(slot: Slot<'_>) -> String {
    match slot.ty() {
        Type::Array(crate::model::Of::Fixed(dtype)) if slot.is_passed_array() => {
            let ty = dtype.fortran.as_ref().map_or_else(|| dtype.name.clone(), ToString::to_string);
            format!("scalar or array of any rank, of `{ty}`")
        }
        Type::View(_) => "pointer to an array".to_owned(),
        Type::Array(crate::model::Of::Fixed(dtype)) => {
            format!(
                "allocatable array of `{}`",
                dtype.fortran.as_ref().map_or_else(|| dtype.name.clone(), ToString::to_string)
            )
        }
        Type::Array(_) => "scalar or array of any rank".to_owned(),
        Type::Counts => "array of `integer(c_int32_t)` or `integer(c_int64_t)`, one for each rank".to_owned(),
        Type::Callback(callback) if callback.has_arrays() => {
            format!("`procedure(dtl_{}_float64)` or that of another element type", callback.name)
        }
        Type::Callback(callback) if callback.is_elementwise() => {
            format!("`type(dtl_{0})`, made by `dtl_{0}(procedure, mold)`", callback.name)
        }
        _ if slot.is_wide() => "`integer(c_int32_t)` or `integer(c_int64_t)`".to_owned(),
        Type::Value(_) => "one element, of the Fortran type for the dtype".to_owned(),
        ty => format!("`{}`", type_name(ty)),
    }
}

fn type_name(ty: &Type) -> String {
    match ty {
        Type::Object(object) => passed_type(object),
        Type::Text => "character".to_owned(),
        Type::Callback(callback) => format!("procedure(dtl_{})", callback.name),
        ty => scalar(ty).to_owned(),
    }
}

/// What Fortran sees of each dtype, for the introduction of the module.
pub(super) fn dtype_table(model: &Model) -> Vec<String> {
    let mut lines = Vec::new();
    for dtype in &model.dtypes {
        let seen = match (&dtype.fortran, &dtype.fortran_as) {
            (Some(_), _) => {
                let types: Vec<String> = elements([dtype.as_ref()])
                    .into_iter()
                    .map(|element| format!("`{}`", element.ty))
                    .collect();
                types.join(" or, converted, ")
            }
            (None, Some(other)) => format!("the same bits as {other}"),
            (None, None) => "nothing; such elements can be stored and moved by other languages".to_owned(),
        };
        lines.push(format!("- {}: {seen}", dtype.name));
    }
    lines
}
