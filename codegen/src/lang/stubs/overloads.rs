//! How operations are typed: the parameters and the result of each overload.
//!
//! An operation that gives back an array of its argument's dtype says so for arrays, NumPy scalars and Python scalars;
//! what else NumPy can make an array of gives `Any`. A given `out` comes back itself.

use serde::Serialize;

use crate::lang::python::signature::{
    INDEX, Meaning, accepts_none, first, gives_array, gives_selection, keeps_shape, parameters, rest,
};
use crate::model::{Callback, Dtype, Model, Object, Of, Operation, Pair, Param, Part, Returns, Type};
use crate::spec::{Direction, Outcome, ResultOn, Role};

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
}

/// What an overload says differently from the others.
struct Variant<'a> {
    /// The parameters that the overloads tell apart.
    typed: Vec<Typed<'a>>,
    /// Type of `out`, which must be passed; otherwise it may not.
    out: Option<Given>,
    returns: Given,
}

/// The type of what an operation gives.
#[derive(Clone)]
struct Given {
    ty: String,
    form: Form,
}

/// What matters for the type of a second result beside it.
#[derive(Clone, Copy)]
enum Form {
    Anything,
    Array,
    /// A NumPy scalar of the type of the argument's elements.
    Element,
    Other,
}

impl Given {
    fn anything() -> Self {
        Self { ty: "Any".to_owned(), form: Form::Anything }
    }

    fn array(ty: impl Into<String>) -> Self {
        Self { ty: ty.into(), form: Form::Array }
    }

    fn element() -> Self {
        Self { ty: "_T".to_owned(), form: Form::Element }
    }

    fn other(ty: impl Into<String>) -> Self {
        Self { ty: ty.into(), form: Form::Other }
    }

    fn or_none(self, none: bool) -> Self {
        Self { ty: if none { format!("{} | None", self.ty) } else { self.ty }, ..self }
    }

    /// With the array that comes beside it, if one does.
    fn with_second(&self, operation: &Operation) -> String {
        let Self { ty, form } = self;
        let Some(Type::Array(of)) = operation.beside().map(|second| &second.ty) else { return ty.clone() };
        let second = element(operation, of);
        match form {
            Form::Anything => "tuple[Any, Any]".to_owned(),
            Form::Array => format!("tuple[{ty}, NDArray[{second}]]"),
            Form::Element => format!("tuple[{ty}, {second}]"),
            Form::Other => format!("tuple[{ty}, int]"),
        }
    }
}

/// A parameter that the overloads tell apart.
#[derive(Clone)]
struct Typed<'a> {
    parameter: &'a str,
    ty: String,
    /// It has its default; otherwise it must be passed.
    defaulted: bool,
}

/// The signature of a method that gives the arrays of two operations.
pub(super) fn of_pair(model: &Model, object: &Object, pair: &Pair) -> Overload {
    let arrays: Vec<String> = model.pair(object, pair).map(|operation| returns(operation).ty).collect();
    Overload::new(&["self".to_owned()], &format!("tuple[{}]", arrays.join(", ")))
}

/// `__new__` of a class that is made from objects of others.
pub(super) fn of_sources(model: &Model, object: &Object) -> Overload {
    let classes: Vec<String> =
        model.sources(object).map(|(_, source)| format!("{}[_T]", source.python)).collect();
    let params = [
        "cls".to_owned(),
        format!("source: {}", classes.join(" | ")),
        "dtype: DTypeLike | None = None".to_owned(),
    ];
    Overload::new(&params, "Self")
}

/// The signatures of `operation`. Where it takes a value of an enumeration, the first ones take its names, which editors then offer, and
/// the others any text, which a variable holds.
pub(super) fn of(model: &Model, operation: &Operation) -> Vec<Overload> {
    let variants = variants(model, operation);
    let names = variants.iter().map(|variant| overload(operation, variant, Text::Named));
    let any = variants.iter().filter(|variant| takes_names(operation, variant));
    names.chain(any.map(|variant| overload(operation, variant, Text::Any))).collect()
}

/// How a value of an enumeration is passed as a text.
#[derive(Clone, Copy, PartialEq)]
enum Text {
    /// One of the names.
    Named,
    /// Any text, of which nobody knows whether it is a name.
    Any,
}

/// True when it takes a value of an enumeration.
fn takes_names(operation: &Operation, variant: &Variant<'_>) -> bool {
    let is_typed = |param: &Param| variant.typed.iter().any(|typed| typed.parameter == param.name);
    let is_enum = |ty: &Type| match ty {
        Type::Enum(_) => true,
        Type::PerDimension(each) => matches!(**each, Type::Enum(_)),
        _ => false,
    };
    operation.params.iter().any(|param| is_enum(&param.ty) && !is_typed(param))
}

fn variants<'a>(model: &'a Model, operation: &'a Operation) -> Vec<Variant<'a>> {
    if let Some(dtypes) = chosen_dtypes(operation) {
        return constructor_variants(model, operation, &dtypes);
    }
    if operation.selects {
        return selecting_variants(operation);
    }
    let elements = operation.params.iter().find(|param| matches!(param.ty, Type::Array(Of::Variable(_))));
    if let Some(param) = elements.filter(|_| gives_array(operation)) {
        let mut variants = array_variants(operation, &param.name, param.optional, param.direction);
        variants.extend(operation.callable_op().map_or_else(Vec::new, |op| callable_variants(param, op)));
        return variants;
    }
    let own = operation.params.iter().find(|param| matches!(param.ty, Type::Array(Of::Own(_))));
    if let Some(param) = own.filter(|_| gives_array(operation) && keeps_shape(operation)) {
        return same_shape_variants(operation, &param.name);
    }
    let returns = returns(operation);
    match operation.params.iter().find(|param| takes_index(param)) {
        Some(param) => indexed_variants(param, &returns).into(),
        None => vec![Variant { typed: Vec::new(), out: None, returns }],
    }
}

/// True for a callable that may be passed the index of an element as well.
fn takes_index(param: &Param) -> bool {
    matches!(&param.ty, Type::Callback(callback) if callback.index().is_some())
}

/// Without the index and with it, for a callable that is passed elements.
fn indexed_variants<'a>(param: &'a Param, returns: &Given) -> [Variant<'a>; 2] {
    let Type::Callback(callback) = &param.ty else { unreachable!("it takes an index") };
    [false, true].map(|with_index| Variant {
        typed: vec![
            Typed { parameter: &param.name, ty: callable(callback, with_index), defaulted: false },
            Typed {
                parameter: "with_index",
                ty: if with_index { "Literal[True]".to_owned() } else { "Literal[False]".to_owned() },
                defaulted: !with_index,
            },
        ],
        out: None,
        returns: returns.clone(),
    })
}

/// The parameters in which what makes an object of a generic class takes the dtypes of the elements, with their type variables.
fn chosen_dtypes(operation: &Operation) -> Option<Vec<(&str, String)>> {
    let Type::Object(made) = &operation.result.as_ref()?.ty else { return None };
    // In methods, the usual name is that of the object's own elements.
    let variable = |dtype: &str| match made.type_param(dtype) {
        Some(name) if !operation.takes_self() => format!("_{name}"),
        _ => "_U".to_owned(),
    };
    let dtypes = operation.params.iter().filter(|param| matches!(param.ty, Type::Dtype));
    let chosen: Vec<(&str, String)> =
        dtypes.map(|param| (param.name.as_str(), variable(&param.name))).collect();
    (made.generic && !chosen.is_empty()).then_some(chosen)
}

/// A variant for each choice of what a dtype is passed as.
fn constructor_variants<'a>(
    model: &Model,
    operation: &Operation,
    dtypes: &[(&'a str, String)],
) -> Vec<Variant<'a>> {
    let class = match operation.result.as_ref().map(|result| &result.ty) {
        Some(Type::Object(object)) => object.python.as_str(),
        _ => "",
    };
    let mut scalars: Vec<&str> = model.dtypes.iter().filter_map(|dtype| dtype.python.as_deref()).collect();
    scalars.sort_unstable();
    scalars.dedup();
    // To a type checker `bool` is an `int` and that a `float`, so Python's own types cannot be told apart.
    let others = format!("str | type[{}]", scalars.join(" | "));
    let mut choices: Vec<(Vec<Typed<'a>>, Vec<String>)> = vec![Default::default()];
    for (dtype, variable) in dtypes {
        let default = parameters(operation).into_iter().find(|parameter| parameter.name == *dtype);
        let default = default.and_then(|parameter| parameter.default).unwrap_or_default();
        let preset = model.dtypes.iter().find(|dtype| default == format!("'{}'", dtype.name));
        let preset = preset.map(|dtype| (format!("Literal[{default}]"), numpy(dtype), true));
        let named = (format!("type[{variable}] | np.dtype[{variable}]"), variable.clone(), false);
        let ways: Vec<(String, String, bool)> =
            preset.into_iter().chain([named, (others.clone(), "Any".to_owned(), false)]).collect();
        let longer = |(typed, elements): &(Vec<Typed<'a>>, Vec<String>)| {
            let (typed, elements) = (typed.clone(), elements.clone());
            ways.iter()
                .map(|(ty, element, defaulted)| {
                    let one = Typed { parameter: dtype, ty: ty.clone(), defaulted: *defaulted };
                    let typed = typed.iter().cloned().chain([one]).collect();
                    (typed, elements.iter().cloned().chain([element.clone()]).collect())
                })
                .collect::<Vec<_>>()
        };
        choices = choices.iter().flat_map(longer).collect();
    }
    let variant = |(typed, elements): (Vec<Typed<'a>>, Vec<String>)| Variant {
        typed,
        out: None,
        returns: Given::other(format!("{class}[{}]", elements.join(", "))),
    };
    choices.into_iter().map(variant).collect()
}

/// What a method of a container takes and gives whose result has the shape of its argument.
fn same_shape_variants<'a>(operation: &Operation, data: &'a str) -> Vec<Variant<'a>> {
    let variant = |ty: &str, out, returns| Variant {
        typed: vec![Typed { parameter: data, ty: ty.to_owned(), defaulted: false }],
        out,
        returns,
    };
    let array = || Given::array("_Array");
    vec![
        variant("ArrayLike", Some(array()), array()),
        variant("NDArray[Any]", None, returns(operation)),
        variant("ArrayLike", None, Given::anything()),
    ]
}

/// An integer means one element of a line, and a slice several; of what has dimensions, keys mean one or several.
fn selecting_variants(operation: &Operation) -> Vec<Variant<'static>> {
    let variant = |ty: &str, returns| Variant {
        typed: vec![Typed { parameter: INDEX, ty: ty.to_owned(), defaulted: false }],
        out: None,
        returns,
    };
    let has_dimensions = operation.params.iter().any(|param| param.ty.is_list());
    match gives_selection(operation) {
        true if has_dimensions => vec![
            variant("slice | EllipsisType", returns(operation)),
            variant("SupportsIndex | tuple[_Key, ...]", Given::anything()),
        ],
        false if has_dimensions => vec![variant("_Key | tuple[_Key, ...]", returns(operation))],
        true => vec![variant("SupportsIndex", Given::anything()), variant("slice", returns(operation))],
        false => vec![variant("SupportsIndex | slice", returns(operation))],
    }
}

fn array_variants<'a>(
    operation: &Operation,
    data: &'a str,
    optional: bool,
    direction: Direction,
) -> Vec<Variant<'a>> {
    let may_be_none = gives_none(operation);
    let variant = |ty: &str, out, returns, defaulted: bool| Variant {
        typed: vec![Typed { parameter: data, ty: ty.to_owned(), defaulted }],
        out,
        returns,
    };
    let given = |given: Given| given.or_none(may_be_none);
    let anything = if optional { "ArrayLike | None" } else { "ArrayLike" };
    let array = || Given::array("_Array");
    let mut variants = vec![variant(anything, Some(array()), given(array()), optional)];
    // Where only the root's array counts, another rank's says nothing about the dtype of the result.
    if optional && direction == Direction::In {
        variants.push(variant(anything, None, given(Given::array("NDArray[Any]")), true));
        return variants;
    }
    variants.push(variant("NDArray[_T]", None, given(Given::array("NDArray[_T]")), false));
    if keeps_shape(operation) {
        variants.push(variant("_T", None, given(Given::element()), false));
        for scalar in ["int", "float", "complex"] {
            variants.push(variant(scalar, None, given(Given::other(scalar)), false));
        }
        variants.push(variant(anything, None, Given::anything(), optional));
    } else {
        variants.push(variant("_T", None, given(Given::array("NDArray[_T]")), false));
        variants.push(variant(anything, None, given(Given::array("NDArray[Any]")), optional));
    }
    variants
}

/// With a function in place of the operator. Which ranks then get nothing, types do not say.
fn callable_variants<'a>(data: &'a Param, op: &'a Param) -> Vec<Variant<'a>> {
    let typed =
        |param: &'a Param, ty: &str| Typed { parameter: &param.name, ty: ty.to_owned(), defaulted: false };
    let function = "Callable[[NDArray[Any], NDArray[Any]], ArrayLike]";
    let variant = |out| Variant {
        typed: vec![typed(data, "ArrayLike"), typed(op, function)],
        out,
        returns: Given::anything(),
    };
    vec![variant(None), variant(Some(Given::array("NDArray[Any]")))]
}

fn overload(operation: &Operation, variant: &Variant<'_>, text: Text) -> Overload {
    let receiver = match operation.role {
        Role::Constructor => Some("cls"),
        Role::Static => None,
        Role::Method | Role::Property => operation.object.is_some().then_some("self"),
    };
    let mut shown: Vec<String> = match (&operation.function_of, &operation.object) {
        (Some(first), Some(object)) => {
            vec![format!("{}: {}", first.name, own_class(object)), "/".to_owned()]
        }
        _ if operation.shares_name.is_some() => {
            let context = operation.params.first().map(|param| parameter_type(operation, param, text));
            first(operation)
                .zip(context)
                .map_or_else(Vec::new, |(name, class)| vec![format!("{name}: {class}"), "/".to_owned()])
        }
        _ => receiver.map(str::to_owned).into_iter().collect(),
    };
    let mut starred = false;
    for parameter in rest(operation) {
        if parameter.keyword_only && !starred {
            starred = true;
            shown.push("*".to_owned());
        }
        let typed = variant.typed.iter().find(|typed| typed.parameter == parameter.name);
        let (ty, default) = match (typed, parameter.meaning) {
            (Some(typed), _) => (typed.ty.clone(), parameter.default.filter(|_| typed.defaulted)),
            (None, Meaning::Param(param)) => (parameter_type(operation, param, text), parameter.default),
            (None, Meaning::Announces(Part::Dtype)) => ("DTypeLike | None".to_owned(), parameter.default),
            (None, Meaning::Announces(_)) => ("SupportsIndex | None".to_owned(), parameter.default),
            (None, Meaning::OfNumpy) => ("None".to_owned(), parameter.default),
            (None, Meaning::WithIndex | Meaning::Vectorized) => ("bool".to_owned(), parameter.default),
            (None, Meaning::Index) => unreachable!("each variant says its type"),
            (None, Meaning::Out) => match &variant.out {
                Some(out) => (out.with_second(operation), None),
                None if !variant.typed.is_empty() => ("None".to_owned(), parameter.default),
                None => (format!("{} | None", variant.returns.with_second(operation)), parameter.default),
            },
        };
        let default = default.map_or_else(String::new, |text| format!(" = {text}"));
        shown.push(format!("{}: {ty}{default}", parameter.name));
    }
    let returns = variant.returns.with_second(operation);
    match operation.is_issued() {
        true => Overload::new(&shown, &format!("Request[{returns}]")),
        false => Overload::new(&shown, &returns),
    }
}

/// The class of the first argument of a function, and of others that have its elements.
fn own_class(object: &Object) -> String {
    let params = if object.generic { format!("[{}]", object.type_params("_")) } else { String::new() };
    format!("{}{params}", object.python)
}

fn parameter_type(operation: &Operation, param: &Param, text: Text) -> String {
    let plain = match &param.ty {
        Type::Array(_) if param.anything => "_Result".to_owned(),
        Type::Object(object) if operation.is_like_first(param) => own_class(object),
        ty => argument_type(operation, ty, text),
    };
    if accepts_none(param) { format!("{plain} | None") } else { plain }
}

fn argument_type(operation: &Operation, ty: &Type, text: Text) -> String {
    match ty {
        Type::Shape => "SupportsIndex | Sequence[SupportsIndex]".to_owned(),
        Type::PerDimension(each) => {
            let each = argument_type(operation, each, text);
            format!("{each} | Sequence[{each}]")
        }
        Type::Counts => "Sequence[SupportsIndex] | NDArray[Any]".to_owned(),
        Type::Integer(kind) if kind.by_choice.is_some() => {
            "SupportsIndex | Callable[[int, int], object]".to_owned()
        }
        Type::Integer(kind) if kind.or_flag => "SupportsIndex | np.bool_".to_owned(),
        Type::Integer(_) => "SupportsIndex".to_owned(),
        Type::Real(_) => "float".to_owned(),
        Type::Objects(object) if object.accepts.is_empty() => format!("Sequence[{}[_Result]]", object.python),
        Type::Objects(object) => format!("Sequence[{}]", object.accepted_in_lists(" | ", "[Any]")),
        Type::Flag => "bool".to_owned(),
        Type::Text => "str".to_owned(),
        Type::Dtype => "DTypeLike".to_owned(),
        Type::Communicator => "_Communicator | int".to_owned(),
        Type::Enum(item) => {
            let none = if item.has_none() { " | None" } else { "" };
            match text {
                Text::Named => format!("_{}{none}", item.type_name),
                Text::Any => format!("{} | str | int{none}", item.type_name),
            }
        }
        Type::Object(object) if object.generic => format!("{}[Any]", object.python),
        Type::Object(object) if object.is_awaitable() => format!("{}[Any]", object.python),
        Type::Object(object) => object.python.clone(),
        Type::Callback(callback) => callable(callback, false),
        Type::Struct(item) => item.type_name(),
        Type::Array(_) => "ArrayLike".to_owned(),
        Type::Value(_) => "_Number".to_owned(),
        Type::View(of) => format!("NDArray[{}]", element(operation, of)),
    }
}

/// Whether `None` comes in place of the result, on some ranks or everywhere.
fn gives_none(operation: &Operation) -> bool {
    operation.result.as_ref().is_some_and(|result| result.optional || result.on == ResultOn::Root)
}

fn returns(operation: &Operation) -> Given {
    match operation.outcome {
        Some(Outcome::Own) => return Given::other("_Result"),
        Some(Outcome::Each) => return Given::other("list[_Result]"),
        Some(Outcome::Chosen) => return Given::other("tuple[int, _Result]"),
        None => {}
    }
    let Some(result) = &operation.result else { return Given::other("None") };
    let given = match &result.ty {
        Type::Array(_) if result.is_one_element() => Given::anything(),
        Type::Array(of) | Type::View(of) => Given::array(format!("NDArray[{}]", element(operation, of))),
        Type::Value(_) => Given::anything(),
        _ => Given::other(returned_type(operation, result)),
    };
    given.or_none(gives_none(operation))
}

/// The type of a result that is neither an array nor of a type that the arguments decide.
fn returned_type(operation: &Operation, result: &Returns) -> String {
    let own = operation.object.as_ref().filter(|_| operation.takes_self());
    match &result.ty {
        Type::Shape | Type::Counts => "tuple[int, ...]".to_owned(),
        Type::PerDimension(each) => match &**each {
            Type::Enum(item) => format!("tuple[{}, ...]", item.type_name),
            _ => "tuple[int, ...]".to_owned(),
        },
        Type::Integer(_) | Type::Communicator => "int".to_owned(),
        Type::Real(_) => "float".to_owned(),
        Type::Objects(object) => format!("list[{}]", object.python),
        Type::Flag => "bool".to_owned(),
        Type::Text => "str".to_owned(),
        Type::Dtype => match own_element(operation, &operation.name) {
            Some(element) => format!("np.dtype[{element}]"),
            None => "np.dtype[Any]".to_owned(),
        },
        Type::Enum(item) => item.type_name.clone(),
        Type::Struct(item) => item.type_name(),
        Type::Object(_) if operation.role == Role::Constructor => "Self".to_owned(),
        Type::Object(object) if result.many.is_some() => format!("list[{}]", object.python),
        // What a method makes of its own kind has its elements.
        Type::Object(object) if object.generic && own.is_some_and(|own| own.name == object.name) => {
            format!("{}[_T]", object.python)
        }
        Type::Object(object) if object.generic || object.is_awaitable() => format!("{}[Any]", object.python),
        Type::Object(object) => object.python.clone(),
        Type::Callback(callback) => callable(callback, false),
        Type::Array(_) | Type::View(_) | Type::Value(_) => unreachable!("the caller knows these"),
    }
}

/// A callable. What it returns is a truth value, for which any object is good, or is not looked at. One that is passed elements is
/// passed scalars or arrays of them, and their indices if it wants these.
fn callable(callback: &Callback, with_index: bool) -> String {
    if callback.is_elementwise() {
        let given = callback.given_element();
        let read = callback
            .params
            .iter()
            .filter(|param| param.is_element() && given.is_none_or(|given| given.name != param.name));
        let mut params = vec!["Any"; read.count()];
        params.extend(with_index.then_some("Any"));
        let returns = if given.is_some() { "Any" } else { "object" };
        return format!("Callable[[{}], {returns}]", params.join(", "));
    }
    let params: Vec<&str> = (callback.params.iter())
        .map(|param| if matches!(param.ty, Type::Text) { "str" } else { "int" })
        .collect();
    format!("Callable[[{}], object]", params.join(", "))
}

fn element(operation: &Operation, of: &Of) -> String {
    match of {
        Of::Fixed(dtype) => numpy(dtype),
        of => of.property().and_then(|name| own_element(operation, name)).unwrap_or_else(|| "Any".to_owned()),
    }
}

/// The type variable for the elements whose type a property of the object says.
fn own_element(operation: &Operation, property: &str) -> Option<String> {
    let object = operation.object.as_ref().filter(|object| object.generic)?;
    object.type_param(property).map(|name| format!("_{name}"))
}

fn numpy(dtype: &Dtype) -> String {
    dtype.numpy.as_ref().map_or_else(|| "Any".to_owned(), |name| format!("np.{name}"))
}
