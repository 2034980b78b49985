//! Every key of the format has an effect: it changes what some backend writes, or the specification is refused.
//!
//! `attributes.txt` has a case for each key; the keys are read from the JSON Schemas, so that a new key without a case
//! fails. Which backends a key reaches is expected in `golden/attributes.md`, where a lost effect shows.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use dtl_codegen::output::OutputFile;
use serde_json::Value;

use crate::golden;
use crate::support::{copy_of_tiny, tiny};

/// A change of one key.
struct Case {
    key: String,
    file: String,
    refused: bool,
    before: String,
    after: String,
}

/// `Type.key in file` or `Type.key in file, refused`; then the text (`- `) and what it becomes (`+ `).
fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in
        include_str!("attributes.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let add = |text: &mut String, line: &str| {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(line);
        };
        if let Some(text) = line.strip_prefix("- ") {
            add(&mut cases.last_mut().expect("a case begins with its key").before, text);
        } else if let Some(text) = line.strip_prefix("+ ") {
            add(&mut cases.last_mut().expect("a case begins with its key").after, text);
        } else {
            let (key, place) = line.split_once(" in ").expect("a case names its file");
            let file = place.trim_end_matches(", refused");
            cases.push(Case {
                key: key.to_owned(),
                file: format!("spec/{file}"),
                refused: file != place,
                before: String::new(),
                after: String::new(),
            });
        }
    }
    cases
}

/// The keys that hold a value of their own, as `Type.key`.
fn keys() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for file in dtl_codegen::generate(&tiny()).expect("the tiny specification is right") {
        let Some(name) = file.path.strip_prefix("spec/schema/").and_then(|name| name.strip_suffix(".json"))
        else {
            continue;
        };
        let schema: Value = serde_json::from_str(&file.text).expect("a schema is JSON");
        collect(&schema, name, &schema, &mut keys);
        for (name, definition) in schema["$defs"].as_object().into_iter().flatten() {
            collect(definition, name, &schema, &mut keys);
        }
    }
    keys
}

fn collect(definition: &Value, name: &str, root: &Value, keys: &mut BTreeSet<String>) {
    for (key, property) in definition["properties"].as_object().into_iter().flatten() {
        if !holds_keys(property, root) {
            keys.insert(format!("{name}.{key}"));
        }
    }
}

/// True for a key below which other keys stand: those have cases.
fn holds_keys(schema: &Value, root: &Value) -> bool {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/")) {
        return root["$defs"][name]["properties"].is_object();
    }
    let inner =
        [&schema["items"], &schema["additionalProperties"]].into_iter().filter(|inner| inner.is_object());
    let choices = schema["anyOf"].as_array().into_iter().flatten();
    inner.chain(choices).any(|inner| holds_keys(inner, root))
}

/// The folders of `generated/` (or other top folders) whose files differ.
fn changed(before: &[OutputFile], after: &[OutputFile]) -> BTreeSet<String> {
    let texts = |files: &[OutputFile]| -> BTreeMap<String, String> {
        files.iter().map(|file| (file.path.clone(), file.text.clone())).collect()
    };
    let (before, after) = (texts(before), texts(after));
    let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differing = paths.into_iter().filter(|path| before.get(*path) != after.get(*path));
    differing
        .map(|path| path.trim_start_matches("generated/").split('/').next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn every_key_has_a_case_and_an_effect() {
    let cases = cases();
    let known: BTreeSet<String> = cases.iter().map(|case| case.key.clone()).collect();
    let keys = keys();
    let difference: Vec<&String> = keys.symmetric_difference(&known).collect();
    assert!(
        difference.is_empty(),
        "attributes.txt must have a case for each key, and no other: {difference:?}"
    );

    // What changes before formatting changes after it, and rustfmt would take most of the time.
    let plain = dtl_codegen::render(&dtl_codegen::load(&tiny()).expect("the tiny specification is right"));
    let root = copy_of_tiny("attributes");
    let mut table = "# Which outputs each key reaches\n\n| key | outputs |\n|---|---|\n".to_owned();
    let mut wrong = Vec::new();
    for case in &cases {
        let path = root.join(&case.file);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", case.file));
        let places = text.matches(&case.before).count();
        assert_eq!(
            places, 1,
            "{}: the text occurs {places} times in {}:\n{}",
            case.key, case.file, case.before
        );
        fs::write(&path, text.replacen(&case.before, &case.after, 1)).expect("the copy can be written");
        let outputs = effect(&root, &plain, case, &mut wrong);
        table.push_str(&format!("| `{}` | {outputs} |\n", case.key));
        fs::write(&path, text).expect("the copy can be written");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    golden::expect(Path::new("attributes.md"), &table);
}

fn effect(root: &Path, plain: &[OutputFile], case: &Case, wrong: &mut Vec<String>) -> String {
    match dtl_codegen::load(root).map(|model| dtl_codegen::render(&model)) {
        Err(_) if case.refused => "refused".to_owned(),
        Err(problems) => {
            wrong.push(format!("{} is refused:\n{}", case.key, problems[0].render(root)));
            String::new()
        }
        Ok(_) if case.refused => {
            wrong.push(format!("{}: the change is not refused", case.key));
            String::new()
        }
        Ok(files) => {
            let outputs = changed(plain, &files);
            if outputs.is_empty() {
                wrong.push(format!("{} changes nothing: no backend reads it", case.key));
            }
            outputs.into_iter().collect::<Vec<_>>().join(", ")
        }
    }
}
