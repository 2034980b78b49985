//! `dtl/dtl.h`: types and functions as cbindgen reads them from the sources of `generated/ffi`, so that header and library
//! cannot differ; around them what cbindgen cannot know.

use std::fs;

use cbindgen::{
    Builder, Config, DocumentationStyle, ExportConfig, FunctionConfig, ItemType, Language, Style,
};
use serde::Serialize;

use super::macros::{self, Macro};
use crate::doc;
use crate::lang::banner;
use crate::lang::ffi::{self, Declarations, Section, Source};
use crate::model::Model;
use crate::output::OutputFile;
use crate::render::render;

#[derive(Serialize)]
struct Header {
    banner: String,
    /// What the library is, and what holds for all of it.
    about: Vec<String>,
    macros: Vec<Defined>,
    conversions: Vec<Defined>,
    /// The same for compilers that can tell types apart.
    checked_conversions: Vec<Defined>,
    /// The macros that stand for something with some compilers only.
    attributes: Vec<Defined>,
    types: String,
    sections: Vec<Group>,
}

/// A macro, and what is said of it.
#[derive(Serialize)]
struct Defined {
    doc: Vec<String>,
    definition: String,
    /// The same for compilers to which it says nothing.
    empty: String,
}

impl From<Macro> for Defined {
    fn from(item: Macro) -> Self {
        Self { doc: doc::doxygen(&item.doc), definition: item.definition(), empty: item.empty_definition() }
    }
}

fn defined(macros: impl IntoIterator<Item = Macro>) -> Vec<Defined> {
    macros.into_iter().map(Defined::from).collect()
}

/// The functions of a section, as a group of Doxygen.
#[derive(Serialize)]
struct Group {
    name: String,
    title: String,
    doc: Vec<String>,
    functions: String,
}

/// The header.
pub(super) fn file(model: &Model, sections: &[Section]) -> OutputFile {
    let declarations = ffi::declarations(model, sections);
    let Declarations { types, names, functions } = &declarations;
    let about = [model.library.summary.clone(), String::new()];
    let header = Header {
        banner: banner("spec/"),
        about: about.into_iter().chain(doc::doxygen(model.conventions("c"))).collect(),
        macros: defined(macros::plain(model)),
        conversions: defined(macros::conversions(model)),
        checked_conversions: defined(macros::checked_conversions(model)),
        attributes: defined(macros::attributes()),
        types: read_by_cbindgen(types, types_alone(names)),
        sections: (sections.iter().zip(functions))
            .filter(|(section, _)| !section.functions.is_empty())
            .map(|(section, source)| Group {
                name: section.name.clone(),
                title: section.title.clone(),
                doc: doc::doxygen(&section.doc),
                functions: read_by_cbindgen(source, functions_alone()),
            })
            .collect(),
    };
    let text = render("dtl.h", include_str!("../../../templates/c/dtl.h.tera"), &header);
    OutputFile::new("generated/c/include/dtl/dtl.h", text)
}

/// The headers of other names, which include it.
pub(super) fn other_names(model: &Model) -> Vec<OutputFile> {
    let text = format!("/* {} */\n#include <dtl/dtl.h>\n", banner("spec/lang/c.yaml"));
    let path = |name: &String| format!("generated/c/include/dtl/{name}");
    model.headers("c").map(|name| OutputFile::new(path(name), text.clone())).collect()
}

/// cbindgen reads files, so the source is put into a folder that is gone afterwards.
fn read_by_cbindgen(source: &Source, config: Config) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join(format!("{}.rs", source.name));
    fs::write(&path, &source.text).expect("the temporary folder can be written");
    let bindings = Builder::new()
        .with_config(config)
        .with_src(path)
        .generate()
        .unwrap_or_else(|error| panic!("cbindgen cannot read {} of generated/ffi: {error}", source.name));
    let mut text = Vec::new();
    bindings.write(&mut text);
    let text = String::from_utf8(text).expect("the sources are UTF-8");
    // Lines of comments without words end with a blank.
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// The types of these names: many of them no function names, as they exist for their enumerators, or for users.
fn types_alone(names: &[String]) -> Config {
    let types = [ItemType::Enums, ItemType::Structs, ItemType::Typedefs, ItemType::OpaqueItems];
    Config {
        export: ExportConfig { include: names.to_vec(), item_types: types.into(), ..ExportConfig::default() },
        ..config()
    }
}

/// Functions. Their types are in a source that cbindgen does not see, so it writes the names that stand there.
fn functions_alone() -> Config {
    Config {
        export: ExportConfig { item_types: vec![ItemType::Functions], ..ExportConfig::default() },
        function: FunctionConfig {
            must_use: Some("DTL_MUST_USE".to_owned()),
            deprecated_with_note: Some("DTL_DEPRECATED({})".to_owned()),
            ..FunctionConfig::default()
        },
        ..config()
    }
}

fn config() -> Config {
    Config {
        no_includes: true,
        language: Language::C,
        style: Style::Both,
        line_length: 100,
        tab_width: 4,
        documentation_style: DocumentationStyle::Cxx,
        ..Config::default()
    }
}
