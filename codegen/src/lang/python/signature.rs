//! How Python sees the parameters of an operation: order, keywords, defaults. The glue, the docstrings and the stubs all
//! read it here.

use crate::model::{Default, Operation, Param, Part, Type};
use crate::spec::Announced;

/// What NumPy passes to a reduction besides the object; each must be `None`.
pub const OF_NUMPY: [&str; 3] = ["axis", "dtype", "out"];

/// What says in Python which elements are meant, in place of `SELECTION`.
pub const INDEX: &str = "index";

/// The parameters of an operation that selects elements for which Python has `INDEX`.
pub const SELECTION: [&str; 3] = ["first", "count", "step"];

/// A parameter in Python.
pub struct Parameter<'a> {
    /// Name.
    pub name: &'a str,
    /// The parameter of the specification; `None` for the `out` of an operation that gives back an array, for what is
    /// announced of it, for what NumPy passes to a reduction, and for `INDEX`.
    pub param: Option<&'a Param>,
    /// What it says of the array that is to come: `Part::Count` or `Part::Dtype`.
    pub announces: Option<Part>,
    /// Taken by keyword only.
    pub keyword_only: bool,
    /// Default value as a Python literal.
    pub default: Option<String>,
}

/// The parameters of `operation` in order, without the object itself.
pub fn parameters(operation: &Operation) -> Vec<Parameter<'_>> {
    let out = gives_array(operation).then_some(Parameter {
        name: "out",
        param: None,
        announces: None,
        keyword_only: true,
        default: Some("None".to_owned()),
    });
    let of_numpy = OF_NUMPY.iter().filter(|_| operation.numpy_reduction);
    let index = Parameter { name: INDEX, param: None, announces: None, keyword_only: false, default: None };
    let index = operation.selects.then_some(index);
    let mut own: Vec<Parameter<'_>> = own(operation)
        .map(|param| Parameter {
            name: &param.name,
            param: Some(param),
            announces: None,
            keyword_only: param.keyword_only,
            default: default(param),
        })
        .collect();
    let given = own.iter().take_while(|parameter| parameter.default.is_none()).count();
    for (index, parameter) in announced(operation).into_iter().enumerate() {
        own.insert(if parameter.keyword_only { own.len() } else { given + index }, parameter);
    }
    index
        .into_iter()
        .chain(own)
        .chain(out)
        .chain(of_numpy.map(|name| Parameter {
            name,
            param: None,
            announces: None,
            keyword_only: false,
            default: Some("None".to_owned()),
        }))
        .collect()
}

/// What the caller may say of the array that is to come: number and type of its elements.
pub fn announced(operation: &Operation) -> Vec<Parameter<'_>> {
    let Some(way) = operation.result.as_ref().and_then(|result| result.announced) else { return Vec::new() };
    let parameter = |part| {
        Some(Parameter {
            name: operation.name_of_result_part(part)?,
            param: None,
            announces: Some(part),
            keyword_only: way == Announced::ByKeyword,
            default: Some("None".to_owned()),
        })
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

/// The parameters as a signature without parentheses, each followed by what `suffix` says and its default by `written`; of
/// a function, its object comes first.
pub fn signature(
    operation: &Operation,
    suffix: impl Fn(&Parameter<'_>) -> String,
    written: impl Fn(&Parameter<'_>, &str) -> String,
) -> Vec<String> {
    let mut parts: Vec<String> = match &operation.function_of {
        Some(first) => vec![first.name.clone(), "/".to_owned()],
        None => Vec::new(),
    };
    let mut starred = false;
    for parameter in parameters(operation) {
        if parameter.keyword_only && !starred {
            starred = true;
            parts.push("*".to_owned());
        }
        let default = parameter.default.as_ref().map_or_else(String::new, |text| written(&parameter, text));
        parts.push(format!("{}{}{default}", parameter.name, suffix(&parameter)));
    }
    parts
}
