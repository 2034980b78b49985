//! `gen --explain ITEM`: what an entry of the specification becomes in each language, and where.

use std::fmt::Write;

use crate::doc;
use crate::lang::faces::{FACES, Face};
use crate::model::{Model, Operation};
use crate::output::OutputFile;

/// What is said about one entry.
struct Entry {
    /// Sort and name, such as "operation `allreduce`".
    heading: String,
    /// Where it is specified.
    position: String,
    /// What it means.
    summary: String,
    /// What it becomes in each language: the key of the language, and lines.
    faces: Vec<(&'static str, Vec<String>)>,
    /// Further lines, each with its label.
    facts: Vec<(&'static str, String)>,
}

/// Describes every entry called `item`, in any case: `allreduce`, `vector.fill`, `fill`, `reduce_op`, `SUM`, `float64`,
/// `OUT_OF_BOUNDS`. `files` are the generated files, in which it is looked up.
pub fn explain(model: &Model, files: &[OutputFile], item: &str) -> Result<String, String> {
    let entries: Vec<Entry> =
        [operations, definitions, objects].iter().flat_map(|find| find(model, item)).collect();
    if entries.is_empty() {
        return Err(suggestion(model, item));
    }
    Ok(entries.iter().map(|entry| entry.text(files)).collect::<Vec<_>>().join("\n"))
}

fn operations(model: &Model, item: &str) -> Vec<Entry> {
    let named = |operation: &&Operation| is(&operation.full_name, item) || is(&operation.name, item);
    model.operations().filter(named).map(|found| operation(model, found)).collect()
}

fn operation(model: &Model, operation: &Operation) -> Entry {
    let errors =
        doc::error_lines(operation).into_iter().map(|line| format!("{} if {}", line.status.name, line.when));
    let examples =
        operation.examples.iter().map(|example| format!("{} ({} ranks)", example.name, example.ranks));
    let mut facts = vec![
        ("runtime", format!("dtl::{}", operation.implementation)),
        ("who calls it", doc::collectiveness(operation).to_owned()),
    ];
    facts.extend(errors.map(|line| ("fails", line)));
    facts.extend(examples.map(|line| ("example", line)));
    let of_face = |face: &&dyn Face| match operation.skip(face.key()) {
        Some(reason) => (face.key(), vec![format!("not offered: {reason}")]),
        None => (face.key(), face.signatures(model, operation)),
    };
    Entry {
        heading: format!("operation `{}`", operation.full_name),
        position: operation.position.to_string(),
        summary: operation.summary.clone(),
        faces: FACES.iter().map(of_face).collect(),
        facts,
    }
}

/// Enumerations and their values, dtypes, status codes and constants.
fn definitions(model: &Model, item: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    for found in &model.enums {
        if is(&found.name, item) || is(&found.type_name, item) {
            let values: Vec<String> =
                found.values.iter().map(|value| format!("{} {}", value.value, value.name)).collect();
            let position = found.position.to_string();
            let mut entry = Entry::new("enumeration", &found.name, position, &found.summary, |face| {
                face.enumeration(found)
            });
            entry.facts.push(("values", values.join(", ")));
            entries.push(entry);
        }
        for value in found.values.iter().filter(|value| is(&value.name, item)) {
            let position = value.position.to_string();
            let sort =
                if found.name == "dtype" { "dtype".to_owned() } else { format!("value of `{}`", found.name) };
            let mut entry =
                Entry::new(&sort, &value.name, position, &value.doc, |face| face.value(found, value));
            entry.facts.push(("number", value.value.to_string()));
            entries.push(entry);
        }
    }
    for found in model.statuses.iter().filter(|status| is(&status.name, item)) {
        let position = found.position.to_string();
        let mut entry =
            Entry::new("status", &found.name, position, &found.message, |face| face.status(found));
        entry.facts.push(("code", found.code.to_string()));
        entry.facts.push(("remedy", found.remedy.clone()));
        entries.push(entry);
    }
    for found in model.constants.iter().filter(|constant| is(&constant.name, item)) {
        let position = found.position.to_string();
        let spelled = |face: &dyn Face| face.constant(found).unwrap_or_else(|| "not shown".to_owned());
        let mut entry = Entry::new("constant", &found.name, position, &found.doc, spelled);
        entry.facts.push(("value", found.value.to_string()));
        entries.push(entry);
    }
    entries
}

fn objects(model: &Model, item: &str) -> Vec<Entry> {
    let named = model.objects.iter().filter(|object| is(&object.name, item) || is(&object.python, item));
    named
        .map(|object| {
            let position = object.position.to_string();
            let mut entry =
                Entry::new("object", &object.name, position, &object.summary, |face| face.object(object));
            let operations: Vec<&str> =
                model.operations_of(object).map(|operation| operation.name.as_str()).collect();
            entry.facts.push(("runtime", format!("dtl::{}", object.rust)));
            entry.facts.push(("operations", operations.join(", ")));
            entry
        })
        .collect()
}

fn is(name: &str, item: &str) -> bool {
    name.eq_ignore_ascii_case(item)
}

/// Names that contain what was asked for, or the sorts of names there are.
fn suggestion(model: &Model, item: &str) -> String {
    let lower = item.to_ascii_lowercase();
    let names = model
        .operations()
        .map(|operation| operation.full_name.clone())
        .chain(model.enums.iter().map(|found| found.name.clone()))
        .chain(model.statuses.iter().map(|status| status.name.clone()));
    let similar: Vec<String> = names.filter(|name| name.to_ascii_lowercase().contains(&lower)).collect();
    if similar.is_empty() {
        format!(
            "there is no entry `{item}`; name an operation, object, enumeration, value, dtype, status or constant"
        )
    } else {
        format!("there is no entry `{item}`; did you mean {}?", similar.join(", "))
    }
}

impl Entry {
    fn new(
        sort: &str,
        name: &str,
        position: String,
        summary: &str,
        spell: impl Fn(&dyn Face) -> String,
    ) -> Self {
        Self {
            heading: format!("{sort} `{name}`"),
            position,
            summary: summary.to_owned(),
            faces: FACES.iter().map(|face| (face.key(), vec![spell(*face)])).collect(),
            facts: Vec::new(),
        }
    }

    fn text(&self, files: &[OutputFile]) -> String {
        let mut text = format!("{}, {}\n  {}\n", self.heading, self.position, self.summary);
        let faces = self.faces.iter().flat_map(|(key, lines)| lines.iter().map(|line| (*key, line.clone())));
        let mut last = "";
        for (label, line) in faces.chain(self.facts.iter().cloned()).chain(self.places(files)) {
            let shown = if label == last { "" } else { label };
            writeln!(text, "  {shown:<12} {line}").expect("a text takes everything");
            last = label;
        }
        text
    }

    /// Where the generated files spell it: the first place in each file, for the names that the languages use.
    fn places(&self, files: &[OutputFile]) -> Vec<(&'static str, String)> {
        let declarations: Vec<&str> =
            self.faces.iter().flat_map(|(_, lines)| lines).map(String::as_str).collect();
        let mut places = Vec::new();
        for file in files.iter().filter(|file| !file.path.starts_with("spec/")) {
            let spells = |line: &str| declarations.iter().any(|declaration| spells(line, declaration));
            let found = file.text.lines().position(spells);
            places.extend(found.map(|line| ("found in", format!("{}:{}", file.path, line + 1))));
        }
        places
    }
}

/// True when `line` has the name that `declaration` declares; that of a function with its parameters.
fn spells(line: &str, declaration: &str) -> bool {
    let is_function = declaration.contains('(');
    identifier(declaration).is_some_and(|name| {
        line.match_indices(name).any(|(at, _)| {
            let joins = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let (before, after) = (line[..at].chars().next_back(), line[at + name.len()..].chars().next());
            let follows =
                if is_function { matches!(after, Some('(' | '<')) } else { !after.is_some_and(joins) };
            !before.is_some_and(joins) && follows
        })
    })
}

/// The name that a declaration declares: the word before its first parenthesis, or its last path.
fn identifier(line: &str) -> Option<&str> {
    let head = line.split(['(', '<']).next()?;
    head.rsplit([' ', '*']).find(|word| !word.is_empty())
}
