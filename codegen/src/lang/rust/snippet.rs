//! Examples as Rust code: a documentation test for each, on threads, and a test that runs on processes as well.

use serde_json::Value;

use crate::lang::banner;
use crate::model::{Default, Example, Model, Object, Operation, Param, Type};
use crate::output::OutputFile;
use crate::spec::{Direction, ResultOn, Role};

/// The example as a program that asserts its outputs; `None` for an operation that Rust spells by hand.
pub fn snippet(operation: &Operation, example: &Example) -> Option<String> {
    let body: String =
        statements(operation, example, "&ctx")?.iter().map(|line| format!("            {line}\n")).collect();
    Some(format!(
        "std::thread::scope(|scope| {{\n    for ctx in dtl::Context::threads({}).unwrap() {{\n        \
         scope.spawn(move || {{\n{body}        }});\n    }}\n}});",
        example.ranks
    ))
}

/// `runtime/tests/ranks/examples.rs`: every example, on its number of ranks.
pub(super) fn test_file(model: &Model) -> OutputFile {
    let tests = model.operations_in("rust").flat_map(|operation| {
        operation.examples.iter().filter_map(move |example| {
            let body = statements(operation, example, "ctx")?.join("\n");
            Some(format!(
                "/// `{}` in {}: {}\n#[test]\nfn {}_{}() {{ on_ranks({}, |ctx| {{\n{body}\n}}); }}\n\n",
                operation.full_name,
                operation.position.file,
                example.doc,
                operation.symbol,
                example.name,
                example.ranks,
            ))
        })
    });
    let text = format!(
        "// {}\n\n//! The examples of the specification, each on as many ranks as it says.\n\nuse crate::ranks::on_ranks;\n\n{}",
        banner("the examples in spec/"),
        tests.collect::<String>()
    );
    OutputFile::rust("runtime/tests/ranks/examples.rs", &text)
}

/// What a rank does, the reference to whose context is `context`.
fn statements(operation: &Operation, example: &Example, context: &str) -> Option<Vec<String>> {
    if matches!(operation.role, Role::Constructor | Role::Static) {
        return None;
    }
    let element = example.dtype.as_ref().map_or("f64", |dtype| dtype.rust.as_str());
    let ranks = example.ranks;
    let mut lines = Vec::new();
    let mut arguments = Vec::new();
    if let Some(object) = &operation.object {
        lines.push(make_object(object, example, element, context));
    } else {
        arguments.push(context.to_owned());
    }
    let in_place = operation.params.iter().any(|param| param.direction == Direction::Inout);
    let issued = operation.is_issued();
    for param in operation.params.iter().filter(|param| !param.ty.is_object("context")) {
        let given = example.args.iter().find(|(name, _)| *name == param.name).map(|(_, value)| value);
        arguments.push(argument(param, given, element, ranks, issued, &mut lines)?);
    }
    let call = match &operation.object {
        Some(object) => format!("{}.{}({})", object.name, operation.name, arguments.join(", ")),
        None => format!("dtl::{}({})", operation.name, arguments.join(", ")),
    };
    let question = match (issued, operation.infallible) {
        (true, _) => ".wait().unwrap()",
        (_, true) => "",
        (_, false) => ".unwrap()",
    };
    let gives = literal_list(operation, example);
    if in_place && !issued {
        lines.push(format!("{call}{question};"));
        lines.push(format!("assert_eq!(data, {gives}[rank]);"));
    } else {
        lines.push(format!("assert_eq!({call}{question}, {gives}[rank]);"));
    }
    lines.insert(0, "let rank = ctx.rank() as usize;".to_owned());
    Some(lines)
}

fn make_object(object: &Object, example: &Example, element: &str, context: &str) -> String {
    let (name, ty) = (&object.name, &object.type_name);
    let mut size = String::new();
    let mut options = Vec::new();
    for (name, value) in &example.object {
        match (name.as_str(), value) {
            ("size", value) => size = value.to_string(),
            ("shape", value) => size = format!("&{value}"),
            (name, Value::Array(_)) => options.push(format!("{name}: Some(vec!{value})")),
            ("partition", Value::String(text)) => {
                options.push(format!("partition: dtl::PartitionPolicy::{}", crate::model::upper_camel(text)));
            }
            ("fill", value) => options.push(format!("fill: Some({value})")),
            (name, value) => options.push(format!("{name}: {value}")),
        }
    }
    if options.is_empty() {
        return format!("let {name} = dtl::{ty}::<{element}>::new({context}, {size}).unwrap();");
    }
    format!(
        "let options = dtl::{ty}Options {{ {}, ..Default::default() }};\n            \
         let {name} = dtl::{ty}::<{element}>::with_options({context}, {size}, options).unwrap();",
        options.join(", ")
    )
}

fn argument(
    param: &Param,
    given: Option<&Value>,
    element: &str,
    ranks: u32,
    issued: bool,
    lines: &mut Vec<String>,
) -> Option<String> {
    let name = &param.name;
    match (&param.ty, given) {
        (Type::Array(_), Some(Value::Array(per_rank))) => {
            let rows: Vec<String> = per_rank
                .iter()
                .map(|row| {
                    if row.is_null() {
                        "None".to_owned()
                    } else {
                        row_literal(row, param.optional && param.direction == Direction::In)
                    }
                })
                .collect();
            if param.direction == Direction::Inout {
                let mutable = if issued { "" } else { "mut " };
                lines.push(format!(
                    "let {mutable}{name}: Vec<{element}> = [{}][rank].to_vec();",
                    rows.join(", ")
                ));
                return Some(if issued { name.clone() } else { format!("&mut {name}") });
            }
            let ty = if param.optional { format!("Option<&[{element}]>") } else { format!("&[{element}]") };
            lines.push(format!("let {name}: [{ty}; {ranks}] = [{}];", rows.join(", ")));
            // The form that does not block takes vectors.
            let owned = match (issued, param.optional) {
                (false, _) => "",
                (true, true) => ".map(<[_]>::to_vec)",
                (true, false) => ".to_vec()",
            };
            Some(format!("{name}[rank]{owned}"))
        }
        (Type::Enum(item), Some(Value::String(text))) => {
            let value = item.values.iter().find(|value| value.text == *text)?;
            Some(format!("dtl::{}::{}", item.type_name, value.variant))
        }
        (Type::Callback(callback), Some(value)) => Some(callback.sample(value.as_str()?)?.rust.clone()),
        (Type::Counts, Some(value)) => Some(row_literal(value, param.optional)),
        (_, Some(value)) => Some(value.to_string()),
        (Type::Enum(_), None) => match &param.default {
            Some(Default::Enum(item, index)) => {
                Some(format!("dtl::{}::{}", item.type_name, item.values[*index].variant))
            }
            _ => None,
        },
        (_, None) if param.optional => Some("None".to_owned()),
        (_, None) => match &param.default {
            Some(Default::Integer(value)) => Some(value.to_string()),
            Some(Default::None(constant)) => Some(constant.value.to_string()),
            _ => None,
        },
    }
}

fn row_literal(row: &Value, optional: bool) -> String {
    let list = format!("&[{}]", flat(row).join(", "));
    if optional { format!("Some({list})") } else { list }
}

/// The numbers of a nested list, as literals.
fn flat(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(flat).collect(),
        other => vec![other.to_string()],
    }
}

/// The results of all ranks, as a list.
fn literal_list(operation: &Operation, example: &Example) -> String {
    let result = operation.result.as_ref();
    let rooted = result.is_some_and(|result| result.on == ResultOn::Root);
    let is_array =
        result.is_some_and(|result| matches!(result.ty, Type::Array(_)) && !result.is_one_element());
    let is_list = result.is_some_and(|result| result.ty.is_list());
    let rows: Vec<String> = example
        .gives
        .iter()
        .map(|row| match row {
            Value::Null => "None".to_owned(),
            row if result.is_some_and(|result| result.optional) => format!("Some({row})"),
            row if is_array && rooted => format!("Some(vec![{}])", flat(row).join(", ")),
            row if is_array || is_list => format!("vec![{}]", flat(row).join(", ")),
            row => row.to_string(),
        })
        .collect();
    format!("[{}]", rows.join(", "))
}
