//! Which C functions the test programs exercise: each must be called with valid arguments on 2 ranks, or it is named.
//!
//! A library made here from the list of the binary interface stands between program and libdtl (`LD_PRELOAD`). It has a
//! function for each of the interface, which calls dtl's and notes its own name when that one succeeded. A function is
//! exercised when both ranks of a world of 2 have noted it; one that knows no object, and so no ranks, when any process has.
//! Whether the effect is right is for the programs to check.
//!
//! What asks for a backend that this machine lacks, such as a GPU, cannot do more than say so, and counts when it does.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::tally::Tally;
use super::worlds::World;
use crate::command::Command;
use crate::{Result, abi, library, repository};

/// What all functions of the library share.
const SHARED: &str = r#"#define _GNU_SOURCE
#include <dlfcn.h>
#include <dtl/dtl.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void* find(const char* name) {
    void* function = dlsym(RTLD_NEXT, name);
    if (function == NULL) {
        fprintf(stderr, "libdtl has no %s\n", name);
        abort();
    }
    return function;
}

static dtl_status last_status(void) {
    static dtl_status (*actual)(void);
    if (actual == NULL) {
        actual = (dtl_status (*)(void))find("dtl_last_status");
    }
    return actual();
}

/* Once for each function of a process. A short line goes into the file as a whole, whoever writes beside it. */
static void note(const char* name, dtl_status status, int* noted) {
    const char* rank = getenv("OMPI_COMM_WORLD_RANK");
    rank = rank != NULL ? rank : getenv("PMI_RANK");
    int failed = status >= DTL_ERROR_COMMUNICATION && status != DTL_ERROR_BACKEND_UNAVAILABLE;
    if (rank == NULL || *noted || failed) {
        return;
    }
    char line[200];
    int length = snprintf(line, sizeof line, "%s %s\n", rank, name);
    int file = open(getenv("DTL_TEST_NOTES"), O_WRONLY | O_APPEND | O_CREAT, 0666);
    if (file < 0 || write(file, line, (size_t)length) != length) {
        perror("notes of " __FILE__);
        abort();
    }
    close(file);
    *noted = 1;
}
"#;

/// The notes of a suite's programs.
pub struct Exercised {
    library: PathBuf,
    /// A file of notes for each size of worlds.
    notes: PathBuf,
}

impl Exercised {
    /// Nothing is noted yet for the programs in this language.
    pub fn new(language: &str) -> Result<Self> {
        let folder = repository::made_empty(&format!("exercised/{language}"))?;
        let (source, library) = (folder.join("noting.c"), folder.join("libnoting.so"));
        let handles = handles()?;
        let functions: Vec<String> = abi::prototypes()?
            .iter()
            .map(|prototype| noting(prototype, knows(prototype, &handles)))
            .collect();
        repository::write(&source, format!("{SHARED}{}", functions.concat()))?;
        Command::new("gcc")
            .args(["-std=gnu11", "-shared", "-fPIC", "-I"])
            .arg(library::include())
            .arg(&source)
            .arg("-o")
            .arg(&library)
            .arg("-ldl")
            .run()?;
        let notes = repository::made_empty(&format!("exercised/{language}/notes"))?;
        Ok(Self { library, notes })
    }

    /// A program that is to be run in this world, noting what it calls if that counts.
    pub fn watch(&self, world: &World, program: Command) -> Command {
        if world.ranks > 2 {
            return program;
        }
        let notes = self.notes.join(world.ranks.to_string());
        program.hidden_env("LD_PRELOAD", &self.library).hidden_env("DTL_TEST_NOTES", notes)
    }

    /// Fails with those of the functions that were not exercised; counts those that were.
    pub fn all_of(&self, functions: &[String]) -> Result<Tally> {
        let notes = |ranks: &str| repository::read(&self.notes.join(ranks));
        let prototypes: Vec<String> = abi::prototypes()?
            .into_iter()
            .filter(|prototype| functions.iter().any(|function| function == abi::function_name(prototype)))
            .collect();
        let missing = missing(&prototypes, &handles()?, &notes("1")?, &notes("2")?);
        if missing.is_empty() {
            return Ok(Tally { checks: functions.len() as u64, ..Tally::one() });
        }
        Err(format!(
            "{} of {} functions are called by no program with valid arguments on 2 ranks; add a call of each to a program \
             that calls `on_ranks`, with a check of its effect:\n  {}",
            missing.len(),
            functions.len(),
            missing.join("\n  ")
        ))
    }
}

/// The names of the functions that were not exercised, by the notes of processes that were alone and of those that were two.
fn missing<'a>(prototypes: &'a [String], handles: &[String], alone: &str, of_two: &str) -> Vec<&'a str> {
    let [alone, of_two] = [alone, of_two].map(|notes| notes.lines().collect::<BTreeSet<_>>());
    let is_exercised = |prototype: &str| {
        let [first, second] = ["0", "1"].map(|rank| format!("{rank} {}", abi::function_name(prototype)));
        of_two.contains(&*first) && of_two.contains(&*second)
            || !knows(prototype, handles) && alone.contains(&*first)
    };
    prototypes
        .iter()
        .filter(|prototype| !is_exercised(prototype))
        .map(|prototype| abi::function_name(prototype))
        .collect()
}

/// Whether a function takes or gives objects, which have ranks.
fn knows(prototype: &str, handles: &[String]) -> bool {
    handles.iter().any(|handle| prototype.contains(handle))
}

/// The types of handles: those of objects, which are what can be destroyed.
fn handles() -> Result<Vec<String>> {
    let functions = abi::functions()?;
    Ok(functions.iter().filter_map(|name| Some(format!("{}_t", name.strip_suffix("_destroy")?))).collect())
}

/// The function that stands in front of one with this prototype.
fn noting(prototype: &str, knows_objects: bool) -> String {
    let (head, types) = prototype.trim_end_matches(')').split_once('(').expect("a prototype has parameters");
    let (returns, name) = head.rsplit_once(' ').expect("a prototype says what is returned");
    let types: Vec<&str> = types.split(", ").filter(|&ty| ty != "void").collect();
    let list = |item: &dyn Fn(usize, &str) -> String| {
        types.iter().enumerate().map(|(at, ty)| item(at, ty)).collect::<Vec<_>>().join(", ")
    };
    let or_void = |list: String| if list.is_empty() { "void".to_owned() } else { list };
    let parameters = or_void(list(&|at, ty| format!("{ty} a{at}")));
    let kinds = or_void(list(&|_, ty| ty.to_owned()));
    let arguments = list(&|at, _| format!("a{at}"));
    let (keep, give) =
        if returns == "void" { (String::new(), "") } else { (format!("{returns} result = "), " result") };
    let outcome = match types.iter().position(|&ty| ty == "dtl_status") {
        // What knows no object, such as the name of a number, leaves the last status as it was.
        _ if returns != "dtl_status" && knows_objects => "last_status()".to_owned(),
        _ if returns != "dtl_status" || name == "dtl_last_status" => "DTL_SUCCESS".to_owned(),
        // It reports the error that it is given, which is its success.
        Some(at) => format!("result == a{at} ? DTL_SUCCESS : result"),
        None => "result".to_owned(),
    };
    format!(
        "\n{returns} {name}({parameters}) {{\n    \
             static int noted;\n    \
             static {returns} (*actual)({kinds});\n    \
             if (actual == NULL) {{\n        actual = ({returns} (*)({kinds}))find(\"{name}\");\n    }}\n    \
             {keep}actual({arguments});\n    \
             note(\"{name}\", {outcome}, &noted);\n    \
             return{give};\n}}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_rank_or_nobody_has_called_is_named() {
        let prototypes = ["dtl_status dtl_sum(dtl_context_t)", "int dtl_version(void)"].map(str::to_owned);
        let handles = ["dtl_context_t".to_owned()];
        let missing = |alone, of_two| missing(&prototypes, &handles, alone, of_two);
        assert!(missing("0 dtl_version\n", "1 dtl_sum\n0 dtl_sum\n").is_empty());
        assert_eq!(missing("0 dtl_version\n0 dtl_sum\n", "0 dtl_sum\n"), ["dtl_sum"]);
        assert_eq!(missing("", "0 dtl_sum\n1 dtl_sum\n1 dtl_version\n"), ["dtl_version"]);
    }

    #[test]
    fn what_succeeds_is_noted() {
        let text = noting("dtl_status dtl_refuse(dtl_context_t, const char*, dtl_status)", true);
        assert!(text.contains("actual(a0, a1, a2);"), "{text}");
        assert!(
            text.contains("note(\"dtl_refuse\", result == a2 ? DTL_SUCCESS : result, &noted);"),
            "{text}"
        );
        assert!(noting("int dtl_size(dtl_context_t)", true).contains("last_status(), &noted);"));
        assert!(noting("void dtl_nothing(void)", false).contains("void (*actual)(void);"));
    }
}
