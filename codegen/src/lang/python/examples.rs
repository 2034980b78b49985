//! Examples as Python: a snippet for the docstring of the operation, and a test that runs all of them.

use serde::Serialize;
use serde_json::Value;

use super::signature::own;
use crate::lang::banner;
use crate::model::{Example, Model, Operation, Param, Type};
use crate::output::OutputFile;
use crate::render::render;
use crate::spec::Role;

/// `tests/python/test_generated_examples.py`.
pub(super) fn file(model: &Model) -> OutputFile {
    let tests = model
        .operations_in("python")
        .flat_map(|operation| operation.examples.iter().map(move |example| test(operation, example)))
        .collect();
    let view = Tests { banner: banner("the examples in spec/objects and spec/ops"), tests };
    let template = include_str!("../../../templates/python/examples.py.tera");
    OutputFile::new("tests/python/test_generated_examples.py", render("examples.py", template, &view))
}

#[derive(Serialize)]
struct Tests {
    banner: String,
    tests: Vec<Test>,
}

#[derive(Serialize)]
struct Test {
    name: String,
    source: String,
    doc: String,
    ranks: u32,
    /// Statements that each rank runs before the call.
    setup: Vec<String>,
    call: String,
    /// Expected results, as a Python list.
    gives: String,
    /// The result is an object, of which the example only says that it can be made.
    object: bool,
    /// It is made without a context, so that every process makes one by itself.
    alone: bool,
}

fn test(operation: &Operation, example: &Example) -> Test {
    let (setup, call) = program(operation, example);
    let gives: Vec<String> = example.gives.iter().map(|value| result(operation, example, value)).collect();
    Test {
        name: format!("{}_{}", operation.symbol, example.name),
        source: format!("`{}` in {}", operation.full_name, operation.position.file),
        doc: example.doc.clone(),
        ranks: example.ranks,
        setup,
        call,
        gives: format!("[{}]", gives.join(", ")),
        object: makes_object(operation),
        alone: makes_object(operation) && !operation.params.iter().any(|param| param.ty.is_object("context")),
    }
}

fn makes_object(operation: &Operation) -> bool {
    operation.result.as_ref().is_some_and(|result| matches!(result.ty, Type::Object(_)))
}

/// The examples of `operation` as lines of its docstring.
pub(super) fn snippets(model: &Model, operation: &Operation) -> Vec<String> {
    let mut lines = Vec::new();
    for (shown, example) in model.examples_of(operation) {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(crate::doc::numpydoc(&example.doc));
        lines.push(String::new());
        lines.extend(session(shown, example));
    }
    lines
}

/// What a person types to run an example on one of its ranks, and what Python answers.
pub(super) fn session(operation: &Operation, example: &Example) -> Vec<String> {
    let (setup, call) = program(operation, example);
    let mut lines: Vec<String> = setup.iter().map(|line| format!(">>> {line}")).collect();
    if makes_object(operation) {
        lines.push(format!(">>> ctx = {call}"));
        return lines;
    }
    lines.push(format!(">>> {call}"));
    let gives: Vec<String> = example.gives.iter().map(literal).collect();
    match gives.iter().all(|other| *other == gives[0]) {
        true => lines.push(gives[0].clone()),
        false => {
            lines.extend(gives.iter().enumerate().map(|(rank, value)| format!("{value}  # on rank {rank}")))
        }
    }
    lines
}

/// The statements that prepare a call, and the call.
fn program(operation: &Operation, example: &Example) -> (Vec<String>, String) {
    let mut setup = Vec::new();
    let mut arguments = Vec::new();
    let receiver = match (&operation.object, operation.role) {
        (Some(object), Role::Constructor) => {
            let context = operation.params.iter().any(|param| param.ty.is_object("context"));
            let arguments = context.then(|| "ctx".to_owned()).into_iter().chain(object_arguments(example));
            return (setup, format!("dtl.{}({})", object.python, arguments.collect::<Vec<_>>().join(", ")));
        }
        (Some(object), Role::Static) => format!("dtl.{}", object.python),
        (Some(object), _) if object.name == "context" => "ctx".to_owned(),
        (Some(object), _) => {
            let made: Vec<String> =
                std::iter::once("ctx".to_owned()).chain(object_arguments(example)).collect();
            setup.push(format!("{} = dtl.{}({})", object.name, object.python, made.join(", ")));
            if operation.function_of.is_some() {
                arguments.push(object.name.clone());
                "dtl".to_owned()
            } else {
                object.name.clone()
            }
        }
        (None, _) => "dtl".to_owned(),
    };
    if operation.role == Role::Property {
        return (setup, format!("{receiver}.{}", operation.python_name));
    }
    if operation.selects {
        arguments.push(slice(example));
    }
    for param in own(operation) {
        if param.ty.is_object("context") {
            arguments.push("ctx".to_owned());
        } else if let Some((_, value)) = example.args.iter().find(|(name, _)| *name == param.name) {
            arguments.push(argument(param, value, example, &mut setup));
        }
    }
    let wait = if operation.is_issued() { ".wait()" } else { "" };
    (setup, format!("{receiver}.{}({}){wait}", operation.python_name, arguments.join(", ")))
}

/// The slice that selects what an example's `first`, `count` and `step` do.
fn slice(example: &Example) -> String {
    let given =
        |name: &str| example.args.iter().find(|(arg, _)| arg == name).and_then(|(_, value)| value.as_i64());
    let (first, count, step) =
        (given("first").unwrap_or(0), given("count").unwrap_or(0), given("step").unwrap_or(1));
    format!("slice({first}, {}, {step})", first + count * step)
}

fn object_arguments(example: &Example) -> Vec<String> {
    let dtype = example.dtype.as_ref().map(|dtype| format!("dtype='{}'", dtype.name));
    example.object.iter().map(|(name, value)| format!("{name}={}", literal(value))).chain(dtype).collect()
}

/// An array differs between ranks, so it is chosen from a list; other values are written where they are passed.
fn argument(param: &Param, value: &Value, example: &Example, setup: &mut Vec<String>) -> String {
    let name = &param.name;
    if let (Type::Callback(callback), Some(sample)) = (&param.ty, value.as_str()) {
        return callback.sample(sample).map_or_else(String::new, |sample| sample.python.clone());
    }
    let Type::Array(_) = param.ty else { return format!("{name}={}", literal(value)) };
    setup.push(format!("{name} = {}[ctx.rank]", literal(value)));
    let dtype = example.dtype.as_ref().map_or(String::new(), |dtype| format!(", dtype='{}'", dtype.name));
    match value {
        Value::Array(rows) if rows.contains(&Value::Null) => {
            setup.push(format!("if {name} is not None: {name} = np.array({name}{dtype})"));
            name.clone()
        }
        _ => format!("np.array({name}{dtype})"),
    }
}

fn result(operation: &Operation, example: &Example, value: &Value) -> String {
    let is_array = operation.result.as_ref().is_some_and(|result| matches!(result.ty, Type::Array(_)));
    let is_list = operation.result.as_ref().is_some_and(|result| result.ty.is_list());
    let is_element = operation.result.as_ref().is_some_and(|result| result.is_one_element());
    match (value, &example.dtype) {
        (Value::Null, _) => "None".to_owned(),
        (value, Some(dtype)) if is_element => format!("np.dtype('{}').type({})", dtype.name, literal(value)),
        (value, Some(dtype)) if is_array && generic(operation) => {
            format!("np.array({}, dtype='{}')", literal(value), dtype.name)
        }
        (value, _) if is_array => format!("np.array({})", literal(value)),
        (Value::Array(_), _) if is_list => format!("tuple({})", literal(value)),
        (value, _) => literal(value),
    }
}

/// True when the elements of the result have the dtype of the example.
fn generic(operation: &Operation) -> bool {
    use crate::model::Of;
    matches!(&operation.result, Some(result) if matches!(&result.ty, Type::Array(Of::Variable(_) | Of::This)))
}

/// A value as a Python literal.
fn literal(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("'{text}'"),
        Value::Array(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("'{name}': {}", literal(value))).collect();
            format!("{{{}}}", fields.join(", "))
        }
    }
}
