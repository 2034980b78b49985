//! `kinds.rs`: the number of each type of objects behind handles, by which the handle table tells them apart.

use serde::Serialize;

use crate::lang::banner;
use crate::model::Model;
use crate::output::OutputFile;
use crate::render::render;

pub(super) fn file(model: &Model) -> OutputFile {
    let kinds = model.objects.iter().zip(1..).map(|(object, number)| Kind {
        rust: object.rust.clone(),
        name: object.name.replace('_', " "),
        number,
    });
    let view = Kinds { banner: banner("spec/objects"), kinds: kinds.collect() };
    OutputFile::rust(
        "generated/rust/kinds.rs",
        &render("kinds", include_str!("../../../templates/rust/kinds.rs.tera"), &view),
    )
}

#[derive(Serialize)]
struct Kinds {
    banner: String,
    kinds: Vec<Kind>,
}

#[derive(Serialize)]
struct Kind {
    rust: String,
    name: String,
    number: usize,
}
