//! Templates: tera, compiled into the program so that a run needs no files but the specification.

use serde::Serialize;
use tera::{Context, Tera};

/// Renders `template` (its text, and its name for messages) with the fields of `model`.
///
/// Templates are part of this program: one that does not render is a bug in it, so this panics with tera's message,
/// which names template, line and column.
pub(crate) fn render(name: &str, template: &str, model: &impl Serialize) -> String {
    let mut tera = Tera::default();
    tera.add_raw_template(name, template).unwrap_or_else(|error| panic!("template {name}: {error}"));
    let context = Context::from_serialize(model).unwrap_or_else(|error| panic!("model of {name}: {error}"));
    tera.render(name, &context).unwrap_or_else(|error| panic!("template {name}: {error}"))
}
