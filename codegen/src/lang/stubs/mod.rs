//! `stubs/dtl`: what type checkers and editors know of the package. It comes from the same model as the package itself and
//! not from looking at it, so that comparing the two (stubtest) tests both.
//!
//! `overloads` says how an operation is typed; the plain Python modules share their view with the package.

mod overloads;

use serde::Serialize;

use super::python::docstring;
use super::python::operators::{self, Operator};
use super::python::package::Package;
use crate::lang::banner;
use crate::model::{Chapter, Model, Object, Operation};
use crate::output::OutputFile;
use crate::render::render;
use crate::spec::{Protocol, Role};
use overloads::Overload;

/// The stub of each module.
pub(super) fn files(model: &Model) -> Vec<OutputFile> {
    let package = Package::new(model);
    let compiled = Compiled::new(model, &package);
    let file = |name: &str, text: String| OutputFile::new(format!("stubs/dtl/{name}.pyi"), text);
    vec![
        file(
            "__init__",
            render("__init__", include_str!("../../../templates/stubs/__init__.pyi.tera"), &package),
        ),
        file("_dtl", render("_dtl", include_str!("../../../templates/stubs/_dtl.pyi.tera"), &compiled)),
        file("_enums", render("_enums", include_str!("../../../templates/stubs/_enums.pyi.tera"), &package)),
        file(
            "_errors",
            render("_errors", include_str!("../../../templates/stubs/_errors.pyi.tera"), &package),
        ),
        file(
            "_records",
            render("_records", include_str!("../../../templates/stubs/_records.pyi.tera"), &package),
        ),
    ]
}

/// The compiled module.
#[derive(Serialize)]
struct Compiled {
    banner: String,
    doc: Vec<String>,
    /// A class can be awaited.
    awaits: bool,
    /// Some class is extended by others.
    bases: bool,
    /// `__all__`.
    names: Vec<String>,
    /// The enumerations, and the names of their values.
    enums: Vec<(String, Vec<String>)>,
    /// Results of several parts.
    records: Vec<String>,
    classes: Vec<Class>,
    functions: Vec<Function>,
    /// The operators of containers.
    binary: [Operator; 13],
    unary: [Operator; 4],
    /// Type variables of generic classes besides `_T`.
    type_params: Vec<String>,
}

#[derive(Serialize)]
struct Class {
    name: String,
    /// The class that it extends.
    base: Option<String>,
    /// Others extend it.
    is_base: bool,
    generic: bool,
    doc: Vec<String>,
    methods: Vec<Function>,
    len: bool,
    repr: bool,
    exit: bool,
    contains: bool,
    getitem: bool,
    setitem: bool,
    delitem: bool,
    awaitable: bool,
    container: bool,
    numpy: bool,
    array: bool,
    /// `_T`, in brackets behind the names of generic classes.
    type_params: String,
}

#[derive(Serialize)]
struct Function {
    name: String,
    /// `@property`, `@staticmethod` or nothing.
    decorator: &'static str,
    /// One, or several for an overloaded function.
    overloads: Vec<Overload>,
    doc: Vec<String>,
}

impl Compiled {
    fn new(model: &Model, package: &Package) -> Self {
        let in_python = |chapter: &'_ Chapter| -> Vec<Function> {
            let offered = chapter.operations.iter().filter(|operation| operation.skip("python").is_none());
            let own = offered
                .filter(|operation| operation.function_of.is_none() && operation.shares_name.is_none())
                // What gives an object of its own class gives another in each.
                .filter(|operation| !operation.inherited || operation.gives_own_kind());
            own.flat_map(|operation| names(model, operation)).collect()
        };
        let free = model.chapters.iter().filter(|chapter| chapter.object.is_none());
        let classes: Vec<Class> = model
            .chapters
            .iter()
            .filter_map(|chapter| Some(class(model, chapter.object.as_ref()?, in_python(chapter))))
            .collect();
        let overloaded = model.functions("python");
        let overloaded = overloaded.iter().map(|overloads| overloaded_function(model, overloads));
        let functions: Vec<Function> = free.flat_map(in_python).chain(overloaded).collect();
        Self {
            records: model.records().map(|item| item.type_name()).collect(),
            banner: banner("spec/objects and spec/ops"),
            doc: docstring::module(model),
            awaits: classes.iter().any(|class| class.awaitable),
            bases: classes.iter().any(|class| class.is_base),
            names: package.compiled.clone(),
            enums: (model.enums.iter())
                .filter(|item| package.enums.iter().any(|known| known.name == item.type_name))
                .map(|item| {
                    (item.type_name.clone(), item.values.iter().map(|value| value.text.clone()).collect())
                })
                .collect(),
            classes,
            functions,
            binary: operators::BINARY,
            unary: operators::UNARY,
            type_params: type_params(model),
        }
    }
}

fn type_params(model: &Model) -> Vec<String> {
    let mut names: Vec<String> = (model.objects.iter().flat_map(|object| &object.elements))
        .filter(|element| element.name != "T")
        .map(|element| format!("_{}", element.name))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn class(model: &Model, object: &Object, mut methods: Vec<Function>) -> Class {
    methods.extend(object.pairs.iter().map(|pair| Function {
        name: pair.name.clone(),
        decorator: "",
        overloads: vec![overloads::of_pair(model, object, pair)],
        doc: docstring::pair(pair),
    }));
    if !object.made_from.is_empty() {
        let overloads = vec![overloads::of_sources(model, object)];
        methods.insert(0, Function { name: "__new__".to_owned(), decorator: "", overloads, doc: Vec::new() });
    }
    let has = |protocol: Protocol| object.protocols.iter().any(|(candidate, _)| *candidate == protocol);
    let base = model.base_of(object);
    // The operators give objects of the class.
    let behaves = |protocol: Protocol| {
        has(protocol) || base.is_some_and(|base| base.protocols.iter().any(|(other, _)| *other == protocol))
    };
    Class {
        name: object.python.clone(),
        base: base.map(|base| base.python.clone()),
        is_base: object.is_abstract,
        generic: object.generic,
        doc: docstring::class(model, object),
        methods,
        len: has(Protocol::Len),
        repr: has(Protocol::Repr),
        exit: has(Protocol::Exit),
        contains: has(Protocol::Contains),
        getitem: has(Protocol::Getitem),
        setitem: has(Protocol::Setitem),
        delitem: has(Protocol::Delitem),
        awaitable: has(Protocol::Await),
        type_params: object.type_params("_"),
        container: object.is_container() && base.is_none(),
        numpy: behaves(Protocol::Numpy),
        array: has(Protocol::Array),
    }
}

/// A function of several classes.
fn overloaded_function(model: &Model, overloads: &[&Operation]) -> Function {
    let free = model.free_operation(overloads[0]);
    Function {
        name: overloads[0].python_name.clone(),
        decorator: "",
        overloads: free
            .iter()
            .chain(overloads)
            .flat_map(|operation| overloads::of(model, operation))
            .collect(),
        doc: docstring::overloaded(model, free, overloads),
    }
}

/// The function under each of its names.
fn names(model: &Model, operation: &Operation) -> Vec<Function> {
    let further = operation.aliases.iter().map(|alias| Function {
        name: alias.clone(),
        doc: docstring::alias(operation),
        ..function(model, operation)
    });
    std::iter::once(function(model, operation)).chain(further).collect()
}

fn function(model: &Model, operation: &Operation) -> Function {
    Function {
        name: match operation.role {
            Role::Constructor => "__new__".to_owned(),
            _ => operation.python_name.clone(),
        },
        decorator: match operation.role {
            Role::Property => "@property",
            Role::Static => "@staticmethod",
            Role::Constructor | Role::Method => "",
        },
        overloads: overloads::of(model, operation),
        doc: match operation.role {
            Role::Constructor => Vec::new(),
            _ => docstring::operation(model, operation),
        },
    }
}
