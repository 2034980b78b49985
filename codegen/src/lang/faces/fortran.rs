//! Fortran as its users see it.

use super::{Appendix, Besides, Face, Usage};
use crate::lang::fortran;
use crate::model::{
    Category, Chapter, Constant, Dtype, Enum, EnumValue, Example, Model, Object, Operation, Status,
};

/// The module `dtl`.
pub(super) struct Fortran;

impl Face for Fortran {
    fn key(&self) -> &'static str {
        "fortran"
    }

    fn title(&self) -> &'static str {
        "Fortran"
    }

    fn describes(&self, operation: &Operation) -> bool {
        fortran::is_provided(operation)
    }

    fn fence(&self) -> &'static str {
        "fortran"
    }

    fn signatures(&self, model: &Model, operation: &Operation) -> Vec<String> {
        fortran::calls(model, operation)
    }

    fn usage(&self, model: &Model, operation: &Operation) -> Usage {
        fortran::usage(model, operation)
    }

    fn besides(&self, _model: &Model, chapter: &Chapter) -> Vec<Besides> {
        chapter
            .object
            .iter()
            .filter(|object| !object.is_abstract)
            .map(|object| fortran::assignment(object))
            .collect()
    }

    fn appendices(&self, model: &Model) -> Vec<Appendix> {
        fortran::appendices(model)
    }

    fn snippet(
        &self,
        model: &Model,
        _operation: &Operation,
        shown: &Operation,
        example: &Example,
    ) -> Option<String> {
        fortran::snippet(model, shown, example)
    }

    fn object(&self, object: &Object) -> String {
        fortran::passed_type(object)
    }

    fn enumeration(&self, _item: &Enum) -> String {
        "integer(c_int)".to_owned()
    }

    fn value(&self, item: &Enum, value: &EnumValue) -> String {
        format!("DTL_{}_{}", item.prefix, value.name)
    }

    fn element(&self, dtype: &Dtype) -> Option<String> {
        dtype
            .fortran
            .as_ref()
            .map(ToString::to_string)
            .or_else(|| dtype.fortran_as.as_ref().map(|name| format!("seen as {name}")))
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
