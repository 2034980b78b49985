//! C as its users see it.

use super::{Appendix, Argument, Besides, Face, Usage};
use crate::lang::{c, ffi};
use crate::model::{
    Category, Chapter, Constant, Dtype, Enum, EnumValue, Example, Model, Object, Operation, Status,
};

/// The header `dtl/dtl.h`.
pub(super) struct C;

impl Face for C {
    fn key(&self) -> &'static str {
        "c"
    }

    fn title(&self) -> &'static str {
        "C"
    }

    fn fence(&self) -> &'static str {
        "c"
    }

    fn signatures(&self, _model: &Model, operation: &Operation) -> Vec<String> {
        operation
            .c
            .iter()
            .map(|function| format!("{};", ffi::signature(operation, function).prototype()))
            .collect()
    }

    fn usage(&self, model: &Model, operation: &Operation) -> Usage {
        let argument = |argument: ffi::ArgumentText| Argument {
            name: argument.name,
            traits: format!("`{}`, {}", argument.ty, if argument.is_written { "out" } else { "in" }),
            meaning: argument.text,
        };
        Usage {
            signatures: self.signatures(model, operation),
            arguments: ffi::arguments(operation).into_iter().map(argument).collect(),
            result: ffi::returned(operation),
        }
    }

    fn renames_inherited(&self) -> bool {
        true
    }

    fn besides(&self, model: &Model, chapter: &Chapter) -> Vec<Besides> {
        c::besides(model, chapter)
    }

    fn appendices(&self, model: &Model) -> Vec<Appendix> {
        c::appendices(model)
    }

    fn snippet(
        &self,
        _model: &Model,
        operation: &Operation,
        shown: &Operation,
        example: &Example,
    ) -> Option<String> {
        c::snippet(operation, shown, example)
    }

    fn object(&self, object: &Object) -> String {
        format!("dtl_{}_t", object.name)
    }

    fn enumeration(&self, item: &Enum) -> String {
        format!("dtl_{}", item.name)
    }

    fn value(&self, item: &Enum, value: &EnumValue) -> String {
        format!("DTL_{}_{}", item.prefix, value.name)
    }

    fn element(&self, dtype: &Dtype) -> Option<String> {
        dtype.c.clone()
    }

    fn constant(&self, constant: &Constant) -> Option<String> {
        Some(format!("DTL_{}", constant.name))
    }

    fn category(&self, category: &Category) -> String {
        format!("DTL_CATEGORY_{}", category.name)
    }

    fn status(&self, status: &Status) -> String {
        status.enumerator.clone()
    }
}
