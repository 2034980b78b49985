//! How types are spelled in Rust where languages meet.

use crate::model::{Operation, Param, Returns, Type};
use crate::spec::Base;

/// Type of a parameter of an erased function.
pub(super) fn param_type(param: &Param) -> String {
    let plain = match &param.ty {
        Type::Object(object) => format!("&{}", object.rust),
        Type::Array(_) if param.anything => "Value".to_owned(),
        Type::Array(_) => "Array<'_>".to_owned(),
        Type::View(_) => "View".to_owned(),
        Type::Callback(callback) if callback.is_borrowed() => format!("{}<'_>", callback.type_name),
        Type::Text => "&str".to_owned(),
        Type::Objects(object) => format!("&[Option<{}>]", object.rust),
        ty if ty.is_list() || matches!(ty, Type::Counts) => slice_type(ty),
        ty => value_type(ty),
    };
    if param.optional { format!("Option<{plain}>") } else { plain }
}

/// The same for a form that does not block, which owns what it is passed.
pub(super) fn owned_param_type(param: &Param) -> String {
    let plain = match &param.ty {
        Type::Object(_) => return param_type(param),
        Type::Array(_) => "Lent".to_owned(),
        Type::Callback(callback) if callback.is_borrowed() => format!("{}<'static>", callback.type_name),
        ty => value_type(ty),
    };
    if param.optional { format!("Option<{plain}>") } else { plain }
}

/// Type of a value that is owned.
pub(super) fn value_type(ty: &Type) -> String {
    match ty {
        Type::Integer(kind) => integer(kind.base).to_owned(),
        Type::Real(_) => "f64".to_owned(),
        Type::Flag => "bool".to_owned(),
        Type::Text => "String".to_owned(),
        Type::Shape | Type::Counts => "Vec<u64>".to_owned(),
        Type::PerDimension(each) => format!("Vec<{}>", value_type(each)),
        Type::Dtype => "Dtype".to_owned(),
        Type::Communicator => "i64".to_owned(),
        Type::Enum(item) => item.type_name.clone(),
        Type::Struct(item) => item.type_name(),
        Type::Object(object) => object.rust.clone(),
        Type::Objects(object) => format!("Vec<Option<{}>>", object.rust),
        Type::Callback(callback) => callback.type_name.clone(),
        Type::Value(_) => "Scalar".to_owned(),
        Type::View(_) => "View".to_owned(),
        Type::Array(_) => "()".to_owned(),
    }
}

/// Type of borrowed numbers, one for each dimension or rank.
pub(super) fn slice_type(ty: &Type) -> String {
    let each = if let Type::PerDimension(each) = ty { value_type(each) } else { "u64".to_owned() };
    format!("&[{each}]")
}

/// What an erased function gives back; arrays go through an output parameter.
pub(super) fn return_type(operation: &Operation) -> String {
    let value = operation.result.as_ref().map_or_else(|| "()".to_owned(), owned_result);
    if operation.infallible { value } else { format!("Result<{value}>") }
}

fn owned_result(result: &Returns) -> String {
    let plain = value_type(&result.ty);
    match (&result.many, result.optional) {
        (Some(_), _) => format!("Vec<{plain}>"),
        (None, true) => format!("Option<{plain}>"),
        (None, false) => plain,
    }
}

/// True when the result is an array, for which the caller passes an output.
pub(super) fn has_output(operation: &Operation) -> bool {
    matches!(&operation.result, Some(result) if matches!(result.ty, Type::Array(_)))
}

pub(super) fn integer(base: Base) -> &'static str {
    match base {
        Base::U64 => "u64",
        Base::I64 => "i64",
        _ => "i32",
    }
}
