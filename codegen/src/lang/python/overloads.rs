//! Functions of several classes: in Python the first argument says which one is called.

use serde::Serialize;

use super::docstring;
use super::glue::{Function, function, has_word};
use super::signature::parameters;
use crate::model::{Model, Operation};

/// A function of the module that is another one for each class of its first argument.
#[derive(Serialize)]
pub(super) struct Overloaded {
    /// What the glue of all classes has in common: name, signature, parameters and result.
    function: Function,
    doc: Vec<String>,
    /// Name of the first argument.
    first: String,
    /// Names of the arguments that are passed on.
    passed: String,
    overloads: Vec<Overload>,
}

/// A class that the first argument can have.
#[derive(Serialize)]
struct Overload {
    module: String,
    class: String,
}

/// The functions of the module, in documentation order. The lint `functions` sees to it that their overloads take and give
/// the same.
pub(super) fn overloaded(model: &Model) -> Vec<Overloaded> {
    model.functions("python").iter().map(|overloads| overloaded_function(model, overloads)).collect()
}

/// The paths of the classes whose objects these functions give.
pub(super) fn results(model: &Model, overloaded: &[Overloaded]) -> Vec<String> {
    let is_given = |class: &str| overloaded.iter().any(|item| has_word(&item.function.returns, class));
    let objects = model.objects.iter().filter(|object| is_given(&object.python));
    objects.map(|object| format!("crate::{}::{}", object.name, object.python)).collect()
}

fn overloaded_function(model: &Model, overloads: &[&Operation]) -> Overloaded {
    let operation = overloads[0];
    let names = parameters(operation).into_iter().map(|parameter| parameter.name.to_owned());
    let objects = overloads.iter().filter_map(|overload| overload.object.as_ref());
    Overloaded {
        function: function(model, operation),
        doc: docstring::overloaded(overloads),
        first: operation.receiver().to_owned(),
        passed: std::iter::once("py".to_owned()).chain(names).collect::<Vec<_>>().join(", "),
        overloads: objects
            .map(|object| Overload { module: object.name.clone(), class: object.python.clone() })
            .collect(),
    }
}
