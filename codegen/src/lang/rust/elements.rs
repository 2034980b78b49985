//! `elements.rs`: which Rust type stands for which dtype, so that adding a dtype needs no second list.

use serde::Serialize;

use crate::lang::banner;
use crate::model::Model;
use crate::output::OutputFile;
use crate::render::render;

pub(super) fn file(model: &Model) -> OutputFile {
    let rows = |arithmetic: bool| {
        let reducible = model.sets.iter().find(|set| set.name == "reducible");
        let has = move |name: &str| {
            reducible.is_some_and(|set| set.members.iter().any(|member| member.name == name))
        };
        model
            .dtypes
            .iter()
            .filter(|dtype| has(&dtype.name) == arithmetic)
            .map(|dtype| Element { variant: dtype.variant.clone(), rust: qualified(&dtype.rust) })
            .collect()
    };
    let view = Elements { banner: banner("spec/dtypes.yaml"), arithmetic: rows(true), movement: rows(false) };
    OutputFile::rust(
        "generated/rust/elements.rs",
        &render("elements", include_str!("../../../templates/rust/elements.rs.tera"), &view),
    )
}

#[derive(Serialize)]
struct Elements {
    banner: String,
    arithmetic: Vec<Element>,
    movement: Vec<Element>,
}

#[derive(Serialize)]
struct Element {
    variant: String,
    rust: String,
}

/// The type with the crate it comes from, for use inside a macro.
fn qualified(rust: &str) -> String {
    match rust {
        "f16" | "bf16" => format!("::half::{rust}"),
        _ if rust.starts_with("Complex<") => format!("::num_complex::{rust}"),
        _ => rust.to_owned(),
    }
}
