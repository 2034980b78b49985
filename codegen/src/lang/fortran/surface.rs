//! `dtl.f90`: the module that programs use.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::callbacks::{CallbackView, callback_views};
use super::core::{alias, core, core_name};
use super::documentation::{dtype_table, operation_doc};
use super::layout::continue_lines;
use super::library::{Library, library};
use super::procedure::Procedure;
use super::raw::constant_names;
use super::reference::shares;
use super::specifics::specifics;
use super::spelling::{Element, dtype_constant, elements};
use crate::doc::ford;
use crate::lang::banner;
use crate::model::{CFunction, Model, Object, Operation};
use crate::output::OutputFile;
use crate::render::render;
use crate::spec::Role;

pub(super) fn file(model: &Model) -> OutputFile {
    let mut view = Surface::new(model);
    // The template itself calls C too, so what the module must import is read from the finished text.
    let text = render_view(&view);
    view.imports = imports(model, &text);
    OutputFile::new("generated/fortran/dtl.f90", continue_lines(&render_view(&view)))
}

fn render_view(view: &Surface) -> String {
    render("dtl.f90", include_str!("../../../templates/fortran/dtl.f90.tera"), view)
}

/// A statement has at most 256 lines, and one name takes up to two.
const IMPORTS_OF_A_STATEMENT: usize = 100;

#[derive(Serialize)]
struct Surface {
    banner: String,
    /// What the module is, its conventions, and what elements are.
    introduction: Vec<String>,
    constants: Vec<String>,
    /// Structs and renamed functions of `dtl_c`, a list for each statement.
    imports: Vec<String>,
    objects: Vec<ObjectView>,
    callbacks: Vec<CallbackView>,
    /// Types of results with several parts.
    records: Vec<String>,
    free: Vec<Free>,
    /// There are forms that do not block.
    issues: bool,
    /// Functions that no operation names.
    library: Vec<Library>,
    /// Enumerations whose values have names.
    names: Vec<String>,
    dtypes: Vec<DtypeView>,
    elements: Vec<Element>,
    procedures: Vec<Procedure>,
    /// Procedures about numbers of elements.
    sizes: String,
    /// Procedures about numbers for each dimension.
    dimensions: String,
}

/// The procedures about numbers for each dimension; one that no operation calls would be a warning.
const OF_DIMENSIONS: [&str; 7] =
    ["expect_extents", "shape_of", "extents_of", "each_choice", "each_index", "recount_each", "expect_rank"];

#[derive(Serialize)]
struct ObjectView {
    name: String,
    /// What `raw` calls to take an owner away.
    freed_by: String,
    doc: Vec<String>,
    bindings: Vec<Binding>,
    /// What its assignment does.
    shares: String,
    /// A procedure refuses a collective operation through it.
    refuses: bool,
}

/// A type-bound name.
#[derive(Serialize)]
struct Binding {
    name: String,
    /// `private :: a, b` for the procedures of a generic name; else empty.
    specifics: String,
    procedure: String,
    doc: Vec<String>,
}

/// A name that belongs to no object. It is always a generic one: the procedures themselves must not have the names of C
/// functions, which gfortran takes for another declaration of the same.
#[derive(Serialize)]
struct Free {
    name: String,
    doc: Vec<String>,
    procedures: String,
}

/// How the elements of a dtype appear.
#[derive(Serialize)]
struct DtypeView {
    constant: String,
    name: String,
    /// Fortran type, for messages.
    ty: String,
    /// Constant of the dtype as which Fortran sees it; its own where Fortran has the type.
    seen_as: String,
}

impl Surface {
    fn new(model: &Model) -> Self {
        let mut surface = Self {
            banner: banner("spec/"),
            introduction: introduction(model),
            constants: constant_names(model),
            imports: Vec::new(),
            objects: model.objects.iter().map(|object| object_view(model, object)).collect(),
            records: model.records().map(|item| format!("dtl_{}", item.name)).collect(),
            callbacks: model.callbacks.iter().flat_map(|callback| callback_views(model, callback)).collect(),
            free: Vec::new(),
            issues: model.operations_in("fortran").any(Operation::is_issued),
            library: library(model),
            names: model.enums.iter().map(|item| item.name.clone()).collect(),
            dtypes: dtype_views(model),
            elements: elements(model.dtypes.iter().map(AsRef::as_ref)),
            procedures: Vec::new(),
            sizes: String::new(),
            dimensions: String::new(),
        };
        let sizes = include_str!("../../../templates/fortran/sizes.f90.tera");
        surface.sizes = render("sizes.f90", sizes, &surface).trim_matches('\n').to_owned();
        for operation in model.operations_in("fortran") {
            let specifics = specifics(model, operation);
            let core = core(model, operation);
            let procedures = if specifics.is_empty() { core.name.clone() } else { names(&specifics) };
            if operation.function_of.is_some() {
                surface.overload(model, operation, procedures);
            } else if operation.object.is_none() || operation.role == Role::Static || is_plain_in_c(operation)
            {
                let symbol = if is_plain_in_c(operation) { &operation.name } else { &operation.symbol };
                let (name, doc) = (format!("dtl_{symbol}"), operation_doc(model, operation));
                surface.free.push(Free { name, doc, procedures });
            }
            surface.procedures.push(core);
            surface.procedures.extend(specifics);
        }
        let lines = || surface.procedures.iter().flat_map(|procedure| &procedure.body);
        let calls = |name: &str| lines().any(|line| line.contains(&format!("{name}(")));
        let called: BTreeMap<_, _> = OF_DIMENSIONS.into_iter().map(|name| (name, calls(name))).collect();
        let dimensions = include_str!("../../../templates/fortran/dimensions.f90.tera");
        surface.dimensions = render("dimensions.f90", dimensions, &called).trim_matches('\n').to_owned();
        for object in &mut surface.objects {
            let refusal = format!("refuse_{}(", object.name);
            let mut lines = surface.procedures.iter().flat_map(|procedure| &procedure.body);
            object.refuses = lines.any(|line| line.contains(&refusal));
        }
        surface
    }

    /// Adds procedures for one more object to those of a function; the first ones bring its documentation.
    fn overload(&mut self, model: &Model, operation: &Operation, procedures: String) {
        let name = format!("dtl_{}", operation.name);
        match self.free.iter_mut().find(|free| free.name == name) {
            Some(free) => free.procedures.push_str(&format!(", {procedures}")),
            None => self.free.push(Free { name, doc: operation_doc(model, operation), procedures }),
        }
    }
}

/// True for a method that C has under its own name, as `dtl_wait`: Fortran has it under that name too.
pub(super) fn is_plain_in_c(operation: &Operation) -> bool {
    let is_plain = |function: &CFunction| function.name == format!("dtl_{}", operation.name);
    operation.takes_self() && operation.function_of.is_none() && operation.c.iter().any(is_plain)
}

fn introduction(model: &Model) -> Vec<String> {
    let elements = dtype_table(model).join("\n");
    ford(&format!(
        "Distributed arrays and collective operations.\n\n{}\n\nWhat elements are in Fortran:\n\n{elements}",
        model.conventions("fortran")
    ))
}

fn names(procedures: &[Procedure]) -> String {
    procedures.iter().map(|procedure| procedure.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn object_view(model: &Model, object: &Object) -> ObjectView {
    let bound = |operation: &&Operation| {
        let is_bound = operation.role != Role::Static && operation.function_of.is_none();
        is_bound && operation.object.as_ref().is_some_and(|of| of.name == object.name)
    };
    ObjectView {
        name: object.name.clone(),
        freed_by: alias(&object.freed_by),
        doc: ford(&format!("{}\n\n{}", object.summary, object.details)),
        bindings: model
            .operations_in("fortran")
            .filter(bound)
            .map(|operation| binding(model, operation))
            .collect(),
        shares: shares(object),
        refuses: false,
    }
}

fn binding(model: &Model, operation: &Operation) -> Binding {
    let specifics = specifics(model, operation);
    Binding {
        name: operation.name.clone(),
        procedure: if specifics.is_empty() { core_name(model, operation) } else { names(&specifics) },
        specifics: if specifics.is_empty() { String::new() } else { names(&specifics) },
        doc: operation_doc(model, operation),
    }
}

fn dtype_views(model: &Model) -> Vec<DtypeView> {
    let view = |dtype: &crate::model::Dtype| {
        let seen =
            dtype.fortran_as.as_ref().and_then(|name| model.dtype(name)).map(AsRef::as_ref).unwrap_or(dtype);
        DtypeView {
            constant: dtype_constant(dtype),
            name: dtype.name.clone(),
            ty: seen.fortran.clone().unwrap_or_default(),
            seen_as: dtype_constant(seen),
        }
    };
    model.dtypes.iter().map(|dtype| view(dtype)).collect()
}

/// What the module takes from `dtl_c` besides constants: the structs and functions that its text mentions.
fn imports(model: &Model, text: &str) -> Vec<String> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let words: BTreeSet<&str> =
        words.filter(|word| word.starts_with("raw_") || word.starts_with("dtl_")).collect();
    let structs = model.structs.iter().map(|item| format!("dtl_{}", item.name));
    let called = words.iter().filter_map(|word| word.strip_prefix("raw_")).map(|name| format!("dtl_{name}"));
    let imported: Vec<String> = structs
        .filter(|name| words.contains(name.as_str()))
        .chain(called.map(|name| format!("{} => {name}", alias(&name))))
        .collect();
    imported.chunks(IMPORTS_OF_A_STATEMENT).map(|names| names.join(", ")).collect()
}
