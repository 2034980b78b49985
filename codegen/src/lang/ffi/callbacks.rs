//! Callbacks: their C types, and `callbacks.rs`, which makes what the runtime calls from a function pointer and the address
//! that goes with it.

use serde::Serialize;

use super::definitions::Alias;
use super::signature::{CType, value};
use crate::doc;
use crate::lang::banner;
use crate::model::{Callback, Model, Type};

/// The typedef of a function pointer.
pub(super) fn alias(callback: &Callback) -> Alias {
    let params: Vec<String> = (callback.params.iter())
        .map(|param| format!("{}: {}", param.name, value(&param.ty, false).rust))
        .collect();
    Alias {
        name: CType::callback(callback).c,
        target: format!("Option<unsafe extern \"C\" fn({}, user_data: *mut c_void)>", params.join(", ")),
        doc: doc::doxygen(&format!(
            "{} {}",
            callback.summary, "`user_data` is what was passed with the function."
        )),
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
    let names = |suffix: &dyn Fn(&Type) -> &'static str| -> String {
        let each = callback.params.iter().map(|param| format!("{}{}", param.name, suffix(&param.ty)));
        each.collect::<Vec<_>>().join(", ")
    };
    let texts = callback.params.iter().filter(|param| matches!(param.ty, Type::Text));
    CallbackView {
        name: callback.name.clone(),
        type_name: callback.type_name.clone(),
        c_type: CType::callback(callback).c,
        origin: callback.position.file.clone(),
        params: names(&|_| ""),
        conversions: texts.map(|param| format!("let {0} = texts::terminated({0});", param.name)).collect(),
        arguments: names(&|ty| if matches!(ty, Type::Text) { ".as_ptr()" } else { "" }),
    }
}
