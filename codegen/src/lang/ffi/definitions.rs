//! Types of the C interface: typedefs, enumerators and structs.

use serde::Serialize;

use super::callbacks;
use super::signature::{handle, integer, value};
use crate::doc;
use crate::lang::banner;
use crate::model::{Enum, Field, Model, Struct};
use crate::spec::Base;

/// What the template of `types.rs` sees.
#[derive(Serialize)]
pub(super) struct Definitions {
    banner: String,
    integers: Vec<Alias>,
    handles: Vec<Alias>,
    callbacks: Vec<Alias>,
    enums: Vec<EnumView>,
    structs: Vec<StructView>,
}

#[derive(Serialize)]
pub(super) struct Alias {
    pub(super) name: String,
    pub(super) target: String,
    pub(super) doc: Vec<String>,
}

#[derive(Serialize)]
struct EnumView {
    origin: String,
    /// Typedef that parameters have.
    typedef: String,
    /// Whether the typedef is made here.
    is_new: bool,
    summary: Vec<String>,
    details: Vec<String>,
    values: Vec<ValueView>,
}

#[derive(Serialize)]
struct ValueView {
    name: String,
    value: i32,
    doc: Vec<String>,
}

#[derive(Serialize)]
struct StructView {
    origin: String,
    /// Another name, for one that is a result.
    alias: Option<String>,
    name: String,
    doc: Vec<String>,
    /// All defaults are 0.
    is_zero: bool,
    fields: Vec<FieldView>,
}

#[derive(Serialize)]
struct FieldView {
    name: String,
    ty: String,
    default: String,
    doc: Vec<String>,
}

impl Definitions {
    pub(super) fn new(model: &Model) -> Self {
        Self {
            banner: banner("spec/"),
            integers: integers(model),
            handles: (model.objects.iter())
                .map(|object| Alias {
                    name: handle(&object.name).c(),
                    target: format!("dtl_{}_s", object.name),
                    doc: doc::doxygen(&format!(
                        "{} It is given up with `{}`.",
                        object.summary, object.freed_by
                    )),
                })
                .collect(),
            callbacks: model.callbacks.iter().map(|callback| callbacks::alias(callback)).collect(),
            enums: model.enums.iter().map(|item| enumeration(item)).chain(statuses(model)).collect(),
            structs: model.structs.iter().map(|item| structure(model, item)).collect(),
        }
    }

    /// The names of all types.
    pub(super) fn names(&self) -> Vec<String> {
        let aliases = self.integers.iter().chain(&self.handles).chain(&self.callbacks);
        let aliases = aliases.map(|item| item.name.clone());
        let enums =
            self.enums.iter().flat_map(|item| [format!("{}_value", item.typedef), item.typedef.clone()]);
        let structs = self.structs.iter().flat_map(|item| [Some(item.name.clone()), item.alias.clone()]);
        aliases.chain(enums).chain(structs.flatten()).collect()
    }
}

/// The typedefs that kinds name, once each, in the order of the specification, and other names of enumerations.
fn integers(model: &Model) -> Vec<Alias> {
    let mut integers: Vec<Alias> = Vec::new();
    for kind in &model.kinds {
        let Some(name) = kind.c.as_ref().filter(|_| matches!(kind.base, Base::I32 | Base::I64 | Base::U64))
        else {
            continue;
        };
        if integers.iter().any(|known| known.name == *name) {
            continue;
        }
        let target = match kind.base {
            Base::U64 => "u64",
            Base::I64 => "i64",
            _ => "i32",
        };
        integers.push(Alias {
            name: name.clone(),
            target: target.to_owned(),
            doc: doc::doxygen(&doc::sentence(&kind.doc)),
        });
    }
    let others = model.enums.iter().filter_map(|item| {
        Some(Alias {
            name: item.c_alias.clone()?,
            target: "i32".to_owned(),
            doc: doc::doxygen(&format!("Another name of `dtl_{}`.", item.name)),
        })
    });
    integers.extend(others);
    integers
}

fn enumeration(item: &Enum) -> EnumView {
    let enumerator = |name: &str| format!("DTL_{}_{name}", item.prefix);
    let mut values: Vec<ValueView> = (item.values.iter())
        .map(|value| ValueView {
            name: enumerator(&value.name),
            value: value.value,
            doc: doc::doxygen(&value.doc),
        })
        .collect();
    if item.count {
        let last = item.values.iter().map(|value| value.value).max().unwrap_or(-1);
        values.push(ValueView {
            name: enumerator("COUNT"),
            value: last + 1,
            doc: vec!["One more than the largest number; it stands for nothing.".to_owned()],
        });
    }
    EnumView {
        origin: item.position.file.clone(),
        typedef: format!("dtl_{}", item.name),
        is_new: true,
        summary: doc::doxygen(&item.summary),
        details: doc::doxygen(&item.details),
        values,
    }
}

/// Status codes and their categories.
fn statuses(model: &Model) -> [EnumView; 2] {
    let codes = model.statuses.iter().filter(|status| !status.is_alias).map(|status| ValueView {
        name: status.enumerator.clone(),
        value: status.code,
        doc: doc::doxygen(&doc::sentence(&status.message)),
    });
    let categories = model.categories.iter().map(|category| ValueView {
        name: format!("DTL_CATEGORY_{}", category.name),
        value: category.value,
        doc: doc::doxygen(&category.doc),
    });
    let view = |typedef: &str, is_new, summary: &str, values| EnumView {
        origin: "spec/errors.yaml".to_owned(),
        typedef: typedef.to_owned(),
        is_new,
        summary: doc::doxygen(summary),
        details: Vec::new(),
        values,
    };
    [
        view("dtl_status", false, "What a call came to.", codes.collect()),
        view(
            "dtl_category",
            true,
            "What kind of thing went wrong: a status divided by 100.",
            categories.collect(),
        ),
    ]
}

fn structure(model: &Model, item: &Struct) -> StructView {
    let is_result = model.records().any(|record| record.name == item.name);
    StructView {
        alias: is_result.then(|| format!("dtl_{}_t", item.name)),
        origin: item.position.file.clone(),
        name: format!("dtl_{}", item.name),
        doc: doc::doxygen(&item.doc),
        is_zero: item.fields.iter().all(|field| field.default == 0),
        fields: item.fields.iter().map(field).collect(),
    }
}

fn field(field: &Field) -> FieldView {
    let rust = match &field.ty {
        crate::model::Type::Integer(kind) => integer(kind),
        ty => value(ty, false),
    }
    .rust();
    let (ty, default) = match field.array {
        Some(length) => (format!("[{rust}; {length}]"), format!("[{}; {length}]", field.default)),
        None => (rust, field.default.to_string()),
    };
    FieldView { name: field.name.clone(), ty, default, doc: doc::doxygen(&field.doc) }
}
