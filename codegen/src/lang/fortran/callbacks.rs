//! Callbacks in the module `dtl`: the interface that a program's procedure has, and the procedure through which C calls it.

use serde::Serialize;

use super::procedure::Dummy;
use super::spelling::{Element, checked, elements, scalar};
use crate::doc::ford;
use crate::model::{Callback, Model, Param, Type};

/// What the template sees of a callback; for one that is passed arrays, for one type of elements.
#[derive(Serialize)]
pub(super) struct CallbackView {
    pub(super) name: String,
    doc: Vec<String>,
    /// Its failure is one of the operation.
    fails: bool,
    /// Names of the dummy arguments.
    names: String,
    /// Names of what C passes.
    c_names: String,
    declarations: Vec<String>,
    /// Declarations of what C passes.
    c_declarations: Vec<String>,
    /// Texts and arrays, which C passes by address.
    locals: Vec<String>,
    conversions: Vec<String>,
    /// What the procedure of the caller is passed.
    arguments: String,
}

/// The views of a callback.
pub(super) fn callback_views(model: &Model, callback: &Callback) -> Vec<CallbackView> {
    if !callback.has_arrays() {
        return vec![callback_view(callback, None)];
    }
    let elements = elements(model.dtypes.iter().map(AsRef::as_ref));
    let unconverted = elements.iter().filter(|element| !element.converted);
    unconverted.map(|element| callback_view(callback, Some(element))).collect()
}

impl CallbackView {
    /// Name and arguments.
    pub(super) fn head(&self) -> String {
        format!("dtl_{}({})", self.name, self.names)
    }

    /// The interface, as it stands in the module.
    pub(super) fn interface(&self) -> Vec<String> {
        let declarations = self.declarations.iter().map(|line| format!("  {line}"));
        std::iter::once(format!("subroutine {}", self.head()))
            .chain(declarations)
            .chain([format!("end subroutine dtl_{}", self.name)])
            .collect()
    }
}

/// Name of the callback for these elements: `combiner_float64`.
pub(super) fn name(callback: &Callback, element: Option<&Element>) -> String {
    let suffix = element.filter(|_| callback.has_arrays()).map(|element| format!("_{}", element.suffix));
    checked(format!("{}{}", callback.name, suffix.unwrap_or_default()))
}

fn callback_view(callback: &Callback, element: Option<&Element>) -> CallbackView {
    let mut view = CallbackView {
        name: name(callback, element),
        doc: Vec::new(),
        fails: callback.fails.is_some(),
        names: String::new(),
        c_names: String::new(),
        declarations: Vec::new(),
        c_declarations: Vec::new(),
        locals: Vec::new(),
        conversions: Vec::new(),
        arguments: String::new(),
    };
    let mut doc = format!("{} It is called {}.\n", callback.summary, callback.called);
    let (mut names, mut c_names, mut arguments) = (Vec::new(), Vec::new(), Vec::new());
    for param in &callback.params {
        let name = &param.name;
        doc.push_str(&format!("\n- `{name}`: {}", param.doc));
        names.push(name.clone());
        c_names.push(name.clone());
        if let (Type::Array(_), Some(Element { ty, .. })) = (&param.ty, element) {
            let intent = if param.is_written() { "out" } else { "in" };
            view.declarations.push(format!("{ty}, intent({intent}) :: {name}(:)"));
            view.c_declarations.push(format!("type(c_ptr), value :: {name}"));
            view.locals.push(format!("{ty}, pointer, contiguous :: {name}_elements(:)"));
            view.conversions.push(format!("call c_f_pointer({name}, {name}_elements, [count])"));
            arguments.push(format!("{name}_elements"));
        } else if let Type::Text = param.ty {
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
    if callback.has_arrays() {
        c_names.push("count".to_owned());
        view.c_declarations.push("integer(c_int64_t), value :: count".to_owned());
    }
    c_names.push("user_data".to_owned());
    if callback.fails.is_some() {
        doc.push_str("\n- `ierr`: 0 when it is called; any other number says that it has failed.");
        names.push("ierr".to_owned());
        arguments.push("ierr".to_owned());
        view.declarations.push("integer(c_int), intent(inout) :: ierr".to_owned());
        view.c_declarations.push("integer(c_int) :: ierr".to_owned());
        view.conversions.push("ierr = 0".to_owned());
    }
    view.doc = ford(&doc);
    view.names = names.join(", ");
    view.c_names = c_names.join(", ");
    view.arguments = arguments.join(", ");
    view
}

/// What a procedure that takes the callback `name` passes to C: a procedure of this module, and the address of the caller's,
/// which C gives back to it.
pub(super) fn locals(name: &str) -> [Dummy; 2] {
    [
        Dummy::local(format!("{name}_caller"), "type(c_funptr)"),
        Dummy::local(format!("{name}_at"), "type(c_ptr)"),
    ]
}

/// The procedure of this module that C calls, and the address of the caller's.
pub(super) fn passed(param: &Param, callback: &Callback, element: Option<&Element>) -> [String; 2] {
    [
        format!("c_funloc(call_{})", name(callback, element)),
        format!("address_of_procedure(c_funloc({}))", param.name),
    ]
}

/// The statements that set the variables of `locals`.
pub(super) fn statements(param: &Param, callback: &Callback, element: Option<&Element>) -> Vec<String> {
    let name = &param.name;
    let [caller, at] = passed(param, callback, element);
    let set = [format!("{name}_caller = {caller}"), format!("{name}_at = {at}")];
    if !param.optional {
        return set.to_vec();
    }
    let absent = [format!("{name}_caller = c_null_funptr"), format!("{name}_at = c_null_ptr")];
    absent.into_iter().chain(set.map(|line| format!("if (present({name})) {line}"))).collect()
}
