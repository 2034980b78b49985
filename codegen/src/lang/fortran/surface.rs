//! `dtl.f90`: the module that programs use.

use std::collections::BTreeSet;

use serde::Serialize;

use super::callbacks::{CallbackView, callback_views};
use super::core::{alias, core, core_name, own_names};
use super::documentation::{dtype_table, operation_doc};
use super::elementwise::{ElementwiseView, elementwise_view};
use super::layout::continue_lines;
use super::library::{Library, TEXT, library};
use super::procedure::Procedure;
use super::raw::{NAMES_OF_A_STATEMENT, constant_names};
use super::reference::shares;
use super::slots::provided;
use super::specifics::specifics;
use super::spelling::{Element, dtype_constant, elements};
use crate::doc::ford;
use crate::lang::banner;
use crate::model::{CFunction, FortranBase, Model, Object, Operation, Type};
use crate::output::OutputFile;
use crate::render::render;
use crate::spec::Role;

pub(super) fn file(model: &Model) -> OutputFile {
    let text =
        render("dtl.f90", include_str!("../../../templates/fortran/dtl.f90.tera"), &Surface::new(model));
    OutputFile::new("generated/fortran/dtl.f90", continue_lines(&text))
}

/// `dtl_elements.f90`: which Fortran types elements have.
pub(super) fn elements_file(model: &Model) -> OutputFile {
    let view =
        Elements { banner: banner("spec/dtypes.yaml"), kinds: kind_views(model), dtypes: dtype_views(model) };
    let text = include_str!("../../../templates/fortran/dtl_elements.f90.tera");
    OutputFile::new(
        "generated/fortran/dtl_elements.f90",
        continue_lines(&render("dtl_elements.f90", text, &view)),
    )
}

#[derive(Serialize)]
struct Elements {
    banner: String,
    kinds: Vec<KindView>,
    dtypes: Vec<DtypeView>,
}

/// Elements of one kind of types, as `dtl_border` names it.
#[derive(Serialize)]
struct KindView {
    kind: &'static str,
    sizes: Vec<SizeView>,
    /// The dtype of all sizes: those of truth values are converted.
    any: Option<String>,
}

#[derive(Serialize)]
struct SizeView {
    bytes: u32,
    constant: String,
}

/// A function that no operation names, and the call of C that it makes.
#[derive(Serialize)]
struct LibraryView {
    #[serde(flatten)]
    item: Library,
    is_text: bool,
    call: String,
}

fn library_view(model: &Model, item: Library) -> LibraryView {
    let call = format!("{}({})", alias(model, &format!("dtl_{}", item.c_name)), item.argument);
    LibraryView { is_text: item.answer == TEXT, call, item }
}

/// What `dtl_border` calls the kinds of elements.
const KINDS: [(FortranBase, &str); 4] = [
    (FortranBase::Integer, "integers"),
    (FortranBase::Real, "reals"),
    (FortranBase::Complex, "complex_numbers"),
    (FortranBase::Logical, "logicals"),
];

fn kind_views(model: &Model) -> Vec<KindView> {
    let of_kind = |(base, kind): (FortranBase, &'static str)| {
        let is_of_kind =
            |dtype: &&crate::model::Dtype| dtype.fortran.as_ref().is_some_and(|ty| ty.base == base);
        let sizes: Vec<SizeView> = (model.dtypes.iter().map(AsRef::as_ref))
            .filter(is_of_kind)
            .map(|dtype| SizeView { bytes: dtype.bytes, constant: dtype_constant(dtype) })
            .collect();
        let any = sizes.first().filter(|_| base == FortranBase::Logical).map(|size| size.constant.clone());
        KindView { kind, sizes, any }
    };
    KINDS.into_iter().map(of_kind).filter(|view| !view.sizes.is_empty()).collect()
}

#[derive(Serialize)]
struct Surface {
    banner: String,
    /// What the module is, its conventions, and what elements are.
    introduction: Vec<String>,
    constants: Vec<String>,
    /// The functions of `dtl_c` that have the name of a procedure of this module, and their names in it.
    renamed: String,
    /// The names of everything else, a list for each statement.
    public: Vec<String>,
    objects: Vec<ObjectView>,
    callbacks: Vec<CallbackView>,
    /// Functions of elements.
    elementwise: Vec<ElementwiseView>,
    free: Vec<Free>,
    /// There are forms that do not block.
    issues: bool,
    /// There are arguments of which the types are any.
    encodes: bool,
    /// Functions that no operation names.
    library: Vec<LibraryView>,
    elements: Vec<Element>,
    /// The lines of the procedures of each operation.
    procedures: Vec<Vec<String>>,
}

#[derive(Serialize)]
struct ObjectView {
    name: String,
    /// The object that it extends; empty for none.
    base: String,
    /// Others extend it.
    is_base: bool,
    /// The functions of C that take an owner away, add one, and refuse an operation.
    freed_by: String,
    retained_by: String,
    refused_by: String,
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
        let own = own_names(model);
        let of_c =
            model.operations().flat_map(|operation| &operation.c).map(|function| function.name.clone());
        let derived = library(model).into_iter().map(|item| format!("dtl_{}", item.c_name));
        let renamed: BTreeSet<String> = of_c.chain(derived).filter(|name| own.contains(name)).collect();
        let rename = |name: &String| format!("{} => {name}", alias(model, name));
        let takes_value =
            |operation: &Operation| operation.params.iter().any(|param| matches!(param.ty, Type::Value(_)));
        let mut surface = Self {
            banner: banner("spec/"),
            introduction: introduction(model),
            constants: constant_names(model),
            renamed: renamed.iter().map(rename).collect::<Vec<_>>().join(", "),
            objects: model.objects.iter().map(|object| object_view(model, object)).collect(),
            public: Vec::new(),
            callbacks: (model.callbacks.iter())
                .filter(|callback| !callback.is_elementwise())
                .flat_map(|callback| callback_views(model, callback))
                .collect(),
            elementwise: (model.callbacks.iter())
                .filter(|callback| callback.is_elementwise())
                .map(|callback| elementwise_view(model, callback))
                .collect(),
            free: Vec::new(),
            issues: provided(model).any(Operation::is_issued),
            encodes: provided(model).any(takes_value),
            library: library(model).into_iter().map(|item| library_view(model, item)).collect(),
            elements: elements(model.dtypes.iter().map(AsRef::as_ref)),
            procedures: Vec::new(),
        };
        for operation in provided(model) {
            let specifics = specifics(model, operation);
            let core = core(model, operation);
            let procedures = if specifics.is_empty() { core.name.clone() } else { names(&specifics) };
            if let Some(name) = free_name(operation) {
                surface.overload(model, operation, name, procedures);
            }
            for object in &mut surface.objects {
                object.refuses |= core.refuses.as_ref() == Some(&object.name);
            }
            surface
                .procedures
                .push(std::iter::once(&core).chain(&specifics).flat_map(Procedure::lines).collect());
        }
        let with_prefix = |name: &String| format!("dtl_{name}");
        let objects = surface.objects.iter().map(|object| &object.name);
        let callbacks = surface.callbacks.iter().map(|callback| &callback.name);
        let elementwise = surface.elementwise.iter().flat_map(ElementwiseView::names);
        let library = surface.library.iter().map(|view| &view.item.name);
        let public: Vec<String> = objects
            .map(with_prefix)
            .chain(surface.free.iter().map(|free| free.name.clone()))
            .chain(model.records().map(|item| with_prefix(&item.name)))
            .chain(callbacks.chain(elementwise).chain(library).map(with_prefix))
            .collect();
        surface.public = public.chunks(NAMES_OF_A_STATEMENT).map(|names| names.join(", ")).collect();
        surface
    }

    /// Adds procedures to those of a name. Of a function of objects, those of the first one bring its documentation; an operation on a
    /// context that shares the name brings its own.
    fn overload(&mut self, model: &Model, operation: &Operation, name: String, procedures: String) {
        let Some(free) = self.free.iter_mut().find(|free| free.name == name) else {
            self.free.push(Free { name, doc: operation_doc(model, operation), procedures });
            return;
        };
        free.procedures.push_str(&format!(", {procedures}"));
        if operation.function_of.is_none() {
            free.doc.push(String::new());
            free.doc.extend(operation_doc(model, operation));
        }
    }
}

/// The name of an operation that belongs to no object, if it has one.
pub(super) fn free_name(operation: &Operation) -> Option<String> {
    free_symbol(operation).map(|symbol| format!("dtl_{symbol}"))
}

/// The same without the prefix.
pub(super) fn free_symbol(operation: &Operation) -> Option<&str> {
    if operation.function_of.is_some() || is_plain_in_c(operation) {
        Some(&operation.name)
    } else if operation.object.is_none() || operation.role == Role::Static {
        Some(&operation.symbol)
    } else {
        None
    }
}

/// True for a method that C has under its own name, as `dtl_wait`: Fortran has it under that name too.
pub(super) fn is_plain_in_c(operation: &Operation) -> bool {
    let is_plain = |function: &CFunction| function.name.strip_prefix("dtl_") == Some(&operation.name);
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
        freed_by: alias(model, &object.freed_by),
        retained_by: alias(model, &format!("dtl_{}_retain", object.name)),
        refused_by: alias(model, &format!("dtl_{}_refuse", object.name)),
        doc: ford(&format!("{}\n\n{}", object.summary, object.details)),
        bindings: provided(model).filter(bound).map(|operation| binding(model, operation)).collect(),
        base: object.extends.clone().unwrap_or_default(),
        is_base: object.is_abstract,
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
            ty: seen.fortran.as_ref().map(ToString::to_string).unwrap_or_default(),
            seen_as: dtype_constant(seen),
        }
    };
    model.dtypes.iter().map(|dtype| view(dtype)).collect()
}
