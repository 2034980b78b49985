//! `callbacks.rs`: the types of the closures that stand for functions of the caller.

use serde::Serialize;

use super::spelling::value_type;
use crate::doc;
use crate::lang::banner;
use crate::model::{Callback, CallbackParam, Model, Type};
use crate::output::OutputFile;
use crate::render::render;

pub(super) fn file(model: &Model) -> OutputFile {
    let view = Callbacks {
        banner: banner("spec/kinds.yaml"),
        callbacks: model.callbacks.iter().map(|callback| view(callback)).collect(),
    };
    let text = render("callbacks", include_str!("../../../templates/rust/callbacks.rs.tera"), &view);
    OutputFile::rust("generated/rust/callbacks.rs", &text)
}

#[derive(Serialize)]
struct Callbacks {
    banner: String,
    callbacks: Vec<CallbackView>,
}

#[derive(Serialize)]
struct CallbackView {
    name: String,
    doc: Vec<String>,
    params: String,
    /// ` -> Result<()>` where its failure is one of the operation.
    returns: &'static str,
    /// It is kept until the operation is over, and no longer.
    is_borrowed: bool,
    /// Name of the function that makes one of a function of slices; empty where it is passed no arrays.
    made_by: String,
    /// Types of that function's parameters, and names and values of what the closure passes it.
    slices: String,
    names: String,
    values: String,
}

fn view(callback: &Callback) -> CallbackView {
    let param = |param: &CallbackParam| match &param.ty {
        Type::Text => "&str".to_owned(),
        Type::Array(_) if param.is_written() => "ArrayMut<'_>".to_owned(),
        Type::Array(_) => "Array<'_>".to_owned(),
        ty => value_type(ty),
    };
    let name = |param: &CallbackParam| match param.is_written() {
        true => format!("mut {}", param.name),
        false => param.name.clone(),
    };
    let value = |param: &CallbackParam| match param.is_array() {
        true if param.is_written() => format!("{}.elements_mut()", param.name),
        true => format!("{}.elements()", param.name),
        false => param.name.clone(),
    };
    CallbackView {
        name: callback.type_name.clone(),
        doc: doc::rustdoc(&format!("{} It is called {}.", callback.summary, callback.called)),
        params: joined(callback, param),
        returns: if callback.fails() { " -> Result<()>" } else { "" },
        is_borrowed: callback.fails(),
        made_by: if callback.has_arrays() { callback.name.clone() } else { String::new() },
        slices: joined(callback, slice),
        names: joined(callback, name),
        values: joined(callback, value),
    }
}

/// Type of a parameter of a function of slices.
fn slice(param: &CallbackParam) -> String {
    match &param.ty {
        Type::Text => "&str".to_owned(),
        Type::Array(_) if param.is_written() => "&mut [T]".to_owned(),
        Type::Array(_) => "&[T]".to_owned(),
        ty => value_type(ty),
    }
}

fn joined(callback: &Callback, each: impl Fn(&CallbackParam) -> String) -> String {
    callback.params.iter().map(each).collect::<Vec<_>>().join(", ")
}

/// The function of slices that a Rust program passes.
pub(super) fn closure(callback: &Callback, outlives_call: bool) -> String {
    let (params, returns) = (joined(callback, slice), if callback.fails() { " -> Result<()>" } else { "" });
    let lifetime = if outlives_call { " + 'static" } else { "" };
    format!("impl Fn({params}){returns} + Send + Sync{lifetime}")
}
