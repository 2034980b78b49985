//! The macros of the header: numbers, conversions, and what compilers are told of functions.

use crate::doc;
use crate::model::{Model, Object};
use crate::spec::Base;

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
        format!("{} {}", self.empty_definition(), self.value)
    }

    /// The line that defines it as nothing.
    pub fn empty_definition(&self) -> String {
        format!("#define {}{}", self.name, self.parameters)
    }
}

/// The macros that the reference lists together; constants and statuses have chapters of their own.
pub(super) fn macros(model: &Model) -> Vec<Macro> {
    let versions = numbers_of_version(model).into_iter().chain([version_text(model)]);
    versions.chain(conversions(model)).chain(attributes()).collect()
}

/// Those that stand for the same with every compiler.
pub(super) fn plain(model: &Model) -> Vec<Macro> {
    let versions = numbers_of_version(model).into_iter().chain([version_text(model)]);
    versions.chain(constants(model)).collect()
}

fn numbers_of_version(model: &Model) -> [Macro; 5] {
    let [major, minor, patch] = model.library.version_parts;
    let number = |name: &str, value: u32, doc: &str| Macro {
        name: name.to_owned(),
        parameters: "",
        value: value.to_string(),
        doc: doc.to_owned(),
    };
    [
        number(
            "DTL_VERSION",
            major * 10_000 + minor * 100 + patch,
            "Version of this header, as `major * 10000 + minor * 100 + patch`.",
        ),
        number("DTL_VERSION_MAJOR", major, "First number of the version."),
        number("DTL_VERSION_MINOR", minor, "Second number of the version."),
        number("DTL_VERSION_PATCH", patch, "Third number of the version."),
        number(
            "DTL_ABI_VERSION",
            model.library.abi,
            "Number of the binary interface that this header describes.",
        ),
    ]
}

/// Constants, and further names of status codes, which an enumeration cannot have twice.
fn constants(model: &Model) -> impl Iterator<Item = Macro> {
    let statuses = model.statuses.iter().filter(|status| status.is_alias).map(|status| Macro {
        name: status.enumerator.clone(),
        parameters: "",
        value: status.code.to_string(),
        doc: doc::sentence(&status.message),
    });
    let constants = model.constants.iter().map(|constant| Macro {
        name: format!("DTL_{}", constant.name),
        parameters: "",
        value: match (constant.base, constant.value) {
            (Base::U64, -1) => "UINT64_MAX".to_owned(),
            (_, value) if value < 0 => format!("({value})"),
            (_, value) => value.to_string(),
        },
        doc: constant.doc.clone(),
    });
    statuses.chain(constants)
}

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

/// Those that make a handle one of an abstract object. A cast takes anything, so they are the second choice.
pub(super) fn conversions(model: &Model) -> Vec<Macro> {
    let value = |object: &Object| format!("((dtl_{}_t)(object))", object.name);
    conversions_to(model, value)
}

/// The same for a C in which a macro can tell types apart: those of other handles do not compile.
pub(super) fn checked_conversions(model: &Model) -> Vec<Macro> {
    let value = |object: &Object| {
        let extending = model.extending(object).map(|other| other.name.as_str());
        let types: Vec<String> = (std::iter::once(object.name.as_str()).chain(extending))
            .map(|name| format!("dtl_{name}_t: (object)"))
            .collect();
        format!("((dtl_{}_t)_Generic((object), {}))", object.name, types.join(", "))
    };
    conversions_to(model, value)
}

fn conversions_to(model: &Model, value: impl Fn(&Object) -> String) -> Vec<Macro> {
    let macro_to = |object: &Object| {
        let extending: Vec<String> =
            model.extending(object).map(|other| format!("`dtl_{}_t`", other.name)).collect();
        Macro {
            name: conversion(object),
            parameters: "(object)",
            value: value(object),
            doc: format!(
                "A handle as functions for any {} take it: of {}. A compiler for C11 refuses handles of anything else, as \
                 the functions do.",
                object.name,
                extending.join(" or ")
            ),
        }
    };
    model.objects.iter().filter(|object| object.is_abstract).map(|object| macro_to(object)).collect()
}

/// Those about functions, of which other compilers than GCC and Clang know nothing.
pub(super) fn attributes() -> [Macro; 2] {
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
