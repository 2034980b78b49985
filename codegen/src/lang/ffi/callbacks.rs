//! Callbacks: their C types, and `callbacks.rs`, which makes what the runtime calls from a function pointer and the address
//! that goes with it.
//!
//! A function of arrays says with the number that it returns whether it has failed. One of elements is called too often for that, and
//! may return an answer: it calls `dtl_fail_function`.

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
    if callback.params.iter().any(CallbackParam::is_array) {
        args.push(("count", CType::size()));
        text.push_str(" `count` is the number of elements of each array.");
    }
    args.push(("user_data", CType::void().address()));
    text.push_str(" `user_data` is what was passed with the function.");
    let returns = match &callback.returns {
        Some(returns) => {
            text.push_str(&format!(" It returns {}.", returns.doc));
            value(&returns.ty, false)
        }
        None if returns_status(callback) => {
            text.push_str(" It returns 0, or any other number if it fails.");
            CType::int()
        }
        None => CType::void(),
    };
    if callback.fails.is_some() && callback.is_elementwise() {
        text.push_str(" If it fails, it calls `dtl_fail_function` and returns.");
    }
    (Signature::new(CType::callback(callback).c(), args, returns), text)
}

/// True when what it returns says whether it has failed.
fn returns_status(callback: &Callback) -> bool {
    callback.fails.is_some() && !callback.is_elementwise()
}

/// The typedef of a function pointer.
pub(super) fn alias(callback: &Callback) -> Alias {
    let (signature, text) = function_type(callback);
    let params: Vec<String> =
        signature.args.iter().map(|arg| format!("{}: {}", arg.name, arg.ty.rust())).collect();
    let returns = match signature.returns == CType::void() {
        true => String::new(),
        false => format!(" -> {}", signature.returns.rust()),
    };
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
    /// The type of a result that lives as long as the program lets the function be called.
    made: String,
    /// What it returns says whether it has failed.
    returns_status: bool,
    /// The status of its failure, such as `ReduceFailed`.
    status: String,
    c_type: String,
    origin: String,
    /// Parameters of the closure, and what becomes of them.
    params: String,
    conversions: Vec<String>,
    arguments: String,
    /// For a function of elements, those that say how many there are.
    counted: String,
    /// It returns an answer for each element.
    answers: bool,
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
    let elementwise = callback.is_elementwise();
    let conversions = callback.params.iter().filter_map(|param| match &param.ty {
        Type::Text => Some(format!("let {0} = texts::terminated({0});", param.name)),
        // Where the elements begin is asked for once.
        Type::Value(_) if param.is_written() => {
            Some(format!("let {0} = Elements::changed(&mut {0});", param.name))
        }
        Type::Value(_) => Some(format!("let {0} = Elements::read(&{0});", param.name)),
        _ => None,
    });
    let closure = callback.params.iter().map(|param| match param.is_written() {
        true => format!("mut {}", param.name),
        false => param.name.clone(),
    });
    let answers = callback.returns.is_some();
    let closure = closure.chain(answers.then(|| "answers".to_owned()));
    let mut arguments: Vec<String> =
        callback.params.iter().map(|param| argument(param, elementwise)).collect();
    if let Some(array) = callback.params.iter().find(|param| param.is_array()) {
        arguments.push(format!("{}.len() as dtl_size_t", array.name));
    }
    let counted = callback.params.iter().find(|param| param.is_element());
    CallbackView {
        name: callback.name.clone(),
        made: format!("{}{}", callback.type_name, if callback.is_borrowed() { "<'static>" } else { "" }),
        returns_status: returns_status(callback),
        status: callback.fails.as_ref().map(|status| status.variant.clone()).unwrap_or_default(),
        c_type: CType::callback(callback).c(),
        origin: callback.position.file.clone(),
        params: closure.collect::<Vec<_>>().join(", "),
        conversions: conversions.collect(),
        arguments: arguments.join(", "),
        counted: counted.map(|param| param.name.clone()).unwrap_or_default(),
        answers,
    }
}

/// What the function of the caller is passed for a parameter of the closure.
fn argument(param: &CallbackParam, elementwise: bool) -> String {
    let name = &param.name;
    match &param.ty {
        Type::Text => format!("{name}.as_ptr()"),
        Type::Array(_) if param.is_written() => format!("{name}.as_mut_ptr().cast()"),
        Type::Array(_) => format!("{name}.as_ptr().cast()"),
        Type::Value(_) => format!("{name}.at(place)"),
        _ if elementwise => format!("{name}.at(place)"),
        _ => name.clone(),
    }
}
