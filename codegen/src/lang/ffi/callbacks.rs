//! Callbacks: their C types, and `callbacks.rs`, which makes what the runtime calls from a function pointer and the address
//! that goes with it.

use serde::Serialize;

use super::definitions::Alias;
use super::signature::{CType, Signature, value};
use crate::doc;
use crate::lang::banner;
use crate::model::{Callback, CallbackParam, Model, Type};

/// A callback in C: the signature of the function, under the name of its type, and what is said of it.
pub fn function_type(callback: &Callback) -> (Signature, String) {
    let mut args: Vec<(&str, CType)> = (callback.params.iter())
        .map(|param| (param.name.as_str(), value(&param.ty, param.is_written())))
        .collect();
    let mut text = callback.summary.clone();
    if callback.has_arrays() {
        args.push(("count", CType::named("dtl_size_t")));
        text.push_str(" `count` is the number of elements of each array.");
    }
    args.push(("user_data", CType::new("void", "c_void").address()));
    text.push_str(" `user_data` is what was passed with the function.");
    if callback.fails() {
        text.push_str(" It returns 0, or any other number if it fails.");
    }
    let returns = if callback.fails() { CType::int() } else { CType::void() };
    (Signature::new(CType::callback(callback).c, args, returns), text)
}

/// The typedef of a function pointer.
pub(super) fn alias(callback: &Callback) -> Alias {
    let (signature, text) = function_type(callback);
    let params: Vec<String> =
        signature.args.iter().map(|arg| format!("{}: {}", arg.name, arg.ty.rust)).collect();
    let returns = if callback.fails() { " -> c_int" } else { "" };
    Alias {
        name: signature.name,
        target: format!("Option<unsafe extern \"C\" fn({}){returns}>", params.join(", ")),
        doc: doc::doxygen(&text),
    }
}

/// What the template of `callbacks.rs` sees.
#[derive(Serialize)]
pub(super) struct Callbacks {
    banner: String,
    types: Vec<String>,
    callbacks: Vec<CallbackView>,
}

#[derive(Serialize)]
struct CallbackView {
    name: String,
    type_name: String,
    /// The type of a result that lives as long as the program lets the function be called.
    made: String,
    /// What it returns says whether it has failed.
    fails: bool,
    c_type: String,
    origin: String,
    /// Parameters of the closure, and what becomes of them.
    params: String,
    conversions: Vec<String>,
    arguments: String,
}

impl Callbacks {
    pub(super) fn new(model: &Model) -> Self {
        Self {
            banner: banner("spec/kinds.yaml"),
            types: model.callbacks.iter().map(|callback| callback.type_name.clone()).collect(),
            callbacks: model.callbacks.iter().map(|callback| view(callback)).collect(),
        }
    }
}

fn view(callback: &Callback) -> CallbackView {
    let texts = callback.params.iter().filter(|param| matches!(param.ty, Type::Text));
    let closure = callback.params.iter().map(|param| match param.is_written() {
        true => format!("mut {}", param.name),
        false => param.name.clone(),
    });
    let mut arguments: Vec<String> = callback.params.iter().map(argument).collect();
    if let Some(array) = callback.params.iter().find(|param| param.is_array()) {
        arguments.push(format!("{}.len() as dtl_size_t", array.name));
    }
    CallbackView {
        name: callback.name.clone(),
        type_name: callback.type_name.clone(),
        made: format!("{}{}", callback.type_name, if callback.fails() { "<'static>" } else { "" }),
        fails: callback.fails(),
        c_type: CType::callback(callback).c,
        origin: callback.position.file.clone(),
        params: closure.collect::<Vec<_>>().join(", "),
        conversions: texts.map(|param| format!("let {0} = texts::terminated({0});", param.name)).collect(),
        arguments: arguments.join(", "),
    }
}

/// What the function of the caller is passed for a parameter of the closure.
fn argument(param: &CallbackParam) -> String {
    let name = &param.name;
    match &param.ty {
        Type::Text => format!("{name}.as_ptr()"),
        Type::Array(_) if param.is_written() => format!("{name}.as_mut_ptr().cast()"),
        Type::Array(_) => format!("{name}.as_ptr().cast()"),
        _ => name.clone(),
    }
}
