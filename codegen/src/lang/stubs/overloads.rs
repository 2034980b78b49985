//! How operations are typed: the parameters and the result of each overload.
//!
//! An operation that gives back an array of its argument's dtype says so for arrays, NumPy scalars and Python scalars;
//! what else NumPy can make an array of gives `Any`. A given `out` comes back itself.

use serde::Serialize;

use crate::lang::python::signature::{Parameter, accepts_none, gives_array, keeps_shape, parameters};
use crate::model::{Callback, Dtype, Model, Of, Operation, Type};
use crate::spec::{Direction, ResultOn, Role};

/// A signature: parameters with types and defaults, and the type of the result.
#[derive(Serialize)]
pub(super) struct Overload {
    /// On one line, or one for each parameter; the first follows the name.
    lines: Vec<String>,
}

/// What fits on a line beside `def`, indentation and a name.
const WIDTH: usize = 88;

impl Overload {
    fn new(parameters: &[String], returns: &str) -> Self {
        let short = format!("({}) -> {returns}", parameters.join(", "));
        if short.len() <= WIDTH {
            return Self { lines: vec![short] };
        }
        let parameters = parameters.iter().map(|parameter| format!("    {parameter},"));
        let last = format!(") -> {returns}");
        Self { lines: std::iter::once("(".to_owned()).chain(parameters).chain([last]).collect() }
    }

    pub(super) fn mentions(&self, name: &str) -> bool {
        let words = |line: &String| {
            line.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|word| word == name)
        };
        self.lines.iter().any(words)
    }
}

/// What an overload says differently from the others.
struct Variant<'a> {
    /// Type of the parameter that the overloads tell apart, without its default where it must be passed.
    typed: Option<(&'a str, String)>,
    /// Type of `out`, which must be passed; otherwise it may not.
    out: Option<&'a str>,
    /// The told-apart parameter has its default.
    defaulted: bool,
    returns: String,
}

/// The signatures of `operation`.
pub(super) fn of(model: &Model, operation: &Operation) -> Vec<Overload> {
    if let Some(dtype) = chosen_dtype(operation) {
        return constructor_variants(model, operation, dtype)
            .into_iter()
            .map(|variant| overload(operation, &variant))
            .collect();
    }
    let elements = operation.params.iter().find(|param| matches!(param.ty, Type::Array(Of::Variable(_))));
    match elements {
        Some(param) if gives_array(operation) => {
            let variants = array_variants(operation, &param.name, param.optional, param.direction);
            variants.iter().map(|variant| overload(operation, variant)).collect()
        }
        _ => {
            let returns = returns(operation);
            vec![overload(operation, &Variant { typed: None, out: None, defaulted: true, returns })]
        }
    }
}

/// The parameter in which what makes an object of a generic class takes the dtype of the elements.
fn chosen_dtype(operation: &Operation) -> Option<&str> {
    let makes_generic = operation.result.as_ref().is_some_and(|result| match &result.ty {
        Type::Object(object) => object.generic,
        _ => false,
    });
    let dtype = operation.params.iter().find(|param| matches!(param.ty, Type::Dtype))?;
    makes_generic.then_some(dtype.name.as_str())
}

fn constructor_variants<'a>(model: &Model, operation: &Operation, dtype: &'a str) -> Vec<Variant<'a>> {
    let class = match operation.result.as_ref().map(|result| &result.ty) {
        Some(Type::Object(object)) => object.python.as_str(),
        _ => "",
    };
    // In methods, the first name is that of the object's own elements.
    let element = if operation.takes_self() { "_U" } else { "_T" };
    let default = parameters(operation).into_iter().find(|parameter| parameter.name == dtype);
    let default = default.and_then(|parameter| parameter.default).unwrap_or_default();
    let variant = |ty: String, element: &str, defaulted: bool| Variant {
        typed: Some((dtype, ty)),
        out: None,
        defaulted,
        returns: format!("{class}[{element}]"),
    };
    let mut scalars: Vec<&str> = model.dtypes.iter().filter_map(|dtype| dtype.python.as_deref()).collect();
    scalars.sort_unstable();
    scalars.dedup();
    let preset = model.dtypes.iter().find(|dtype| default == format!("'{}'", dtype.name));
    let preset = preset.map(|dtype| variant(format!("Literal[{default}]"), &numpy(dtype), true));
    // To a type checker `bool` is an `int` and that a `float`, so Python's own types cannot be told apart.
    let others = format!("str | type[{}]", scalars.join(" | "));
    let named = variant(format!("type[{element}] | np.dtype[{element}]"), element, false);
    preset.into_iter().chain([named, variant(others, "Any", false)]).collect()
}

fn array_variants<'a>(
    operation: &Operation,
    data: &'a str,
    optional: bool,
    direction: Direction,
) -> Vec<Variant<'a>> {
    let none = match &operation.result {
        Some(result) if result.optional || result.on == ResultOn::Root => " | None",
        _ => "",
    };
    let variant = |ty: &str, out: Option<&'a str>, returns: &str, defaulted: bool| Variant {
        typed: Some((data, ty.to_owned())),
        out,
        defaulted,
        returns: if returns == "Any" { returns.to_owned() } else { format!("{returns}{none}") },
    };
    let anything = if optional { "ArrayLike | None" } else { "ArrayLike" };
    let mut variants = vec![variant(anything, Some("_Array"), "_Array", optional)];
    // Where only the root's array counts, another rank's says nothing about the dtype of the result.
    if optional && direction == Direction::In {
        variants.push(variant(anything, None, "NDArray[Any]", true));
        return variants;
    }
    variants.push(variant("NDArray[_T]", None, "NDArray[_T]", false));
    if keeps_shape(operation) {
        for scalar in ["_T", "int", "float", "complex"] {
            variants.push(variant(scalar, None, scalar, false));
        }
        variants.push(variant(anything, None, "Any", optional));
    } else {
        variants.push(variant("_T", None, "NDArray[_T]", false));
        variants.push(variant(anything, None, "NDArray[Any]", optional));
    }
    variants
}

fn overload(operation: &Operation, variant: &Variant<'_>) -> Overload {
    let receiver = match operation.role {
        Role::Constructor => Some("cls"),
        Role::Static => None,
        Role::Method | Role::Property => operation.object.is_some().then_some("self"),
    };
    let mut shown: Vec<String> = receiver.map(str::to_owned).into_iter().collect();
    let mut starred = false;
    for parameter in parameters(operation) {
        if parameter.keyword_only && !starred {
            starred = true;
            shown.push("*".to_owned());
        }
        let (ty, default) = match (&variant.typed, parameter.param) {
            (Some((name, ty)), _) if *name == parameter.name => {
                (ty.clone(), parameter.default.filter(|_| variant.defaulted))
            }
            (_, Some(_)) => (parameter_type(operation, &parameter), parameter.default),
            (_, None) if operation.numpy_reduction => ("None".to_owned(), parameter.default),
            (typed, None) => match variant.out {
                Some(out) => (out.to_owned(), None),
                None if typed.is_some() => ("None".to_owned(), parameter.default),
                None => (format!("{} | None", variant.returns), parameter.default),
            },
        };
        let default = default.map_or_else(String::new, |text| format!(" = {text}"));
        shown.push(format!("{}: {ty}{default}", parameter.name));
    }
    Overload::new(&shown, &variant.returns)
}

fn parameter_type(operation: &Operation, parameter: &Parameter<'_>) -> String {
    let Some(param) = parameter.param else { return String::new() };
    let plain = match &param.ty {
        Type::Integer(_) => "SupportsIndex".to_owned(),
        Type::Flag => "bool".to_owned(),
        Type::Text => "str".to_owned(),
        Type::Dtype => "DTypeLike".to_owned(),
        Type::Communicator => "_Communicator | int".to_owned(),
        Type::Enum(item) => format!("{} | str | int", item.type_name),
        Type::Object(object) if object.generic => format!("{}[Any]", object.python),
        Type::Object(object) => object.python.clone(),
        Type::Callback(callback) => callable(callback),
        Type::Array(_) => "ArrayLike".to_owned(),
        Type::Value(_) => "_Number".to_owned(),
        Type::View(of) => format!("NDArray[{}]", element(operation, of)),
    };
    if accepts_none(param) { format!("{plain} | None") } else { plain }
}

fn returns(operation: &Operation) -> String {
    let Some(result) = &operation.result else { return "None".to_owned() };
    let plain = match &result.ty {
        Type::Integer(_) | Type::Communicator => "int".to_owned(),
        Type::Flag => "bool".to_owned(),
        Type::Text => "str".to_owned(),
        Type::Dtype if operation.object.as_ref().is_some_and(|object| object.generic) => {
            "np.dtype[_T]".to_owned()
        }
        Type::Dtype => "np.dtype[Any]".to_owned(),
        Type::Enum(item) => item.type_name.clone(),
        Type::Object(_) if operation.role == Role::Constructor => "Self".to_owned(),
        Type::Object(object) if result.many.is_some() => format!("list[{}]", object.python),
        Type::Object(object) if object.generic => format!("{}[Any]", object.python),
        Type::Object(object) => object.python.clone(),
        Type::Array(_) if result.is_one_element() => "Any".to_owned(),
        Type::Array(of) | Type::View(of) => format!("NDArray[{}]", element(operation, of)),
        Type::Callback(callback) => callable(callback),
        Type::Value(_) => "Any".to_owned(),
    };
    let none = if result.optional || result.on == ResultOn::Root { " | None" } else { "" };
    format!("{plain}{none}")
}

/// A callable; what it returns is not looked at.
fn callable(callback: &Callback) -> String {
    let params: Vec<&str> = (callback.params.iter())
        .map(|param| if matches!(param.ty, Type::Text) { "str" } else { "int" })
        .collect();
    format!("Callable[[{}], object]", params.join(", "))
}

fn element(operation: &Operation, of: &Of) -> String {
    match of {
        Of::Fixed(dtype) => numpy(dtype),
        Of::This if operation.object.as_ref().is_some_and(|object| object.generic) => "_T".to_owned(),
        Of::This | Of::Variable(_) | Of::Param(_) => "Any".to_owned(),
    }
}

fn numpy(dtype: &Dtype) -> String {
    dtype.numpy.as_ref().map_or_else(|| "Any".to_owned(), |name| format!("np.{name}"))
}
