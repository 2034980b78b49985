//! The `use` declarations of a generated file: exactly the names that its text mentions.

use std::collections::BTreeSet;

use crate::model::Model;

/// One declaration for each crate from which `text` uses a name.
pub(super) fn imports(model: &Model, text: &str) -> Vec<String> {
    let code = without_texts(text);
    let words: BTreeSet<&str> = code.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let objects: Vec<&str> =
        model.objects.iter().map(|object| object.rust.as_str()).chain(["Pair", "ops"]).collect();
    let mut types: Vec<&str> = model.enums.iter().map(|item| item.type_name.as_str()).collect();
    types.extend(["Operation", "Status", "constants"]);
    if code.contains(".code()") {
        types.push("SpecEnum");
    }
    let border = [
        "CallerBuffer",
        "Count",
        "Error",
        "Input",
        "Out",
        "OutMany",
        "call",
        "dimensions",
        "enumeration",
        "last_error",
        "numbers",
        "objects",
        "scalars",
        "shapes",
        "texts",
    ];
    let crates: [(&str, &[&str]); 4] = [
        ("std::ffi", &["c_char", "c_int", "c_void"]),
        ("dtl_border_c", &border),
        ("dtl_runtime", &objects),
        ("dtl_types", &types),
    ];
    let mut imports = Vec::new();
    for (krate, names) in crates {
        let used: Vec<&str> =
            names.iter().copied().filter(|name| words.contains(name) || *name == "SpecEnum").collect();
        if !used.is_empty() {
            imports.push(format!("{krate}::{{{}}}", used.join(", ")));
        }
    }
    if words.iter().any(|word| word.starts_with("dtl_") && !word.starts_with("dtl_runtime")) {
        imports.push("crate::types::*".to_owned());
    }
    imports
}

/// `text` without what stands between quotes, so that words of messages are not taken for names.
fn without_texts(text: &str) -> String {
    text.replace("\\\"", "").split('"').step_by(2).collect()
}
