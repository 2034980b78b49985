//! `kinds.rs`: the number of each type of objects behind handles, by which the handle table tells them apart.

use serde::Serialize;

use crate::lang::banner;
use crate::model::Model;
use crate::output::OutputFile;
use crate::render::render;

pub(super) fn file(model: &Model) -> OutputFile {
    let kinds: Vec<Kind> = (model.concrete_objects().zip(1..))
        .map(|(object, number)| Kind {
            rust: object.rust.clone(),
            name: object.name.replace('_', " "),
            number,
            base: object.extends.clone(),
        })
        .collect();
    let common = model.objects.iter().filter(|object| object.is_abstract).map(|object| {
        let extending = kinds.iter().filter(|kind| kind.base.as_ref() == Some(&object.name));
        Common {
            rust: object.rust.clone(),
            name: object.name.replace('_', " "),
            kinds: extending.map(|kind| kind.rust.clone()).collect(),
        }
    });
    let view = Kinds { banner: banner("spec/objects"), common: common.collect(), kinds };
    OutputFile::rust(
        "generated/rust/kinds.rs",
        &render("kinds", include_str!("../../../templates/rust/kinds.rs.tera"), &view),
    )
}

#[derive(Serialize)]
struct Kinds {
    banner: String,
    kinds: Vec<Kind>,
    common: Vec<Common>,
}

#[derive(Serialize)]
struct Kind {
    rust: String,
    name: String,
    number: usize,
    /// The abstract object that it extends.
    #[serde(skip)]
    base: Option<String>,
}

/// What several kinds have in common.
#[derive(Serialize)]
struct Common {
    rust: String,
    name: String,
    kinds: Vec<String>,
}
