//! The layers of the runtime: a module, which is a file or a folder right below `runtime/src`, uses modules of its own layer and of those
//! below it, and nowhere do modules use each other in a circle. `ARCHITECTURE.md` lists the layers, and is what is checked here.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The heading in `ARCHITECTURE.md` under which the layers are listed, from the lowest on.
const HEADING: &str = "## Layers of the runtime";

/// Which modules each module uses, with a file that does.
type Uses = BTreeMap<String, BTreeMap<String, String>>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository").to_owned()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The Rust files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder can be read");
    let paths = entries.map(|entry| entry.expect("an entry can be read").path());
    paths
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .collect()
}

/// What a file says but for comments and tests.
fn code(text: &str) -> String {
    let tests = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let lines = text[..tests].lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// The identifier that a text begins with.
fn identifier(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}

/// The first names of what comes after `crate::` in a file, also of several in braces.
fn names(code: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for rest in code.split("crate::").skip(1) {
        let Some(list) = rest.strip_prefix('{') else {
            found.push(identifier(rest));
            continue;
        };
        let (mut depth, mut begins) = (0, true);
        for (place, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => begins = true,
                c if begins && depth == 0 && !c.is_whitespace() => {
                    found.push(identifier(&list[place..]));
                    begins = false;
                }
                _ => {}
            }
        }
    }
    found
}

/// The names that `lib.rs` makes known at the root of the crate, with the module of each.
fn known_at_the_root(lib: &str) -> BTreeMap<&str, &str> {
    let mut known = BTreeMap::new();
    for statement in lib.split("pub use ").skip(1) {
        let statement = statement.split(';').next().unwrap_or_default();
        let module = identifier(statement);
        for name in statement.split(|c: char| !c.is_alphanumeric() && c != '_').skip(1) {
            known.insert(name, module);
        }
    }
    known
}

/// The module of a file below `runtime/src`.
fn module(path: &Path, source: &Path) -> String {
    let first = path.strip_prefix(source).expect("it lies there").components().next().expect("it has a name");
    first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

fn uses() -> Uses {
    let source = root().join("runtime/src");
    let lib = read(&source.join("lib.rs"));
    let at_the_root = known_at_the_root(&lib);
    let paths = files(&source);
    let modules: BTreeSet<String> = paths.iter().map(|path| module(path, &source)).collect();
    let mut uses = Uses::new();
    for path in paths.iter().filter(|path| !path.ends_with("lib.rs") && !path.ends_with("tests.rs")) {
        let user = module(path, &source);
        let used = uses.entry(user.clone()).or_default();
        let file = path.strip_prefix(root()).expect("it lies there").display().to_string();
        for name in names(&code(&read(path))) {
            let name = if modules.contains(name) { Some(name) } else { at_the_root.get(name).copied() };
            if let Some(name) = name.filter(|name| modules.contains(*name) && *name != user) {
                used.entry(name.to_owned()).or_insert_with(|| file.clone());
            }
        }
    }
    uses
}

/// The layer of each module, from 0, as `ARCHITECTURE.md` has them: a numbered list whose items begin with names in backquotes and a
/// colon.
fn layers(text: &str) -> BTreeMap<String, usize> {
    let (_, section) = text.split_once(HEADING).expect("ARCHITECTURE.md lists the layers");
    let section = section.split("\n#").next().unwrap_or_default();
    let items = section.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit()));
    let names = items.map(|item| item.split(':').next().unwrap_or_default().split('`').skip(1).step_by(2));
    names.enumerate().flat_map(|(layer, names)| names.map(move |name| (name.to_owned(), layer))).collect()
}

/// A circle of modules, each of which uses the next one, if there is any.
fn circle(uses: &Uses) -> Option<Vec<&str>> {
    fn visit<'a>(uses: &'a Uses, path: &mut Vec<&'a str>, done: &mut BTreeSet<&'a str>) -> bool {
        let at = path[path.len() - 1];
        for next in uses.get(at).into_iter().flat_map(BTreeMap::keys) {
            if let Some(first) = path.iter().position(|module| module == next) {
                path.drain(..first);
                return true;
            }
            if !done.contains(next.as_str()) {
                path.push(next);
                if visit(uses, path, done) {
                    return true;
                }
                path.pop();
            }
        }
        done.insert(at);
        false
    }
    let mut done = BTreeSet::new();
    uses.keys().find_map(|module| {
        let mut path = vec![module.as_str()];
        visit(uses, &mut path, &mut done).then_some(path)
    })
}

#[test]
fn modules_of_the_runtime_use_what_is_below_them() {
    let (uses, layers) = (uses(), layers(&read(&root().join("ARCHITECTURE.md"))));
    assert!(uses.len() > 20 && uses.values().flatten().count() > 50, "the imports are found");
    let mut broken = Vec::new();
    for (user, used) in &uses {
        let Some(own) = layers.get(user) else {
            broken.push(format!("{user} is in no layer of ARCHITECTURE.md"));
            continue;
        };
        let above = used.iter().filter(|(name, _)| layers.get(*name).is_some_and(|layer| layer > own));
        broken.extend(above.map(|(name, file)| format!("{file}: {user} uses {name}, which is above it")));
    }
    let gone = layers.keys().filter(|name| !uses.contains_key(*name));
    broken.extend(gone.map(|name| format!("ARCHITECTURE.md: there is no module {name}")));
    assert!(broken.is_empty(), "modules use what is in their layer or below:\n  {}", broken.join("\n  "));
}

#[test]
fn no_modules_of_the_runtime_use_each_other_in_a_circle() {
    let uses = uses();
    if let Some(circle) = circle(&uses) {
        let steps = (0..circle.len()).map(|at| {
            let (user, used) = (circle[at], circle[(at + 1) % circle.len()]);
            format!("{}: {user} uses {used}", uses[user][used])
        });
        panic!("modules use each other in a circle:\n  {}", steps.collect::<Vec<_>>().join("\n  "));
    }
}

#[test]
fn circles_are_found_where_there_are_any() {
    let uses = |pairs: &[(&str, &str)]| {
        let mut uses = Uses::new();
        for (user, used) in pairs {
            uses.entry((*user).into()).or_default().insert((*used).into(), String::new());
        }
        uses
    };
    assert_eq!(circle(&uses(&[("a", "b"), ("b", "c"), ("a", "c"), ("d", "a")])), None);
    assert_eq!(circle(&uses(&[("a", "b"), ("b", "c"), ("c", "d"), ("d", "b")])), Some(vec!["b", "c", "d"]));
}

#[test]
fn imports_are_found_however_they_are_written() {
    let text = "use crate::comm::{Call, Wait};\nuse crate::{\n    check, View, error::{Error, Result},\n};\n// crate::no\nlet x = crate::live::f();\n#[cfg(test)]\nmod tests {\n use crate::tests_only;";
    assert_eq!(names(&code(text)), ["comm", "check", "View", "error", "live"]);
    let lib = "pub use api::*;\npub use comm::{Call,\n    Wait};\npub use error::Error as Failure;";
    let known = known_at_the_root(lib);
    assert_eq!((known["Call"], known["Wait"], known["Error"]), ("comm", "comm", "error"));
}
