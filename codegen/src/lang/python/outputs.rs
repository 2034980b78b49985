//! Where the glue of an operation lets its result go: what the caller passed, or memory that is made.

use super::signature::announced;
use crate::model::{Of, Operation, Param, Type};
use crate::spec::{Direction, ResultOn};

/// Where the resulting array goes, or both.
pub(super) fn out(operation: &Operation) -> String {
    match operation.beside() {
        None => format!("let out = {};", array_out(operation, "out", "out")),
        Some(_) => {
            let [first, second] = [("first.as_ref()", "out[0]"), ("second.as_ref()", "out[1]")]
                .map(|(out, name)| array_out(operation, out, name));
            format!("let [first, second] = border::pair(out)?;\nlet out = dtl::Pair({first}, {second});")
        }
    }
}

/// Where an array goes that the caller calls by this name.
fn array_out(operation: &Operation, out: &str, name: &str) -> String {
    let mut made = format!("border::ArrayOut::new({out}, \"{name}\")?");
    for param in operation.params.iter().filter(|param| matches!(param.ty, Type::Array(_))) {
        let name = &param.name;
        made = match (param.direction, param.optional) {
            (Direction::Inout, _) => {
                format!("border::ArrayOut::in_place({out}, {name}, {name}_array.as_mut())?")
            }
            (_, true) => format!("{made}.of({name}, {name}_array.as_mut())?"),
            _ if is_like(operation, param) => {
                format!("border::ArrayOut::like({out}, \"out\", {name}, &mut {name}_array)?")
            }
            (_, false) => format!("{made}.of(Some({name}), Some(&mut {name}_array))?"),
        };
    }
    let announced: Vec<String> =
        announced(operation).iter().map(|parameter| format!("(\"{0}\", {0})", parameter.name)).collect();
    if !announced.is_empty() {
        made = format!("{made}.announced({})?", announced.join(", "));
    }
    made
}

/// True for an array whose data type and shape are also those of the result, which every rank gets.
fn is_like(operation: &Operation, param: &Param) -> bool {
    let Some(result) = &operation.result else { return false };
    let is_given = param.direction == Direction::In && !param.optional;
    let has_same_dtype = match (&result.ty, &param.ty) {
        (Type::Array(Of::Variable(given)), Type::Array(Of::Variable(taken))) => given == taken,
        _ => false,
    };
    let is_known = result.on == ResultOn::All && result.announced.is_none() && result.beside.is_none();
    is_given && has_same_dtype && is_known && result.shape == param.shape
}
