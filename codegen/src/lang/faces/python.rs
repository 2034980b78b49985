//! Python as its users see it.

use super::Face;
use crate::lang::python;
use crate::model::{Constant, Dtype, Enum, EnumValue, Example, Model, Object, Operation, Status};

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
        vec![python::call(operation)]
    }

    fn snippet(&self, _model: &Model, operation: &Operation, example: &Example) -> Option<String> {
        Some(python::snippet(operation, example))
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
            Some(prefix) => format!("dtl.{prefix}{}", value.name),
            None => format!("dtl.{}.{}", item.type_name, value.name),
        }
    }

    fn element(&self, dtype: &Dtype) -> Option<String> {
        dtype.python.clone()
    }

    fn constant(&self, constant: &Constant) -> Option<String> {
        constant.python.then(|| format!("dtl.{}", constant.name))
    }

    fn status(&self, status: &Status) -> String {
        match &status.exception {
            Some(exception) => format!("{exception} ({})", status.name),
            None => status.name.clone(),
        }
    }
}
