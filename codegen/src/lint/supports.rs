//! What each language can say. A backend relies on this table: what a language lacks is refused here, with the place in the
//! specification, unless the operation is skipped there with a reason.

use super::{Check, Problems, Rule};
use crate::model::{Model, Of, Operation, Param, Returns, Type};

pub(super) const RULE: Rule = Rule {
    sentence: "An operation takes and gives what every language can say, or is skipped with a reason in those that cannot: \
               the table is in `codegen/src/lint/supports.rs`.",
    check: Check::Resolved(check),
};

/// The languages of the table, by the names of their files in `spec/lang`.
const LANGUAGES: [(&str, &str); 4] =
    [("c", "C"), ("fortran", "Fortran"), ("python", "Python"), ("rust", "Rust")];

/// Something that an operation may take or give, and which of the languages can say it.
struct Idiom {
    what: &'static str,
    found: fn(&Operation) -> bool,
    in_languages: [bool; 4],
}

const TABLE: [Idiom; 9] = [
    //                                                                     C     Fortran Python Rust
    Idiom {
        what: "takes a view",
        found: |of| takes(of, is_view),
        in_languages: [false, false, false, false],
    },
    Idiom {
        what: "takes a struct",
        found: |of| takes(of, is_struct),
        in_languages: [false, false, false, false],
    },
    Idiom {
        what: "takes an array of one dtype",
        found: |of| takes(of, is_fixed),
        in_languages: [true, false, true, true],
    },
    Idiom {
        what: "takes an element of a dtype variable, of which nothing says the dtype",
        found: |of| takes(of, is_free_value),
        in_languages: [false, false, false, true],
    },
    Idiom {
        what: "gives a list of counts",
        found: |of| gives(of, is_counts),
        in_languages: [false, false, false, true],
    },
    Idiom {
        what: "gives a function",
        found: |of| gives(of, is_callback),
        in_languages: [false, false, false, true],
    },
    Idiom {
        what: "gives a communicator",
        found: |of| gives(of, is_communicator),
        in_languages: [true, true, false, true],
    },
    Idiom {
        what: "gives an element as a `value` and not as an array of no dimensions",
        found: |of| gives(of, is_value),
        in_languages: [true, false, false, true],
    },
    Idiom {
        what: "gives an array of a dtype that Fortran has no type for",
        found: |of| gives(of, is_foreign),
        in_languages: [true, false, true, true],
    },
];

fn check(model: &Model, problems: &mut Problems) {
    for (index, (language, name)) in LANGUAGES.iter().enumerate() {
        for operation in model.operations_in(language).filter(|operation| !operation.inherited) {
            for idiom in TABLE.iter().filter(|idiom| !idiom.in_languages[index] && (idiom.found)(operation)) {
                problems.at(
                    operation.position.clone(),
                    format!("{name} cannot say `{}`: it {}", operation.full_name, idiom.what),
                    format!(
                        "Skip it with a reason in spec/lang/{language}.yaml, write it otherwise, or teach codegen/src/lang/{language} and \
                         change the table in codegen/src/lint/supports.rs."
                    ),
                );
            }
        }
    }
}

fn takes(operation: &Operation, is_it: fn(&Param) -> bool) -> bool {
    operation.params.iter().any(is_it)
}

fn gives(operation: &Operation, is_it: fn(&Returns) -> bool) -> bool {
    operation.result.as_ref().is_some_and(is_it)
}

fn is_view(param: &Param) -> bool {
    matches!(param.ty, Type::View(_))
}

fn is_struct(param: &Param) -> bool {
    matches!(param.ty, Type::Struct(_))
}

fn is_fixed(param: &Param) -> bool {
    matches!(param.ty, Type::Array(Of::Fixed(_) | Of::Param(_))) && !param.anything
}

fn is_free_value(param: &Param) -> bool {
    matches!(param.ty, Type::Value(Of::Variable(_)))
}

fn is_counts(result: &Returns) -> bool {
    matches!(result.ty, Type::Counts)
}

fn is_callback(result: &Returns) -> bool {
    matches!(result.ty, Type::Callback(_))
}

fn is_communicator(result: &Returns) -> bool {
    matches!(result.ty, Type::Communicator)
}

fn is_value(result: &Returns) -> bool {
    matches!(result.ty, Type::Value(_))
}

fn is_foreign(result: &Returns) -> bool {
    matches!(&result.ty, Type::Array(Of::Fixed(dtype)) if dtype.fortran.is_none())
}
