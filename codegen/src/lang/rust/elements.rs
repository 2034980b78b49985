//! `elements.rs`: which Rust type stands for which dtype, and which of them belong to a set, so that adding a dtype needs no second
//! list.

use serde::Serialize;

use crate::lang::banner;
use crate::model::{Dtype, Model};
use crate::output::OutputFile;
use crate::render::render;

/// The set of the dtypes that have arithmetic.
const ARITHMETIC: &str = "reducible";

pub(super) fn file(model: &Model) -> OutputFile {
    let reducible = model.sets.iter().find(|set| set.name == ARITHMETIC);
    let has_arithmetic = |dtype: &Dtype| {
        reducible.is_some_and(|set| set.members.iter().any(|member| member.name == dtype.name))
    };
    let sets = model.sets.iter().filter(|set| set.members.iter().all(|dtype| has_arithmetic(dtype)));
    let view = Elements {
        banner: banner("spec/dtypes.yaml"),
        arithmetic: model
            .dtypes
            .iter()
            .filter(|dtype| has_arithmetic(dtype))
            .map(|dtype| Element::of(dtype))
            .collect(),
        sets: sets
            .map(|set| Set {
                name: set.name.clone(),
                members: set.members.iter().map(|dtype| Element::of(dtype)).collect(),
            })
            .collect(),
    };
    OutputFile::rust(
        "generated/rust/elements.rs",
        &render("elements", include_str!("../../../templates/rust/elements.rs.tera"), &view),
    )
}

#[derive(Serialize)]
struct Elements {
    banner: String,
    arithmetic: Vec<Element>,
    sets: Vec<Set>,
}

#[derive(Serialize)]
struct Set {
    name: String,
    members: Vec<Element>,
}

#[derive(Serialize)]
struct Element {
    variant: String,
    rust: String,
}

impl Element {
    fn of(dtype: &Dtype) -> Self {
        Element { variant: dtype.variant.clone(), rust: qualified(&dtype.rust) }
    }
}

/// The type with the crate it comes from, for use inside a macro.
fn qualified(rust: &str) -> String {
    match rust {
        "f16" | "bf16" => format!("::half::{rust}"),
        _ if rust.starts_with("Complex<") => format!("::num_complex::{rust}"),
        _ => rust.to_owned(),
    }
}
