//! What the table of misuse (`tests/misuse`) is made from: every collective operation, its parameters, and what all ranks
//! must pass alike.

use std::iter;
use std::rc::Rc;

use serde::Serialize;

use super::signature::{INDEX, is_selection, own};
use crate::lang::banner;
use crate::model::{Agree, Model, Object, Operation, Type};
use crate::output::OutputFile;
use crate::render::render;
use crate::spec::Role;

/// `tests/misuse/operations.py`.
pub(super) fn file(model: &Model) -> OutputFile {
    let operations = model
        .operations_in("python")
        .filter(|operation| {
            operation.is_collective() && !operation.object.as_ref().is_some_and(|object| object.is_abstract)
        })
        .flat_map(|operation| {
            let with_function =
                model.with_function(operation).map(|called| row_with_function(operation, called));
            iter::once(row(operation)).chain(with_function)
        })
        .collect();
    let view =
        View { banner: banner("the operations in spec/objects, spec/ops and spec/shared"), operations };
    let template = include_str!("../../../templates/python/misuse.py.tera");
    OutputFile::new("tests/misuse/operations.py", render("misuse.py", template, &view))
}

#[derive(Serialize)]
struct View {
    banner: String,
    operations: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    name: String,
    object: String,
    /// What is called, of the module or of an object.
    call: String,
    /// The parameters that must be passed, and those that may be.
    needs: Vec<Parameter>,
    takes: Vec<Parameter>,
    agreements: Vec<Agreement>,
    /// For a form that does not block, the name of the one that does.
    issues: String,
}

#[derive(Serialize)]
struct Parameter {
    name: String,
    kind: String,
}

/// A field that all ranks must pass alike, and the parameter in which Python passes it.
#[derive(Serialize)]
struct Agreement {
    field: String,
    parameter: String,
}

fn row(operation: &Operation) -> Row {
    Row {
        name: operation.full_name.clone(),
        object: receiver(operation).map(|object| object.name.clone()).unwrap_or_default(),
        call: call(operation),
        needs: parameters(operation, true),
        takes: parameters(operation, false),
        agreements: agreements(operation),
        issues: operation.issues.clone().unwrap_or_default(),
    }
}

/// What Python calls when the operator is a function, which must then be passed and need not be the same everywhere.
fn row_with_function(operation: &Operation, called: &Operation) -> Row {
    let op = operation.callable_op().map(|op| op.name.as_str()).unwrap_or_default();
    let mut row = row(operation);
    row.name = called.full_name.clone();
    row.issues = called.issues.clone().unwrap_or_default();
    row.takes.retain(|parameter| parameter.name != op);
    row.needs.retain(|parameter| parameter.name != op);
    row.needs.push(Parameter { name: op.to_owned(), kind: FUNCTION.to_owned() });
    row.agreements.retain(|agreement| agreement.parameter != op);
    row
}

/// The object of which Python calls a method.
fn receiver(operation: &Operation) -> Option<&Rc<Object>> {
    operation.object.as_ref().filter(|_| operation.function_of.is_none())
}

/// Constructors are called by the name of the class, which starts with a capital.
fn call(operation: &Operation) -> String {
    match (&operation.object, operation.role) {
        (Some(object), Role::Constructor) => object.python.clone(),
        _ => operation.python_name.clone(),
    }
}

/// The kind of an array with a row for each rank.
const ROWS: &str = "rows";

/// The kind of an operator that is a function.
const FUNCTION: &str = "function";

/// The kind of the parameter `INDEX`, which selects elements.
const SELECTION: &str = "selection";

/// The parameters that must be passed, or those that need not.
fn parameters(operation: &Operation, must: bool) -> Vec<Parameter> {
    let index =
        (operation.selects && must).then(|| Parameter { name: INDEX.to_owned(), kind: SELECTION.to_owned() });
    let own =
        own(operation).filter(|param| must == (!param.optional && param.default.is_none())).map(|param| {
            Parameter {
                name: param.name.clone(),
                kind: match (&param.ty, &param.shape) {
                    (Type::Array(_), Some(shape)) if shape.is_by_rank() => ROWS.to_owned(),
                    _ if param.anything => "anything".to_owned(),
                    (ty, _) => kind(ty),
                },
            }
        });
    let first = operation.function_of.as_ref().zip(operation.object.as_ref()).filter(|_| must);
    let first =
        first.map(|(first, object)| Parameter { name: first.name.clone(), kind: object.name.clone() });
    first.into_iter().chain(index).chain(own).collect()
}

fn kind(ty: &Type) -> String {
    match ty {
        Type::Integer(kind) | Type::Real(kind) => kind.name.clone(),
        Type::Enum(item) => item.name.clone(),
        Type::Object(object) => object.name.clone(),
        Type::Objects(object) => format!("list of {}", object.name),
        Type::Struct(item) => item.name.clone(),
        Type::PerDimension(each) => format!("{} of each dimension", kind(each)),
        Type::Flag => "flag".to_owned(),
        Type::Text => "text".to_owned(),
        Type::Shape => "shape".to_owned(),
        Type::Counts => "counts".to_owned(),
        Type::Dtype => "dtype".to_owned(),
        Type::Communicator => "communicator".to_owned(),
        Type::Callback(_) => "callback".to_owned(),
        Type::Array(_) => "buffer".to_owned(),
        Type::Value(_) => "value".to_owned(),
        Type::View(_) => "view".to_owned(),
    }
}

/// Of a function the object comes first, which is the container of the call.
fn agreements(operation: &Operation) -> Vec<Agreement> {
    let first = operation.function_of.iter().map(|first| &first.name);
    let first = first.map(|name| Agreement { field: name.clone(), parameter: name.clone() });
    first.chain(operation.agree.iter().flat_map(|agree| agreements_on(operation, agree))).collect()
}

/// The fields of one agreement: ranks that agree on a shape can differ in the number of elements or in the shape alone.
fn agreements_on(operation: &Operation, agree: &Agree) -> Vec<Agreement> {
    let (name, parts): (_, &[&str]) = match agree {
        Agree::DtypeOf(name) => (name, &[".dtype"]),
        Agree::ShapeOf(name) => (name, &[".count", ".shape"]),
        Agree::RowOf(name) => (name, &[".row"]),
        Agree::Operator(name)
        | Agree::Root(name)
        | Agree::Dtype(name)
        | Agree::Container(name)
        | Agree::Other(name)
        | Agree::List(name) => (name, &[""]),
    };
    let selects = operation.param(name).is_some_and(|param| is_selection(operation, param));
    let parameter = if selects { INDEX } else { name };
    let field = |part: &&str| Agreement { field: format!("{name}{part}"), parameter: parameter.to_owned() };
    parts.iter().map(field).collect()
}
