//! Rust as its users see it.

use super::{Face, Usage, parameters, result};
use crate::lang::rust;
use crate::model::{
    Category, Constant, Dtype, Enum, EnumValue, Example, Model, Object, Operation, Status, upper_camel,
};

/// The crate `dtl`.
pub(super) struct Rust;

impl Face for Rust {
    fn key(&self) -> &'static str {
        "rust"
    }

    fn title(&self) -> &'static str {
        "Rust"
    }

    fn describes(&self, operation: &Operation) -> bool {
        rust::is_written(operation)
    }

    fn fence(&self) -> &'static str {
        "rust"
    }

    fn signatures(&self, model: &Model, operation: &Operation) -> Vec<String> {
        rust::signatures(model, operation)
    }

    fn usage(&self, model: &Model, operation: &Operation) -> Usage {
        Usage {
            signatures: self.signatures(model, operation),
            arguments: parameters(operation),
            result: result(operation),
        }
    }

    fn snippet(
        &self,
        _model: &Model,
        _operation: &Operation,
        shown: &Operation,
        example: &Example,
    ) -> Option<String> {
        rust::snippet(shown, example)
    }

    fn object(&self, object: &Object) -> String {
        {
            let params = if object.generic { format!("<{}>", object.type_params("")) } else { String::new() };
            format!("dtl::{}{params}", object.type_name)
        }
    }

    fn enumeration(&self, item: &Enum) -> String {
        format!("dtl::{}", item.type_name)
    }

    fn value(&self, item: &Enum, value: &EnumValue) -> String {
        format!("{}::{}", item.type_name, value.variant)
    }

    fn element(&self, dtype: &Dtype) -> Option<String> {
        Some(dtype.rust.clone())
    }

    fn constant(&self, constant: &Constant) -> Option<String> {
        Some(format!("dtl::constants::{}", constant.name))
    }

    fn category(&self, category: &Category) -> String {
        format!("Category::{}", upper_camel(&category.name.to_ascii_lowercase()))
    }

    fn status(&self, status: &Status) -> String {
        format!("Status::{}", status.variant)
    }
}
