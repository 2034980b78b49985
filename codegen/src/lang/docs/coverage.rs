//! `coverage.md`: which language offers which operation, and why not.

use serde::Serialize;

use super::anchor;
use crate::lang::banner;
use crate::lang::faces::FACES;
use crate::model::{Model, Operation};
use crate::output::OutputFile;
use crate::render::render;
use crate::spec::Scope;

#[derive(Serialize)]
struct Coverage {
    banner: String,
    languages: Vec<&'static str>,
    offered: Vec<String>,
    rows: Vec<Row>,
    skips: Vec<Skip>,
}

#[derive(Serialize)]
struct Row {
    operation: String,
    scope: &'static str,
    cells: Vec<String>,
}

#[derive(Serialize)]
struct Skip {
    operation: String,
    language: &'static str,
    reason: String,
}

pub(super) fn file(model: &Model) -> OutputFile {
    let total = model.distinct_operations().count();
    let view = Coverage {
        banner: banner("spec/"),
        languages: FACES.iter().map(|face| face.title()).collect(),
        offered: FACES
            .iter()
            .map(|face| {
                format!(
                    "{} of {total}",
                    model.operations_in(face.key()).filter(|operation| !operation.inherited).count()
                )
            })
            .collect(),
        rows: model.distinct_operations().map(row).collect(),
        skips: model.distinct_operations().flat_map(skips).collect(),
    };
    let text = render("coverage.md", include_str!("../../../templates/docs/coverage.md.tera"), &view);
    OutputFile::new("generated/docs/coverage.md", text)
}

fn row(operation: &Operation) -> Row {
    let cells = FACES.iter().map(|face| match operation.skip(face.key()) {
        Some(_) => "[no](#what-is-missing)".to_owned(),
        None => format!("[yes]({}.md#{})", face.key(), anchor(&operation.full_name)),
    });
    Row {
        operation: operation.full_name.clone(),
        scope: match operation.scope {
            Scope::Collective | Scope::Rooted => "collective",
            Scope::P2p => "two ranks",
            Scope::Local | Scope::Founding | Scope::OneSided => "local",
        },
        cells: cells.collect(),
    }
}

fn skips(operation: &Operation) -> impl Iterator<Item = Skip> {
    FACES.iter().filter_map(|face| {
        let reason = operation.skip(face.key())?.to_owned();
        Some(Skip { operation: operation.full_name.clone(), language: face.title(), reason })
    })
}
