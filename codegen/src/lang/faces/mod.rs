//! The languages as their users see them: how each spells an entry of the specification.
//!
//! The reference manual and `gen --explain` show entries with it. Signatures and snippets come from the backends, so that
//! they are what the backends really write.

mod c;
mod fortran;
mod python;
mod rust;

use crate::model::{Constant, Dtype, Enum, EnumValue, Example, Model, Object, Operation, Status};

/// A language as its users see it.
pub trait Face {
    /// Name of its file in `spec/lang`, without ending.
    fn key(&self) -> &'static str;
    /// Name for people.
    fn title(&self) -> &'static str;
    /// What marks its code in Markdown.
    fn fence(&self) -> &'static str;
    /// The declarations of an operation; empty where there is none.
    fn signatures(&self, model: &Model, operation: &Operation) -> Vec<String>;
    /// An example as code; `None` where it cannot be shown.
    fn snippet(&self, model: &Model, operation: &Operation, example: &Example) -> Option<String>;
    /// The type of an object.
    fn object(&self, object: &Object) -> String;
    /// The type of an enumeration.
    fn enumeration(&self, item: &Enum) -> String;
    /// A value of an enumeration.
    fn value(&self, item: &Enum, value: &EnumValue) -> String;
    /// The type of an element; `None` where the language has none.
    fn element(&self, dtype: &Dtype) -> Option<String>;
    /// A constant; `None` where the language does not show it.
    fn constant(&self, constant: &Constant) -> Option<String>;
    /// What a status becomes.
    fn status(&self, status: &Status) -> String;
}

/// Every language, in the order in which they are shown.
pub const FACES: &[&dyn Face] = &[&python::Python, &c::C, &fortran::Fortran, &rust::Rust];
