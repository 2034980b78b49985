//! The typed Rust functions of one operation: signature and body.

use serde::Serialize;

use super::callbacks::{closure, outcome};
use super::snippet::snippet;
use super::spelling::{slice_type, value_type};
use crate::doc;
use crate::model::{ContextSource, Default, Model, Object, Of, Operation, Param, Returns, Shape, Type};
use crate::spec::{Direction, ResultOn, Role};

/// A function of the typed surface.
#[derive(Serialize)]
pub(super) struct Function {
    docs: Vec<String>,
    deprecated: Option<Deprecated>,
    signature: String,
    body: String,
}

impl Function {
    /// Name, parameters and result.
    pub(super) fn signature(&self) -> &str {
        &self.signature
    }
}

/// What users are told when they call something that is going away.
#[derive(Serialize)]
struct Deprecated {
    since: String,
    note: String,
}

/// The functions of an operation: itself; with options, for a constructor that has some; into given memory, for one that
/// gives an array.
pub(super) fn functions(model: &Model, operation: &Operation) -> Vec<Function> {
    let mut forms = match (operation.role, operation.object.as_deref()) {
        (Role::Constructor, Some(object))
            if operation.params.iter().any(|param| is_option(object, param)) =>
        {
            vec![Form::Defaults, Form::Options]
        }
        _ => vec![Form::Plain],
    };
    let has_one_array = gives_array(operation) && operation.beside().is_none();
    if has_one_array && !writes_in_place(operation) && !operation.is_issued() {
        forms.push(Form::Into);
    }
    forms.into_iter().map(|form| function(model, operation, form)).collect()
}

/// True for a constructor's parameter that goes into the options.
pub(super) fn is_option(object: &Object, param: &Param) -> bool {
    (param.optional || param.default.is_some()) && !is_element_type(object, param)
}

/// The default of a parameter, as a Rust expression.
pub(super) fn default(param: &Param) -> String {
    match &param.default {
        Some(Default::Flag(value)) => value.to_string(),
        Some(Default::Integer(value)) => value.to_string(),
        Some(Default::Enum(item, index)) => format!("{}::{}", item.type_name, item.values[*index].variant),
        Some(Default::Dtype(dtype)) => format!("Dtype::{}", dtype.variant),
        Some(Default::None(constant)) if matches!(param.ty, Type::Real(_)) => {
            format!("f64::from(dtl_types::constants::{})", constant.name)
        }
        Some(Default::None(constant)) => format!("dtl_types::constants::{}", constant.name),
        None => "None".to_owned(),
    }
}

/// The default of a parameter where it is passed.
fn passed_default(param: &Param) -> String {
    match &param.default {
        Some(_) if param.ty.is_list() => format!("&[{}]", default(param)),
        _ => default(param),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Form {
    Plain,
    /// A constructor with the required parameters alone.
    Defaults,
    /// A constructor with the required parameters and the options.
    Options,
    /// The result goes into a slice of the caller.
    Into,
}

/// In a generic constructor the element type replaces the dtype.
fn is_element_type(object: &Object, param: &Param) -> bool {
    object.generic && matches!(param.ty, Type::Dtype)
}

fn gives_array(operation: &Operation) -> bool {
    matches!(&operation.result, Some(result) if matches!(result.ty, Type::Array(_)) && !result.is_one_element())
}

/// One slice is both input and result.
fn writes_in_place(operation: &Operation) -> bool {
    operation.params.iter().any(|param| param.direction == Direction::Inout)
}

fn function(model: &Model, operation: &Operation, form: Form) -> Function {
    let object = operation.object.as_deref();
    let generic_object = object.is_some_and(|object| object.generic);
    let name = match (operation.role, form) {
        (Role::Constructor, Form::Options) => "with_options".to_owned(),
        (Role::Constructor, _) => "new".to_owned(),
        (_, Form::Into) => format!("{}_into", operation.name),
        _ => operation.name.clone(),
    };
    let mut params = Vec::new();
    let mut statements = Vec::new();
    let mut arguments = Vec::new();
    if operation.takes_self() {
        params.push(receiver(operation).to_owned());
        arguments.push(if generic_object { "self.raw()".to_owned() } else { "self".to_owned() });
    }
    let mut has_options = false;
    for param in &operation.params {
        if object.is_some_and(|object| operation.role == Role::Constructor && is_element_type(object, param))
        {
            let name = object.and_then(|object| object.type_param(&param.name)).unwrap_or("T");
            arguments.push(format!("{name}::DTYPE"));
            continue;
        }
        let option =
            operation.role == Role::Constructor && object.is_some_and(|object| is_option(object, param));
        arguments.push(match (option, form) {
            (true, Form::Defaults) => passed_default(param),
            (true, _) => {
                has_options = true;
                option_argument(operation, param, &mut statements)
            }
            (false, _) => {
                params.push(format!("{}: {}", param.name, param_type(operation, param)));
                argument(operation, param, &param.name, &mut statements)
            }
        });
    }
    if has_options {
        let generic = operation.params.iter().any(|param| matches!(param.ty, Type::Value(_)));
        let type_name = object.map(|object| object.type_name.as_str()).unwrap_or_default();
        params.push(format!("options: {type_name}Options{}", if generic { "<T>" } else { "" }));
    }
    let (returns, body) = match operation.is_issued() {
        true => finish_issued(operation, &statements, arguments),
        false => finish(operation, form, &mut params, statements, arguments),
    };
    // A free function is generic when an array of a dtype variable goes in; methods take T from their object.
    let element = (!generic_object && !operation.variables.is_empty()).then(|| "T: Element".to_owned());
    let outcomes = operation.params.iter().filter_map(|param| match &param.ty {
        Type::Callback(callback) => outcome(callback),
        _ => None,
    });
    let generics: Vec<String> = element.into_iter().chain(outcomes).collect();
    Function {
        docs: docs(model, operation, form),
        deprecated: operation
            .deprecated
            .as_ref()
            .map(|(since, note)| Deprecated { since: since.clone(), note: note.clone() }),
        signature: format!(
            "{name}{}({}) -> {returns}",
            if generics.is_empty() { String::new() } else { format!("<{}>", generics.join(", ")) },
            params.join(", ")
        ),
        body,
    }
}

/// How a method takes its object. Slices of a container's elements need no operation, so a request takes the container.
fn receiver(operation: &Operation) -> &'static str {
    match operation.mutates {
        _ if request_takes_object(operation) => "self",
        true => "&mut self",
        false => "&self",
    }
}

fn request_takes_object(operation: &Operation) -> bool {
    operation.is_issued() && operation.object.as_ref().is_some_and(|object| object.is_lent())
}

fn param_type(operation: &Operation, param: &Param) -> String {
    let borrow = if param.direction == Direction::Out { "&mut " } else { "&" };
    let plain = match &param.ty {
        Type::Object(object) if object.generic => {
            format!("{borrow}{}<{}>", object.type_name, object.type_params(""))
        }
        Type::Object(object) => format!("{borrow}{}", object.type_name),
        Type::Array(of) if operation.is_issued() => {
            let vec = format!("Vec<{}>", element(operation, of));
            return if param.optional && param.direction == Direction::In {
                format!("Option<{vec}>")
            } else {
                vec
            };
        }
        Type::Array(_) if param.direction == Direction::Inout => return "&mut [T]".to_owned(),
        Type::Array(of) => format!("&[{}]", element(operation, of)),
        Type::Value(of) => element(operation, of),
        Type::Text => "&str".to_owned(),
        Type::Callback(callback) if callback.has_elements() => closure(callback, operation.is_issued()),
        ty if ty.is_list() || matches!(ty, Type::Counts) => slice_type(ty),
        ty => value_type(ty),
    };
    if param.optional { format!("Option<{plain}>") } else { plain }
}

fn element(operation: &Operation, of: &Of) -> String {
    let own = |property: &str| operation.object.as_ref()?.type_param(property);
    match of {
        Of::Fixed(dtype) => dtype.rust.clone(),
        of => of.property().and_then(own).unwrap_or("T").to_owned(),
    }
}

/// The argument for `ops` of what the options hold.
fn option_argument(operation: &Operation, param: &Param, statements: &mut Vec<String>) -> String {
    let place = format!("options.{}", param.name);
    match param.ty.is_list() {
        true if param.optional => format!("{place}.as_deref()"),
        true => format!("&{place}"),
        false => argument(operation, param, &place, statements),
    }
}

/// The argument for `ops`; what has to happen before goes into `statements`.
fn argument(operation: &Operation, param: &Param, place: &str, statements: &mut Vec<String>) -> String {
    match &param.ty {
        Type::Object(object) if object.generic => format!("{place}.raw()"),
        Type::Callback(callback) if callback.has_elements() => format!("{}({place})", callback.name),
        Type::Value(_) if param.optional => format!("{place}.map(Scalar::of)"),
        Type::Value(_) => format!("Scalar::of({place})"),
        Type::Array(_) if operation.is_issued() => lent(operation, param, place, statements),
        Type::Counts if operation.is_issued() && param.optional => format!("{place}.map(<[u64]>::to_vec)"),
        Type::Counts if operation.is_issued() => format!("{place}.to_vec()"),
        Type::Text if operation.is_issued() && param.optional => format!("{place}.map(str::to_owned)"),
        Type::Text if operation.is_issued() => format!("{place}.to_owned()"),
        Type::Array(_) if param.direction == Direction::Inout => {
            statements.push(format!("let shape = [{place}.len()];"));
            statements.push(format!("let (input, mut out) = in_place({place}, &shape);"));
            if param.optional { "Some(input)".to_owned() } else { "input".to_owned() }
        }
        Type::Array(_) => {
            let shape = format!("{place}_shape");
            let by_rank = param.shape.as_ref().is_some_and(Shape::is_by_rank);
            let length = if param.optional {
                format!("{place}.map_or(0, <[_]>::len)")
            } else {
                format!("{place}.len()")
            };
            statements.push(match (by_rank, operation.context()) {
                (true, Some(ContextSource::Param(context))) => {
                    format!("let {shape} = rows({length}, {context}.size());")
                }
                _ => format!("let {shape} = [{length}];"),
            });
            if param.optional {
                format!("{place}.map(|values| array(values, &{shape}))")
            } else {
                format!("array({place}, &{shape})")
            }
        }
        _ => place.to_owned(),
    }
}

/// The argument for `ops` of a vector that the request owns.
fn lent(operation: &Operation, param: &Param, place: &str, statements: &mut Vec<String>) -> String {
    if param.direction == Direction::Inout {
        statements.push(format!("let (input, out) = lent_in_place({place});"));
        return if param.optional { "Some(input)".to_owned() } else { "input".to_owned() };
    }
    let by_rank = param.shape.as_ref().is_some_and(Shape::is_by_rank);
    let length = if param.optional {
        format!("{place}.as_ref().map_or(0, Vec::len)")
    } else {
        format!("{place}.len()")
    };
    let shape = match (by_rank, operation.context()) {
        (true, Some(ContextSource::Param(context))) => format!("rows({length}, {context}.size())"),
        _ => format!("vec![{length}]"),
    };
    statements.push(format!("let {place}_shape = {shape};"));
    match param.optional {
        true => format!("{place}.map(|values| Lent::of(values, {place}_shape))"),
        false => format!("Lent::of({place}, {place}_shape)"),
    }
}

/// Return type and body of a form that does not block.
fn finish_issued(
    operation: &Operation,
    statements: &[String],
    mut arguments: Vec<String>,
) -> (String, String) {
    let (gives, output, made) = match &operation.result {
        Some(Returns { ty: Type::Array(of), on, .. }) => {
            let element = element(operation, of);
            let gives = match on {
                ResultOn::Root => format!("Option<Vec<{element}>>"),
                ResultOn::All => format!("Vec<{element}>"),
            };
            match (writes_in_place(operation), beside(operation)) {
                (true, _) => (gives, format!("VecBuffer<{element}>"), "out".to_owned()),
                (false, Some(second)) => (
                    format!("({gives}, Vec<{second}>)"),
                    format!("Pair<VecOutput<{element}>, VecOutput<{second}>>"),
                    pair(&element, &second),
                ),
                (false, None) => {
                    (gives, format!("VecOutput<{element}>"), format!("VecOutput::<{element}>::new()"))
                }
            }
        }
        _ => ("()".to_owned(), "()".to_owned(), String::new()),
    };
    if !made.is_empty() {
        arguments.push(made);
    }
    let call = format!("ops::{}({})", operation.function, arguments.join(", "));
    if request_takes_object(operation) {
        return ("Request<Self>".to_owned(), format!("Request::of::<Self>({call}.then(self))"));
    }
    let body = format!("{}\nRequest::of::<{output}>({call})", statements.join("\n"));
    (format!("Request<{gives}>"), body)
}

/// Return type and body.
fn finish(
    operation: &Operation,
    form: Form,
    params: &mut Vec<String>,
    statements: Vec<String>,
    mut arguments: Vec<String>,
) -> (String, String) {
    let lines = statements.join("\n");
    let call = |arguments: &[String]| format!("ops::{}({})", operation.function, arguments.join(", "));
    let Some(result) = &operation.result else {
        let returns = if operation.infallible { "()" } else { "Result<()>" };
        return (returns.to_owned(), format!("{lines}\n{}", call(&arguments)));
    };
    if let Type::Array(of) = &result.ty {
        arguments.push("&mut out".to_owned());
        let call = call(&arguments);
        if writes_in_place(operation) {
            return ("Result<()>".to_owned(), format!("{lines}\n{call}"));
        }
        let element = element(operation, of);
        if form == Form::Into {
            params.push(format!("out: &mut [{element}]"));
            return (
                "Result<()>".to_owned(),
                format!("{lines}\nlet mut out = SliceOutput::new(out);\n{call}"),
            );
        }
        if let Some(second) = beside(operation) {
            let body = format!("{lines}\nlet mut out = {};\n{call}?;\n", pair(&element, &second));
            return (
                format!("Result<(Vec<{element}>, Vec<{second}>)>"),
                format!("{body}Ok((out.0.into_vec(), out.1.into_vec()))"),
            );
        }
        let body = format!("{lines}\nlet mut out = VecOutput::<{element}>::new();\n{call}?;\n");
        if result.is_one_element() {
            return (format!("Result<{element}>"), format!("{body}Ok(out.into_element())"));
        }
        let context = match operation.context() {
            Some(ContextSource::Param(context)) => context,
            _ => "self.raw().context()".to_owned(),
        };
        return match result.on {
            ResultOn::Root => (
                format!("Result<Option<Vec<{element}>>>"),
                format!("{body}Ok(({context}.rank() == root).then(|| out.into_vec()))"),
            ),
            ResultOn::All => (format!("Result<Vec<{element}>>"), format!("{body}Ok(out.into_vec())")),
        };
    }
    let (value, mut convert) = owned(result);
    if operation.inherited && operation.gives_own_kind() {
        convert = ".map(Into::into).and_then(Self::from_erased)";
    }
    let returns = if operation.infallible { value } else { format!("Result<{value}>") };
    (returns, format!("{lines}\n{}{convert}", call(&arguments)))
}

/// Type of the elements of the second array of the result.
fn beside(operation: &Operation) -> Option<String> {
    match &operation.beside()?.ty {
        Type::Array(of) => Some(element(operation, of)),
        _ => None,
    }
}

/// Where two arrays go.
fn pair(first: &str, second: &str) -> String {
    format!("Pair(VecOutput::<{first}>::new(), VecOutput::<{second}>::new())")
}

/// The result's type, and what turns the erased result into it.
fn owned(result: &Returns) -> (String, &'static str) {
    let (plain, convert) = match &result.ty {
        Type::Object(object) if object.generic => {
            (format!("{}<{}>", object.type_name, object.type_params("")), ".and_then(Self::from_erased)")
        }
        ty => (value_type(ty), ""),
    };
    match (&result.many, result.optional) {
        (Some(_), _) => (format!("Vec<{plain}>"), convert),
        (None, true) => (format!("Option<{plain}>"), convert),
        (None, false) => (plain, convert),
    }
}

fn docs(model: &Model, operation: &Operation, form: Form) -> Vec<String> {
    let mut docs = doc::rustdoc(&operation.summary);
    let mut section = |text: &str| {
        docs.push(String::new());
        docs.extend(doc::rustdoc(text));
    };
    match form {
        Form::Options => section("The options choose what `new` leaves at its default."),
        Form::Into => section(
            "The result goes into `out`, which must have as many elements; where there is no result it is not touched.",
        ),
        Form::Plain | Form::Defaults => {}
    }
    if !operation.details.is_empty() {
        section(&operation.details);
    }
    section(doc::collectiveness(operation));
    let errors = doc::error_lines(operation);
    if !errors.is_empty() && !operation.infallible {
        docs.extend([String::new(), "# Errors".to_owned(), String::new()]);
        docs.extend(
            errors.iter().map(|error| format!("- `Status::{}` if {}.", error.status.variant, error.when)),
        );
    }
    if matches!(form, Form::Plain) {
        for (shown, example) in model.examples_of(operation) {
            let Some(code) = snippet(shown, example) else { continue };
            docs.extend([String::new(), example.doc.clone(), String::new(), "```".to_owned()]);
            docs.extend(code.lines().map(str::to_owned));
            docs.push("```".to_owned());
        }
    }
    docs
}
