//! `generated/types`: dtypes, enumerations, status codes and constants as Rust, for the runtime and all glue.

use serde::Serialize;
use std::rc::Rc;

use crate::lang::banner;
use crate::model::{Enum, EnumValue, Field, Model, Struct, Type, screaming, upper_camel};
use crate::output::OutputFile;
use crate::render::render;
use crate::spec::Base;

/// The files of the crate `dtl-types`.
pub(super) fn files(model: &Model) -> Vec<OutputFile> {
    let view = Types::new(model);
    let file = |name: &str, template: &str| {
        OutputFile::rust(format!("generated/types/src/{name}.rs"), &render(name, template, &view))
    };
    vec![
        file("lib", include_str!("../../../templates/types/lib.rs.tera")),
        file("constants", include_str!("../../../templates/types/constants.rs.tera")),
        file("variables", include_str!("../../../templates/types/variables.rs.tera")),
        file("dtype", include_str!("../../../templates/types/dtype.rs.tera")),
        file("enums", include_str!("../../../templates/types/enums.rs.tera")),
        file("status", include_str!("../../../templates/types/status.rs.tera")),
        file("operation", include_str!("../../../templates/types/operation.rs.tera")),
        file("records", include_str!("../../../templates/types/records.rs.tera")),
    ]
}

#[derive(Serialize)]
struct Types {
    banner: String,
    library: Library,
    dtypes: Vec<DtypeView>,
    sets: Vec<SetView>,
    enums: Vec<EnumView>,
    constants: Vec<ConstantView>,
    variables: Vec<VariableView>,
    categories: EnumView,
    statuses: Vec<StatusView>,
    nccl: Vec<NcclView>,
    /// Objects that extend another, with the name of that.
    extending: Vec<(String, String)>,
    operations: Vec<OperationView>,
    records: Vec<RecordView>,
}

#[derive(Serialize)]
struct RecordView {
    name: String,
    doc: String,
    fields: Vec<RecordField>,
}

#[derive(Serialize)]
struct RecordField {
    name: String,
    ty: String,
    doc: String,
}

#[derive(Serialize)]
struct Library {
    version: String,
    number: u32,
    major: u32,
    minor: u32,
    patch: u32,
    abi: u32,
}

#[derive(Serialize)]
struct DtypeView {
    name: String,
    variant: String,
    code: i32,
    bytes: u32,
    doc: String,
}

#[derive(Serialize)]
struct SetView {
    constant: String,
    doc: String,
    members: Vec<String>,
}

#[derive(Serialize)]
struct EnumView {
    name: String,
    type_name: String,
    summary: String,
    details: Vec<String>,
    values: Vec<ValueView>,
    acts_on_dtypes: bool,
}

#[derive(Serialize)]
struct ValueView {
    text: String,
    variant: String,
    value: i32,
    doc: String,
    set: String,
}

#[derive(Serialize)]
struct ConstantView {
    name: String,
    rust: &'static str,
    value: String,
    doc: String,
}

#[derive(Serialize)]
struct VariableView {
    name: String,
    holds: String,
    doc: Vec<String>,
    text: String,
}

#[derive(Serialize)]
struct StatusView {
    text: String,
    variant: String,
    code: i32,
    is_alias: bool,
    message: String,
    remedy: String,
}

#[derive(Serialize)]
struct NcclView {
    variant: String,
    native: bool,
    hybrid: bool,
}

#[derive(Serialize)]
struct OperationView {
    variant: String,
    full_name: String,
    is_collective: bool,
    carries_objects: bool,
}

impl Types {
    fn new(model: &Model) -> Self {
        let [major, minor, patch] = model.library.version_parts;
        let field = |field: &Field| RecordField {
            name: field.name.clone(),
            ty: match &field.ty {
                Type::Integer(kind) if kind.base == Base::U64 => "u64".to_owned(),
                _ => "i32".to_owned(),
            },
            doc: field.doc.clone(),
        };
        let record = |item: &Rc<Struct>| RecordView {
            name: item.type_name(),
            doc: item.doc.clone(),
            fields: item.fields.iter().map(field).collect(),
        };
        Self {
            records: model.records().map(record).collect(),
            banner: banner(
                "spec/dtl.yaml, dtypes.yaml, enums.yaml, errors.yaml, constants.yaml, variables.yaml and the operations",
            ),
            library: Library {
                version: model.library.version_short.clone(),
                number: major * 10_000 + minor * 100 + patch,
                major,
                minor,
                patch,
                abi: model.library.abi,
            },
            dtypes: model
                .dtypes
                .iter()
                .map(|dtype| DtypeView {
                    name: dtype.name.clone(),
                    variant: dtype.variant.clone(),
                    code: dtype.code,
                    bytes: dtype.bytes,
                    doc: dtype.doc.clone(),
                })
                .collect(),
            sets: model
                .sets
                .iter()
                .map(|set| SetView {
                    constant: screaming(&set.name),
                    doc: set.doc.clone(),
                    members: set.members.iter().map(|dtype| dtype.variant.clone()).collect(),
                })
                .collect(),
            enums: model
                .enums
                .iter()
                .filter(|item| item.name != "dtype")
                .map(|item| enumeration(item))
                .collect(),
            constants: model
                .constants
                .iter()
                .map(|constant| ConstantView {
                    name: constant.name.clone(),
                    rust: rust_integer(constant.base),
                    value: match (constant.base, constant.value) {
                        (Base::U64, -1) => "u64::MAX".to_owned(),
                        (_, value) => value.to_string(),
                    },
                    doc: constant.doc.clone(),
                })
                .collect(),
            variables: model
                .variables
                .iter()
                .map(|variable| VariableView {
                    name: variable.name.clone(),
                    holds: format!("{:?}", variable.holds),
                    doc: crate::doc::rustdoc(&variable.doc),
                    text: format!("{:?}", variable.doc.split_whitespace().collect::<Vec<_>>().join(" ")),
                })
                .collect(),
            categories: EnumView {
                name: "category".to_owned(),
                type_name: "Category".to_owned(),
                summary: "What kind of thing went wrong.".to_owned(),
                details: Vec::new(),
                acts_on_dtypes: false,
                values: model
                    .categories
                    .iter()
                    .map(|category| ValueView {
                        text: category.name.to_ascii_lowercase(),
                        variant: crate::model::upper_camel(&category.name),
                        value: category.value,
                        doc: category.doc.clone(),
                        set: String::new(),
                    })
                    .collect(),
            },
            statuses: model
                .statuses
                .iter()
                .map(|status| StatusView {
                    text: status.name.to_ascii_lowercase(),
                    variant: status.variant.clone(),
                    code: status.code,
                    is_alias: status.is_alias,
                    message: status.message.clone(),
                    remedy: status.remedy.clone(),
                })
                .collect(),
            nccl: model
                .nccl
                .iter()
                .map(|row| NcclView { variant: row.variant.clone(), native: row.native, hybrid: row.hybrid })
                .collect(),
            extending: (model.objects.iter())
                .filter_map(|object| Some((object.name.clone(), object.extends.clone()?)))
                .collect(),
            operations: model
                .distinct_operations()
                .map(|operation| OperationView {
                    variant: operation.variant.clone(),
                    full_name: operation.full_name.clone(),
                    is_collective: operation.is_collective(),
                    carries_objects: false,
                })
                .chain(model.by_hand("python").filter_map(|item| {
                    Some(OperationView {
                        variant: upper_camel(&item.name),
                        full_name: item.name.clone(),
                        is_collective: item.scope?.is_collective(),
                        carries_objects: true,
                    })
                }))
                .collect(),
        }
    }
}

fn enumeration(item: &Enum) -> EnumView {
    EnumView {
        name: item.name.clone(),
        type_name: item.type_name.clone(),
        summary: item.summary.clone(),
        details: item.details.lines().map(str::to_owned).collect(),
        values: item.values.iter().map(value).collect(),
        acts_on_dtypes: item.values.iter().any(|value| value.dtypes.is_some()),
    }
}

fn value(value: &EnumValue) -> ValueView {
    ValueView {
        text: value.text.clone(),
        variant: value.variant.clone(),
        value: value.value,
        doc: value.doc.clone(),
        set: value.dtypes.as_ref().map(|set| screaming(&set.name)).unwrap_or_default(),
    }
}

fn rust_integer(base: Base) -> &'static str {
    match base {
        Base::U64 => "u64",
        Base::I64 => "i64",
        _ => "i32",
    }
}
