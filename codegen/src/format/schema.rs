//! `spec/schema/*.json`: a JSON Schema for each sort of file.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use super::FileKind;
use crate::lang::banner;
use crate::output::OutputFile;

/// The schema of the struct `T`.
pub(super) fn of<T: JsonSchema>() -> Schema {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>();
    RecursiveTransform(state_ranges).transform(&mut schema);
    schema
}

/// Validators ignore the format `int32`; a range says the same to all of them.
fn state_ranges(schema: &mut Schema) {
    if schema.get("format").is_some_and(|format| format == "int32") {
        schema.insert("minimum".to_owned(), json!(i32::MIN));
        schema.insert("maximum".to_owned(), json!(i32::MAX));
    }
}

/// The schema of one sort of file.
pub(super) fn file(kind: &FileKind) -> OutputFile {
    let mut contents = Map::new();
    contents.insert("$comment".to_owned(), json!(banner("the structs in codegen/src/spec")));
    for (key, value) in (kind.make)().as_object().into_iter().flatten() {
        contents.insert(key.clone(), value.clone());
    }
    contents.insert("title".to_owned(), json!(kind.path));
    let text = serde_json::to_string_pretty(&Value::Object(contents)).expect("a schema is a JSON value");
    OutputFile::new(format!("spec/schema/{}.json", kind.schema), text + "\n")
}
