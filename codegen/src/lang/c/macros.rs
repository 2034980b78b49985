//! The macros of the header: numbers of the version, and what compilers are told of functions.

use crate::lang::ffi;
use crate::model::{Model, Object};

/// A macro.
pub(super) struct Macro {
    /// Its name.
    pub name: String,
    /// Its parameters in parentheses; empty for one without.
    pub parameters: &'static str,
    /// What it stands for.
    pub value: String,
    /// What it is, in the markup of the specification.
    pub doc: String,
}

impl Macro {
    /// The line that defines it.
    pub fn definition(&self) -> String {
        format!("#define {}{} {}", self.name, self.parameters, self.value)
    }
}

/// Every macro: the numbers, which cbindgen reads from the crate, and those that it cannot know.
pub(super) fn macros(model: &Model) -> Vec<Macro> {
    let numbers = ffi::versions(model).into_iter().map(|number| Macro {
        name: number.name.to_owned(),
        parameters: "",
        value: number.value.to_string(),
        doc: number.doc.to_owned(),
    });
    numbers.chain([version_text(model)]).chain(conversions(model)).chain(attributes()).collect()
}

/// The version as a text, which cbindgen cannot write.
fn version_text(model: &Model) -> Macro {
    Macro {
        name: "DTL_VERSION_STRING".to_owned(),
        parameters: "",
        value: format!("{:?}", model.library.version_short),
        doc: "Version of this header as a text; `dtl_version_string` gives that of the library that is running.".to_owned(),
    }
}

/// The macro that makes a handle one of an abstract object.
pub(super) fn conversion(object: &Object) -> String {
    format!("DTL_{}", object.name.to_uppercase())
}

fn conversions(model: &Model) -> Vec<Macro> {
    let macro_of = |object: &Object| {
        let extending: Vec<String> =
            model.extending(object).map(|other| format!("`dtl_{}_t`", other.name)).collect();
        Macro {
            name: conversion(object),
            parameters: "(object)",
            value: format!("((dtl_{}_t)(object))", object.name),
            doc: format!(
                "A handle as functions for any {} take it: of {}. They refuse handles of anything else.",
                object.name,
                extending.join(" or ")
            ),
        }
    };
    model.objects.iter().filter(|object| object.is_abstract).map(|object| macro_of(object)).collect()
}

/// The lines of the header that define the others; of attributes other compilers than these know nothing.
pub(super) fn definitions(model: &Model) -> String {
    let defined = |item: &Macro| format!("/** {} */\n{}\n", item.doc, item.definition());
    let version: String = [version_text(model)].iter().chain(&conversions(model)).map(defined).collect();
    let known: String = attributes().iter().map(defined).collect();
    let ignored: String =
        attributes().iter().map(|item| format!("#define {}{}\n", item.name, item.parameters)).collect();
    format!("{version}#if defined(__GNUC__) || defined(__clang__)\n{known}#else\n{ignored}#endif")
}

fn attributes() -> [Macro; 2] {
    [
        Macro {
            name: "DTL_MUST_USE".to_owned(),
            parameters: "",
            value: "__attribute__((warn_unused_result))".to_owned(),
            doc: "The caller should look at what the function returns.".to_owned(),
        },
        Macro {
            name: "DTL_DEPRECATED".to_owned(),
            parameters: "(note)",
            value: "__attribute__((deprecated(note)))".to_owned(),
            doc: "The compiler warns about calls; the note says what to call instead.".to_owned(),
        },
    ]
}
