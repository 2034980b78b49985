//! The generated files in the repository are those that the specification makes, each time and from anywhere.

use std::fs;
use std::time::Instant;

use dtl_codegen::output::{self, MARKER, OutputFile};

use dtl_patch::apply;

use crate::support::{copy_of_tiny, repository, tiny};

#[test]
fn generated_files_are_up_to_date() {
    let started = Instant::now();
    let files = dtl_codegen::generate(&repository()).expect("the specification is right");
    println!("{} files in {:?}", files.len(), started.elapsed());
    let difference = output::difference(&repository(), &files).expect("the files can be read");
    assert!(difference.is_empty(), "run `cargo xtask gen` and commit what it writes:\n{difference}");
}

#[test]
fn two_runs_from_different_folders_give_the_same_bytes() {
    let absolute = dtl_codegen::generate(&repository()).expect("the specification is right");
    let here = std::env::current_dir().expect("a test runs somewhere");
    let depth = here.strip_prefix(repository()).expect("tests run in the repository").components().count();
    let relative: std::path::PathBuf = std::iter::repeat_n("..", depth).collect();
    assert_eq!(absolute, dtl_codegen::generate(&relative).expect("the specification is right"));
}

#[test]
fn every_file_says_how_it_was_made() {
    for file in dtl_codegen::generate(&repository()).expect("the specification is right") {
        let says = file.text.lines().take(5).any(|line| line.contains(MARKER));
        assert!(says, "{} does not say in its first lines that it is generated", file.path);
        assert!(file.text.ends_with('\n'), "{} does not end with a line end", file.path);
    }
}

#[test]
fn no_two_backends_write_one_file() {
    let files = dtl_codegen::generate(&tiny()).expect("the tiny specification is right");
    let mut paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    paths.sort_unstable();
    let all = paths.len();
    paths.dedup();
    assert_eq!(paths.len(), all);
}

#[test]
fn only_changed_files_are_written_and_orphans_are_deleted() {
    let root = copy_of_tiny("write");
    let files = dtl_codegen::generate(&root).expect("the tiny specification is right");
    assert_eq!(output::write(&root, &files).expect("files can be written").changed.len(), files.len());
    let again = output::write(&root, &files).expect("files can be written");
    assert!(again.changed.is_empty() && again.deleted.is_empty(), "{again:?}");

    let orphan = OutputFile::new("generated/c/old.h", format!("// {MARKER} long ago\n"));
    let foreign = OutputFile::new("generated/c/mine.h", "// written by hand\n".to_owned());
    output::write(&root, &[files.clone(), vec![orphan, foreign]].concat()).expect("files can be written");
    assert!(output::difference(&root, &files).expect("files can be read").contains("generated/c/old.h"));
    assert_eq!(output::write(&root, &files).expect("files can be deleted").deleted, ["generated/c/old.h"]);
    assert!(root.join("generated/c/mine.h").exists(), "a file written by hand was deleted");
}

#[test]
fn a_difference_is_shown_with_its_file() {
    let root = copy_of_tiny("difference");
    output::write(&root, &dtl_codegen::generate(&root).expect("it is right")).expect("files can be written");
    apply(
        &root,
        "+++ spec/enums.yaml\n-      - { name: FALLING, value: 2, doc: The largest comes first. }\n\
         +      - { name: SINKING, value: 2, doc: The largest comes first. }\n",
    )
    .expect("the patch fits");
    let files = dtl_codegen::generate(&root).expect("it is still right");
    let difference = output::difference(&root, &files).expect("files can be read");
    assert!(difference.contains("--- generated/types/src/enums.rs (committed)"), "{difference}");
    assert!(
        difference.contains("-    Falling = 2,") && difference.contains("+    Sinking = 2,"),
        "{difference}"
    );
    fs::remove_dir_all(root).expect("the copy can be removed");
}
