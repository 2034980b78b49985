//! What an operation needs so that Fortran can offer it; without that it must be skipped with a reason.

use super::{Check, Problems, Rule};
use crate::model::{CFunction, Model, Object, Of, Operation, Param, Shape, Type};
use crate::spec::Role;

/// The standard allows 63 letters, of which `dtl_` and the longest ending, `_complex128`, take some.
const NAME_LENGTH: usize = 48;

pub(super) const RULE: Rule = Rule {
    sentence: "Fortran can offer every operation that it does not skip: where elements have a type that the object says, the \
               object has this property, a view and an array of one dtype have a shape such as `(local_size,)` that names \
               a property, or the shape of an array that is passed, and C has a function for an absent argument.",
    check: Check::Resolved(check),
};

fn check(model: &Model, problems: &mut Problems) {
    for operation in model.operations_in("fortran").filter(|operation| !operation.inherited) {
        if let Some((problem, cure)) = obstacle(model, operation) {
            let name = &operation.full_name;
            let cure = format!("{cure} Or skip `{name}` in spec/lang/fortran.yaml with a reason.");
            problems.at(
                operation.position.clone(),
                format!("Fortran cannot offer `{name}`: {problem}"),
                cure,
            );
        }
    }
}

/// What keeps Fortran from offering the operation, and what helps.
fn obstacle(model: &Model, operation: &Operation) -> Option<(String, &'static str)> {
    if let Some(param) = operation.params.iter().find(|param| cannot_be_absent(operation, param)) {
        let problem = format!("`{}` may be absent, and no C function lacks it alone", param.name);
        return Some((problem, "Give it a default, or write such a function under `c:`."));
    }
    if operation.symbol.len() > NAME_LENGTH {
        let problem = format!("names may have {NAME_LENGTH} letters so that those made of them have 63");
        return Some((problem, "Choose a shorter name."));
    }
    let result = operation.result.as_ref();
    let types = operation.params.iter().map(|param| &param.ty).chain(result.map(|result| &result.ty));
    let unseen = |ty: &Type| match ty {
        Type::Array(of) | Type::Value(of) | Type::View(of) => {
            of.property().is_some_and(|name| !has_property(model, operation.object.as_deref(), name))
        }
        _ => false,
    };
    if types.into_iter().any(unseen) {
        let problem = "it does not see of which type the elements are".to_owned();
        return Some((problem, "Give the object such a property of kind `dtype`."));
    }
    let result = result?;
    match &result.ty {
        Type::View(_) | Type::Array(Of::Fixed(_) | Of::Param(_)) => {
            let extent = result.shape.as_ref().and_then(Shape::line);
            let given = |param: &Param| matches!(param.ty, Type::Array(_)) && param.shape == result.shape;
            let is_known = operation.params.iter().any(given)
                || extent.is_some_and(|extent| has_property(model, operation.object.as_deref(), extent));
            let problem = "it does not see how many elements the result has".to_owned();
            (!is_known).then_some((
                problem,
                "Give the result a shape such as `(local_size,)` that names a property.",
            ))
        }
        _ => None,
    }
}

/// True for a parameter that a caller may leave out where C has no function to call then.
fn cannot_be_absent(operation: &Operation, absent: &Param) -> bool {
    let is_told = absent.ty.is_list()
        || matches!(absent.ty, Type::Array(_) | Type::Value(_) | Type::Callback(_) | Type::Counts);
    let lacks_it_alone = |function: &CFunction| {
        function.query.is_none()
            && operation.params.iter().all(|param| function.says(&param.name) == (param.name != absent.name))
    };
    absent.optional && absent.default.is_none() && !is_told && !operation.c.iter().any(lacks_it_alone)
}

fn has_property(model: &Model, object: Option<&Object>, name: &str) -> bool {
    let is = |operation: &Operation| operation.role == Role::Property && operation.name == name;
    object.is_some_and(|object| model.operations_of(object).any(is))
}
