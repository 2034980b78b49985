//! `abi/dtl-1.txt`: the binary interface in one sorted list, one line for each function, enumerator, constant and struct.
//!
//! It is written from the model, not from the header, so that a test can compare both with each other and with what the
//! library exports. A change in review that removes or alters a line breaks programs that are compiled already.

use crate::lang::banner;
use crate::lang::ffi::{self, Section, Signature};
use crate::model::{Model, Type};
use crate::output::OutputFile;
use crate::spec::Base;

/// The list.
pub(super) fn file(model: &Model, sections: &[Section]) -> OutputFile {
    let mut lines: Vec<String> = sections
        .iter()
        .flat_map(|section| &section.functions)
        .map(|function| format!("function {}", prototype(&function.signature)))
        .collect();
    lines.extend(enumerators(model));
    lines.extend(constants(model));
    lines.extend(model.structs.iter().map(|item| {
        let fields: Vec<String> =
            item.fields.iter().map(|field| field_text(&field.ty, field.array, &field.name)).collect();
        format!("struct dtl_{} {{ {}; }}", item.name, fields.join("; "))
    }));
    lines.sort();
    let text = format!("# {}\n{}\n", banner("spec/"), lines.join("\n"));
    OutputFile::new(format!("generated/c/abi/dtl-{}.txt", model.library.abi), text)
}

/// A prototype without the names of its parameters, which programs do not depend on.
fn prototype(signature: &Signature) -> String {
    let args: Vec<String> = signature.args.iter().map(|arg| arg.ty.c()).collect();
    let args = if args.is_empty() { "void".to_owned() } else { args.join(", ") };
    format!("{} {}({args})", signature.returns.c(), signature.name)
}

fn enumerators(model: &Model) -> Vec<String> {
    let mut lines = Vec::new();
    for item in &model.enums {
        for value in &item.values {
            lines.push(format!("enumerator DTL_{}_{} = {}", item.prefix, value.name, value.value));
        }
    }
    for status in &model.statuses {
        lines.push(format!("enumerator {} = {}", status.enumerator, status.code));
    }
    for category in &model.categories {
        lines.push(format!("enumerator DTL_CATEGORY_{} = {}", category.name, category.value));
    }
    lines
}

fn constants(model: &Model) -> Vec<String> {
    (model.constants.iter())
        .map(|constant| match (constant.base, constant.value) {
            (Base::U64, value) => format!("constant DTL_{} = {}", constant.name, value as u64),
            (_, value) => format!("constant DTL_{} = {value}", constant.name),
        })
        .collect()
}

fn field_text(ty: &Type, array: Option<u32>, name: &str) -> String {
    let ty = ffi::value(ty, false).c();
    match array {
        Some(length) => format!("{ty} {name}[{length}]"),
        None => format!("{ty} {name}"),
    }
}
