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
}

fn view(callback: &Callback) -> CallbackView {
    let param = |param: &CallbackParam| match &param.ty {
        Type::Text => "&str".to_owned(),
        ty => value_type(ty),
    };
    CallbackView {
        name: callback.type_name.clone(),
        doc: doc::rustdoc(&format!("{} It is called {}.", callback.summary, callback.called)),
        params: callback.params.iter().map(param).collect::<Vec<_>>().join(", "),
    }
}
