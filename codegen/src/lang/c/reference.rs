//! What the reference says of C besides the operations: functions that follow from objects, types and numbers, and macros.

use super::macros::macros;
use crate::doc;
use crate::lang::faces::{Appendix, Argument, Besides};
use crate::lang::ffi::{self, Function};
use crate::model::{Chapter, Model, Struct};
use crate::spec::Base;

/// The functions of a chapter that no operation names, such as `dtl_vector_destroy`.
pub fn besides(model: &Model, chapter: &Chapter) -> Vec<Besides> {
    ffi::besides(model, chapter).iter().filter_map(function).collect()
}

/// The chapters about what belongs to no chapter of the specification.
pub fn appendices(model: &Model) -> Vec<Appendix> {
    let mut appendices: Vec<Appendix> = (ffi::library(model).iter())
        .map(|section| Appendix {
            title: section.title.clone(),
            doc: section.doc.clone(),
            items: section.functions.iter().filter_map(function).collect(),
        })
        .collect();
    // `Status codes` is the heading of the table as well.
    appendices.iter_mut().for_each(|item| item.title = format!("Functions: {}", item.title.to_lowercase()));
    appendices.push(Appendix {
        title: "Types".to_owned(),
        doc: "Handles and enumerations have chapters of their own.".to_owned(),
        items: types(model),
    });
    appendices.push(Appendix {
        title: "Macros".to_owned(),
        doc: "What the preprocessor knows of the library.".to_owned(),
        items: (macros(model).into_iter())
            .map(|item| Besides::plain(item.name.clone(), item.definition(), &item.doc))
            .collect(),
    });
    appendices
}

fn function(function: &Function) -> Option<Besides> {
    let said = function.besides.as_ref()?;
    let signature = &function.signature;
    let mut shown = Besides::plain(&signature.name, format!("{};", signature.prototype()), &said.doc);
    shown.arguments = (said.arguments.iter())
        .map(|(name, text)| {
            let passed = signature.args.iter().find(|arg| arg.name == *name);
            let traits = passed
                .map(|arg| format!("`{}`, {}", arg.ty.c(), if arg.is_written() { "out" } else { "in" }));
            Argument { name: name.clone(), traits: traits.unwrap_or_default(), meaning: text.clone() }
        })
        .collect();
    shown.result.clone_from(&said.returns);
    Some(shown)
}

fn types(model: &Model) -> Vec<Besides> {
    let mut shown: Vec<Besides> = Vec::new();
    for kind in &model.kinds {
        let Some(name) = kind.c.as_ref().filter(|name| shown.iter().all(|known| known.name != **name)) else {
            continue;
        };
        let bits = match kind.base {
            Base::U64 => "uint64_t",
            Base::I64 => "int64_t",
            Base::I32 => "int32_t",
            _ => continue,
        };
        shown.push(Besides::plain(name, format!("typedef {bits} {name};"), doc::sentence(&kind.doc)));
    }
    for item in &model.enums {
        let of = format!("dtl_{}", item.name);
        let alias = item.c_alias.iter().map(|name| {
            Besides::plain(name, format!("typedef int32_t {name};"), format!("Another name of `{of}`."))
        });
        shown.extend(alias);
    }
    let counted = model.enums.iter().filter(|item| item.count);
    let mut counts = Besides::plain(
        "Numbers of values",
        "",
        "One more than the largest number of an enumeration: it stands for nothing, and sizes arrays.",
    );
    counts.signatures = counted
        .map(|item| {
            let last = item.values.iter().map(|value| value.value).max().unwrap_or(-1);
            format!("DTL_{}_COUNT = {}", item.prefix, last + 1)
        })
        .collect();
    shown.push(counts);
    let category = "What kind of thing went wrong: one of the categories of status codes.";
    shown.push(Besides::plain("dtl_category", "typedef int32_t dtl_category;", category));
    shown.extend(model.callbacks.iter().map(|callback| {
        let (signature, doc) = ffi::function_type(callback);
        let name = signature.name.clone();
        let typedef = signature.prototype().replacen(&name, &format!("(*{name})"), 1);
        Besides::plain(name, format!("typedef {typedef};"), doc)
    }));
    shown.extend(model.structs.iter().map(|item| structure(model, item)));
    shown
}

fn structure(model: &Model, item: &Struct) -> Besides {
    let name = format!("dtl_{}", item.name);
    let fields: Vec<String> = (item.fields.iter())
        .map(|field| {
            let length = field.array.map(|length| format!("[{length}]")).unwrap_or_default();
            format!("    {} {}{length};", ffi::value(&field.ty, false).c(), field.name)
        })
        .collect();
    let mut shown = Besides::plain(
        &name,
        format!("typedef struct {name} {{\n{}\n}} {name};", fields.join("\n")),
        &item.doc,
    );
    if model.records().any(|record| record.name == item.name) {
        shown.signatures.push(format!("typedef {name} {name}_t;"));
    }
    shown.arguments = (item.fields.iter())
        .map(|field| Argument {
            name: field.name.clone(),
            traits: format!("default {}", field.default),
            meaning: field.doc.clone(),
        })
        .collect();
    shown
}
