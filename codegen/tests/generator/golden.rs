//! What entries of the tiny specification become in every generated file, word for word.
//!
//! `UPDATE_EXPECT=1 cargo test -p dtl-codegen --test generator` writes what they are now; read the difference before
//! committing it.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use dtl_codegen::output::OutputFile;

use crate::support::{copy_of_tiny, tiny};

/// Compares `text` with the file `name` below `golden/`, or writes it there.
pub fn expect(name: &Path, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let expected = fs::read_to_string(&path).unwrap_or_default();
    if expected == text {
        return;
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("folders can be made");
        fs::write(&path, text).expect("the file can be written");
        return;
    }
    let diff = similar::TextDiff::from_lines(&expected, text);
    panic!(
        "{} changed; UPDATE_EXPECT=1 accepts it:\n{}",
        name.display(),
        diff.unified_diff().header("expected", "now")
    );
}

/// The paragraphs that contain one of `words`, file by file; of a long one, such as a list, the lines that do.
fn passages(files: &[OutputFile], words: &[&str]) -> String {
    let has_word = |text: &str| words.iter().any(|word| text.to_ascii_lowercase().contains(word));
    let shown = |paragraph: &str| -> String {
        let whole = paragraph.lines().count() <= 40;
        let lines = paragraph.trim_matches('\n').lines().filter(|line| whole || has_word(line));
        lines.map(|line| format!("{line}\n")).collect()
    };
    let mut text = String::new();
    let shown_here = |file: &&OutputFile| !file.path.starts_with("spec/") && !file.path.ends_with("border.c");
    for file in files.iter().filter(shown_here) {
        let found: Vec<String> = file.text.split("\n\n").filter(|part| has_word(part)).map(shown).collect();
        if !found.is_empty() {
            write!(text, "=== {}\n\n{}\n", file.path, found.join("\n")).expect("a text takes everything");
        }
    }
    text
}

#[test]
fn an_operation_becomes_this() {
    let files = dtl_codegen::generate(&tiny()).expect("the tiny specification is right");
    expect(Path::new("operation.txt"), &passages(&files, &["list_owner", "list.owner", "list%owner"]));
}

/// Something that users call as a function and pass an object.
#[test]
fn a_function_of_an_object_becomes_this() {
    let files = dtl_codegen::generate(&tiny()).expect("the tiny specification is right");
    expect(
        Path::new("function.txt"),
        &passages(
            &files,
            &["list_overwrite", "list.overwrite", "dtl_overwrite", "overwrite<'py>", "def overwrite"],
        ),
    );
}

/// Fortran finds a negative number before it can call C, and the other ranks must learn of it through the container.
#[test]
fn a_collective_method_is_refused_through_its_object() {
    let mut files = dtl_codegen::generate(&tiny()).expect("the tiny specification is right");
    files.retain(|file| {
        file.path.starts_with("generated/fortran/") || file.path.starts_with("generated/ffi/")
    });
    expect(Path::new("refusal.txt"), &passages(&files, &["list_refuse", "refuse_list"]));
}

/// The rank whose memory is reached takes no part, so nobody would answer the rank that has passed something wrong.
#[test]
fn a_one_sided_operation_is_refused_alone() {
    let root = copy_of_tiny("one_sided");
    let path = root.join("spec/ops/places.yaml");
    let places = fs::read_to_string(&path).expect("the copy can be read");
    let fetch = r#"
  - name: fetch
    scope: one_sided
    summary: Reads numbers of another rank.
    dtypes: { T: numeric }
    params:
      - { name: ctx, kind: context, doc: The ranks. }
      - { name: source, kind: rank, doc: The rank that has the numbers. }
      - { name: like, kind: buffer, of: T, shape: "(...)", doc: As many numbers as are read. }
    result: { kind: buffer, name: result, of: T, shape: "(...)", doc: The numbers. }
    nonblocking: true
    impl: places::fetch
    c:
      - args: [ctx, source, like = like.pointer, result = result.pointer, count = like.count = result.count, dtype = like.dtype = result.dtype]
"#;
    fs::write(&path, places + fetch).expect("the copy can be written");
    let mut files = dtl_codegen::generate(&root).expect("the one-sided operation is right");
    files.retain(|file| {
        file.path.starts_with("generated/types/") || file.path.starts_with("generated/rust/ops")
    });
    expect(
        Path::new("one_sided.txt"),
        &passages(&files, &["::fetch", "::ifetch", "run_fetch", "fn refused"]),
    );
}

#[test]
fn an_enumeration_becomes_this() {
    let files = dtl_codegen::generate(&tiny()).expect("the tiny specification is right");
    expect(Path::new("enumeration.txt"), &passages(&files, &["order_falling", "orderpolicy"]));
}

#[test]
fn an_entry_is_explained() {
    let model = dtl_codegen::load(&tiny()).expect("the tiny specification is right");
    let files = dtl_codegen::generate(&tiny()).expect("the tiny specification is right");
    let items = [
        "allreduce",
        "list.owner",
        "reduce_op",
        "band",
        "float64",
        "out_of_bounds",
        "undefined",
        "list",
        "list.is_empty",
    ];
    let texts = items.map(|item| dtl_codegen::explain(&model, &files, item).expect("it is an entry"));
    expect(Path::new("explain.txt"), &without_line_numbers(&texts.join("\n")));
    let unknown = dtl_codegen::explain(&model, &files, "reduc").expect_err("it is no entry");
    assert!(unknown.contains("did you mean allreduce, iallreduce, reduce, reduce_op?"), "{unknown}");
}

/// Places in generated files move with every change of a template; that they have a line is enough.
fn without_line_numbers(text: &str) -> String {
    let place =
        |line: &str| line.rsplit_once(".").is_some_and(|(_, end)| end.contains(':') && !end.contains(' '));
    let cut = |line: &str| match line.rsplit_once(':') {
        Some((path, number)) if place(line) && number.parse::<u32>().is_ok_and(|line| line > 0) => {
            format!("{path}:_\n")
        }
        _ => format!("{line}\n"),
    };
    text.lines().map(cut).collect()
}
