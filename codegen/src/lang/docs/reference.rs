//! The API reference of one language.

use serde::Serialize;

use super::{anchor, cell};
use crate::doc;
use crate::lang::banner;
use crate::lang::faces::Face;
use crate::model::{Dtype, Enum, Example, Model, Operation};
use crate::output::OutputFile;
use crate::render::render;
use crate::spec::ResultOn;

#[derive(Serialize)]
struct Reference {
    banner: String,
    library: String,
    title: &'static str,
    fence: &'static str,
    summary: String,
    details: Vec<String>,
    chapters: Vec<Chapter>,
    dtypes: Vec<DtypeRow>,
    enums: Vec<Enumeration>,
    constants: Vec<Row>,
    variables: Vec<VariableRow>,
    statuses: Vec<StatusRow>,
}

#[derive(Serialize)]
struct Chapter {
    title: String,
    anchor: String,
    doc: Vec<String>,
    operations: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    name: String,
    summary: Vec<String>,
    deprecation: Option<String>,
    since: Option<String>,
    signatures: Vec<String>,
    details: Vec<String>,
    who: &'static str,
    element_types: Vec<String>,
    params: Vec<Row>,
    result: Option<String>,
    errors: Vec<Row>,
    examples: Vec<Snippet>,
}

#[derive(Serialize)]
struct Snippet {
    doc: String,
    ranks: u32,
    code: String,
}

/// A name and what it means.
#[derive(Serialize)]
struct Row {
    name: String,
    meaning: String,
}

#[derive(Serialize)]
struct DtypeRow {
    name: String,
    value: String,
    number: i32,
    bytes: u32,
    element: String,
    meaning: String,
    /// What NumPy, MPI, NCCL and DLPack call it.
    elsewhere: [String; 4],
}

#[derive(Serialize)]
struct Enumeration {
    name: String,
    doc: Vec<String>,
    values: Vec<ValueRow>,
}

#[derive(Serialize)]
struct ValueRow {
    name: String,
    text: String,
    number: i32,
    meaning: String,
}

#[derive(Serialize)]
struct VariableRow {
    name: String,
    holds: String,
    meaning: String,
}

#[derive(Serialize)]
struct StatusRow {
    name: String,
    code: i32,
    message: String,
    remedy: String,
}

pub(super) fn file(model: &Model, face: &dyn Face) -> OutputFile {
    let view = Reference {
        banner: banner("spec/"),
        library: model.library.name.clone(),
        title: face.title(),
        fence: face.fence(),
        summary: cell(&model.library.summary),
        details: doc::markdown(&model.library.details),
        chapters: chapters(model, face),
        dtypes: model.dtypes.iter().map(|dtype| dtype_row(model, face, dtype)).collect(),
        enums: model
            .enums
            .iter()
            .filter(|item| item.name != "dtype")
            .map(|item| enumeration(face, item))
            .collect(),
        constants: model
            .constants
            .iter()
            .filter_map(|constant| {
                Some(Row {
                    name: face.constant(constant)?,
                    meaning: format!("{} {}", constant.value, cell(&constant.doc)),
                })
            })
            .collect(),
        variables: model
            .variables
            .iter()
            .map(|variable| VariableRow {
                name: format!("DTL_{}", variable.name),
                holds: cell(&variable.holds),
                meaning: cell(&variable.doc),
            })
            .collect(),
        statuses: model
            .statuses
            .iter()
            .map(|status| StatusRow {
                name: face.status(status),
                code: status.code,
                message: cell(&status.message),
                remedy: cell(&status.remedy),
            })
            .collect(),
    };
    let text = render("reference.md", include_str!("../../../templates/docs/reference.md.tera"), &view);
    OutputFile::new(format!("generated/docs/{}.md", face.key()), text)
}

/// The chapters but for those of operations of which the language has none.
fn chapters(model: &Model, face: &dyn Face) -> Vec<Chapter> {
    let is_there = |item: &&crate::model::Chapter| {
        item.object.is_some()
            || item.operations.iter().any(|operation| model.skip(face.key(), operation).is_none())
    };
    model.chapters.iter().filter(is_there).map(|item| chapter(model, face, item)).collect()
}

fn chapter(model: &Model, face: &dyn Face, chapter: &crate::model::Chapter) -> Chapter {
    let mut texts = vec![chapter.doc.clone()];
    if let Some(object) = &chapter.object {
        texts.extend([object.details.clone(), doc::lifetime(object)]);
    }
    let doc = doc::markdown(&texts.join("\n\n"));
    let title = match &chapter.object {
        Some(object) => format!("`{}`", face.object(object)),
        None => chapter.title.clone(),
    };
    Chapter {
        anchor: anchor(&title),
        title,
        doc,
        operations: chapter
            .operations
            .iter()
            .filter(|operation| model.skip(face.key(), operation).is_none())
            .map(|operation| entry(model, face, operation))
            .collect(),
    }
}

fn entry(model: &Model, face: &dyn Face, operation: &Operation) -> Entry {
    Entry {
        name: operation.full_name.clone(),
        summary: doc::markdown(&operation.summary),
        deprecation: doc::deprecation(operation),
        since: doc::since(operation),
        signatures: face.signatures(model, operation),
        details: doc::markdown(&operation.details),
        who: doc::collectiveness(operation),
        element_types: doc::element_types(operation),
        params: (operation.function_of.iter())
            .map(|first| Row { name: first.name.clone(), meaning: cell(&first.doc) })
            .chain(operation.params.iter().map(parameter))
            .collect(),
        result: operation.result.as_ref().map(|result| {
            let nothing = if result.on == ResultOn::Root { " The other ranks receive nothing." } else { "" };
            let beside = result
                .beside
                .as_ref()
                .map(|second| format!(" With it, `{}`: {}", second.name, cell(&second.doc)));
            format!(
                "{}{}{nothing}{}",
                cell(&result.doc),
                shape(result.shape.as_deref()),
                beside.unwrap_or_default()
            )
        }),
        errors: doc::error_lines(operation)
            .into_iter()
            .map(|line| Row { name: face.status(line.status), meaning: cell(&line.when) })
            .collect(),
        examples: operation
            .examples
            .iter()
            .filter_map(|example| snippet(model, face, operation, example))
            .collect(),
    }
}

fn parameter(param: &crate::model::Param) -> Row {
    let mut meaning = format!("{}{}", cell(&param.doc), shape(param.shape.as_deref()));
    if let Some(conditions) = doc::conditions(param) {
        meaning = format!("{meaning} {conditions}");
    }
    if let Some(default) = doc::default_text(param) {
        meaning = format!("{meaning} Default: `{default}`.");
    }
    Row { name: param.name.clone(), meaning }
}

fn shape(shape: Option<&str>) -> String {
    shape.map(|shape| format!(" Shape: `{shape}`.")).unwrap_or_default()
}

fn snippet(model: &Model, face: &dyn Face, operation: &Operation, example: &Example) -> Option<Snippet> {
    let code = face.snippet(model, operation, example)?;
    Some(Snippet { doc: cell(&example.doc), ranks: example.ranks, code: code.trim_end().to_owned() })
}

fn dtype_row(model: &Model, face: &dyn Face, dtype: &Dtype) -> DtypeRow {
    let item = model
        .enums
        .iter()
        .find(|item| item.name == "dtype")
        .expect("resolving makes the enumeration of dtypes");
    let value =
        item.values.iter().find(|value| value.text == dtype.name).expect("it has a value for each dtype");
    DtypeRow {
        name: dtype.name.clone(),
        value: face.value(item, value),
        number: dtype.code,
        bytes: dtype.bytes,
        element: code(face.element(dtype)),
        meaning: cell(&dtype.doc),
        elsewhere: [
            code(dtype.numpy.clone()),
            code(dtype.mpi.clone()),
            code(dtype.nccl.clone()),
            code(dtype.dlpack.map(|(code, bits)| format!("code {code}, {bits} bits"))),
        ],
    }
}

fn code(name: Option<String>) -> String {
    name.map_or_else(|| "none".to_owned(), |name| format!("`{name}`"))
}

fn enumeration(face: &dyn Face, item: &Enum) -> Enumeration {
    let mut doc = doc::markdown(&item.summary);
    if !item.details.is_empty() {
        doc.push(String::new());
        doc.extend(doc::markdown(&item.details));
    }
    Enumeration {
        name: face.enumeration(item),
        doc,
        values: item
            .values
            .iter()
            .map(|value| {
                let set =
                    value.dtypes.as_ref().map(|set| format!(" For {} dtypes.", set.name)).unwrap_or_default();
                ValueRow {
                    name: face.value(item, value),
                    text: value.text.clone(),
                    number: value.value,
                    meaning: format!("{}{set}", cell(&value.doc)),
                }
            })
            .collect(),
    }
}
