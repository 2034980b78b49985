//! `api.rs`: the typed, documented surface for Rust programs, one line over `ops` each.

use serde::Serialize;

use super::spelling::value_type;
use super::typed::{self, Function};
use crate::lang::banner;
use crate::model::{Model, Object, Operation, Param, Type};
use crate::output::OutputFile;
use crate::render::render;
use crate::spec::Role;

pub(super) fn file(model: &Model) -> OutputFile {
    let mut options = Vec::new();
    let mut objects = Vec::new();
    for object in &model.objects {
        let operations: Vec<&Operation> =
            model.operations_in("rust").filter(|operation| is_method_of(operation, object)).collect();
        options.extend(operations.iter().filter_map(|operation| Options::new(object, operation)));
        objects.push(Impl {
            header: if object.generic {
                let bounds: Vec<String> =
                    object.elements.iter().map(|item| format!("{}: Element", item.name)).collect();
                format!("impl<{}> {}<{}>", bounds.join(", "), object.type_name, object.type_params(""))
            } else {
                format!("impl {}", object.type_name)
            },
            functions: operations.iter().flat_map(|operation| typed::functions(model, operation)).collect(),
        });
    }
    // What Rust spells by hand altogether has nothing here.
    objects.retain(|object: &Impl| !object.functions.is_empty());
    let free = model.operations_in("rust").filter(|operation| operation.object.is_none());
    let view = Api {
        banner: banner("spec/objects and spec/ops"),
        objects_used: (model.objects.iter())
            .filter(|object| model.operations_in("rust").any(|operation| is_method_of(operation, object)))
            .map(|object| object.type_name.clone())
            .collect(),
        options,
        objects,
        free: free.flat_map(|operation| typed::functions(model, operation)).collect(),
    };
    OutputFile::rust(
        "generated/rust/api.rs",
        &render("api", include_str!("../../../templates/rust/api.rs.tera"), &view),
    )
}

/// Whether it is written for its object. What an object inherits is written for the one that it extends, but for what takes or gives the
/// object itself, of which that one has no value.
pub fn is_written(operation: &Operation) -> bool {
    let takes_or_gives_own = operation.is_issued() || operation.gives_own_kind();
    match operation.object.as_ref().is_some_and(|object| object.is_abstract) {
        true => !takes_or_gives_own,
        false => !operation.inherited || takes_or_gives_own,
    }
}

fn is_method_of(operation: &Operation, object: &Object) -> bool {
    is_written(operation) && operation.object.as_ref().is_some_and(|of| of.name == object.name)
}

#[derive(Serialize)]
struct Api {
    banner: String,
    objects_used: Vec<String>,
    options: Vec<Options>,
    objects: Vec<Impl>,
    free: Vec<Function>,
}

#[derive(Serialize)]
struct Impl {
    header: String,
    functions: Vec<Function>,
}

/// The parameters of a constructor that have defaults.
#[derive(Serialize)]
struct Options {
    name: String,
    /// Name with its type parameter, where one is needed.
    declared: String,
    implemented: String,
    object: String,
    fields: Vec<OptionField>,
}

#[derive(Serialize)]
struct OptionField {
    name: String,
    ty: String,
    default: String,
    doc: String,
}

impl Options {
    fn new(object: &Object, operation: &Operation) -> Option<Self> {
        if operation.role != Role::Constructor {
            return None;
        }
        let fields: Vec<OptionField> = operation
            .params
            .iter()
            .filter(|param| typed::is_option(object, param))
            .map(|param| OptionField {
                name: param.name.clone(),
                ty: field_type(param),
                default: field_default(param),
                doc: param.doc.clone(),
            })
            .collect();
        let name = format!("{}Options", object.type_name);
        let generic = operation.params.iter().any(|param| matches!(param.ty, Type::Value(_)));
        (!fields.is_empty()).then(|| Self {
            declared: if generic { format!("{name}<T: Element>") } else { name.clone() },
            implemented: if generic {
                format!("impl<T: Element> Default for {name}<T>")
            } else {
                format!("impl Default for {name}")
            },
            name,
            object: object.type_name.clone(),
            fields,
        })
    }
}

/// The default of a parameter as the field of a struct.
fn field_default(param: &Param) -> String {
    match &param.default {
        Some(_) if param.ty.is_list() => format!("vec![{}]", typed::default(param)),
        _ => typed::default(param),
    }
}

fn field_type(param: &Param) -> String {
    let plain = match &param.ty {
        Type::Value(_) => "T".to_owned(),
        ty => value_type(ty),
    };
    if param.optional { format!("Option<{plain}>") } else { plain }
}
