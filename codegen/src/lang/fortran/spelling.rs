//! How Fortran spells types, constants and names.

use serde::Serialize;

use crate::model::{Default, Dtype, Enum, EnumValue, FortranBase, Kind, Type};
use crate::spec::Base;

/// Longest name that the standard allows.
const NAME_LENGTH: usize = 63;

/// A name, if Fortran allows it.
pub(super) fn checked(name: String) -> String {
    assert!(
        name.len() <= NAME_LENGTH,
        "`{name}` has more than {NAME_LENGTH} letters; Fortran allows no more"
    );
    name
}

/// The type of an integer kind.
pub(super) fn integer(kind: &Kind) -> &'static str {
    if is_wide(kind) { "integer(c_int64_t)" } else { "integer(c_int)" }
}

/// True for kinds of 64 bits. Programs may pass default integers for them.
pub(super) fn is_wide(kind: &Kind) -> bool {
    matches!(kind.base, Base::I64 | Base::U64)
}

/// The type of a value that is no array, text or object.
pub(super) fn scalar(ty: &Type) -> &'static str {
    match ty {
        Type::Integer(kind) => integer(kind),
        Type::Real(_) => "real(c_double)",
        Type::Flag => "logical",
        Type::Communicator => "integer",
        _ => "integer(c_int)",
    }
}

/// `DTL_OP_SUM`.
pub(super) fn enumerator(item: &Enum, value: &EnumValue) -> String {
    checked(format!("DTL_{}_{}", item.prefix, value.name))
}

/// `DTL_DTYPE_FLOAT64`.
pub(super) fn dtype_constant(dtype: &Dtype) -> String {
    format!("DTL_DTYPE_{}", dtype.name.to_ascii_uppercase())
}

/// A default value as an expression.
pub(super) fn default(default: &Default) -> String {
    match default {
        Default::Flag(value) => format!(".{value}."),
        Default::Integer(value) => value.to_string(),
        Default::Enum(item, index) => enumerator(item, &item.values[*index]),
        Default::Dtype(dtype) => dtype_constant(dtype),
        Default::None(constant) => format!("DTL_{}", constant.name),
    }
}

/// An optional argument, or the value that stands for it when it is left out.
pub(super) fn chosen(name: &str, ty: &Type, value: &Default) -> String {
    let of = match ty {
        Type::Flag => "flag",
        Type::Real(_) => "real",
        _ => "integer",
    };
    // Programs may be compiled with other default kinds.
    let kind = if let Default::Integer(_) = value { "_c_int" } else { "" };
    format!("chosen_{of}({}{kind}, {name})", default(value))
}

/// An element type of Fortran and the dtype that it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Element {
    /// Suffix of procedure names: `float64`.
    pub suffix: String,
    /// Type with kind: `real(c_double)`.
    pub ty: String,
    /// `DTL_DTYPE_FLOAT64`.
    pub constant: String,
    /// Its elements are not those of the dtype: default `logical`, which takes four bytes where the dtype has one.
    pub converted: bool,
}

/// The Fortran types for these dtypes, and default `logical` beside `logical(c_bool)`.
pub(super) fn elements<'a>(dtypes: impl IntoIterator<Item = &'a Dtype>) -> Vec<Element> {
    let mut elements = Vec::new();
    for dtype in dtypes {
        let Some(ty) = &dtype.fortran else { continue };
        let element = Element {
            suffix: dtype.name.clone(),
            ty: ty.to_string(),
            constant: dtype_constant(dtype),
            converted: false,
        };
        if ty.base == FortranBase::Logical {
            let converted = Element {
                suffix: "logical".to_owned(),
                ty: "logical".to_owned(),
                converted: true,
                ..element.clone()
            };
            elements.extend([element, converted]);
        } else {
            elements.push(element);
        }
    }
    elements
}
