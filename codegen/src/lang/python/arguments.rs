//! How a Python argument becomes what `dtl::ops` takes: for each parameter its type in the glue, the statement that
//! converts it, and the expression that passes it on.

use super::signature::{INDEX, is_selection, own};
use crate::model::{Accepted, Callback, CallbackParam, Check, Default, Object, Of, Operation, Param, Type};
use crate::spec::Base;

/// A parameter in the glue.
pub(super) struct Argument {
    /// Name in the signature.
    pub parameter: String,
    /// Variable that holds the converted argument.
    pub name: String,
    /// Type in the signature of the Rust function.
    pub ty: &'static str,
    /// Default in PyO3's signature, if any.
    pub default: Option<&'static str>,
    /// Expression that converts it, a `Result`.
    pub converted: String,
    /// The variable is changed afterwards.
    pub mutable: bool,
    /// The conversion needs other arguments, so it comes after theirs.
    pub late: bool,
    /// Expression that passes it on.
    pub pass: String,
    /// That lends a Python object to an operation that goes on after the call, which needs the interpreter.
    pub lends: bool,
}

impl Argument {
    /// The statement that converts it.
    pub fn convert(&self) -> String {
        let mutable = if self.mutable { "mut " } else { "" };
        format!("let {mutable}{} = {}?;", self.name, self.converted)
    }
}

const ANY: &str = "&Bound<'py, PyAny>";
pub(super) const OPTIONAL: &str = "Option<&Bound<'py, PyAny>>";
pub(super) const DEFAULTED: &str = "border::Argument<'_, 'py>";
pub(super) const ABSENT: &str = "border::Argument::ABSENT";

/// The arguments of `operation`, in the order of the signature.
pub(super) fn arguments(operation: &Operation) -> Vec<Argument> {
    let index = operation.selects.then(|| index(operation));
    index.into_iter().chain(own(operation).map(|param| argument(operation, param))).collect()
}

/// What is passed to `dtl::ops` for each parameter of the specification.
pub(super) fn passed(operation: &Operation, arguments: &[Argument]) -> Vec<String> {
    let mut own = arguments.iter().filter(|argument| argument.parameter != INDEX || !operation.selects);
    let pass = |param: &Param| match is_selection(operation, param) {
        true if param.ty.is_list() => format!("&selected.{}", param.name),
        true => format!("selected.{}[0]", param.name),
        false => own.next().map(|argument| argument.pass.clone()).unwrap_or_default(),
    };
    operation.params.iter().map(pass).collect()
}

/// The integers and slices that say which elements are meant.
fn index(operation: &Operation) -> Argument {
    let shape = operation.object.as_ref().map(|object| object.function("shape")).unwrap_or_default();
    Argument {
        parameter: INDEX.to_owned(),
        name: "selected".to_owned(),
        ty: ANY,
        default: None,
        converted: format!("border::Selected::of({INDEX}, \"{INDEX}\", &ops::{shape}(&self.inner))"),
        mutable: false,
        late: false,
        pass: String::new(),
        lends: false,
    }
}

/// How `param` of `operation` is taken and converted.
fn argument(operation: &Operation, param: &Param) -> Argument {
    let name = &param.name;
    if param.anything {
        return Argument {
            parameter: name.clone(),
            name: name.clone(),
            ty: ANY,
            default: None,
            converted: format!("border::anything({name})"),
            mutable: false,
            late: false,
            pass: name.clone(),
            lends: false,
        };
    }
    if let Type::Array(_) = param.ty {
        return array(operation, param);
    }
    let none = match (&param.ty, super::signature::accepts_none(param)) {
        (Type::Integer(kind), true) => kind.none.as_ref().map(|none| none.value.to_string()),
        (Type::Real(kind), true) => kind.none.as_ref().map(|none| format!("{}.0", none.value)),
        _ => None,
    };
    let convert = conversion(operation, name, &param.ty);
    let (ty, default, converted) = if let Some(none) = none {
        let default = param.default.is_some().then_some("None");
        (OPTIONAL, default, format!("{name}.map_or(Ok({none}), |{name}| {convert})"))
    } else if let Some(default) = &param.default {
        let value = match param.ty.is_list() {
            true => format!("vec![{}]", default_value(default)),
            false => default_value(default),
        };
        (DEFAULTED, Some(ABSENT), format!("{name}.or({value}, |{name}| {convert})"))
    } else if param.or_new {
        let given = format!("|{name}| {convert}.map(|{name}| {name}.inner.clone())");
        let new = format!("{name}.map_or_else(|| border::of_all_processes(py), {given})");
        (OPTIONAL, Some("None"), new)
    } else if param.optional {
        (OPTIONAL, Some("None"), format!("{name}.map(|{name}| {convert}).transpose()"))
    } else {
        (ANY, None, convert)
    };
    Argument {
        parameter: name.clone(),
        name: name.clone(),
        ty,
        default,
        converted,
        mutable: false,
        late: false,
        lends: false,
        pass: match &param.ty {
            ty if (ty.is_list() || (matches!(ty, Type::Counts) && !operation.is_issued()))
                && param.optional =>
            {
                format!("{name}.as_deref()")
            }
            ty if ty.is_list() => format!("&{name}"),
            Type::Object(_) if param.or_new => format!("&{name}"),
            Type::Object(_) => format!("&{name}.inner"),
            Type::Counts | Type::Text if operation.is_issued() => name.clone(),
            Type::Text | Type::Objects(_) => format!("&{name}"),
            Type::Callback(callback) => closure(param, callback),
            _ => name.clone(),
        },
    }
}

/// An expression of type `Result<_, Refusal>`.
fn conversion(operation: &Operation, name: &str, ty: &Type) -> String {
    match ty {
        Type::Shape => format!("border::shape({name}, \"{name}\")"),
        Type::PerDimension(each) => {
            let convert = conversion(operation, name, each);
            format!("border::per_dimension({name}, \"{name}\", |{name}| {convert})")
        }
        Type::Counts => format!("border::counts({name}, \"{name}\")"),
        Type::Integer(kind) => {
            let rust = match kind.base {
                Base::U64 => "u64",
                Base::I64 => "i64",
                _ => "i32",
            };
            let (status, cure) = match &kind.check {
                Some(Check { status, cure, .. }) => (status.variant.as_str(), cure.as_str()),
                None => ("OutOfRange", if rust == "i32" { FITS_32 } else { FITS_64 }),
            };
            let function = if kind.or_flag { "integer_or_flag" } else { "integer" };
            let number =
                format!("border::{function}::<{rust}>({name}, \"{name}\", Status::{status}, {cure:?})");
            match &kind.by_choice {
                None => number,
                Some([yes, no]) => format!(
                    "border::number_or_choice({name}, self.inner.context(), [dtl::constants::{}, dtl::constants::{}], |{name}| {number})",
                    yes.name, no.name
                ),
            }
        }
        Type::Real(_) => format!("border::real({name}, \"{name}\")"),
        Type::Flag => format!("border::flag({name}, \"{name}\")"),
        Type::Text => format!("border::text({name}, \"{name}\")"),
        Type::Dtype => format!("border::dtype({name}, \"{name}\")"),
        Type::Communicator => format!("border::communicator({name}, \"{name}\")"),
        Type::Enum(item) => {
            let takes_function = operation.callable_op().is_some_and(|op| op.name == name);
            let function = if takes_function { "operator" } else { "choice" };
            format!("border::{function}::<dtl::{0}>({name}, \"{name}\", \"{0}\")", item.type_name)
        }
        Type::Object(object) => {
            let classes = object.classes().join(" or a dtl.");
            format!("border::object::<{}>({name}, \"{name}\", \"{classes}\")", object.python)
        }
        Type::Objects(object) => format!(
            "border::objects::<{0}, _>({name}, \"{name}\", \"{0}\", |object| object.inner.clone(), {1})",
            object.python,
            others(object)
        ),
        Type::Callback(callback) if callback.is_elementwise() => {
            let with_index = if callback.index().is_some() { "with_index" } else { "None" };
            format!("border::elementwise({name}, \"{name}\", {with_index}, vectorized)")
        }
        Type::Callback(callback) if callback.fails.is_some() => {
            format!("border::combiner({name}, \"{name}\")")
        }
        Type::Callback(_) => format!("border::callable({name}, \"{name}\")"),
        Type::Value(of) => format!("border::scalar({name}, {}, \"{name}\")", dtype_of(operation, of)),
        Type::Array(_) => unreachable!("arrays are converted by `array`"),
        Type::View(_) | Type::Struct(_) => unreachable!("the rule `supports` refuses them"),
    }
}

/// The closure that makes an object of this class from one of another class, where such may be in a list.
fn others(object: &Object) -> String {
    let other = |of: &Accepted| {
        format!(
            "if let Ok(object) = item.cast::<{}>() {{ return Some(ops::{}(&object.get().inner)); }}",
            of.python, of.symbol
        )
    };
    let others: String = object.accepts.iter().map(other).collect();
    if others.is_empty() { "|_| None".to_owned() } else { format!("|item| {{ {others} None }}") }
}

/// The closure that calls a callable of Python.
fn closure(param: &Param, callback: &Callback) -> String {
    let name = &param.name;
    let params: Vec<&str> = callback.params.iter().map(|param| param.name.as_str()).collect();
    let params = params.join(", ");
    let boxed = match &callback.fails {
        _ if callback.is_elementwise() => return elementwise(name, callback),
        Some(_) => return format!("{name}.function()"),
        None => format!("Box::new(move |{params}| {name}.call(({params},)))"),
    };
    let boxed = format!("-> dtl::{} {{ {boxed} }}", callback.type_name);
    match param.optional {
        true => format!("{name}.map(|{name}| {boxed})"),
        false => format!("(|| {boxed})()"),
    }
}

/// The same for a callable that is passed elements, many at once; what it gives goes where they say.
fn elementwise(name: &str, callback: &Callback) -> String {
    let is_given =
        |param: &&CallbackParam| callback.given_element().is_some_and(|given| given.name == param.name);
    let names: Vec<String> = (callback.params.iter())
        .map(|param| match is_given(&param) {
            true => format!("mut {}", param.name),
            false => param.name.clone(),
        })
        .chain(callback.returns.as_ref().map(|_| "answers".to_owned()))
        .collect();
    let read = callback.params.iter().filter(|param| param.is_element() && !is_given(param));
    let read: Vec<String> = read
        .map(|param| match param.is_written() {
            true => format!("{}.as_read()", param.name),
            false => param.name.clone(),
        })
        .collect();
    let index = callback.index().map_or_else(|| "None".to_owned(), |index| format!("Some({})", index.name));
    let gives = match (&callback.returns, callback.given_element()) {
        (Some(_), _) => "border::Gives::Answers(answers)".to_owned(),
        (None, Some(given)) => format!("border::Gives::Elements(&mut {})", given.name),
        (None, None) => "border::Gives::Nothing".to_owned(),
    };
    let status = callback.fails.as_ref().map_or("Algorithm", |status| status.variant.as_str());
    format!(
        "{{ let {name} = {name}.clone(); Box::new(move |{}| {name}.call(&[{}], {index}, {gives}, dtl::Status::{status})) }}",
        names.join(", "),
        read.join(", ")
    )
}

const FITS_32: &str = "Pass an integer that fits in 32 bits.";
const FITS_64: &str = "Pass an integer that fits in 64 bits.";

fn dtype_of(operation: &Operation, of: &Of) -> String {
    match of {
        Of::Fixed(dtype) => format!("dtl::Dtype::{}", dtype.variant),
        Of::Param(name) => name.clone(),
        of => match (&operation.object, of.property()) {
            (Some(object), Some(property)) => format!("ops::{}(&self.inner)", object.function(property)),
            _ => unreachable!("the rule `supports` refuses elements of which nothing says the dtype"),
        },
    }
}

fn array(operation: &Operation, param: &Param) -> Argument {
    let name = &param.name;
    let target = &format!("{name}_array");
    let make = match (&param.ty, param.optional, &param.counts_bool_under) {
        (Type::Array(of), ..) if operation.selects => {
            format!("selected.values({name}, \"{name}\", {})", dtype_of(operation, of))
        }
        (Type::Array(of @ Of::Own(_)), ..) => {
            format!("border::ArrayIn::of_dtype({name}, \"{name}\", {})", dtype_of(operation, of))
        }
        (_, true, _) => {
            format!("border::ArrayIn::at_root({name}, \"{name}\", {})", counts_here(operation))
        }
        (_, false, Some(op)) => format!("border::ArrayIn::counting({name}, \"{name}\", {op})"),
        (_, false, None) => format!("border::ArrayIn::new({name}, \"{name}\")"),
    };
    Argument {
        parameter: name.clone(),
        name: target.clone(),
        ty: if param.optional { OPTIONAL } else { ANY },
        default: param.optional.then_some("None"),
        converted: make,
        mutable: super::signature::gives_array(operation),
        late: true,
        lends: operation.is_issued(),
        pass: match param.optional {
            true if operation.is_issued() => {
                format!("{target}.zip({name}).map(|(made, passed)| made.lend(passed))")
            }
            false if operation.is_issued() => format!("{target}.lend({name})"),
            true => format!("{target}.as_ref().map(border::ArrayIn::array)"),
            false => format!("{target}.array()"),
        },
    }
}

/// Of a rooted operation, an array that may be left out counts at the root alone.
fn counts_here(operation: &Operation) -> String {
    let is_root = |param: &&Param| matches!(&param.ty, Type::Integer(kind) if kind.name == "root");
    match operation.params.iter().find(is_root) {
        Some(root) => format!("{} == ops::context_rank(context)", root.name),
        None => "true".to_owned(),
    }
}

fn default_value(default: &Default) -> String {
    match default {
        Default::Flag(value) => value.to_string(),
        Default::Integer(value) => value.to_string(),
        Default::Enum(item, index) => format!("dtl::{}::{}", item.type_name, item.values[*index].variant),
        Default::Dtype(dtype) => format!("dtl::Dtype::{}", dtype.variant),
        Default::None(constant) => constant.value.to_string(),
    }
}
