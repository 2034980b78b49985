//! Values of examples as Fortran writes them.

use serde_json::Value;

use crate::model::{Dtype, FortranBase, FortranType, Model};

/// The Fortran type of the elements of `dtype`, also where Fortran sees them as another dtype.
pub(super) fn element_type<'a>(model: &'a Model, dtype: &'a Dtype) -> Option<&'a FortranType> {
    let seen = dtype.fortran_as.as_ref().and_then(|name| model.dtype(name)).map_or(dtype, AsRef::as_ref);
    seen.fortran.as_ref()
}

/// One number or truth value of the Fortran type `ty`: `1.5_c_double`.
pub(super) fn scalar(value: &Value, ty: &FortranType) -> String {
    let kind = ty.kind.as_deref().map(|kind| format!("_{kind}")).unwrap_or_default();
    let digits = match value {
        Value::Bool(value) => format!(".{value}."),
        Value::Number(number) if ty.base == FortranBase::Real && !number.to_string().contains(['.', 'e']) => {
            format!("{number}.0")
        }
        other => other.to_string(),
    };
    format!("{digits}{kind}")
}

/// An array of any rank: a list, reshaped if it has several dimensions. Fortran's first dimension is C's last.
pub(super) fn array(value: &Value, ty: &FortranType) -> String {
    let (flat, extents) = (elements(value), extents(value));
    if extents.is_empty() {
        return scalar(value, ty);
    }
    let items: Vec<String> = flat.iter().map(|item| scalar(item, ty)).collect();
    let list = if items.is_empty() { format!("[{ty} ::]") } else { format!("[{}]", items.join(", ")) };
    match extents.as_slice() {
        [_] => list,
        extents => {
            let extents: Vec<String> = extents.iter().map(usize::to_string).collect();
            format!("reshape({list}, [{}])", extents.join(", "))
        }
    }
}

/// Adds one to each number of an array of positions, which Fortran counts from 1.
pub(super) fn counted_from_one(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(counted_from_one).collect()),
        Value::Number(number) => number.as_i64().map_or(value.clone(), |number| Value::from(number + 1)),
        other => other.clone(),
    }
}

/// The extents of a nested list, as Fortran orders them; none for a scalar.
pub(super) fn extents(value: &Value) -> Vec<usize> {
    match value {
        Value::Array(items) => {
            let mut extents = items.first().map(extents).unwrap_or_default();
            extents.push(items.len());
            extents
        }
        _ => Vec::new(),
    }
}

/// The numbers of a nested list.
fn elements(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().flat_map(elements).collect(),
        other => vec![other],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ty(text: &str) -> FortranType {
        FortranType::read(text).expect("it is one")
    }

    #[test]
    fn rows_of_c_are_columns_of_fortran() {
        let rows = json!([[0, 10, 20], [1, 11, 21]]);
        assert_eq!(extents(&rows), [3, 2]);
        assert_eq!(array(&rows, &ty("integer(k)")), "reshape([0_k, 10_k, 20_k, 1_k, 11_k, 21_k], [3, 2])");
    }

    #[test]
    fn literals_have_the_kind_of_their_type() {
        assert_eq!(scalar(&json!(2), &ty("real(c_double)")), "2.0_c_double");
        assert_eq!(scalar(&json!(true), &ty("logical(c_bool)")), ".true._c_bool");
        assert_eq!(array(&json!([]), &ty("real(c_float)")), "[real(c_float) ::]");
        assert_eq!(counted_from_one(&json!([[0], [4]])), json!([[1], [5]]));
    }
}
