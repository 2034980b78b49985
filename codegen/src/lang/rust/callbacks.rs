//! `callbacks.rs`: the types of the closures that stand for functions of the caller, and what makes one of a function that a Rust
//! program passes.

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
    /// It is called until the operation is over, and no longer.
    is_borrowed: bool,
    /// Name of the function that makes one of a function of slices or elements; empty where it is passed neither.
    made_by: String,
    /// Type of that function.
    closure: String,
    /// Names of the closure's parameters, and what it passes for them.
    names: String,
    values: String,
    elementwise: Option<Elementwise>,
}

/// How a function of one element becomes one of many.
#[derive(Serialize)]
struct Elementwise {
    /// What the function gives for an element.
    gives: &'static str,
    /// Statements that say how elements are read and written.
    made: Vec<String>,
    /// What a loop goes through: the places of all elements, and where the answers go.
    each: String,
    /// What is done with the element at `place`.
    step: String,
}

fn view(callback: &Callback) -> CallbackView {
    let param = |param: &CallbackParam| match &param.ty {
        Type::Text => "&str".to_owned(),
        Type::Array(_) | Type::Value(_) if param.is_written() => "ArrayMut<'_>".to_owned(),
        Type::Array(_) | Type::Value(_) => "Array<'_>".to_owned(),
        _ if callback.is_elementwise() => "Indices".to_owned(),
        ty => value_type(ty),
    };
    let name = |param: &CallbackParam| match param.is_array() && param.is_written() {
        true => format!("mut {}", param.name),
        false => param.name.clone(),
    };
    let value = |param: &CallbackParam| match param.is_array() {
        true if param.is_written() => format!("{}.elements_mut()", param.name),
        true => format!("{}.elements()", param.name),
        false => param.name.clone(),
    };
    let answers = callback.returns.is_some();
    let mut doc = format!("{} It is called {}.", callback.summary, callback.called);
    if callback.is_elementwise() {
        doc.push_str(" It is passed many elements that follow each other in memory.");
    }
    CallbackView {
        name: callback.type_name.clone(),
        doc: doc::rustdoc(&doc),
        params: joined(callback, param) + if answers { ", &mut [bool]" } else { "" },
        returns: if callback.fails.is_some() { " -> Result<()>" } else { "" },
        is_borrowed: callback.is_borrowed(),
        made_by: if callback.has_elements() { callback.name.clone() } else { String::new() },
        closure: function(callback),
        names: joined(callback, name) + if answers { ", answers" } else { "" },
        values: joined(callback, value),
        elementwise: callback.is_elementwise().then(|| elementwise(callback)),
    }
}

/// What the function gives for an element.
fn gives(callback: &Callback) -> &'static str {
    match (&callback.returns, callback.given_element()) {
        (Some(_), _) => "bool",
        (None, Some(_)) => "T",
        (None, None) => "()",
    }
}

fn elementwise(callback: &Callback) -> Elementwise {
    let elements = || callback.params.iter().filter(|param| param.is_element());
    let made = elements().map(|param| match param.is_written() {
        true => format!("let mut {0} = ElementsMut::<T>::of({0});", param.name),
        false => format!("let {0} = Elements::<T>::of({0});", param.name),
    });
    // The compiler then knows that every place is there.
    let counted = elements().next().filter(|_| callback.returns.is_some());
    let counted = counted.map(|param| format!("assert_eq!(answers.len(), {}.count());", param.name));
    let made = made.chain(counted);
    let is_changed = |param: &CallbackParam| param.is_element() && param.is_written();
    let is_given =
        |param: &CallbackParam| callback.given_element().is_some_and(|given| given.name == param.name);
    let passed = (callback.params.iter().filter(|param| !is_given(param))).map(|param| match &param.ty {
        _ if is_changed(param) => param.name.clone(),
        Type::Value(_) => format!("{}.get(place)", param.name),
        _ => format!("{}.at(place)", param.name),
    });
    let mut step = format!("function({}).outcome()", passed.collect::<Vec<_>>().join(", "));
    for param in elements().filter(|param| param.is_written() && !is_given(param)) {
        step = format!("{0}.change(place, |{0}| {step})", param.name);
    }
    Elementwise {
        gives: gives(callback),
        made: made.collect(),
        each: match (&callback.returns, elements().next()) {
            (None, Some(counted)) => format!("place in 0..{}.count()", counted.name),
            _ => "(place, answer) in answers.iter_mut().enumerate()".to_owned(),
        },
        step: match (&callback.returns, callback.given_element()) {
            (Some(_), _) => format!("*answer = {step}?;"),
            (None, Some(given)) => format!("{}.set(place, {step}?);", given.name),
            (None, None) => format!("{step}?;"),
        },
    }
}

/// Type of a parameter of the function that a Rust program passes; nothing for what that function returns.
fn passed(callback: &Callback, param: &CallbackParam) -> Option<String> {
    let is_given = callback.given_element().is_some_and(|given| given.name == param.name);
    match &param.ty {
        Type::Text => Some("&str".to_owned()),
        Type::Array(_) if param.is_written() => Some("&mut [T]".to_owned()),
        Type::Array(_) => Some("&[T]".to_owned()),
        Type::Value(_) if is_given => None,
        Type::Value(_) if param.is_written() => Some("&mut T".to_owned()),
        Type::Value(_) => Some("T".to_owned()),
        ty => Some(value_type(ty)),
    }
}

fn joined(callback: &Callback, each: impl Fn(&CallbackParam) -> String) -> String {
    callback.params.iter().map(each).collect::<Vec<_>>().join(", ")
}

/// Type of the function that a Rust program passes.
fn function(callback: &Callback) -> String {
    let params: Vec<String> = callback.params.iter().filter_map(|param| passed(callback, param)).collect();
    let returns = match &callback.fails {
        _ if callback.is_elementwise() => " -> R",
        Some(_) => " -> Result<()>",
        None => "",
    };
    format!("impl Fn({}){returns}", params.join(", "))
}

/// The same, with how long it must live.
pub(super) fn closure(callback: &Callback, outlives_call: bool) -> String {
    let lifetime = if outlives_call { " + 'static" } else { "" };
    format!("{} + Send + Sync{lifetime}", function(callback))
}

/// The type parameter for what a function of elements gives, with its bound: a value or a `Result`.
pub(super) fn outcome(callback: &Callback) -> Option<String> {
    callback.is_elementwise().then(|| format!("R: Outcome<{}>", gives(callback)))
}
