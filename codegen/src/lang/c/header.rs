//! `dtl/dtl.h`: what cbindgen reads from the sources of `generated/ffi`, so that header and library cannot differ.

use std::fs;

use cbindgen::{
    Builder, Config, DocumentationStyle, EnumConfig, ExportConfig, FunctionConfig, Language, Style,
};

use super::macros;
use crate::doc;
use crate::lang::banner;
use crate::lang::ffi::{self, Section, Source};
use crate::model::Model;
use crate::output::OutputFile;

/// The header.
pub(super) fn file(model: &Model, sections: &[Section]) -> OutputFile {
    let text = read_by_cbindgen(model, &ffi::declarations(model, sections));
    OutputFile::new("generated/c/include/dtl/dtl.h", with_headings(&text, sections))
}

/// The headers of other names, which include it.
pub(super) fn other_names(model: &Model) -> Vec<OutputFile> {
    let text = format!("/* {} */\n#include <dtl/dtl.h>\n", banner("spec/lang/c.yaml"));
    let path = |name: &String| format!("generated/c/include/dtl/{name}");
    model.headers("c").map(|name| OutputFile::new(path(name), text.clone())).collect()
}

/// cbindgen reads files, so the sources are put into a folder that is gone afterwards.
fn read_by_cbindgen(model: &Model, sources: &[Source]) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut builder = Builder::new().with_config(config(model));
    for Source { name, text } in sources {
        let path = folder.path().join(format!("{name}.rs"));
        fs::write(&path, text).expect("the temporary folder can be written");
        builder = builder.with_src(path);
    }
    let bindings =
        builder.generate().unwrap_or_else(|error| panic!("cbindgen cannot read generated/ffi: {error}"));
    let mut text = Vec::new();
    bindings.write(&mut text);
    let text = String::from_utf8(text).expect("the sources are UTF-8");
    text.lines().map(|line| parenthesised(line.trim_end()) + "\n").collect()
}

/// A negative number after `#define` needs parentheses, which cbindgen does not write.
fn parenthesised(line: &str) -> String {
    match line.rsplit_once(" -") {
        Some((define, number)) if define.starts_with("#define ") => format!("{define} (-{number})"),
        _ => line.to_owned(),
    }
}

fn config(model: &Model) -> Config {
    Config {
        header: Some(format!(
            "/* {} */\n\n/**\n * @file\n * {}\n *\n{}\n */",
            banner("spec/"),
            model.library.summary,
            comment_lines(&doc::doxygen(model.conventions("c")))
        )),
        include_guard: Some("DTL_DTL_H".to_owned()),
        no_includes: true,
        sys_includes: vec!["stdint.h".to_owned()],
        after_includes: Some(macros::definitions(model)),
        language: Language::C,
        cpp_compat: true,
        style: Style::Both,
        line_length: 100,
        tab_width: 4,
        documentation_style: DocumentationStyle::Doxy,
        export: ExportConfig { include: unreferenced(model), ..ExportConfig::default() },
        enumeration: EnumConfig::default(),
        function: FunctionConfig {
            must_use: Some("DTL_MUST_USE".to_owned()),
            deprecated_with_note: Some("DTL_DEPRECATED({})".to_owned()),
            ..FunctionConfig::default()
        },
        ..Config::default()
    }
}

/// Types that no function names: they exist for their enumerators, or for users.
fn unreferenced(model: &Model) -> Vec<String> {
    let enums = model.enums.iter().map(|item| format!("dtl_{}", item.name));
    let integers = model.kinds.iter().filter_map(|kind| kind.c.clone());
    let values = enums
        .clone()
        .chain(["dtl_status".to_owned(), "dtl_category".to_owned()])
        .map(|name| format!("{name}_value"));
    let others = model.enums.iter().filter_map(|item| item.c_alias.clone());
    values.chain(integers).chain(enums).chain(others).chain(["dtl_category".to_owned()]).collect()
}

/// Puts the functions of each section into a Doxygen group with its heading.
fn with_headings(text: &str, sections: &[Section]) -> String {
    let mut text = text.to_owned();
    for section in sections {
        let (Some(first), Some(last)) = (section.functions.first(), section.functions.last()) else {
            continue;
        };
        let heading = doc::doxygen(&format!("{}\n\n{}", section.title, section.doc));
        let heading: Vec<String> =
            heading.iter().skip(1).map(|line| format!(" * {line}").trim_end().to_owned()).collect();
        let opening = format!(
            "/**\n * @defgroup dtl_{} {}\n{}\n * @{{\n */\n\n",
            section.name,
            section.title,
            heading.join("\n")
        );
        let start = comment_of(&text, &first.signature.name);
        text.insert_str(start, &opening);
        let end = prototype_of(&text, &last.signature.name);
        let end = end + text[end..].find(";\n").expect("prototypes end") + 2;
        text.insert_str(end, "\n/** @} */\n");
    }
    text
}

/// Where the prototype of a function begins with its name.
fn prototype_of(text: &str, name: &str) -> usize {
    text.find(&format!("{name}(")).unwrap_or_else(|| panic!("cbindgen left {name} out of the header"))
}

/// Where the comment of a function begins.
fn comment_of(text: &str, name: &str) -> usize {
    text[..prototype_of(text, name)]
        .rfind("/**")
        .unwrap_or_else(|| panic!("{name} has no comment in the header"))
}

fn comment_lines(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| format!(" * {line}").trim_end().to_owned()).collect();
    lines.join("\n")
}
