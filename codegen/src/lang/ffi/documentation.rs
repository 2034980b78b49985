//! Doxygen comments of the C functions, from the texts of the specification.

use super::signature::signature;
use crate::doc;
use crate::model::{
    CArg, CFunction, CSource, Default, Ignored, Model, Operation, Param, Part, Returns, Type,
};
use crate::spec::{ResultOn, Role};

/// The comment of a C function of `operation`, as lines. One function of an operation is described in full; of another one it is said how
/// it differs from that.
pub(super) fn comment(model: &Model, operation: &Operation, function: &CFunction) -> Vec<String> {
    let blocking =
        operation.issues.as_ref().and_then(|name| model.operations().find(|other| other.full_name == *name));
    let own = described(operation);
    let lines = match blocking.map(described) {
        Some(blocking) => difference(operation, function, blocking),
        None if own.name != function.name => difference(operation, function, own),
        None => lines(operation, function),
    };
    lines.into_iter().map(|line| renamed(operation, function, line)).collect()
}

/// The C function of an operation that is described in full: the one that other languages call, or the query of a property.
fn described(operation: &Operation) -> &CFunction {
    let query = operation.c.iter().find(|function| function.query.is_some());
    query.filter(|_| operation.role == Role::Property).unwrap_or_else(|| operation.canonical_c())
}

/// What a function does, and what it takes and gives otherwise than `other`.
fn difference(operation: &Operation, function: &CFunction, other: &CFunction) -> Vec<String> {
    let mut sentences = vec![operation.summary.trim().to_owned()];
    let is_left_out = |param: &&Param| {
        let is_fixed = function.fixed.iter().any(|(name, _)| *name == param.name);
        other.says(&param.name) && !function.says(&param.name) && !is_fixed
    };
    let left_out: Vec<&Param> = operation.params.iter().filter(is_left_out).collect();
    let (defaults, absent): (Vec<&Param>, Vec<&Param>) =
        left_out.iter().partition(|param| param.default.is_some());
    let differs = match (function.query, other.query, &operation.result) {
        // The reason says it.
        _ if operation.is_issued() || function.reason.is_some() => String::new(),
        (Some(invalid), None, Some(result)) => {
            let null = matches!(result.ty, Type::Text | Type::View(_));
            format!(
                ", but returns the result itself, {}",
                if null { "or null".to_owned() } else { format!("or {invalid} after an error") }
            )
        }
        (None, Some(_), _) => ", but returns a status".to_owned(),
        _ => {
            let values: Vec<String> =
                defaults.iter().map(|param| format!("`{}` {}", param.name, default_text(param))).collect();
            let names: Vec<String> = absent.iter().map(|param| format!("`{}`", param.name)).collect();
            let with = (!values.is_empty()).then(|| format!(" with {}", doc::listed(&values, "and")));
            let without = (!names.is_empty()).then(|| format!(" without {}", doc::listed(&names, "and")));
            without.into_iter().chain(with).collect::<Vec<_>>().join(",")
        }
    };
    sentences.extend(operation.is_collective().then(|| doc::collectiveness(operation).to_owned()));
    sentences.push(match operation.is_issued() {
        true => operation.details.trim().to_owned(),
        false => format!("It is `{}`{differs}.", other.name),
    });
    sentences.extend(function.reason.clone());
    sentences.extend(doc::since(operation));
    sentences.extend(doc::deprecation(operation));
    let mut lines = doc::doxygen(&sentences.join(" "));
    // What a query returns is what another function writes.
    let is_result = |arg: &CArg| other.query.is_some() && matches!(arg.sources[0], CSource::Result);
    let is_new = |arg: &&CArg| !is_result(arg) && other.args.iter().all(|known| known.name != arg.name);
    let new: Vec<&CArg> = function.args.iter().filter(is_new).collect();
    if !new.is_empty() {
        lines.push(String::new());
        new.into_iter().for_each(|arg| param(&mut lines, operation, function, arg));
    }
    lines
}

/// The value that a parameter has where a function does not take it.
fn default_text(param: &Param) -> String {
    match &param.default {
        Some(Default::Flag(value)) => i32::from(*value).to_string(),
        Some(Default::Integer(value)) => value.to_string(),
        Some(Default::Enum(item, index)) => format!("`DTL_{}_{}`", item.prefix, item.values[*index].name),
        Some(Default::Dtype(dtype)) => format!("`DTL_DTYPE_{}`", dtype.name.to_uppercase()),
        Some(Default::None(constant)) => format!("`DTL_{}`", constant.name),
        None => String::new(),
    }
}

/// The comment of a C function for one kind of objects, where `whole` is that for all kinds.
pub(super) fn reference(operation: &Operation, whole: &CFunction) -> Vec<String> {
    let who = if operation.is_collective() {
        format!(" {}", doc::collectiveness(operation))
    } else {
        String::new()
    };
    doc::doxygen(&format!("{}{who} It is `{}`.", operation.summary.trim(), whole.name))
}

/// What is said of an argument of C functions.
pub struct ArgumentText {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: String,
    /// The function writes to it.
    pub is_written: bool,
    /// What it means, in the markup of the specification.
    pub text: String,
}

/// What is said of each argument of the C functions of `operation`.
pub fn arguments(operation: &Operation) -> Vec<ArgumentText> {
    let mut arguments: Vec<ArgumentText> = Vec::new();
    for function in &operation.c {
        for (arg, passed) in function.args.iter().zip(signature(operation, function).args) {
            if arguments.iter().all(|known| known.name != arg.name) {
                arguments.push(ArgumentText {
                    name: arg.name.clone(),
                    ty: passed.ty.c(),
                    is_written: is_written(arg),
                    text: renamed(operation, function, arg_text(operation, function, arg)),
                });
            }
        }
    }
    arguments
}

/// What is said of the value that a C function of `operation` returns directly, if one does.
pub fn returned(operation: &Operation) -> Option<String> {
    let result = operation.result.as_ref()?;
    let invalid = operation.c.iter().find_map(|function| function.query)?;
    Some(query_text(operation, result, invalid))
}

/// Texts speak of parameters, which C functions may call otherwise.
fn renamed(operation: &Operation, function: &CFunction, line: String) -> String {
    operation.params.iter().fold(line, |line, param| match pointer_or_value(function, &param.name) {
        Some(arg) if arg != param.name => line.replace(&format!("`{}`", param.name), &format!("`{arg}`")),
        _ => line,
    })
}

/// The C parameter that stands for a parameter or, for an array, for its address.
fn pointer_or_value<'a>(function: &'a CFunction, name: &str) -> Option<&'a str> {
    let stands = |source: &CSource| match source {
        CSource::Param(param) | CSource::ParamPart(param, Part::Pointer) => param == name,
        _ => false,
    };
    function.args.iter().find(|arg| arg.sources.iter().any(stands)).map(|arg| arg.name.as_str())
}

fn lines(operation: &Operation, function: &CFunction) -> Vec<String> {
    let summary = format!("{} {}", operation.summary.trim(), doc::collectiveness(operation));
    let mut blocks = vec![doc::doxygen(&summary), doc::doxygen(&operation.details)];
    let mut facts = doc::element_types(operation);
    facts.extend(function.reason.clone());
    facts.extend(doc::since(operation));
    facts.extend(doc::deprecation(operation));
    blocks.push(doc::doxygen(&facts.join(" ")));
    let mut tags = Vec::new();
    function.args.iter().for_each(|arg| param(&mut tags, operation, function, arg));
    match (function.query, &operation.result) {
        (Some(invalid), Some(result)) => tag(&mut tags, "@return", &query_text(operation, result, invalid)),
        (Some(_), None) => {}
        (None, _) => {
            for line in doc::error_lines(operation) {
                tag(&mut tags, &format!("@retval {}", line.status.enumerator), &format!("if {}.", line.when));
            }
        }
    }
    blocks.push(tags);
    blocks.retain(|block| !block.is_empty());
    blocks.join(&String::new())
}

/// What is said of an argument.
fn param(lines: &mut Vec<String>, operation: &Operation, function: &CFunction, arg: &CArg) {
    let direction = if is_written(arg) { "out" } else { "in" };
    tag(lines, &format!("@param[{direction}] {}", arg.name), &arg_text(operation, function, arg));
}

/// A tag with its text, continued on indented lines.
fn tag(lines: &mut Vec<String>, tag: &str, text: &str) {
    for (number, line) in doc::doxygen(text).into_iter().enumerate() {
        lines.push(if number == 0 { format!("{tag} {line}") } else { format!("    {line}") });
    }
}

fn is_written(arg: &CArg) -> bool {
    let is_written = |source: &CSource| match source {
        CSource::ResultPart(part) => matches!(part, Part::Pointer | Part::IsThere | Part::Beside),
        source => matches!(source, CSource::Result | CSource::ResultProperty(..) | CSource::Request),
    };
    arg.sources.iter().any(is_written)
}

fn arg_text(operation: &Operation, function: &CFunction, arg: &CArg) -> String {
    if let Some(text) = part_text(function, arg) {
        return text;
    }
    let is_param = |source: &CSource| matches!(source, CSource::Param(_));
    // A parameter that is also the size of an array speaks for both.
    let alone = arg.sources.iter().any(is_param);
    let said = arg.sources.iter().filter(|source| !alone || is_param(source));
    let sentences: Vec<String> = said.map(|source| source_text(operation, source)).collect();
    sentences.join(" ")
}

fn source_text(operation: &Operation, source: &CSource) -> String {
    match source {
        CSource::This => match (&operation.function_of, &operation.object) {
            (Some(first), _) => first.doc.clone(),
            (None, Some(object)) => format!("The {}.", object.name),
            (None, None) => "The object.".to_owned(),
        },
        CSource::Param(name) | CSource::ParamPart(name, _) => {
            param_text(operation.param(name).expect("resolved"))
        }
        CSource::ResultPart(Part::Beside) => operation.beside().map(result_text).unwrap_or_default(),
        CSource::ResultPart(_) | CSource::Result => {
            operation.result.as_ref().map(result_text).unwrap_or_default()
        }
        CSource::ResultProperty(symbol, _) => format!(
            "What `dtl_{symbol}` gives of it when this function returns, and need not give later. May be null."
        ),
        CSource::Struct(_) => "Further choices; null for the defaults.".to_owned(),
        CSource::Request => format!(
            "The request, which gives what becomes of the operation; `{}` frees it.",
            "dtl_request_free"
        ),
        CSource::Ignored(Ignored::Dtype) => "An element type; nothing depends on which.".to_owned(),
        CSource::Ignored(_) => "Not looked at; may be null.".to_owned(),
    }
}

/// What a count or element type says, and of which arrays.
fn part_text(function: &CFunction, arg: &CArg) -> Option<String> {
    if let CSource::ResultPart(Part::IsThere) = arg.sources[0] {
        return Some("1 if there is a result, otherwise 0; the result is then left as it was.".to_owned());
    }
    let mut arrays: Vec<&str> = Vec::new();
    let mut found = None;
    for source in &arg.sources {
        let (part, array) = match source {
            CSource::ParamPart(name, part) => (*part, pointer_or_value(function, name)?),
            CSource::ResultPart(part) => (*part, result_pointer(function)?),
            _ => return None,
        };
        if matches!(part, Part::Pointer | Part::Beside) {
            return None;
        }
        found = Some(part);
        if !arrays.contains(&array) {
            arrays.push(array);
        }
    }
    let arrays: Vec<String> = arrays.iter().map(|array| format!("`{array}`")).collect();
    let (arrays, each) = (arrays.join(" and "), if arrays.len() > 1 { "each of " } else { "" });
    Some(match found? {
        Part::Bytes => format!("Number of bytes of {each}{arrays}."),
        Part::Count => format!("Number of elements of {each}{arrays}."),
        Part::UserData => {
            "What the function is passed back as its last argument; dtl does not look at it.".to_owned()
        }
        Part::Counts | Part::Displs => return None,
        Part::CountPerRank => format!("Number of elements for each rank in {arrays}."),
        _ => format!("Type of the elements of {arrays}."),
    })
}

fn result_pointer(function: &CFunction) -> Option<&str> {
    let is_pointer = |source: &CSource| matches!(source, CSource::ResultPart(Part::Pointer));
    function.args.iter().find(|arg| arg.sources.iter().any(is_pointer)).map(|arg| arg.name.as_str())
}

fn param_text(param: &Param) -> String {
    let mut text = param.doc.clone();
    if let Some(conditions) = doc::conditions(param) {
        text = format!("{text} {conditions}");
    }
    if param.optional && matches!(param.ty, Type::Array(_) | Type::Value(_)) {
        text.push_str(" May be null.");
    }
    text
}

fn result_text(result: &Returns) -> String {
    let more = match (&result.ty, result.optional, result.on) {
        (Type::Array(_), _, ResultOn::Root) => " Only the root's is written; elsewhere it may be null.",
        (Type::Object(_), true, _) => " A null handle stands for none.",
        (Type::Text, ..) => " It stays until this thread's next call that gives a text.",
        _ => "",
    };
    format!("{}{more}", result.doc)
}

fn query_text(operation: &Operation, result: &Returns, invalid: i64) -> String {
    let null = matches!(result.ty, Type::Text | Type::View(_));
    let takes_handle = operation.takes_self();
    let arguments = if operation.params.is_empty() { "handle" } else { "argument" };
    match (takes_handle || !operation.params.is_empty(), null) {
        (false, _) => result_text(result),
        (true, true) => format!("{} Null for an invalid {arguments}.", result_text(result)),
        (true, false) => format!("{} {invalid} for an invalid {arguments}.", result_text(result)),
    }
}
