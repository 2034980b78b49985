//! Sentences that follow from the keys of an operation rather than from its texts.

use crate::model::{Callback, Check, Default, Object, Operation, Param, Status, Type};
use crate::spec::{CallbackThread, Ownership, Scope, ThreadSafety};

/// Who must call the operation.
pub fn collectiveness(operation: &Operation) -> &'static str {
    match operation.scope {
        Scope::Local => "Local: it concerns the calling rank alone.",
        Scope::Founding => "Collective: every process that is to be a rank of the new context must call it.",
        Scope::Collective => "Collective: every rank of the context must call it.",
        Scope::Rooted => "Collective: every rank of the context must call it, with the same root.",
        Scope::OneSided => {
            "One-sided: the calling rank reaches the memory of another, which does not take part."
        }
        Scope::P2p => "Point-to-point: it takes part in a transfer with one other rank.",
    }
}

/// "a", "a and b", "a, b and c", with any such word.
pub fn listed(items: &[String], word: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [others @ .., last] => format!("{} {word} {last}", others.join(", ")),
    }
}

/// Who frees an object, what lives as long as it, and what threads may do with it, as sentences.
pub fn lifetime(object: &Object) -> String {
    let owner = match object.ownership {
        Ownership::Refcounted => "Handles share it, and the last one frees it.",
        Ownership::Unique => "One handle owns it and frees it.",
        Ownership::Borrowed => "It belongs to another object, which frees it.",
    };
    let kept = match object.keeps_alive.as_slice() {
        [] => String::new(),
        names => format!(" It keeps its {} alive.", names.join(" and its ")),
    };
    let threads = match object.thread_safety {
        ThreadSafety::Internal => "Threads may call anything at the same time.",
        ThreadSafety::Lent => {
            "While a call changes one of them, other calls on it from other threads are errors, and the other way round."
        }
        ThreadSafety::External => "Calls from several threads on one of them must not overlap.",
    };
    format!("{owner}{kept} {threads}")
}

/// A cause for which an operation fails.
#[derive(Debug)]
pub struct ErrorLine<'a> {
    /// The parameter whose kind it follows from, if it does.
    pub param: Option<&'a Param>,
    /// The status that it gives.
    pub status: &'a Status,
    /// In which case, as a phrase that follows "if", without a full stop.
    pub when: String,
}

/// Every cause for which the operation is documented to fail: those of its parameters in order, then its own.
pub fn error_lines(operation: &Operation) -> Vec<ErrorLine<'_>> {
    let of_kinds = operation.params.iter().filter_map(|param| {
        let check = check(param)?;
        let when = format!("`{}` {}", param.name, violation(check)?);
        Some(ErrorLine { param: Some(param), status: &check.status, when })
    });
    let own = operation.errors.iter().map(|error| ErrorLine {
        param: None,
        status: &error.status,
        when: error.when.clone(),
    });
    of_kinds.chain(own).collect()
}

/// What follows from the kind of a parameter, as sentences: the range that it must lie in, or when a callback is called.
pub fn conditions(param: &Param) -> Option<String> {
    match &param.ty {
        Type::Callback(callback) => Some(calling(callback)),
        _ => constraint(param),
    }
}

fn calling(callback: &Callback) -> String {
    let params: Vec<String> = (callback.params.iter())
        .map(|param| format!("`{}` ({})", param.name, uncapitalised(param.doc.trim_end_matches('.'))))
        .collect();
    let thread = match callback.thread {
        CallbackThread::Caller => "by the thread that called dtl",
        CallbackThread::Any => "by any thread",
    };
    let failure = match (&callback.fails, callback.is_elementwise()) {
        (None, _) => "A failure of its own is reported on stderr and changes nothing.",
        (Some(_), false) => {
            "If it fails, so does the operation, on every rank: in C it returns another number than 0 for that, in Fortran it sets \
             `ierr`, in Rust it gives an error or panics."
        }
        (Some(_), true) => {
            "If it fails, so does the operation, on every rank: in C and Fortran it calls `dtl_fail_function` for that, in Rust it \
             gives an error or panics."
        }
    };
    let returns = match (&callback.returns, callback.given_element()) {
        (Some(returns), _) => format!(" It returns {}.", returns.doc),
        (None, Some(given)) => format!(" In Python and Rust it returns `{}`.", given.name),
        (None, None) => String::new(),
    };
    format!("It is called {}, {thread}, with {}.{returns} {failure}", callback.called, listed(&params, "and"))
}

fn uncapitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

/// The range that an argument must lie in, as a sentence, if its kind has one.
fn constraint(param: &Param) -> Option<String> {
    let check = check(param)?;
    let low = check.at_least.map(|low| format!("at least {low}"));
    let high = check.at_most.map(|high| format!("at most {high}"));
    let below = check.below_size.then(|| "below the number of ranks".to_owned());
    let bounds: Vec<String> = low.into_iter().chain(high).chain(below).collect();
    let or = check.or.as_ref().map_or_else(String::new, |or| format!(", or {}", or.name));
    (!bounds.is_empty()).then(|| format!("It must be {}{or}.", bounds.join(" and ")))
}

/// The default value in the words of the specification, such as `sum`, `0`, `float64`, `true` or `none`.
pub fn default_text(param: &Param) -> Option<String> {
    Some(match param.default.as_ref()? {
        Default::Flag(value) => value.to_string(),
        Default::Integer(value) => value.to_string(),
        Default::Enum(item, index) => item.values[*index].text.clone(),
        Default::Dtype(dtype) => dtype.name.clone(),
        Default::None(_) => "none".to_owned(),
    })
}

/// What the dtype variables range over, as a sentence for each.
pub fn element_types(operation: &Operation) -> Vec<String> {
    let sentence = |variable: &crate::model::Variable| {
        let members: Vec<&str> = variable.set.members.iter().map(|dtype| dtype.name.as_str()).collect();
        match operation.variables.len() {
            1 => format!("Element types: {}.", members.join(", ")),
            _ => format!("Element types `{}`: {}.", variable.name, members.join(", ")),
        }
    };
    operation.variables.iter().map(sentence).collect()
}

/// "Deprecated since 0.2. Call `x` instead."
pub fn deprecation(operation: &Operation) -> Option<String> {
    operation.deprecated.as_ref().map(|(since, note)| format!("Deprecated since {since}. {note}"))
}

/// "Since 0.2."
pub fn since(operation: &Operation) -> Option<String> {
    operation.since.as_ref().map(|since| format!("Since {since}."))
}

fn check(param: &Param) -> Option<&Check> {
    match &param.ty {
        Type::Integer(kind) => kind.check.as_ref(),
        _ => None,
    }
}

fn violation(check: &Check) -> Option<String> {
    let low = check.at_least.map(|low| if low == 0 { "negative".to_owned() } else { format!("below {low}") });
    let high = check.at_most.map(|high| format!("above {high}"));
    let below = check.below_size.then(|| "not below the number of ranks".to_owned());
    let causes: Vec<String> = low.into_iter().chain(high).chain(below).collect();
    let but = check.or.as_ref().map_or_else(String::new, |or| format!(", and not {}", or.name));
    (!causes.is_empty()).then(|| format!("is {}{but}", causes.join(" or ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;

    fn model() -> Model {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("codegen lies in the repository");
        crate::load(root).expect("the specification of this repository is right")
    }

    #[test]
    fn a_root_is_documented_by_its_kind() {
        let model = model();
        let reduce = model
            .operations()
            .find(|operation| operation.full_name == "reduce")
            .expect("reduce is specified");
        assert_eq!(
            collectiveness(reduce),
            "Collective: every rank of the context must call it, with the same root."
        );
        let root = reduce.param("root").expect("reduce has a root");
        assert_eq!(constraint(root).as_deref(), Some("It must be at least 0 and below the number of ranks."));
        assert_eq!(default_text(root).as_deref(), Some("0"));
        let errors: Vec<(&str, String)> =
            error_lines(reduce).into_iter().map(|line| (line.status.name.as_str(), line.when)).collect();
        assert_eq!(
            errors[0],
            ("INVALID_ARGUMENT", "`root` is negative or not below the number of ranks".to_owned())
        );
        assert_eq!(errors.last().expect("reduce has errors of its own").0, "NOT_SUPPORTED");
    }
}
