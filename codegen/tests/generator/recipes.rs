//! What the recipes of `CONTRIBUTING.md` add to the specification is in every language; renaming and deprecating reach
//! every language as well. `cargo xtask test recipes` compiles and calls what they add.

use std::fs;
use std::path::{Path, PathBuf};

use dtl_codegen::output::OutputFile;
use dtl_patch::{apply, blocks};

use crate::support::{copy, repository};

/// A copy of the specification of this repository, and of what it says is written by hand.
fn copy_of_specification(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if root.exists() {
        fs::remove_dir_all(&root).expect("the folder of an earlier run can be removed");
    }
    for folder in ["spec", "runtime/python"] {
        copy(&repository().join(folder), &root.join(folder));
    }
    root
}

/// Applies what a recipe changes below `spec/`.
fn follow(root: &Path, recipe: &str) {
    let text =
        fs::read_to_string(repository().join("CONTRIBUTING.md")).expect("the recipes are in the repository");
    let patches =
        blocks(&text).into_iter().filter(|block| block.heading == recipe && block.language == "diff");
    let of_specification: Vec<_> = patches.filter(|block| block.text.starts_with("+++ spec/")).collect();
    for path in patched(recipe) {
        let is_allowed = path.starts_with("spec/") || path.starts_with("runtime/");
        assert!(is_allowed, "{recipe} changes {path}, beside the specification and the runtime");
    }
    assert!(!of_specification.is_empty(), "there is no recipe `{recipe}` that changes spec/");
    for block in of_specification {
        apply(root, &block.text).unwrap_or_else(|problem| panic!("{recipe}: {problem}"));
    }
}

/// The files that a recipe changes.
fn patched(recipe: &str) -> Vec<String> {
    let text =
        fs::read_to_string(repository().join("CONTRIBUTING.md")).expect("the recipes are in the repository");
    let patches =
        blocks(&text).into_iter().filter(|block| block.heading == recipe && block.language == "diff");
    let lines: Vec<String> =
        patches.flat_map(|block| block.text.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    lines.iter().filter_map(|line| line.strip_prefix("+++ ")).map(str::to_owned).collect()
}

fn generate(root: &Path) -> Vec<OutputFile> {
    let model = dtl_codegen::load(root).unwrap_or_else(|problems| {
        let texts: Vec<String> = problems.iter().map(|problem| problem.render(root)).collect();
        panic!("{}", texts.join("\n"))
    });
    dtl_codegen::render(&model)
}

/// Asserts that the file whose path ends so has the text.
fn has(files: &[OutputFile], path: &str, text: &str) {
    let file = files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("{path} is not made"));
    assert!(file.text.contains(text), "{path} does not have `{text}`");
}

#[test]
fn an_added_operation_is_everywhere() {
    let root = copy_of_specification("recipe-operation");
    follow(&root, "Add an operation");
    let files = generate(&root);
    has(&files, "generated/types/src/operation.rs", "Maximum,");
    has(&files, "generated/rust/ops.rs", "crate::collectives::maximum");
    has(&files, "generated/rust/api.rs", "pub fn maximum<T: Element>(");
    has(&files, "generated/ffi/src/collectives.rs", "pub unsafe extern \"C\" fn dtl_maximum(");
    has(&files, "generated/c/include/dtl/dtl.h", "dtl_status dtl_maximum(");
    has(&files, "generated/fortran/dtl.f90", "interface dtl_maximum");
    has(&files, "generated/python/src/collectives.rs", "fn maximum<");
    has(&files, "stubs/dtl/_dtl.pyi", "def maximum(");
    has(&files, "tests/python/test_generated_examples.py", "def test_maximum_pairs(");
    has(&files, "tests/c/generated_examples.c", "maximum_pairs");
    has(&files, "runtime/tests/ranks/examples.rs", "fn maximum_pairs(");
    for language in ["c", "fortran", "python", "rust"] {
        has(&files, &format!("generated/docs/{language}.md"), "### maximum");
    }
    has(&files, "generated/docs/coverage.md", "| `maximum` |");
}

#[test]
fn an_added_algorithm_is_everywhere() {
    let root = copy_of_specification("recipe-algorithm");
    follow(&root, "Add an algorithm with a function");
    let files = generate(&root);
    has(&files, "generated/rust/ops.rs", "crate::algorithms::find_last::find_last_if");
    has(&files, "generated/rust/api.rs", "pub fn find_last_if<R: Outcome<bool>>(");
    for object in ["vector", "array", "tensor", "span"] {
        has(&files, "generated/c/include/dtl/dtl.h", &format!("dtl_status dtl_find_last_if_{object}("));
    }
    has(&files, "generated/fortran/dtl.f90", "interface dtl_find_last_if");
    has(&files, "stubs/dtl/_dtl.pyi", "def find_last_if(");
    has(&files, "tests/python/test_generated_examples.py", "def test_vector_find_last_if_all(");
    has(&files, "tests/c/generated_examples.c", "vector_find_last_if_all");
    has(&files, "tests/fortran/examples.f90", "vector_find_last_if_all");
    has(&files, "runtime/tests/ranks/examples.rs", "fn vector_find_last_if_all(");
}

#[test]
fn an_added_property_is_everywhere() {
    let root = copy_of_specification("recipe-property");
    follow(&root, "Add a property of all containers");
    let files = generate(&root);
    for object in ["vector", "array", "tensor"] {
        has(&files, "generated/c/include/dtl/dtl.h", &format!("dtl_{object}_local_nbytes("));
    }
    has(&files, "generated/c/include/dtl/dtl.h", "dtl_container_local_nbytes(");
    has(&files, "generated/fortran/dtl.f90", "container_local_nbytes");
    has(&files, "stubs/dtl/_dtl.pyi", "def local_nbytes(self) -> int:");
    has(&files, "generated/rust/api.rs", "pub fn local_nbytes(&self) -> u64");
}

#[test]
fn an_added_value_is_everywhere() {
    let root = copy_of_specification("recipe-value");
    follow(&root, "Add a value to an enumeration");
    let files = generate(&root);
    has(&files, "generated/types/src/enums.rs", "Last = 12,");
    has(&files, "generated/c/include/dtl/dtl.h", "DTL_OP_LAST = 12,");
    has(&files, "generated/c/include/dtl/dtl.h", "DTL_OP_COUNT = 13");
    has(&files, "generated/fortran/dtl_c.f90", "DTL_OP_LAST = 12");
    has(&files, "generated/python/dtl/_enums.py", "LAST = \"last\"");
    has(&files, "stubs/dtl/__init__.pyi", "LAST");
}

#[test]
fn an_added_dtype_is_everywhere() {
    let root = copy_of_specification("recipe-dtype");
    follow(&root, "Add a dtype");
    let files = generate(&root);
    has(&files, "generated/types/src/dtype.rs", "Timedelta64 = 16,");
    has(&files, "generated/c/include/dtl/dtl.h", "DTL_DTYPE_TIMEDELTA64 = 16");
    has(&files, "generated/fortran/dtl_c.f90", "DTL_DTYPE_TIMEDELTA64 = 16");
    has(&files, "stubs/dtl/_dtl.pyi", "timedelta64");
    has(&files, "generated/docs/c.md", "| `timedelta64` | `DTL_DTYPE_TIMEDELTA64` | 16 | 8 | `int64_t` |");
}

#[test]
fn an_added_dtype_with_arithmetic_is_dispatched_to() {
    let root = copy_of_specification("recipe-arithmetic");
    follow(&root, "Add a dtype with arithmetic");
    has(&generate(&root), "generated/rust/elements.rs", "Int128 => i128");
}

#[test]
fn a_new_name_replaces_the_old_one_everywhere() {
    let root = copy_of_specification("recipe-rename");
    apply(&root, "+++ spec/ops/queries.yaml\n-  - name: placement_available\n+  - name: can_place\n")
        .expect("it fits");
    let files = generate(&root);
    for file in files.iter().filter(|file| !file.path.starts_with("spec/")) {
        // The runtime function keeps its name: `impl` says which it is.
        let text = file.text.replace("crate::policies::placement_available", "");
        assert!(!text.contains("placement_available"), "{} has the old name", file.path);
    }
    has(&files, "generated/c/include/dtl/dtl.h", "dtl_can_place(");
    has(&files, "generated/fortran/dtl.f90", "dtl_can_place");
    has(&files, "stubs/dtl/_dtl.pyi", "def can_place(");
    has(&files, "generated/rust/api.rs", "pub fn can_place(");
}

#[test]
fn a_deprecation_is_told_in_every_language() {
    let root = copy_of_specification("recipe-deprecate");
    let notice = "+++ spec/ops/queries.yaml\n   - name: placement_available\n\
                  +    deprecated: { since: \"0.1\", note: Use a placement and look at the error. }\n";
    apply(&root, notice).expect("it fits");
    let files = generate(&root);
    let note = "Use a placement and look at the error.";
    has(&files, "generated/rust/api.rs", note);
    has(&files, "generated/c/include/dtl/dtl.h", note);
    has(&files, "generated/fortran/dtl.f90", note);
    has(&files, "generated/python/src/queries.rs", note);
    has(&files, "stubs/dtl/_dtl.pyi", note);
    has(&files, "generated/docs/python.md", note);
}
