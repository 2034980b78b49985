//! Callbacks in the module `dtl`: the interface that a program's procedure has, and the procedure through which C calls it.

use serde::Serialize;

use super::spelling::{checked, scalar};
use crate::doc::ford;
use crate::model::{Callback, Param, Type};

/// What the template sees of a callback.
#[derive(Serialize)]
pub(super) struct CallbackView {
    name: String,
    doc: Vec<String>,
    /// Names of the dummy arguments.
    names: String,
    declarations: Vec<String>,
    /// Declarations of what C passes.
    c_declarations: Vec<String>,
    /// Texts, which C passes by address.
    locals: Vec<String>,
    conversions: Vec<String>,
    /// What the procedure of the caller is passed.
    arguments: String,
}

pub(super) fn callback_view(callback: &Callback) -> CallbackView {
    let mut view = CallbackView {
        name: checked(callback.name.clone()),
        doc: Vec::new(),
        names: String::new(),
        declarations: Vec::new(),
        c_declarations: Vec::new(),
        locals: Vec::new(),
        conversions: Vec::new(),
        arguments: String::new(),
    };
    let mut doc = format!("{} It is called {}.\n", callback.summary, callback.called);
    let (mut names, mut arguments) = (Vec::new(), Vec::new());
    for param in &callback.params {
        let name = &param.name;
        doc.push_str(&format!("\n- `{name}`: {}", param.doc));
        names.push(name.clone());
        if let Type::Text = param.ty {
            view.declarations.push(format!("character(len=*), intent(in) :: {name}"));
            view.c_declarations.push(format!("type(c_ptr), value :: {name}"));
            view.locals.push(format!("character(len=:), allocatable :: {name}_text"));
            view.conversions.push(format!("call copy_text({name}, {name}_text)"));
            arguments.push(format!("{name}_text"));
        } else {
            let ty = scalar(&param.ty);
            view.declarations.push(format!("{ty}, intent(in) :: {name}"));
            view.c_declarations.push(format!("{ty}, value :: {name}"));
            arguments.push(name.clone());
        }
    }
    view.doc = ford(&doc);
    view.names = names.join(", ");
    view.arguments = arguments.join(", ");
    view
}

/// What a procedure that takes the callback `name` passes to C: a procedure of this module, and the address of the caller's,
/// which C gives back to it.
pub(super) fn locals(name: &str) -> [String; 2] {
    [format!("type(c_funptr) :: {name}_caller"), format!("type(c_ptr) :: {name}_at")]
}

/// The statements that set these.
pub(super) fn passed(param: &Param, callback: &Callback) -> [String; 4] {
    let name = &param.name;
    let present = if param.optional { format!("if (present({name})) ") } else { String::new() };
    [
        format!("{name}_caller = c_null_funptr"),
        format!("{name}_at = c_null_ptr"),
        format!("{present}{name}_caller = c_funloc(call_{})", callback.name),
        format!("{present}{name}_at = transfer(c_funloc({name}), {name}_at)"),
    ]
}
