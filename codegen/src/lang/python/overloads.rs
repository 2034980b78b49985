//! Functions of several classes: in Python the first argument says which one is called. A free operation on a context may share its
//! name with a function of objects; the function then takes the parameters of both, and refuses those that the one that is called
//! does not have.

use serde::Serialize;

use super::arguments::{ABSENT, Argument, DEFAULTED, OPTIONAL, arguments};
use super::docstring;
use super::glue::{Function, function};
use super::signature::{Parameter, first, parameters, rest, signature_of};
use crate::model::{Model, Operation};

/// A function of the module that is another one for each class of its first argument.
#[derive(Serialize)]
pub(super) struct Overloaded {
    /// What the glue of all classes has in common: name and result.
    function: Function,
    doc: Vec<String>,
    /// Name of the first argument.
    first: String,
    /// PyO3's signature and the one that Python shows.
    signature: String,
    shown: String,
    /// The parameters after the first one, with their types.
    params: Vec<String>,
    overloads: Vec<Overload>,
}

/// A class that the first argument can have.
#[derive(Serialize)]
struct Overload {
    module: String,
    class: String,
    /// The classes of the objects: those that extend it, if any do.
    of: Vec<String>,
    /// The function for it: a method of the object, or a free one that takes it.
    method: bool,
    /// Variant of `Operation`.
    operation: String,
    /// Parameters that it must be passed.
    needed: Vec<String>,
    /// Parameters that only others have.
    refused: Vec<String>,
    /// Names of the arguments that are passed on.
    passed: String,
}

/// The functions of the module, in documentation order. The lint `functions` sees to it that their overloads take and give
/// the same.
pub(super) fn overloaded(model: &Model) -> Vec<Overloaded> {
    model.functions("python").iter().map(|overloads| overloaded_function(model, overloads)).collect()
}

/// A parameter of some of the operations behind a function.
struct Shared<'a> {
    parameter: Parameter<'a>,
    /// Its type, and PyO3's default for it, if any.
    ty: &'static str,
    default: Option<&'static str>,
}

fn overloaded_function(model: &Model, overloads: &[&Operation]) -> Overloaded {
    let free = model.free_operation(overloads[0]);
    let mut all = free.map_or_else(Vec::new, shared);
    for one in shared(overloads[0]) {
        if all.iter().all(|other| other.parameter.name != one.parameter.name) {
            all.push(one);
        }
    }
    if free.is_some() {
        // Those of the other operation are absent.
        for one in all.iter_mut().filter(|one| one.parameter.default.is_none()) {
            one.ty = DEFAULTED;
            (one.default, one.parameter.default) = (Some(ABSENT), Some("...".to_owned()));
        }
    }
    let receiver = first(overloads[0]).unwrap_or_default();
    let default = |parameter: &Parameter<'_>| {
        let found = all.iter().find(|one| one.parameter.name == parameter.name);
        format!(" = {}", found.and_then(|one| one.default).unwrap_or("None"))
    };
    let shown: Vec<Parameter<'_>> = all.iter().map(|one| one.parameter.clone()).collect();
    let plain = |_: &Parameter<'_>| String::new();
    let signature = signature_of(Some(receiver), &shown, plain, |parameter, _| default(parameter)).join(", ");
    let text = signature_of(Some(receiver), &shown, plain, |_, literal| format!("={literal}")).join(", ");
    let objects = overloads.iter().filter_map(|overload| overload.object.as_ref());
    let objects = objects.map(|object| {
        let own = overloads.iter().find(|own| own.object.as_ref().is_some_and(|of| of.name == object.name));
        let own = own.copied().unwrap_or(overloads[0]);
        let overload = overload(&all, own, (&object.name, &object.python), (true, free.is_some()));
        Overload { of: object.classes(), ..overload }
    });
    Overloaded {
        function: function(model, overloads[0]),
        doc: docstring::overloaded(model, free, overloads),
        first: receiver.to_owned(),
        signature,
        shown: text,
        params: all.iter().map(|one| format!("{}: {}", one.parameter.name, one.ty)).collect(),
        overloads: (free.into_iter())
            .map(|free| overload(&all, free, (free.position.stem(), "Context"), (false, true)))
            .chain(objects)
            .collect(),
    }
}

/// The parameters of an operation after the first one.
fn shared(operation: &Operation) -> Vec<Shared<'_>> {
    let arguments = arguments(operation);
    let shared = |parameter: Parameter<'_>| {
        let found: Option<&Argument> = arguments.iter().find(|argument| argument.parameter == parameter.name);
        (found.map_or(OPTIONAL, |argument| argument.ty), found.and_then(|argument| argument.default))
    };
    rest(operation)
        .into_iter()
        .map(|parameter| {
            let (ty, default) = shared(parameter.clone());
            Shared { parameter, ty, default }
        })
        .collect()
}

fn overload(
    all: &[Shared<'_>],
    operation: &Operation,
    (module, class): (&str, &str),
    (method, is_shared): (bool, bool),
) -> Overload {
    let own = rest(operation);
    let has = |one: &&Shared<'_>| own.iter().any(|parameter| parameter.name == one.parameter.name);
    let must = own.iter().filter(|parameter| is_shared && parameter.default.is_none());
    let needed = must.map(|parameter| parameter.name.to_owned()).collect();
    let names = own.iter().map(|parameter| parameter.name.to_owned());
    let context = parameters(operation).len() > own.len();
    let context = context.then(|| first(operation).unwrap_or_default().to_owned());
    Overload {
        module: module.to_owned(),
        class: class.to_owned(),
        of: vec![class.to_owned()],
        method,
        operation: operation.variant.clone(),
        needed,
        refused: all.iter().filter(|one| !has(one)).map(|one| one.parameter.name.to_owned()).collect(),
        passed: std::iter::once("py".to_owned()).chain(context).chain(names).collect::<Vec<_>>().join(", "),
    }
}
