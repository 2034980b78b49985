//! `fpm.toml` and `CMakeLists.txt`: how other projects compile the modules.

use serde::Serialize;

use crate::lang::banner;
use crate::model::Model;
use crate::output::OutputFile;
use crate::render::render;

pub(super) fn files(model: &Model) -> [OutputFile; 2] {
    let [major, minor, patch] = model.library.version_parts;
    let view = Build {
        banner: banner("spec/dtl.yaml"),
        name: model.library.name.clone(),
        // Both tools compare numbers; CMake knows no pre-releases.
        version: format!("{major}.{minor}.{patch}"),
        summary: model.library.summary.clone(),
    };
    let file = |name: &str, template: &str| {
        OutputFile::new(format!("generated/fortran/{name}"), render(name, template, &view))
    };
    [
        file("fpm.toml", include_str!("../../../templates/fortran/fpm.toml.tera")),
        file("CMakeLists.txt", include_str!("../../../templates/fortran/CMakeLists.txt.tera")),
    ]
}

#[derive(Serialize)]
struct Build {
    banner: String,
    name: String,
    version: String,
    summary: String,
}
