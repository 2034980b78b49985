//! `ops.rs`: one checked, erased function for each operation.

use serde::Serialize;
use std::collections::BTreeSet;

use super::spelling::{has_output, owned_param_type, param_type, return_type};
use crate::lang::banner;
use crate::model::{Agree, ContextSource, Model, Of, Operation, Param, Type, screaming, upper_camel};
use crate::output::OutputFile;
use crate::render::render;
use crate::spec::{Base, Direction, Elements};

pub(super) fn file(model: &Model) -> OutputFile {
    let view = Ops {
        banner: banner("spec/objects and spec/ops"),
        objects: model
            .objects
            .iter()
            .flat_map(|object| [object.rust.clone(), object.base.clone()])
            .collect::<BTreeSet<_>>(),
        operations: model.distinct_operations().map(function).collect(),
    };
    OutputFile::rust(
        "generated/rust/ops.rs",
        &render("ops", include_str!("../../../templates/rust/ops.rs.tera"), &view),
    )
}

#[derive(Serialize)]
struct Ops {
    banner: String,
    objects: BTreeSet<String>,
    operations: Vec<Function>,
}

#[derive(Serialize)]
struct Function {
    symbol: String,
    variant: String,
    full_name: String,
    file: String,
    summary: String,
    params: String,
    returns: String,
    /// Type of the runtime function of a local operation.
    impl_type: String,
    impl_path: String,
    /// Other ranks take part, so that the runtime function is asynchronous; `data` are the parameters but for the context, and
    /// `names` what is passed for them.
    is_async: bool,
    data: String,
    names: String,
    /// The result is an array.
    has_output: bool,
    /// For a form that does not block, the function that it has in common with the one that does.
    issues: String,
    /// The object of which its future keeps a clone, `kept`; empty for a free operation.
    kept: String,
    /// Arguments for the runtime function.
    arguments: String,
    /// All ranks take part, and agree on what they call.
    is_collective: bool,
    /// What all ranks must agree on, as methods of the call; empty where it is nothing.
    agreed: String,
    /// The call refers to shapes of arrays for as long as it lasts.
    keeps_shapes: bool,
    /// Statements that check arguments; each ends in `?;`.
    checks: Vec<String>,
    /// The containers that it uses, each with how: elements of an array; empty for none.
    borrows: String,
    /// Expression for the context that is told of an error; empty for operations that have none or cannot fail.
    context: String,
    /// The beginning of a call of the function that tells it.
    runs: String,
    /// Errors get the operation's name here; those of collective operations have it, because all ranks agreed on them, and those
    /// of requests have the name of what was issued.
    names_itself: bool,
}

/// Type of a parameter of the runtime function, which takes objects as what they have in common with others.
fn impl_param_type(param: &Param) -> String {
    match &param.ty {
        Type::Object(object) if param.optional => format!("Option<&{}>", object.base),
        Type::Object(object) => format!("&{}", object.base),
        _ => param_type(param),
    }
}

fn function(operation: &Operation) -> Function {
    let this = operation.object.as_ref().filter(|_| operation.takes_self());
    let mut params = Vec::new();
    // The call refers to the shapes of these for as long as it lasts.
    let is_kept = |param: &Param| {
        let is_it = |agreement: &Agree| matches!(agreement, Agree::ShapeOf(name) | Agree::RowOf(name) if *name == param.name);
        operation.agree.iter().any(is_it)
    };
    let mut data: Vec<String> = Vec::new();
    let (mut impl_types, mut arguments) = (Vec::new(), Vec::new());
    let context = operation.context().filter(|_| operation.is_collective());
    if context.is_some() {
        impl_types.push("&Call<'_>".to_owned());
        arguments.push("&call".to_owned());
    }
    if let Some(object) = this {
        params.push(format!("{}: &{}", object.name, object.rust));
        if context != Some(ContextSource::This) {
            data.push(format!("{}: &{}", object.name, object.base));
            if operation.nonblocking && context.is_none() {
                // Nobody agrees on anything, but both forms still have a call in common, which knows the context.
                arguments.push("&call".to_owned());
            }
            impl_types.push(format!("&{}", object.base));
            arguments.push(object.name.clone());
        }
    }
    for param in &operation.params {
        let ty = if operation.is_issued() { owned_param_type(param) } else { param_type(param) };
        params.push(format!("{}: {ty}", param.name));
        match &param.ty {
            ty if ty.is_object("context") => {}
            _ if is_kept(param) => data.push(format!("{}: Array<'a>", param.name)),
            _ => data.push(format!("{}: {}", param.name, impl_param_type(param))),
        }
        if operation.nonblocking && context.is_none() && param.ty.is_object("context") {
            arguments.push("&call".to_owned());
        } else if context != Some(ContextSource::Param(param.name.clone())) {
            impl_types.push(impl_param_type(param));
            arguments.push(param.name.clone());
        }
    }
    let mut names = passed_names(operation);
    if has_output(operation) && operation.is_issued() {
        params.push("mut out: impl Output + Send + 'static".to_owned());
        names.push("&mut out".to_owned());
    } else if has_output(operation) {
        names.push("out".to_owned());
        data.push("out: &mut dyn Output".to_owned());
        params.push("out: &mut dyn Output".to_owned());
        impl_types.push("&mut dyn Output".to_owned());
        arguments.push("out".to_owned());
    }
    Function {
        symbol: operation.symbol.clone(),
        variant: operation.variant.clone(),
        full_name: operation.full_name.clone(),
        file: operation.position.file.clone(),
        summary: operation.summary.clone(),
        params: params.join(", "),
        returns: return_type(operation),
        impl_type: format!("fn({}) -> {}", impl_types.join(", "), return_type(operation)),
        impl_path: operation.implementation.clone(),
        is_async: takes_call(operation) && !operation.is_issued(),
        data: data.join(", "),
        names: names.join(", "),
        has_output: has_output(operation),
        issues: operation.issues.as_ref().map(|blocking| blocking.replace('.', "_")).unwrap_or_default(),
        kept: this.map(|object| object.name.clone()).unwrap_or_default(),
        arguments: arguments.join(", "),
        is_collective: operation.is_collective(),
        keeps_shapes: operation.params.iter().any(is_kept),
        agreed: context.map(|source| agreed(operation, &source)).unwrap_or_default(),
        checks: checks(operation),
        borrows: borrows(operation),
        runs: match operation.is_collective() {
            true => format!("collectively({}, Operation::{}, || ", told(operation), operation.variant),
            false => format!("reporting({}, || ", told(operation)),
        },
        context: told(operation),
        names_itself: !operation.infallible && !operation.is_collective() && !is_about_requests(operation),
    }
}

/// True for an operation in which other ranks take part, with a call that knows the context.
fn takes_call(operation: &Operation) -> bool {
    operation.is_collective() || operation.nonblocking
}

/// What both forms of an operation pass to the function that they have in common; the future of the one that does not block owns
/// it.
fn passed_names(operation: &Operation) -> Vec<String> {
    let params = operation.params.iter().filter(|param| !param.ty.is_object("context"));
    let of_self = operation.takes_self() && operation.context() != Some(ContextSource::This);
    let this = operation.object.iter().filter(|_| of_self).map(|object| object.name.clone());
    if !operation.is_issued() {
        return this.chain(params.map(|param| param.name.clone())).collect();
    }
    let lent = |param: &Param| match &param.ty {
        Type::Array(_) if param.optional => format!("{}.as_ref().map(Lent::array)", param.name),
        Type::Array(_) => format!("{}.array()", param.name),
        Type::Counts | Type::Text if param.optional => format!("{}.as_deref()", param.name),
        Type::Counts | Type::Text => format!("&{}", param.name),
        _ => param.name.clone(),
    };
    this.map(|_| "&kept".to_owned()).chain(params.map(lent)).collect()
}

/// True for an operation on one request or several.
fn is_about_requests(operation: &Operation) -> bool {
    let is_listed = |param: &Param| matches!(&param.ty, Type::Objects(object) if object.is_awaitable());
    operation.params.iter().any(is_listed)
        || operation.object.as_ref().is_some_and(|object| object.is_awaitable())
}

/// The value of `Operation` in the function of an operation; where there is a call, it knows it.
fn own_value(operation: &Operation) -> String {
    if takes_call(operation) {
        "call.operation()".to_owned()
    } else {
        format!("Operation::{}", operation.variant)
    }
}

/// What all ranks must agree on.
fn agreed(operation: &Operation, source: &ContextSource) -> String {
    let object = operation.object.as_ref().map(|object| object.name.as_str()).unwrap_or_default();
    let mut text = String::new();
    if let Some(same) = &operation.same_as {
        text.push_str(&format!(".same_as(Operation::{})", upper_camel(same)));
    }
    if *source == ContextSource::OfThis {
        text.push_str(&format!(".container({object}.id())"));
    }
    // The header of a call has room for one element type.
    let mut types = 0;
    for agreement in &operation.agree {
        types += usize::from(matches!(agreement, Agree::Dtype(_) | Agree::DtypeOf(_)));
        text.push_str(&match agreement {
            Agree::Operator(name) => format!(".op({name})"),
            Agree::Root(name) => format!(".root({name})"),
            Agree::Dtype(name) if types > 1 => format!(".choice(\"{name}\", {name})"),
            Agree::DtypeOf(name) if types > 1 => format!(".choice(\"{name}.dtype\", {name}.dtype())"),
            Agree::DtypeOf(name) => format!(".dtype({name}.dtype())"),
            Agree::ShapeOf(name) => format!(".shape(&{name})"),
            Agree::RowOf(name) => format!(".row(&{name})"),
            Agree::Dtype(name) => format!(".dtype({name})"),
            Agree::Container(name) => format!(".other_container(\"{name}\", {name}.id())"),
            Agree::List(name) => list(operation, name),
            Agree::Other(name) => match operation.param(name).map(|param| &param.ty) {
                Some(Type::Enum(_)) => format!(".choice(\"{name}\", {name})"),
                Some(Type::Flag) => format!(".flag(\"{name}\", {name})"),
                _ => format!(".argument(\"{name}\", {})", as_i64(operation, name)),
            },
        });
    }
    text
}

/// The context that is told of an error; empty where there is none.
fn told(operation: &Operation) -> String {
    let source = operation.context().filter(|_| !operation.infallible);
    source.map(|source| context_expression(operation, &source)).unwrap_or_default()
}

fn context_expression(operation: &Operation, source: &ContextSource) -> String {
    let object = operation.object.as_ref().map(|object| object.name.as_str()).unwrap_or_default();
    match source {
        ContextSource::Param(name) => name.clone(),
        ContextSource::This => object.to_owned(),
        ContextSource::OfThis => format!("{object}.context()"),
    }
}

/// The agreement on a parameter that has a value for each dimension.
fn list(operation: &Operation, name: &str) -> String {
    let param = operation.param(name).expect("resolving checks parameters");
    let given = if param.optional { format!("{name}.unwrap_or_default()") } else { name.to_owned() };
    let each = if let Type::PerDimension(each) = &param.ty { Some(&**each) } else { None };
    match each {
        Some(Type::Enum(_)) => format!(".choices(\"{name}\", {given})"),
        Some(Type::Integer(kind)) if kind.base == Base::I64 => {
            format!(".list(\"{name}\", {given}.iter().copied())")
        }
        _ => format!(".list(\"{name}\", {given}.iter().map(|value| *value as i64))"),
    }
}

fn as_i64(operation: &Operation, name: &str) -> String {
    match operation.param(name).map(|param| &param.ty) {
        Some(Type::Integer(kind)) if kind.base == Base::I32 => format!("i64::from({name})"),
        Some(Type::Integer(kind)) if kind.base == Base::I64 => name.to_owned(),
        _ => format!("{name} as i64"),
    }
}

fn checks(operation: &Operation) -> Vec<String> {
    let mut checks: Vec<String> =
        operation.params.iter().flat_map(|param| param_checks(operation, param)).collect();
    if has_output(operation) {
        checks.push(format!("check::host_memory({}, \"the result\", out.kind())?;", own_value(operation)));
    }
    checks
}

/// The containers that an operation borrows. One that cannot fail knows of them what does not change while there are loans.
fn borrows(operation: &Operation) -> String {
    if operation.infallible {
        return String::new();
    }
    let loan = |name: &str, access: &str| format!("({name}.loans(), Access::{access})");
    let own = operation.object.as_ref().filter(|object| operation.takes_self() && object.is_lent());
    let of_self = own.and_then(|object| {
        let gives_view = matches!(&operation.result, Some(result) if matches!(result.ty, Type::View(_)));
        let access = match (operation.elements, operation.mutates) {
            (Elements::None, _) => return None,
            _ if gives_view => "View",
            (Elements::Any, false) => "Read",
            (Elements::Any, true) => "Write",
            (Elements::One, false) => "ReadOne",
            (Elements::One, true) => "WriteOne",
        };
        Some(loan(&object.name, access))
    });
    let of_params = operation.params.iter().filter_map(|param| match &param.ty {
        Type::Object(object) if object.is_lent() => {
            Some(loan(&param.name, if param.direction == Direction::Out { "Write" } else { "Read" }))
        }
        _ => None,
    });
    of_self.into_iter().chain(of_params).collect::<Vec<_>>().join(", ")
}

fn param_checks(operation: &Operation, param: &Param) -> Vec<String> {
    let name = &param.name;
    let object = operation.object.as_ref().map(|object| object.name.as_str()).unwrap_or_default();
    let operation_value = own_value(operation);
    let mut checks = Vec::new();
    match &param.ty {
        Type::Integer(kind) => {
            if let Some(check) = &kind.check {
                let bound = |value: Option<i64>| {
                    value.map_or_else(|| "None".to_owned(), |value| format!("Some({value})"))
                };
                let size = match operation.context() {
                    _ if takes_call(operation) => "context_size(call.context())".to_owned(),
                    Some(ContextSource::Param(context)) => format!("context_size({context})"),
                    Some(ContextSource::OfThis) => format!("context_size({object}.context())"),
                    Some(ContextSource::This) | None => "context_size(context)".to_owned(),
                };
                let below =
                    if check.below_size { format!("Some(i64::from({size}))") } else { "None".to_owned() };
                let value = if kind.base == Base::I64 { name.clone() } else { as_i64(operation, name) };
                checks.push(format!(
                    "check::integer({operation_value}, \"{name}\", {value}, &check::Range {{ at_least: {}, at_most: {}, \
                     below: {below}, or: {}, status: Status::{}, cure: {:?} }})?;",
                    bound(check.at_least),
                    bound(check.at_most),
                    bound(check.or.as_ref().map(|constant| constant.value)),
                    check.status.variant,
                    check.cure,
                ));
            }
        }
        Type::Enum(item) if item.values.iter().any(|value| value.dtypes.is_some()) => {
            let array =
                operation.params.iter().find(|other| matches!(other.ty, Type::Array(Of::Variable(_))));
            if let Some(array) = array {
                checks.push(format!(
                    "check::operator({operation_value}, \"{name}\", {name}, {}.dtype())?;",
                    array.name
                ));
            }
        }
        Type::Array(_) if param.anything => {}
        Type::Array(of) => {
            let check =
                |array: &str| format!("check::host_memory({operation_value}, \"{name}\", {array}.kind())?;");
            checks.push(if param.optional {
                format!("if let Some({name}) = &{name} {{ {} }}", check(name))
            } else {
                check(name)
            });
            if let Of::Variable(variable) = of {
                let set = operation
                    .variables
                    .iter()
                    .find(|known| known.name == *variable)
                    .map(|known| screaming(&known.set.name));
                if let Some(set) = set {
                    let check = |array: &str| {
                        format!(
                            "check::element_type({operation_value}, \"{name}\", {array}.dtype(), Dtype::{set})?;"
                        )
                    };
                    checks.push(if param.optional {
                        format!("if let Some({name}) = &{name} {{ {} }}", check(name))
                    } else {
                        check(name)
                    });
                }
            }
        }
        Type::Dtype => {
            checks.extend(param.dtypes.as_ref().map(|set| {
                let set = screaming(&set.name);
                format!("check::chosen_dtype({operation_value}, \"{name}\", {name}, Dtype::{set})?;")
            }));
        }
        Type::Value(of) => {
            let dtype = match of {
                Of::Param(dtype) => dtype.clone(),
                Of::Fixed(dtype) => format!("Dtype::{}", dtype.variant),
                Of::Own(property) => format!("{object}.{property}()"),
                Of::This | Of::Variable(_) => format!("{object}.dtype()"),
            };
            let check = |value: &str| {
                format!("check::same_dtype({operation_value}, \"{name}\", {value}.dtype(), {dtype})?;")
            };
            checks.push(if param.optional {
                format!("if let Some({name}) = &{name} {{ {} }}", check(name))
            } else {
                check(name)
            });
        }
        _ => {}
    }
    checks
}
