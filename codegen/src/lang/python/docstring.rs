//! Docstrings in the layout of numpydoc.

use super::signature::{
    Meaning, Parameter, accepts_none, first, gives_array, gives_element, gives_selection, is_selection,
    keeps_shape, rest,
};
use crate::doc::{
    ErrorLine, collectiveness, conditions, deprecation, element_types, error_lines, listed, numpydoc, since,
};
use crate::model::{Model, Object, Operation, Pair, Part, Type};
use crate::spec::{Outcome, ResultOn, Role};

/// What is said of an operator that may be a function.
const CALLABLE_OP: &str = "Or, on every rank, a function of two arrays of the shape and dtype of `data` (of a row of it, where \
                           each rank receives one) that gives a third: it is called with the arrays of ranks 0 and 1, then with what \
                           it gave and that of rank 2, and so on, each time on one rank. It need not be commutative. \
                           Rank 0 of an exclusive scan then receives `None`.";

/// The docstring of the package.
pub fn module(model: &Model) -> Vec<String> {
    let mut lines = numpydoc(&model.library.summary);
    append(&mut lines, numpydoc(&model.library.details));
    lines
}

/// The docstring of a class: what it is, and how it is constructed.
pub fn class(model: &Model, object: &Object) -> Vec<String> {
    let mut lines = numpydoc(&object.summary);
    append(&mut lines, numpydoc(&object.details));
    if let Some(constructor) =
        model.operations_of(object).find(|operation| operation.role == Role::Constructor)
    {
        append(&mut lines, numpydoc(&constructor.details));
        sections(model, &mut lines, None, &[constructor]);
    }
    lines
}

/// The docstring of a method that gives two arrays at once.
pub fn pair(pair: &Pair) -> Vec<String> {
    numpydoc(&pair.doc)
}

/// The docstring of a function, method or property.
pub fn operation(model: &Model, operation: &Operation) -> Vec<String> {
    overloaded(model, None, &[operation])
}

/// The docstring of a further name.
pub fn alias(operation: &Operation) -> Vec<String> {
    numpydoc(&format!("Another name of `{}`.", operation.python_name))
}

/// The docstring of a function of several objects, and of the free operation that shares its name.
pub fn overloaded(model: &Model, free: Option<&Operation>, overloads: &[&Operation]) -> Vec<String> {
    let operation = free.unwrap_or(overloads[0]);
    let mut lines = numpydoc(&operation.summary);
    append(&mut lines, numpydoc(&operation.details));
    let of_objects = free.and(overloads.first());
    if let Some(other) = of_objects {
        append(&mut lines, numpydoc(&format!("Of {}: {}", listed(&classes(overloads), "or"), other.summary)));
        append(&mut lines, numpydoc(&other.details));
    }
    if operation.role != Role::Property {
        sections(model, &mut lines, free, overloads);
    }
    lines
}

/// The classes that the first argument of a function can have.
fn classes(overloads: &[&Operation]) -> Vec<String> {
    let objects = overloads.iter().filter_map(|overload| overload.object.as_ref());
    objects.map(|object| object.python.clone()).collect()
}

/// A parameter or a result, and what it means.
pub struct Said {
    /// Its name; a result alone has none.
    pub name: Option<String>,
    /// Its type, with its default.
    pub ty: String,
    /// In the markup of the specification.
    pub doc: String,
}

impl Said {
    /// `name : type`, or the type.
    fn title(&self) -> String {
        match &self.name {
            Some(name) => format!("{name} : {}", self.ty),
            None => self.ty.clone(),
        }
    }
}

fn said(name: impl Into<String>, ty: impl Into<String>, doc: impl Into<String>) -> Said {
    Said { name: Some(name.into()), ty: ty.into(), doc: doc.into() }
}

fn unnamed(ty: impl Into<String>, doc: impl Into<String>) -> Said {
    Said { name: None, ty: ty.into(), doc: doc.into() }
}

/// What is said of the parameters; `classes` are those that the first argument of a function can have.
pub fn arguments(operation: &Operation, classes: &[String]) -> Vec<Said> {
    let own = operation.function_of.iter();
    let own = own.map(|first| said(&first.name, listed(classes, "or"), &first.doc));
    let context = operation.params.first().zip(first(operation)).filter(|_| operation.shares_name.is_some());
    let context = context.map(|(param, name)| said(name, "Context", &param.doc));
    let rest = rest(operation);
    own.chain(context).chain(rest.iter().map(|shown| parameter(operation, shown))).collect()
}

/// What is said of the parameters of a function of objects and of the free operation that shares its name.
fn all_arguments(free: &Operation, overloads: &[&Operation]) -> Vec<Said> {
    let (of_context, of_objects) = (arguments(free, &[]), arguments(overloads[0], &classes(overloads)));
    let is_same = |one: &Said, other: &Said| one.name == other.name && one.ty == other.ty;
    let (first, others) = (&of_context[0], &of_objects[0]);
    let with = |said: &Said, ty: String, doc: String| Said { name: said.name.clone(), ty, doc };
    let both = with(
        first,
        format!("{}, {}", first.ty, others.ty),
        format!("{} Or: {}", first.doc.trim(), others.doc.trim()),
    );
    let alone = |said: &Said, of: &str| with(said, said.ty.clone(), format!("{} {of}", said.doc.trim()));
    let mut all = vec![both];
    for one in &of_context[1..] {
        let is_shared = of_objects[1..].iter().any(|other| is_same(one, other));
        let doc = if is_shared { one.doc.clone() } else { alone(one, "Of a context alone.").doc };
        all.push(with(one, one.ty.clone(), doc));
    }
    let is_new = |other: &&Said| !of_context[1..].iter().any(|one| is_same(one, other));
    all.extend(of_objects[1..].iter().filter(is_new).map(|other| alone(other, "Not of a context.")));
    all
}

/// The sections of a docstring.
fn sections(model: &Model, lines: &mut Vec<String>, free: Option<&Operation>, overloads: &[&Operation]) {
    let operation = free.unwrap_or(overloads[0]);
    let parameters = match free {
        Some(free) => all_arguments(free, overloads),
        None => arguments(operation, &classes(overloads)),
    };
    section(lines, "Parameters", entries(&parameters));
    if operation.role != Role::Constructor {
        section(lines, "Returns", entries(&returns(operation)));
    }
    section(lines, "Raises", raises(operation));
    let mut notes = numpydoc(collectiveness(operation));
    for note in element_types(operation).into_iter().chain(since(operation)).chain(deprecation(operation)) {
        append(&mut notes, numpydoc(&note));
    }
    section(lines, "Notes", notes);
    section(lines, "Examples", super::examples::snippets(model, operation));
}

/// What is said of a parameter that the specification does not name.
fn parameter_besides(operation: &Operation, name: &str, meaning: Meaning<'_>) -> Said {
    match meaning {
        Meaning::Param(param) => unnamed(name, &param.doc),
        Meaning::Announces(Part::Dtype) => said(
            name,
            "dtype_like, optional",
            "Data type of the elements that are expected; a message with other ones is an error, and stays.",
        ),
        Meaning::Announces(_) => said(
            name,
            "int, optional",
            "How many elements are expected at most, as C has room for; a message with more is an error, and stays.",
        ),
        Meaning::Index => {
            let one =
                "Global index of one element, or a slice: as for a list, negative ones count from the end.";
            let each = "A tuple has one of these for each dimension; of dimensions that it leaves out, at the end or where an \
                        ellipsis stands, all elements are meant. A dimension with an index is not in the result.";
            match has_dimensions(operation) {
                true => said(name, "int, slice, ellipsis or tuple of these", format!("{one} {each}")),
                false => said(name, "int or slice", one),
            }
        }
        Meaning::OfNumpy => said(
            name,
            "None, optional",
            "NumPy passes it. All elements are reduced to one value, so it must be `None`.",
        ),
        Meaning::WithIndex => said(
            name,
            "bool, optional",
            "Whether the callable is passed the global index as well, after the element.",
        ),
        Meaning::Vectorized => said(
            name,
            "bool, optional",
            "Whether the callable is passed arrays, of many elements of this rank, and gives one of as many; NumPy's ufuncs always are.",
        ),
        Meaning::Out if operation.beside().is_some() => said(
            "out",
            "tuple of two numpy.ndarray, optional",
            "Arrays that take the two results: writable, contiguous in C order, of their shape and dtypes. They are returned.",
        ),
        Meaning::Out => said(
            "out",
            "numpy.ndarray, optional",
            "Array that takes the result: writable, contiguous in C order, of its shape and dtype. It is returned.",
        ),
    }
}

fn parameter(operation: &Operation, parameter: &Parameter<'_>) -> Said {
    let param = match parameter.meaning {
        Meaning::Param(param) => param,
        besides => return parameter_besides(operation, parameter.name, besides),
    };
    let callable = operation.callable_op().is_some_and(|op| op.name == param.name);
    let ty = match &param.ty {
        Type::Array(_) if param.anything => "object",
        Type::Integer(kind) if kind.by_choice.is_some() => "int or callable",
        Type::Integer(kind) if kind.or_flag => "int or bool",
        Type::Integer(_) => "int",
        Type::Real(_) => "float",
        Type::Flag => "bool",
        Type::Text => "str",
        Type::Shape => "int or sequence of int",
        Type::Counts => "sequence of int",
        Type::PerDimension(each) => match &**each {
            Type::Enum(item) => &format!("{0}, str, int or a sequence of these", item.type_name),
            _ => "int or sequence of int",
        },
        Type::Dtype => "dtype_like",
        Type::Communicator => "mpi4py.MPI.Comm or int",
        Type::Enum(item) if item.has_none() => &format!("{}, str, int or None", item.type_name),
        Type::Enum(item) if callable => &format!("{}, str, int or callable", item.type_name),
        Type::Enum(item) => &format!("{}, str or int", item.type_name),
        Type::Object(object) => match &operation.function_of {
            Some(first) if operation.has_type_of_first(param) => &format!("as `{}`", first.name),
            _ => &object.python,
        },
        Type::Objects(object) => &format!("sequence of {}", object.accepted_in_lists(" or ", "")),
        Type::Callback(_) => "callable",
        Type::Struct(item) => &item.type_name(),
        Type::Array(_) => "array_like",
        Type::Value(_) => "number",
        Type::View(_) => "numpy.ndarray",
    };
    let none = if accepts_none(param) && parameter.default.is_none() { " or None" } else { "" };
    let default = match parameter.default.as_deref() {
        None => String::new(),
        Some("None") => ", optional".to_owned(),
        Some(literal) => format!(", default: {literal}"),
    };
    let one_for_all = (operation.selects && matches!(param.ty, Type::Array(_)))
        .then(|| "They are broadcast as NumPy does it: a single number is for all.".to_owned());
    let doc =
        [Some(param.doc.clone()), callable.then(|| CALLABLE_OP.to_owned()), conditions(param), one_for_all];
    let doc = doc.into_iter().flatten().collect::<Vec<_>>().join(" ");
    said(&param.name, format!("{ty}{none}{default}"), doc)
}

/// What is said of what it returns.
pub fn returns(operation: &Operation) -> Vec<Said> {
    if let Some(outcome) = operation.outcome {
        return of_requests(operation, outcome);
    }
    let Some(result) = &operation.result else {
        return match operation.is_issued() {
            true => vec![unnamed("Request", "It gives nothing.")],
            false => Vec::new(),
        };
    };
    let ty = match &result.ty {
        Type::Integer(_) => "int".to_owned(),
        Type::Real(_) => "float".to_owned(),
        Type::Flag => "bool".to_owned(),
        Type::Text => "str".to_owned(),
        Type::Shape | Type::Counts => "tuple of int".to_owned(),
        Type::PerDimension(each) => match &**each {
            Type::Enum(item) => format!("tuple of {}", item.type_name),
            _ => "tuple of int".to_owned(),
        },
        Type::Dtype => "numpy.dtype".to_owned(),
        Type::Enum(item) => item.type_name.clone(),
        Type::Struct(item) => item.type_name(),
        Type::Object(object) if result.many.is_some() => format!("list of {}", object.python),
        Type::Object(object) => object.python.clone(),
        Type::Objects(object) => format!("list of {}", object.python),
        Type::Array(_) if gives_element(operation) => "scalar".to_owned(),
        Type::Array(_) if keeps_shape(operation) || gives_selection(operation) => {
            "numpy.ndarray or scalar".to_owned()
        }
        Type::Array(_) | Type::View(_) => "numpy.ndarray".to_owned(),
        Type::Value(_) => "scalar".to_owned(),
        Type::Callback(_) => "callable".to_owned(),
        Type::Communicator => "int".to_owned(),
    };
    let none = if result.optional || result.on == ResultOn::Root { " or None" } else { "" };
    let elsewhere = if result.on == ResultOn::Root { " `None` on the other ranks." } else { "" };
    let scalars = match gives_array(operation) && keeps_shape(operation) {
        true => " Of a scalar it is a scalar.",
        false if gives_selection(operation) && has_dimensions(operation) => {
            " Where every dimension has an index it is a scalar."
        }
        false if gives_selection(operation) => " For an integer it is a scalar.",
        false => "",
    };
    let (ty, doc) = (format!("{ty}{none}"), format!("{}{elsewhere}{scalars}", result.doc));
    let mut all = vec![match (operation.is_issued(), &result.beside) {
        (true, None) => unnamed(format!("Request of {ty}"), doc),
        (false, None) => unnamed(&ty, doc),
        (true, Some(_)) => said(format!("Request of a tuple: {}", result.name), &ty, doc),
        (false, Some(_)) => said(&result.name, &ty, doc),
    }];
    all.extend(result.beside.iter().map(|second| said(&second.name, &ty, &second.doc)));
    all
}

/// What Python gives back of requests.
fn of_requests(operation: &Operation, outcome: Outcome) -> Vec<Said> {
    let what =
        "What the operation gives, as the form of it that blocks returns it: an array, a scalar or `None`.";
    match (outcome, &operation.result) {
        (Outcome::Own, _) => vec![unnamed("numpy.ndarray or scalar or None", what)],
        (Outcome::Each, _) => vec![unnamed("list", "What each of the operations gives.")],
        (Outcome::Chosen, Some(result)) => {
            vec![unnamed("tuple", format!("{} With it, what the operation gives.", result.doc))]
        }
        (Outcome::Chosen, None) => Vec::new(),
    }
}

/// True for the selection of elements along several dimensions.
fn has_dimensions(operation: &Operation) -> bool {
    operation.params.iter().any(|param| is_selection(operation, param) && param.ty.is_list())
}

/// Why it may fail: what an index can be wrong in is not said of numbers that Python has not.
pub fn errors(operation: &Operation) -> Vec<ErrorLine<'_>> {
    let shown = |line: &ErrorLine<'_>| line.param.is_none_or(|param| !is_selection(operation, param));
    error_lines(operation).into_iter().filter(shown).collect()
}

fn raises(operation: &Operation) -> Vec<String> {
    let mut lines = Vec::new();
    for line in errors(operation) {
        if let Some(exception) = &line.status.exception {
            lines.extend(entry(exception, &format!("If {}.", line.when)));
        }
    }
    lines
}

fn entries(all: &[Said]) -> Vec<String> {
    all.iter().flat_map(|one| entry(&one.title(), &one.doc)).collect()
}

/// A line of a section, and what it means below.
fn entry(title: &str, doc: &str) -> Vec<String> {
    std::iter::once(title.to_owned())
        .chain(
            numpydoc(doc).into_iter().map(|line| if line.is_empty() { line } else { format!("    {line}") }),
        )
        .collect()
}

fn section(lines: &mut Vec<String>, title: &str, content: Vec<String>) {
    if !content.is_empty() {
        let underline = "-".repeat(title.len());
        append(lines, [title.to_owned(), underline].into_iter().chain(content).collect());
    }
}

/// Adds a paragraph, with an empty line before it.
fn append(lines: &mut Vec<String>, more: Vec<String>) {
    if !more.is_empty() {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(more);
    }
}
