//! `generated/ffi`: the `extern "C"` functions of libdtl. One function for each C function of the model, and those that
//! follow from objects, enumerations, structs and status codes. The crate is kept flat, without macros and generics,
//! because the C header is read from it.

mod body;
mod callbacks;
mod definitions;
mod derived;
mod documentation;
mod shapes;
mod signature;

use serde::Serialize;
use std::rc::Rc;

use crate::doc;
use crate::lang::banner;
use crate::model::{Chapter, Model, Operation, Struct};
use crate::output::OutputFile;
use crate::render::render;
pub use callbacks::function_type;
use definitions::Definitions;
pub use documentation::{ArgumentText, arguments, returned};
pub use signature::{Access, Arg, CBase, CType, Signature, handle, signature, value};

/// A function that the library exports.
pub struct Function {
    /// Its prototype.
    pub signature: Signature,
    /// Doxygen comment, as lines.
    pub doc: Vec<String>,
    /// What to call instead, if users should.
    pub deprecated: Option<String>,
    /// For one that no operation names, what is said of it.
    pub besides: Option<Texts>,
    /// Where it is specified, such as `` `allreduce` in spec/ops/collectives.yaml ``.
    pub origin: String,
    /// Rust statements.
    body: String,
}

impl Function {
    fn plain(signature: Signature, doc: &str, body: String) -> Self {
        Self {
            signature,
            doc: doc::doxygen(doc),
            deprecated: None,
            besides: Some(Texts { doc: doc.to_owned(), ..Texts::default() }),
            origin: String::new(),
            body,
        }
    }

    fn from(self, origin: &str) -> Self {
        Self { origin: origin.to_owned(), ..self }
    }

    /// Says what its arguments mean, and what it returns, if anything needs to be said of that.
    fn saying(mut self, arguments: &[(&str, &str)], returns: &str) -> Self {
        let argument = |(name, text): &(&str, &str)| {
            let written = self.signature.args.iter().any(|arg| arg.name == *name && arg.is_written());
            format!("@param[{}] {name} {text}", if written { "out" } else { "in" })
        };
        let lines: Vec<String> = arguments.iter().map(argument).collect();
        self.doc.push(String::new());
        self.doc.extend(lines);
        self.doc.extend((!returns.is_empty()).then(|| format!("@return {returns}")));
        if let Some(said) = &mut self.besides {
            said.arguments
                .extend(arguments.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())));
            said.returns = returns.to_owned();
        }
        self
    }

    fn of(model: &Model, operation: &Operation, number: usize) -> Self {
        let function = &operation.c[number];
        let (doc, body) = match model.inherited_from(operation) {
            Some(base) => {
                let for_any = &base.c[number];
                // What is passed besides must be of the same kind.
                let body = match body::takes_another(operation) {
                    true => body::body(operation, function),
                    false => body::delegating(operation, function, (base, for_any)),
                };
                (documentation::reference(operation, for_any), body)
            }
            None => (documentation::comment(model, operation, function), body::body(operation, function)),
        };
        Self {
            signature: signature(operation, function),
            doc,
            deprecated: operation.deprecated.as_ref().map(|(_, note)| note.clone()),
            besides: None,
            origin: format!("`{}` in {}", operation.full_name, operation.position.file),
            body,
        }
    }
}

/// What is said of a function, in the markup of the specification.
#[derive(Debug, Default)]
pub struct Texts {
    /// What it does.
    pub doc: String,
    /// Its arguments, and what they mean.
    pub arguments: Vec<(String, String)>,
    /// What it returns; empty where nothing needs to be said.
    pub returns: String,
}

/// A group of functions: a file of the crate and a section of the header.
pub struct Section {
    /// Name of the file.
    pub name: String,
    /// Heading.
    pub title: String,
    /// Introduction.
    pub doc: String,
    /// Functions, in documentation order.
    pub functions: Vec<Function>,
}

/// Every exported function, in the order of the header.
pub fn sections(model: &Model) -> Vec<Section> {
    let chapters = model.chapters.iter().map(|chapter| chapter_section(model, chapter));
    library(model).into_iter().chain(chapters).collect()
}

/// The functions that belong to no chapter of the specification.
pub fn library(model: &Model) -> Vec<Section> {
    let section = |name: &str, title: &str, doc: &str, functions: Vec<Function>| Section {
        name: name.to_owned(),
        title: title.to_owned(),
        doc: doc.to_owned(),
        functions,
    };
    let names = (model.enums.iter())
        .map(|item| derived::enum_name(item).from("spec/enums.yaml and spec/dtypes.yaml"));
    let mut library = derived::version();
    library.push(derived::version_text(model));
    // Programs fill in those that they pass.
    let is_passed = |item: &&Rc<Struct>| model.records().all(|record| record.name != item.name);
    let inits =
        model.structs.iter().filter(is_passed).map(|item| derived::init(item).from("spec/structs.yaml"));
    vec![
        section("version", "Version", "Which dtl this is.", from("spec/dtl.yaml", library)),
        section(
            "names",
            "Names and sizes",
            "What the numbers of enumerations stand for, and the defaults of structs.",
            names
                .chain([derived::dtype_size().from("spec/dtypes.yaml")])
                .chain(inits)
                .chain(from("spec/structs.yaml", shapes::shapes(model)))
                .collect(),
        ),
        section(
            "status",
            "Status codes",
            "What statuses mean, and what went wrong last.",
            from("spec/errors.yaml", derived::statuses(model))
                .into_iter()
                .chain(from("the C interface", derived::last_error()))
                .collect(),
        ),
    ]
}

fn from(origin: &str, functions: Vec<Function>) -> Vec<Function> {
    functions.into_iter().map(|function| function.from(origin)).collect()
}

fn chapter_section(model: &Model, chapter: &Chapter) -> Section {
    let mut functions: Vec<Function> = (chapter.operations.iter())
        .filter(|operation| operation.skip("c").is_none())
        .flat_map(|operation| (0..operation.c.len()).map(|number| Function::of(model, operation, number)))
        .collect();
    functions.extend(besides(model, chapter));
    Section {
        name: chapter.module().to_owned(),
        title: chapter.title.clone(),
        doc: chapter.doc.clone(),
        functions,
    }
}

/// The functions of a chapter that no operation names: those that follow from its object.
pub fn besides(model: &Model, chapter: &Chapter) -> Vec<Function> {
    let Some(object) = &chapter.object else { return Vec::new() };
    let mut functions = from(&object.position.file, derived::owners(object));
    if model.reaches_ranks(object) {
        functions.push(derived::refuse(model, object).from("the C interface"));
        if object.is_context() && model.operations().any(Operation::is_issued) {
            functions.push(derived::refuse_issued().from("the C interface"));
        }
    }
    functions
}

/// The files of the crate `dtl-ffi`.
pub(super) fn files(model: &Model, sections: &[Section]) -> Vec<OutputFile> {
    let path = |name: &str| format!("generated/ffi/src/{name}.rs");
    sources(model, sections).iter().map(|source| OutputFile::rust(path(&source.name), &source.text)).collect()
}

/// A file of the crate before it is formatted.
pub(super) struct Source {
    /// Name of the module.
    pub(super) name: String,
    /// Contents.
    pub(super) text: String,
}

/// The files of the crate: types first, then the sections in order, then the root.
fn sources(model: &Model, sections: &[Section]) -> Vec<Source> {
    let root = Root {
        banner: banner("spec/"),
        modules: sections.iter().map(|section| section.name.clone()).collect(),
    };
    let made = callbacks::Callbacks::new(model);
    let mut sources = vec![
        types(&Definitions::new(model)),
        source("callbacks", include_str!("../../../templates/ffi/callbacks.rs.tera"), &made),
    ];
    sources.extend(sections.iter().map(|section| of_section(section, functions(section))));
    sources.push(source("lib", include_str!("../../../templates/ffi/lib.rs.tera"), &root));
    sources
}

/// What C sees of these files.
pub(super) struct Declarations {
    /// The types.
    pub(super) types: Source,
    /// Their names.
    pub(super) names: Vec<String>,
    /// The functions of each section, without what they do, which would take long to read.
    pub(super) functions: Vec<Source>,
}

/// What C sees of these files.
pub(super) fn declarations(model: &Model, sections: &[Section]) -> Declarations {
    let without_bodies = |section: &Section| {
        let functions =
            section.functions.iter().map(|function| FunctionView { body: String::new(), ..view(function) });
        let (banner, title) = (banner("spec/"), section.title.clone());
        of_section(section, Functions { banner, title, functions: functions.collect() })
    };
    let definitions = Definitions::new(model);
    Declarations {
        types: types(&definitions),
        names: definitions.names(),
        functions: sections.iter().map(without_bodies).collect(),
    }
}

fn types(definitions: &Definitions) -> Source {
    source("types", include_str!("../../../templates/ffi/types.rs.tera"), definitions)
}

fn of_section(section: &Section, view: Functions) -> Source {
    source(&section.name, include_str!("../../../templates/ffi/functions.rs.tera"), &view)
}

fn source(name: &str, template: &str, view: &impl Serialize) -> Source {
    Source { name: name.to_owned(), text: render(name, template, view) }
}

#[derive(Serialize)]
struct Root {
    banner: String,
    modules: Vec<String>,
}

#[derive(Serialize)]
struct Functions {
    banner: String,
    title: String,
    functions: Vec<FunctionView>,
}

#[derive(Serialize)]
struct FunctionView {
    origin: String,
    doc: Vec<String>,
    must_use: bool,
    deprecated: String,
    name: String,
    args: String,
    returns: String,
    body: String,
}

fn functions(section: &Section) -> Functions {
    Functions {
        banner: banner("spec/"),
        title: section.title.clone(),
        functions: section.functions.iter().map(view).collect(),
    }
}

fn view(function: &Function) -> FunctionView {
    let signature = &function.signature;
    let args: Vec<String> =
        signature.args.iter().map(|arg| format!("{}: {}", arg.name, arg.ty.rust())).collect();
    FunctionView {
        origin: function.origin.clone(),
        doc: function.doc.clone(),
        must_use: signature.returns_status(),
        deprecated: function.deprecated.clone().unwrap_or_default(),
        name: signature.name.clone(),
        args: args.join(", "),
        returns: if signature.returns == CType::void() {
            String::new()
        } else {
            format!("-> {}", signature.returns.rust())
        },
        body: function.body.clone(),
    }
}
