//! Resolved structs: plain ones that C programs fill in, and results of several parts.

use std::rc::Rc;

use crate::diagnostic::Position;

use super::{Enum, Type, upper_camel};

/// A struct of the C interface.
#[derive(Debug, Clone)]
pub struct Struct {
    /// Name without prefix.
    pub name: String,
    /// What it carries.
    pub doc: String,
    /// Fields, in memory order.
    pub fields: Vec<Field>,
    /// Where it is specified.
    pub position: Position,
}

impl Struct {
    /// True when it has a value for the parameter: a field of its name, or a place among reserved ones.
    pub fn has(&self, param: &str, ty: &Type) -> bool {
        let is_meant = |item: &Rc<Enum>| matches!(ty, Type::Enum(of) if of.name == item.name);
        self.fields.iter().any(|field| field.name == param || field.means.iter().any(is_meant))
    }

    /// Type in Rust and Python of one that is a result, such as `MessageInfo`.
    pub fn type_name(&self) -> String {
        upper_camel(&self.name)
    }
}

/// A field of a struct.
#[derive(Debug, Clone)]
pub struct Field {
    /// Name.
    pub name: String,
    /// Type.
    pub ty: Type,
    /// Number of elements of an array field.
    pub array: Option<u32>,
    /// Enumerations whose numbers stand in its first elements.
    pub means: Vec<Rc<Enum>>,
    /// Initial value.
    pub default: i64,
    /// What it selects.
    pub doc: String,
}
