//! Python as its users see it.

use super::{Appendix, Besides, Face, Usage};
use crate::doc::ErrorLine;
use crate::lang::python;
use crate::model::{
    Category, Chapter, Constant, Dtype, Enum, EnumValue, Example, Model, Object, Operation, Status,
};

/// The package `dtl`.
pub(super) struct Python;

impl Face for Python {
    fn key(&self) -> &'static str {
        "python"
    }

    fn title(&self) -> &'static str {
        "Python"
    }

    fn fence(&self) -> &'static str {
        "python"
    }

    fn signatures(&self, _model: &Model, operation: &Operation) -> Vec<String> {
        python::calls(operation)
    }

    fn usage(&self, model: &Model, operation: &Operation) -> Usage {
        Usage {
            signatures: self.signatures(model, operation),
            arguments: python::arguments(model, operation),
            result: python::result(model, operation),
        }
    }

    fn errors<'a>(&self, operation: &'a Operation) -> Vec<ErrorLine<'a>> {
        python::errors(operation)
    }

    fn besides(&self, model: &Model, chapter: &Chapter) -> Vec<Besides> {
        python::besides(model, chapter)
    }

    fn appendices(&self, model: &Model) -> Vec<Appendix> {
        python::appendices(model)
    }

    fn snippet(
        &self,
        _model: &Model,
        _operation: &Operation,
        shown: &Operation,
        example: &Example,
    ) -> Option<String> {
        Some(python::snippet(shown, example))
    }

    fn object(&self, object: &Object) -> String {
        format!("dtl.{}", object.python)
    }

    fn enumeration(&self, item: &Enum) -> String {
        // Python has element types already.
        if item.name == "dtype" { "numpy.dtype".to_owned() } else { format!("dtl.{}", item.type_name) }
    }

    fn value(&self, item: &Enum, value: &EnumValue) -> String {
        match &item.python_constants {
            _ if item.name == "dtype" => format!("'{}'", value.text),
            Some(prefix) => format!("dtl.{}.{1}, dtl.{prefix}{1}", item.type_name, value.name),
            None => format!("dtl.{}.{}", item.type_name, value.name),
        }
    }

    fn element(&self, dtype: &Dtype) -> Option<String> {
        dtype.python.clone()
    }

    fn constant(&self, constant: &Constant) -> Option<String> {
        constant.python.then(|| format!("dtl.{}", constant.name))
    }

    fn category(&self, category: &Category) -> String {
        format!("dtl.Category.{}", category.name)
    }

    fn status(&self, status: &Status) -> String {
        match &status.exception {
            Some(exception) => format!("{exception} ({})", status.name),
            None => status.name.clone(),
        }
    }
}
