//! The languages as their users see them: how each spells an entry of the specification.
//!
//! The reference manual and `gen --explain` show entries with it. Signatures and snippets come from the backends, so that
//! they are what the backends really write.

mod c;
mod fortran;
mod python;
mod rust;

use crate::doc::{self, ErrorLine};
use crate::model::{
    Category, Chapter, Constant, Dtype, Enum, EnumValue, Example, Model, Object, Operation, Shape, Status,
};
use crate::spec::ResultOn;

/// What a caller passes or gets.
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Type, rank, direction and whether it may be left out, in Markdown; empty where signatures say it all.
    pub traits: String,
    /// What it means, in the markup of the specification.
    pub meaning: String,
}

/// How an operation is used.
pub struct Usage {
    /// Its declarations.
    pub signatures: Vec<String>,
    /// What a program passes to it, and where it gets results in arguments.
    pub arguments: Vec<Argument>,
    /// What it gives, but for what comes in arguments; in the markup of the specification.
    pub result: Option<String>,
}

/// Something public that no operation names.
pub struct Besides {
    /// Its name.
    pub name: String,
    /// Its declarations.
    pub signatures: Vec<String>,
    /// What it is, in the markup of the specification.
    pub doc: String,
    /// What a caller passes.
    pub arguments: Vec<Argument>,
    /// What it gives.
    pub result: String,
    /// Code that shows it.
    pub example: Vec<String>,
}

impl Besides {
    /// Something that needs no more words than these.
    pub fn plain(name: impl Into<String>, signature: impl Into<String>, doc: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            signatures: vec![signature.into()],
            doc: doc.into(),
            arguments: Vec::new(),
            result: String::new(),
            example: Vec::new(),
        }
    }
}

/// A chapter about what no operation names.
pub struct Appendix {
    /// Heading.
    pub title: String,
    /// Introduction, in the markup of the specification.
    pub doc: String,
    /// What it is about.
    pub items: Vec<Besides>,
}

/// A language as its users see it.
pub trait Face {
    /// Name of its file in `spec/lang`, without ending.
    fn key(&self) -> &'static str;
    /// Name for people.
    fn title(&self) -> &'static str;
    /// What marks its code in Markdown.
    fn fence(&self) -> &'static str;
    /// Whether the chapter of its object describes an operation: what an object has from another one is described there, unless it is
    /// written for each.
    fn describes(&self, operation: &Operation) -> bool {
        !operation.inherited
    }
    /// The declarations of an operation; empty where there is none.
    fn signatures(&self, model: &Model, operation: &Operation) -> Vec<String>;
    /// How an operation is used.
    fn usage(&self, model: &Model, operation: &Operation) -> Usage;
    /// Why an operation may fail.
    fn errors<'a>(&self, operation: &'a Operation) -> Vec<ErrorLine<'a>> {
        doc::error_lines(operation)
    }
    /// Whether what an object has from another one has names of its own.
    fn renames_inherited(&self) -> bool {
        false
    }
    /// What belongs to a chapter and is no operation.
    fn besides(&self, _model: &Model, _chapter: &Chapter) -> Vec<Besides> {
        Vec::new()
    }
    /// Chapters about what no operation names.
    fn appendices(&self, _model: &Model) -> Vec<Appendix> {
        Vec::new()
    }
    /// An example as code; `None` where it cannot be shown. It is that of `shown`, which is the operation itself, or the same of an
    /// object that extends its abstract one.
    fn snippet(
        &self,
        model: &Model,
        operation: &Operation,
        shown: &Operation,
        example: &Example,
    ) -> Option<String>;
    /// The type of an object.
    fn object(&self, object: &Object) -> String;
    /// The type of an enumeration.
    fn enumeration(&self, item: &Enum) -> String;
    /// A value of an enumeration.
    fn value(&self, item: &Enum, value: &EnumValue) -> String;
    /// The type of an element; `None` where the language has none.
    fn element(&self, dtype: &Dtype) -> Option<String>;
    /// A constant; `None` where the language does not show it.
    fn constant(&self, constant: &Constant) -> Option<String>;
    /// A category of status codes.
    fn category(&self, category: &Category) -> String;
    /// What a status becomes.
    fn status(&self, status: &Status) -> String;
}

/// Every language, in the order in which they are shown.
pub const FACES: &[&dyn Face] = &[&python::Python, &c::C, &fortran::Fortran, &rust::Rust];

/// A text, and the shape of the array of which it speaks.
fn with_shape(doc: &str, shape: Option<&Shape>) -> String {
    let doc = doc.trim();
    shape.map_or_else(|| doc.to_owned(), |shape| format!("{doc} Shape: `{shape}`."))
}

/// The parameters of an operation as the specification has them.
pub(super) fn parameters(operation: &Operation) -> Vec<Argument> {
    let first = operation.function_of.iter().map(|first| (&first.name, first.doc.clone()));
    let params = operation.params.iter().map(|param| {
        let sentences = [
            Some(with_shape(&param.doc, param.shape.as_ref())),
            doc::conditions(param),
            doc::default_text(param).map(|text| format!("Default: `{text}`.")),
        ];
        (&param.name, sentences.into_iter().flatten().collect::<Vec<_>>().join(" "))
    });
    first
        .chain(params)
        .map(|(name, meaning)| Argument { name: name.clone(), traits: String::new(), meaning })
        .collect()
}

/// What an operation gives, as the specification has it.
pub(super) fn result(operation: &Operation) -> Option<String> {
    let result = operation.result.as_ref()?;
    let mut text = with_shape(&result.doc, result.shape.as_ref());
    if result.on == ResultOn::Root {
        text.push_str(" The other ranks receive nothing.");
    }
    if let Some(second) = &result.beside {
        text.push_str(&format!(" With it, `{}`: {}", second.name, second.doc));
    }
    Some(text)
}
