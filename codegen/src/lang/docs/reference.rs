//! The API reference of one language.

use serde::Serialize;

use super::{anchor, cell};
use crate::doc;
use crate::lang::banner;
use crate::lang::faces::{Appendix, Argument, Besides, Face};
use crate::model::{Dtype, Enum, Model, Operation};
use crate::output::OutputFile;
use crate::render::render;

#[derive(Serialize)]
struct Reference {
    banner: String,
    library: String,
    title: &'static str,
    fence: &'static str,
    summary: String,
    details: Vec<String>,
    conventions: Vec<String>,
    chapters: Vec<Chapter>,
    appendices: Vec<Chapter>,
    dtypes: Vec<DtypeRow>,
    enums: Vec<Enumeration>,
    constants: Vec<Row>,
    variables: Vec<VariableRow>,
    categories: Vec<CategoryRow>,
    statuses: Vec<StatusRow>,
}

#[derive(Serialize)]
struct Chapter {
    title: String,
    anchor: String,
    doc: Vec<String>,
    /// What an object has from another one, where that has names of its own.
    inherited: Vec<Row>,
    operations: Vec<Entry>,
    besides: Vec<Other>,
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
    arguments: Arguments,
    result: Option<String>,
    errors: Vec<Row>,
    examples: Vec<Snippet>,
}

/// What is no operation.
#[derive(Serialize)]
struct Other {
    name: String,
    signatures: Vec<String>,
    doc: Vec<String>,
    arguments: Arguments,
    result: String,
    example: Vec<String>,
}

/// The table of arguments.
#[derive(Serialize)]
struct Arguments {
    rows: Vec<ArgumentRow>,
    /// There is something in the column of types.
    has_traits: bool,
}

#[derive(Serialize)]
struct ArgumentRow {
    name: String,
    traits: String,
    meaning: String,
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
struct CategoryRow {
    name: String,
    number: i32,
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
        conventions: doc::markdown(model.conventions(face.key())),
        chapters: chapters(model, face),
        appendices: face.appendices(model).iter().map(appendix).collect(),
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
        categories: model
            .categories
            .iter()
            .map(|category| CategoryRow {
                name: face.category(category),
                number: category.value,
                meaning: cell(&category.doc),
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
        item.object.is_some() || item.operations.iter().any(|operation| operation.skip(face.key()).is_none())
    };
    model.chapters.iter().filter(is_there).map(|item| chapter(model, face, item)).collect()
}

fn chapter(model: &Model, face: &dyn Face, chapter: &crate::model::Chapter) -> Chapter {
    let mut texts = vec![chapter.doc.clone()];
    if let Some(object) = &chapter.object {
        texts.extend([object.details.clone(), doc::lifetime(object)]);
    }
    let mut doc = doc::markdown(&texts.join("\n\n"));
    if let Some(base) = chapter.object.as_ref().and_then(|object| model.base_of(object)) {
        let title = format!("`{}`", face.object(base));
        doc.extend([
            String::new(),
            format!("It also has everything that [{title}](#{}) has.", anchor(&title)),
        ]);
    }
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
            .filter(|operation| operation.skip(face.key()).is_none() && face.describes(operation))
            .map(|operation| entry(model, face, operation))
            .collect(),
        inherited: (chapter.operations.iter())
            .filter(|operation| operation.inherited && face.renames_inherited())
            .flat_map(|operation| {
                let name = operation.shared_name.clone();
                let signatures = face.signatures(model, operation).into_iter();
                signatures.map(move |signature| Row { name: name.clone(), meaning: signature })
            })
            .collect(),
        besides: face.besides(model, chapter).iter().map(other).collect(),
    }
}

fn appendix(item: &Appendix) -> Chapter {
    Chapter {
        anchor: anchor(&item.title),
        title: item.title.clone(),
        doc: doc::markdown(&item.doc),
        operations: Vec::new(),
        inherited: Vec::new(),
        besides: item.items.iter().map(other).collect(),
    }
}

fn other(item: &Besides) -> Other {
    Other {
        name: item.name.clone(),
        signatures: item.signatures.clone(),
        doc: doc::markdown(&item.doc),
        arguments: table(&item.arguments),
        result: cell(&item.result),
        example: item.example.clone(),
    }
}

fn table(arguments: &[Argument]) -> Arguments {
    let row = |argument: &Argument| ArgumentRow {
        name: argument.name.clone(),
        traits: argument.traits.replace('|', "\\|"),
        meaning: cell(&argument.meaning),
    };
    Arguments {
        rows: arguments.iter().map(row).collect(),
        has_traits: arguments.iter().any(|argument| !argument.traits.is_empty()),
    }
}

fn entry(model: &Model, face: &dyn Face, operation: &Operation) -> Entry {
    let usage = face.usage(model, operation);
    Entry {
        name: operation.full_name.clone(),
        summary: doc::markdown(&operation.summary),
        deprecation: doc::deprecation(operation),
        since: doc::since(operation),
        signatures: usage.signatures,
        details: doc::markdown(&operation.details),
        who: doc::collectiveness(operation),
        element_types: doc::element_types(operation),
        arguments: table(&usage.arguments),
        result: usage.result.map(|text| cell(&text)),
        errors: face
            .errors(operation)
            .into_iter()
            .map(|line| Row { name: face.status(line.status), meaning: cell(&line.when) })
            .collect(),
        examples: (model.examples_of(operation).into_iter())
            .filter_map(|(shown, example)| {
                let code = face.snippet(model, operation, shown, example)?;
                Some(Snippet {
                    doc: cell(&example.doc),
                    ranks: example.ranks,
                    code: code.trim_end().to_owned(),
                })
            })
            .collect(),
    }
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
