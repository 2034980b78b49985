//! `spec/README.md`: every key and what it becomes, as tables made from the schemas.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::FILES;
use crate::lang::banner;
use crate::lint;
use crate::output::OutputFile;
use crate::render::render;

#[derive(Serialize)]
struct Readme {
    banner: String,
    rules: Vec<&'static str>,
    files: Vec<File>,
}

#[derive(Serialize)]
struct File {
    path: &'static str,
    sections: Vec<Section>,
}

/// A struct with its keys, or an enumeration with its values.
#[derive(Serialize)]
struct Section {
    /// Empty for the file itself.
    title: String,
    description: String,
    keys: Vec<Key>,
    values: Vec<Choice>,
}

#[derive(Serialize)]
struct Key {
    name: String,
    sort: String,
    required: bool,
    meaning: String,
}

#[derive(Serialize)]
struct Choice {
    name: String,
    meaning: String,
}

pub(super) fn file() -> OutputFile {
    let mut shown = BTreeSet::new();
    let files = FILES
        .iter()
        .map(|kind| {
            let schema = (kind.make)();
            let mut sections = vec![section(String::new(), schema.as_value())];
            let definitions = schema.get("$defs").and_then(Value::as_object);
            let fresh = definitions.into_iter().flatten().filter(|(name, _)| shown.insert((*name).clone()));
            sections.extend(fresh.map(|(name, definition)| section(name.clone(), definition)));
            File { path: kind.path, sections }
        })
        .collect();
    let view =
        Readme { banner: banner("codegen/src/spec and codegen/src/lint"), rules: lint::sentences(), files };
    OutputFile::new(
        "spec/README.md",
        render("README.md", include_str!("../../templates/format/README.md.tera"), &view),
    )
}

fn section(title: String, schema: &Value) -> Section {
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let keys = schema["properties"].as_object().into_iter().flatten().map(|(name, property)| Key {
        sort: sort(property),
        required: required.contains(&name.as_str()),
        meaning: description(property),
        name: name.clone(),
    });
    let alternatives = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array());
    let values = alternatives.into_iter().flatten().map(|choice| Choice {
        name: choice["const"].as_str().map_or_else(|| sort(choice), |name| format!("`{name}`")),
        meaning: description(choice),
    });
    Section { description: description(schema), keys: keys.collect(), values: values.collect(), title }
}

/// The doc comment as one line of a table.
fn description(schema: &Value) -> String {
    schema["description"]
        .as_str()
        .unwrap_or_default()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
}

/// What may stand after the key, in words.
fn sort(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return format!("[{name}](#{})", name.to_ascii_lowercase());
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        return choices
            .iter()
            .filter(|choice| choice["type"] != "null")
            .map(sort)
            .collect::<Vec<_>>()
            .join(" or ");
    }
    let name = match &schema["type"] {
        Value::Array(names) => {
            names.iter().filter_map(Value::as_str).find(|name| *name != "null").unwrap_or("any value")
        }
        Value::String(name) => name,
        _ => "any value",
    };
    match name {
        "array" if schema["prefixItems"].is_array() => {
            let items: Vec<String> =
                schema["prefixItems"].as_array().into_iter().flatten().map(sort).collect();
            format!("[{}]", items.join(", "))
        }
        "array" => format!("list of {}", sort(&schema["items"])),
        "object" => format!("names, each with {}", sort(&schema["additionalProperties"])),
        "string" => "text".to_owned(),
        "boolean" => "true or false".to_owned(),
        other => other.to_owned(),
    }
}
