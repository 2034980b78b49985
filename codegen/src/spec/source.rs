//! Reading YAML: the one place that knows which YAML library is used.
//!
//! The library is `serde-saphyr`: the well-known `serde_yaml` is archived and cannot say where a value stood
//! once it is parsed, and every message of this generator names file, line and column.

use std::fmt;
use std::path::Path;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use crate::diagnostic::{Diagnostic, Position};

/// A value together with the line and column where it stands in its file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Located<T> {
    /// The value itself.
    pub value: T,
    /// Line, counted from 1; 0 when unknown.
    pub line: u32,
    /// Column, counted from 1; 0 when unknown.
    pub column: u32,
}

impl<T> Located<T> {
    /// The place of this value in the file `file`.
    pub fn position(&self, file: &str) -> Position {
        Position { file: file.to_owned(), line: self.line, column: self.column }
    }
}

impl<T> std::ops::Deref for Located<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Display> fmt::Display for Located<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Located<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = serde_saphyr::Spanned::<T>::deserialize(deserializer)?;
        Ok(Self {
            value: spanned.value,
            line: u32::try_from(spanned.referenced.line()).unwrap_or(0),
            column: u32::try_from(spanned.referenced.column()).unwrap_or(0),
        })
    }
}

impl<T: JsonSchema> JsonSchema for Located<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// Parses one YAML document; `file` is the name that messages show.
pub fn parse<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Diagnostic> {
    serde_saphyr::from_str(text).map_err(|error| {
        let position = error.location().map_or_else(
            || Position { file: file.to_owned(), line: 0, column: 0 },
            |at| Position {
                file: file.to_owned(),
                line: u32::try_from(at.line()).unwrap_or(0),
                column: u32::try_from(at.column()).unwrap_or(0),
            },
        );
        let rendered = error.without_snippet().to_string();
        let problem = in_words(rendered.lines().next().unwrap_or_default());
        Diagnostic::new(
            position,
            problem,
            "Every key is described in spec/README.md; check spelling and indentation.",
        )
    })
}

/// The message of the library without the place, which is said already, and without its own vocabulary.
fn in_words(message: &str) -> String {
    let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
    if let Some(key) = message.strip_prefix("duplicate mapping key: ") {
        return format!("the key `{}` occurs twice", key.split(',').next().unwrap_or(key));
    }
    match message {
        "invalid i32" => "a whole number of 32 bits is expected here".to_owned(),
        "invalid i64" => "a whole number of 64 bits is expected here".to_owned(),
        "invalid u32" | "invalid u64" => "a whole number that is not negative is expected here".to_owned(),
        "invalid boolean" => "true or false is expected here".to_owned(),
        other => other.to_owned(),
    }
}

/// Reads a file and parses it.
pub fn read<T: DeserializeOwned>(root: &Path, file: &str) -> Result<T, Diagnostic> {
    let text = std::fs::read_to_string(root.join(file)).map_err(|error| {
        Diagnostic::new(
            Position { file: file.to_owned(), line: 0, column: 0 },
            format!("cannot be read: {error}"),
            "Every file of the specification must be readable UTF-8 text.",
        )
    })?;
    parse(file, &text)
}
