//! Functions of the module `dtl` that no operation names: what its last call came to, and what numbers stand for.

use serde::Serialize;

use crate::model::Model;

/// A function.
#[derive(Serialize)]
pub(super) struct Library {
    /// Its name after `dtl_`.
    pub name: String,
    /// What C calls it, after `dtl_`.
    pub c_name: String,
    /// Its argument, a number; empty for none.
    pub argument: &'static str,
    /// Type of what it gives.
    pub answer: &'static str,
    /// What it gives, in the markup of the specification.
    pub doc: String,
}

/// Type of a text that a function gives.
pub(super) const TEXT: &str = "character(len=:), allocatable";

/// Every function.
pub(super) fn library(model: &Model) -> Vec<Library> {
    let item = |name: &str, argument, answer, doc: &str| Library {
        name: name.to_owned(),
        // Fortran's function copies the text that C's gives.
        c_name: if name == "last_error" { "last_error_message" } else { name }.to_owned(),
        argument,
        answer,
        doc: doc.to_owned(),
    };
    let mut functions = vec![
        item(
            "last_error",
            "",
            TEXT,
            "What went wrong in this thread's last call, as a sentence; empty if it succeeded.",
        ),
        item("last_status", "", "integer(c_int)", "Status of this thread's last call that could fail."),
        item(
            "live_objects",
            "",
            "integer(c_int64_t)",
            "Number of contexts, containers and requests that are alive in this process.",
        ),
        item("version_string", "", TEXT, "Version of the library that is running."),
        item("status_name", "status", TEXT, "Lower-case name of a status; `unknown` for other numbers."),
        item("status_message", "status", TEXT, "What a status means, as a phrase."),
        item(
            "status_remedy",
            "status",
            TEXT,
            "What can be done about a status; empty where there is nothing to do.",
        ),
    ];
    functions.extend(model.enums.iter().map(|found| Library {
        name: format!("{}_name", found.name),
        c_name: format!("{}_name", found.name),
        argument: "code",
        answer: TEXT,
        doc: format!("Lower-case name of a constant of {}; `unknown` for other numbers.", found.name),
    }));
    functions
}
