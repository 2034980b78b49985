//! How Python sees the parameters of an operation: order, keywords, defaults. The glue, the docstrings and the stubs all
//! read it here.

use crate::model::{Callback, Default, Operation, Param, Part, Type};
use crate::spec::Announced;

/// What NumPy passes to a reduction besides the object; each must be `None`.
pub const OF_NUMPY: [&str; 3] = ["axis", "dtype", "out"];

/// What says in Python which elements are meant, in place of `SELECTION`.
pub const INDEX: &str = "index";

/// The parameters of an operation that selects elements for which Python has `INDEX`.
pub const SELECTION: [&str; 3] = ["first", "count", "step"];

/// A parameter in Python.
#[derive(Clone)]
pub struct Parameter<'a> {
    /// Name.
    pub name: &'a str,
    /// What it is.
    pub meaning: Meaning<'a>,
    /// Taken by keyword only.
    pub keyword_only: bool,
    /// Default value as a Python literal.
    pub default: Option<String>,
}

/// What a parameter in Python is.
#[derive(Clone, Copy)]
pub enum Meaning<'a> {
    /// A parameter of the specification.
    Param(&'a Param),
    /// The `out` of an operation that gives back an array.
    Out,
    /// What the caller may say of the array that is to come: `Part::Count` or `Part::Dtype`.
    Announces(Part),
    /// What NumPy passes to a reduction.
    OfNumpy,
    /// Which elements are meant: `INDEX`.
    Index,
    /// A callable that is passed elements is passed their indices as well.
    WithIndex,
    /// A callable that is passed elements is passed arrays of them.
    Vectorized,
}

impl<'a> Parameter<'a> {
    fn of(param: &'a Param) -> Self {
        Parameter {
            name: &param.name,
            meaning: Meaning::Param(param),
            keyword_only: param.keyword_only,
            default: default(param),
        }
    }

    /// One that the specification does not name.
    fn besides(name: &'a str, meaning: Meaning<'a>, keyword_only: bool, default: &str) -> Self {
        Parameter { name, meaning, keyword_only, default: Some(default.to_owned()) }
    }
}

/// The parameters of `operation` in order, without the object itself.
pub fn parameters(operation: &Operation) -> Vec<Parameter<'_>> {
    let index = Parameter { name: INDEX, meaning: Meaning::Index, keyword_only: false, default: None };
    let index = operation.selects.then_some(index);
    let mut own: Vec<Parameter<'_>> = own(operation).map(Parameter::of).collect();
    let given = own.iter().take_while(|parameter| parameter.default.is_none()).count();
    for (index, parameter) in announced(operation).into_iter().enumerate() {
        own.insert(if parameter.keyword_only { own.len() } else { given + index }, parameter);
    }
    let out = gives_array(operation).then(|| Parameter::besides("out", Meaning::Out, true, "None"));
    let of_numpy = OF_NUMPY.iter().filter(|_| operation.numpy_reduction);
    let of_numpy = of_numpy.map(|name| Parameter::besides(name, Meaning::OfNumpy, false, "None"));
    let ways = callables(operation).flat_map(ways);
    index.into_iter().chain(own).chain(ways).chain(out).chain(of_numpy).collect()
}

/// The callables of an operation that are passed elements.
pub fn callables(operation: &Operation) -> impl Iterator<Item = &Callback> {
    operation.params.iter().filter_map(|param| match &param.ty {
        Type::Callback(callback) if callback.is_elementwise() => Some(callback.as_ref()),
        _ => None,
    })
}

/// The parameters that say how such a callable is called instead of with each element alone.
pub fn ways(callback: &Callback) -> Vec<Parameter<'_>> {
    let with_index =
        callback.index().map(|_| Parameter::besides("with_index", Meaning::WithIndex, true, "False"));
    let vectorized = Parameter::besides("vectorized", Meaning::Vectorized, true, "False");
    with_index.into_iter().chain([vectorized]).collect()
}

/// What the caller may say of the array that is to come: number and type of its elements.
pub fn announced(operation: &Operation) -> Vec<Parameter<'_>> {
    let Some(way) = operation.result.as_ref().and_then(|result| result.announced) else { return Vec::new() };
    let by_keyword = way == Announced::ByKeyword;
    let parameter = |part| {
        let name = operation.name_of_result_part(part)?;
        Some(Parameter::besides(name, Meaning::Announces(part), by_keyword, "None"))
    };
    [Part::Count, Part::Dtype].into_iter().filter_map(parameter).collect()
}

/// The parameters that Python has too.
pub fn own(operation: &Operation) -> impl Iterator<Item = &Param> {
    operation.params.iter().filter(|param| !is_selection(operation, param))
}

/// True for a parameter that Python takes as a part of `INDEX`.
pub fn is_selection(operation: &Operation, param: &Param) -> bool {
    operation.selects && SELECTION.contains(&param.name.as_str())
}

/// True when the result is an array, for which the caller may pass `out`.
pub fn gives_array(operation: &Operation) -> bool {
    operation.result.as_ref().is_some_and(|result| {
        matches!(result.ty, Type::Array(_)) && !result.is_one_element() && !operation.selects
    })
}

/// True when the result is an array for a slice, and a scalar for an integer.
pub fn gives_selection(operation: &Operation) -> bool {
    operation.selects && operation.result.is_some()
}

/// True when the result is one element, which becomes a scalar of NumPy.
pub fn gives_element(operation: &Operation) -> bool {
    operation.result.as_ref().is_some_and(|result| result.is_one_element())
}

/// True when the result has the shape of an array parameter: scalars then come back as scalars.
pub fn keeps_shape(operation: &Operation) -> bool {
    operation.result.as_ref().is_some_and(|result| {
        let same = |param: &Param| matches!(param.ty, Type::Array(_)) && param.shape == result.shape;
        operation.params.iter().any(same)
    })
}

/// True when `None` stands for the constant of the parameter's kind.
pub fn accepts_none(param: &Param) -> bool {
    match (&param.ty, &param.default) {
        (Type::Integer(kind) | Type::Real(kind), None | Some(Default::None(_))) => kind.none.is_some(),
        _ => param.optional || param.or_new,
    }
}

fn default(param: &Param) -> Option<String> {
    match &param.default {
        Some(Default::Flag(true)) => Some("True".to_owned()),
        Some(Default::Flag(false)) => Some("False".to_owned()),
        Some(Default::Integer(value)) => Some(value.to_string()),
        Some(Default::Enum(item, index)) => Some(format!("'{}'", item.values[*index].text)),
        Some(Default::Dtype(dtype)) => Some(format!("'{}'", dtype.name)),
        Some(Default::None(_)) => Some("None".to_owned()),
        None => (param.optional || param.or_new).then(|| "None".to_owned()),
    }
}

/// The name of the first argument, taken by position alone, where its class says which operation is called.
pub fn first(operation: &Operation) -> Option<&str> {
    let own = operation.function_of.as_ref().map(|first| first.name.as_str());
    own.or(operation.shares_name.as_deref())
}

/// The parameters after that; all where there is none.
pub fn rest(operation: &Operation) -> Vec<Parameter<'_>> {
    let context = usize::from(operation.shares_name.is_some());
    parameters(operation).into_iter().skip(context).collect()
}

/// The parameters as a signature without parentheses, each followed by what `suffix` says and its default by `written`; of
/// a function, its object comes first.
pub fn signature(
    operation: &Operation,
    suffix: impl Fn(&Parameter<'_>) -> String,
    written: impl Fn(&Parameter<'_>, &str) -> String,
) -> Vec<String> {
    signature_of(first(operation), &rest(operation), suffix, written)
}

/// The same for these parameters.
pub fn signature_of(
    first: Option<&str>,
    parameters: &[Parameter<'_>],
    suffix: impl Fn(&Parameter<'_>) -> String,
    written: impl Fn(&Parameter<'_>, &str) -> String,
) -> Vec<String> {
    let mut parts: Vec<String> = first.map_or_else(Vec::new, |first| vec![first.to_owned(), "/".to_owned()]);
    let mut starred = false;
    for parameter in parameters {
        if parameter.keyword_only && !starred {
            starred = true;
            parts.push("*".to_owned());
        }
        let default = parameter.default.as_ref().map_or_else(String::new, |text| written(parameter, text));
        parts.push(format!("{}{}{default}", parameter.name, suffix(parameter)));
    }
    parts
}
