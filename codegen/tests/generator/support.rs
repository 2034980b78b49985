//! A tiny specification that has one of each thing, copies of it, and patches: what the tests of the generator share.

use std::fs;
use std::path::{Path, PathBuf};

/// The root of this repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("codegen lies in the repository").to_owned()
}

/// The root of the tiny specification.
pub fn tiny() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tiny")
}

/// A fresh folder with a copy of the tiny specification.
pub fn copy_of_tiny(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if root.exists() {
        fs::remove_dir_all(&root).expect("the folder of an earlier run can be removed");
    }
    copy(&tiny(), &root);
    root
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("folders can be made in the target folder");
    for entry in fs::read_dir(from).expect("the folder exists").map(|entry| entry.expect("it can be listed"))
    {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file can be copied");
        }
    }
}
