//! `generated/python/src`: the extension module. One file for each object, for each group of free operations, and for the
//! functions that are told apart by their first argument.

use serde::Serialize;

use super::arguments::{Argument, OPTIONAL, arguments, passed};
use super::docstring;
use super::operators::{self, Operator};
use super::outputs::out;
use super::overloads::{self, Overloaded};
use super::signature::{OF_NUMPY, gives_array, gives_element, gives_selection, parameters, signature};
use crate::lang::banner;
use crate::model::{Chapter, ContextSource, Model, Object, Operation, Pair, Type};
use crate::output::OutputFile;
use crate::render::render;
use crate::spec::{Outcome, Protocol, Role};

pub(super) fn files(model: &Model) -> Vec<OutputFile> {
    let mut chapters: Vec<ChapterView> =
        model.chapters.iter().map(|chapter| chapter_view(model, chapter)).collect();
    // Of operations that Python does not have there is no file.
    chapters.retain(|chapter| chapter.class.is_some() || !chapter.functions.is_empty());
    let overloaded = overloads::overloaded(model);
    let library = Library {
        banner: banner("spec/objects and spec/ops"),
        doc: docstring::module(model),
        overloaded,
        classes: chapters
            .iter()
            .filter_map(|chapter| chapter.class.as_ref().map(|class| class.name.clone()))
            .collect(),
        chapters,
    };
    let overloaded =
        render("overloads", include_str!("../../../templates/python/overloads.rs.tera"), &library);
    let root = render("lib", include_str!("../../../templates/python/lib.rs.tera"), &library);
    let mut files = vec![OutputFile::rust("generated/python/src/lib.rs", &root)];
    if !library.overloaded.is_empty() {
        files.push(OutputFile::rust("generated/python/src/overloads.rs", &overloaded));
    }
    for chapter in &library.chapters {
        let (name, template) = match chapter.class {
            Some(_) => ("class", include_str!("../../../templates/python/class.rs.tera")),
            None => ("functions", include_str!("../../../templates/python/functions.rs.tera")),
        };
        let path = format!("generated/python/src/{}.rs", chapter.module);
        files.push(OutputFile::rust(path, &render(name, template, chapter)));
    }
    files
}

#[derive(Serialize)]
struct Library {
    banner: String,
    doc: Vec<String>,
    classes: Vec<String>,
    chapters: Vec<ChapterView>,
    /// Functions of several classes.
    overloaded: Vec<Overloaded>,
}

#[derive(Serialize)]
struct ChapterView {
    banner: String,
    module: String,
    summary: String,
    class: Option<Class>,
    functions: Vec<Function>,
    /// What functions of several classes do with objects of this one.
    overloads: Vec<Function>,
}

#[derive(Serialize)]
struct Class {
    name: String,
    inner: String,
    /// Set for an abstract object: others extend it.
    is_base: bool,
    /// What it extends.
    base: Option<String>,
    /// What extends it.
    extending: Vec<String>,
    /// Some operation of an abstract object gives one of its own kind.
    makes_own_kind: bool,
    doc: Vec<String>,
    generic: bool,
    /// The constructor is among the functions.
    len: Option<String>,
    /// Of the object behind the Python one: `slf.get().inner`.
    repr: Option<String>,
    html: Option<String>,
    exit: Option<String>,
    /// Calls of methods with the `key` and the `value` of a subscription.
    contains: Option<String>,
    getitem: Option<String>,
    setitem: Option<String>,
    delitem: Option<String>,
    /// What tells whether it is ready, for one that can be awaited.
    awaits: Option<String>,
    pairs: Vec<PairView>,
    /// What it can be made from.
    sources: Vec<Source>,
    container: bool,
    /// It behaves as NumPy's arrays do.
    numpy: bool,
    /// The call of the method whose view is what NumPy makes of it.
    array: Option<String>,
    binary: [Operator; 13],
    unary: [Operator; 4],
}

/// A method that gives the arrays of two others.
#[derive(Serialize)]
struct PairView {
    name: String,
    doc: Vec<String>,
    /// The two calls.
    calls: Vec<String>,
}

/// A class whose objects another one is made from, and the operation that does it.
#[derive(Serialize)]
struct Source {
    class: String,
    /// The classes of its objects.
    of: Vec<String>,
    symbol: String,
}

#[derive(Serialize)]
pub(super) struct Function {
    pub name: String,
    pub python_name: String,
    source: String,
    doc: Vec<String>,
    /// `#[new]`, `#[getter]`, `#[staticmethod]` or nothing.
    role: &'static str,
    /// PyO3's signature and the one that Python shows; empty for properties.
    pub signature: String,
    pub shown: String,
    /// `<'py>` where the interpreter is needed.
    generics: &'static str,
    receiver: &'static str,
    pub params: String,
    pub returns: String,
    body: String,
    /// The module has it; it does not have a free operation that shares its name with a function of objects.
    registered: bool,
}

fn chapter_view(model: &Model, chapter: &Chapter) -> ChapterView {
    let offered = |is_overload: bool| {
        let operations = chapter.operations.iter();
        operations
            .filter(|operation| operation.skip("python").is_none() && !operation.inherited)
            .filter(move |operation| operation.function_of.is_some() == is_overload)
            .flat_map(|operation| names(model, operation))
            .collect::<Vec<Function>>()
    };
    let (functions, overloads) = (offered(false), offered(true));
    ChapterView {
        banner: banner(chapter.file()),
        module: chapter.module().to_owned(),
        summary: chapter.doc.split_once(". ").map_or(chapter.doc.trim(), |(first, _)| first).to_owned(),
        class: chapter.object.as_ref().map(|object| class(model, object)),
        functions,
        overloads,
    }
}

fn class(model: &Model, object: &Object) -> Class {
    let behind = |protocol| {
        let name = &object.protocols.iter().find(|(candidate, _)| *candidate == protocol)?.1;
        model.operations_of(object).find(|operation| operation.name == *name)
    };
    let direct = |operation: &Operation| format!("ops::{}(&self.inner)", operation.function);
    let subscription = |protocol, given: &[&str]| behind(protocol).map(|operation| method(operation, given));
    let pair = |pair: &Pair| PairView {
        name: pair.name.clone(),
        doc: docstring::pair(pair),
        calls: model.pair(object, pair).map(|operation| method(operation, &[])).collect(),
    };
    Class {
        name: object.python.clone(),
        inner: object.rust.clone(),
        is_base: object.is_abstract,
        base: model.base_of(object).map(|base| base.python.clone()),
        extending: model.extending(object).map(|other| other.python.clone()).collect(),
        makes_own_kind: object.is_abstract && model.operations_of(object).any(Operation::gives_own_kind),
        doc: docstring::class(model, object),
        generic: object.generic && object.extends.is_none(),
        len: behind(Protocol::Len).map(direct),
        repr: behind(Protocol::Repr)
            .map(|operation| format!("ops::{}(&slf.get().inner)", operation.function)),
        html: behind(Protocol::Html).map(direct),
        exit: behind(Protocol::Exit).map(|operation| operation.python_name.clone()),
        contains: subscription(Protocol::Contains, &["key"]),
        getitem: subscription(Protocol::Getitem, &["key"]),
        setitem: subscription(Protocol::Setitem, &["key", "value"]),
        delitem: subscription(Protocol::Delitem, &["key"]),
        awaits: behind(Protocol::Await).map(|operation| operation.python_name.clone()),
        pairs: object.pairs.iter().map(pair).collect(),
        sources: (model.sources(object))
            .map(|(operation, source)| Source {
                class: source.python.clone(),
                of: source.classes(),
                symbol: operation.symbol.clone(),
            })
            .collect(),
        container: object.is_container() && object.extends.is_none(),
        numpy: behind(Protocol::Numpy).is_some(),
        array: subscription(Protocol::Array, &[]),
        binary: operators::BINARY,
        unary: operators::UNARY,
    }
}

/// The call of a method with these arguments, the others left out.
fn method(operation: &Operation, given: &[&str]) -> String {
    let absent = operation.params.len() + usize::from(gives_array(operation)) - given.len();
    let arguments = ["py"].iter().chain(given).copied().chain(std::iter::repeat_n("None", absent));
    format!("self.{}({})", operation.name, arguments.collect::<Vec<_>>().join(", "))
}

/// The function under each of its names.
fn names(model: &Model, operation: &Operation) -> Vec<Function> {
    let further = operation.aliases.iter().map(|alias| Function {
        name: alias.clone(),
        python_name: alias.clone(),
        doc: docstring::alias(operation),
        ..function(model, operation)
    });
    std::iter::once(function(model, operation)).chain(further).collect()
}

pub(super) fn function(model: &Model, operation: &Operation) -> Function {
    let arguments = arguments(operation);
    let receiver = match operation.takes_self() {
        true if is_of_any_kind(operation) => "slf: &Bound<'py, Self>,",
        true => "&self,",
        false => "",
    };
    let param = |name: &str| {
        let argument = arguments.iter().find(|argument| argument.parameter == name);
        format!("{name}: {}", argument.map_or(OPTIONAL, |argument| argument.ty))
    };
    let mut params: Vec<String> =
        parameters(operation).iter().map(|parameter| param(parameter.name)).collect();
    if needs_interpreter(operation) {
        params.insert(0, "py: Python<'py>".to_owned());
    }
    let is_property = operation.role == Role::Property;
    let default = |name: &str| {
        let found = arguments.iter().find(|argument| argument.parameter == name);
        format!(" = {}", found.and_then(|argument| argument.default).unwrap_or("None"))
    };
    let shown = signature(operation, |_| String::new(), |_, literal| format!("={literal}"));
    let is_method = operation.takes_self() && operation.function_of.is_none();
    let receiver_shown = is_method.then(|| "$self".to_owned());
    Function {
        name: match operation.role {
            Role::Constructor => "new".to_owned(),
            _ => operation.name.clone(),
        },
        python_name: operation.python_name.clone(),
        source: format!("`{}` in {}", operation.full_name, operation.position.file),
        doc: if operation.role == Role::Constructor {
            Vec::new()
        } else {
            docstring::operation(model, operation)
        },
        role: match operation.role {
            Role::Constructor => "#[new]",
            Role::Property => "#[getter]",
            Role::Static => "#[staticmethod]",
            Role::Method => "",
        },
        signature: if is_property {
            String::new()
        } else {
            signature(operation, |_| String::new(), |parameter, _| default(parameter.name)).join(", ")
        },
        shown: receiver_shown.into_iter().chain(shown).collect::<Vec<_>>().join(", "),
        generics: if needs_interpreter(operation) { "<'py>" } else { "" },
        receiver,
        params: params.join(", "),
        returns: returns(operation),
        body: body(model, operation, &arguments),
        registered: operation.shares_name.is_none(),
    }
}

/// True for an operation of an abstract object that gives one of the kind of its own.
fn is_of_any_kind(operation: &Operation) -> bool {
    operation.gives_own_kind() && operation.object.as_ref().is_some_and(|object| object.is_abstract)
}

/// Calls that can fail or make Python objects need the interpreter.
fn needs_interpreter(operation: &Operation) -> bool {
    let makes_object = operation.result.as_ref().is_some_and(|result| {
        result.ty.is_list()
            || matches!(
                result.ty,
                Type::Array(_) | Type::Enum(_) | Type::Dtype | Type::View(_) | Type::Struct(_)
            )
    });
    makes_object || operation.outcome.is_some() || !operation.infallible || !operation.params.is_empty()
}

/// The type that the glue returns.
fn returns(operation: &Operation) -> String {
    match operation.outcome {
        Some(Outcome::Own) => return "PyResult<Py<PyAny>>".to_owned(),
        Some(Outcome::Each) => return "PyResult<Vec<Py<PyAny>>>".to_owned(),
        Some(Outcome::Chosen) => return "PyResult<(i32, Py<PyAny>)>".to_owned(),
        None if operation.is_issued() => return "PyResult<Request>".to_owned(),
        None => {}
    }
    let value =
        match operation.result.as_ref().map(|result| (&result.ty, result.optional, result.many.is_some())) {
            None => "()".to_owned(),
            Some((Type::Integer(kind), optional, _)) => {
                let plain = match kind.base {
                    crate::spec::Base::U64 => "u64",
                    crate::spec::Base::I64 => "i64",
                    _ => "i32",
                };
                if optional { format!("Option<{plain}>") } else { plain.to_owned() }
            }
            Some((Type::Real(_), ..)) => "f64".to_owned(),
            Some((Type::Flag, ..)) => "bool".to_owned(),
            Some((Type::Text, ..)) => "String".to_owned(),
            Some((Type::Object(_), ..)) if is_of_any_kind(operation) => "Py<PyAny>".to_owned(),
            Some((Type::Object(object), false, false)) if object.extends.is_some() => {
                format!("PyClassInitializer<{}>", object.python)
            }
            Some((Type::Object(object), optional, many)) => match (optional, many) {
                (_, true) => format!("Vec<{}>", object.python),
                (true, false) => format!("Option<{}>", object.python),
                (false, false) => object.python.clone(),
            },
            Some((Type::Array(_), ..)) => "Py<PyAny>".to_owned(),
            Some((Type::Dtype | Type::Enum(_) | Type::View(_) | Type::Struct(_), ..)) => {
                "Bound<'py, PyAny>".to_owned()
            }
            Some((Type::Shape | Type::PerDimension(_), ..)) => "Bound<'py, PyAny>".to_owned(),
            Some((
                Type::Objects(_) | Type::Value(_) | Type::Communicator | Type::Callback(_) | Type::Counts,
                ..,
            )) => unreachable!("the rule `supports` refuses them"),
        };
    format!("PyResult<{value}>")
}

/// The body of the function; of one whose operator may be a function also that of the operation for it.
fn body(model: &Model, operation: &Operation, arguments: &[Argument]) -> String {
    let own = statements(operation, arguments);
    if !needs_interpreter(operation) {
        return format!("Ok({own})");
    }
    let Some((op, other)) = operation.callable_op().zip(model.with_function(operation)) else { return own };
    let Some(func) = other.failing_callback() else { return own };
    let others = statements(other, &super::arguments::arguments(other));
    format!("if let Some({}) = {}.function() {{ {others} }} else {{ {own} }}", func.name, op.name)
}

/// The statements that call the operation.
fn statements(operation: &Operation, arguments: &[Argument]) -> String {
    let variant = &operation.variant;
    let refused = match operation.is_collective() {
        true => format!("|refusal| refuse(py, context, Operation::{variant}, refusal)"),
        false => format!("|refusal| refusal.into_exception(py, Operation::{variant})"),
    };
    let mut lines: Vec<String> = Vec::new();
    let is_context = |argument: &&Argument| Some(argument.name.as_str()) == context_param(operation);
    // Without a context there is nobody to tell of an error, so it is converted before everything else.
    if let Some(context) = arguments.iter().find(is_context) {
        lines.push(format!(
            "let {} = {}.map_err(|refusal| refusal.into_exception(py, Operation::{variant}))?;",
            context.name, context.converted
        ));
    }
    let mut this = "&self.inner";
    if is_of_any_kind(operation) {
        lines.push("let inner = &slf.get().inner;".to_owned());
        this = "inner";
    }
    let converts = gives_array(operation)
        || operation.numpy_reduction
        || arguments.iter().any(|argument| !is_context(&argument));
    if (operation.is_collective() || operation.is_issued()) && converts {
        lines.push(match operation.context() {
            Some(ContextSource::Param(name)) => format!("let context = &{name}.inner;"),
            Some(ContextSource::OfThis) => "let context = self.inner.context();".to_owned(),
            _ => format!("let context = {this};"),
        });
    }
    if operation.is_issued() {
        lines.push(issued(operation, arguments));
        return lines.join("\n");
    }
    lines.extend(conversions(operation, arguments, &refused));
    let mut actuals: Vec<String> = operation.takes_self().then(|| this.to_owned()).into_iter().collect();
    actuals.extend(passed(operation, arguments));
    if gives_element(operation) {
        lines.push("let mut element = border::ArrayOut::element();".to_owned());
        actuals.push("&mut element".to_owned());
    } else if gives_selection(operation) {
        lines.push("let mut out = border::ArrayOut::array();".to_owned());
        actuals.push("&mut out".to_owned());
    } else if gives_array(operation) {
        actuals.push("&mut out".to_owned());
    }
    lines.push(finish(operation, &actuals));
    lines.join("\n")
}

fn context_param(operation: &Operation) -> Option<&str> {
    operation.params.iter().find(|param| param.ty.is_object("context")).map(|param| param.name.as_str())
}

/// The request of a form that does not block. What is wrong with the arguments of this rank is issued too, so that the other
/// ranks learn of it and the request gives it here.
fn issued(operation: &Operation, arguments: &[Argument]) -> String {
    let mut actuals: Vec<String> =
        operation.takes_self().then(|| "&self.inner".to_owned()).into_iter().collect();
    // What is lent is a Python object, so the interpreter lock is given up after that.
    let mut lent = Vec::new();
    for (index, (actual, argument)) in passed(operation, arguments).into_iter().zip(arguments).enumerate() {
        if argument.lends {
            lent.push(format!("let lent_{index} = {actual};"));
            actuals.push(format!("lent_{index}"));
        } else {
            actuals.push(actual);
        }
    }
    if gives_array(operation) {
        actuals.push("out".to_owned());
    }
    let call =
        format!("{}\npy.detach(|| ops::{}({}))", lent.join("\n"), operation.function, actuals.join(", "));
    let Some(Converted { statements, names }) = converted(operation, arguments) else {
        return format!("let inner = {call};\nOk(Request {{ inner }})");
    };
    let made = pattern(&names);
    let variant = &operation.variant;
    format!(
        "let convert = || -> Result<_, Refusal> {{ {statements} Ok({made}) }};
        let inner = match convert() {{
            Ok({made}) => {{ {call} }}
            Err(refusal) => issue_refusal(py, context, Operation::{variant}, refusal)?,
        }};
        Ok(Request {{ inner }})"
    )
}

/// The conversion of arguments: statements, and the names of what they make.
struct Converted {
    statements: String,
    names: Vec<String>,
}

/// The conversion of all arguments but the context; nothing where there are none.
fn converted(operation: &Operation, arguments: &[Argument]) -> Option<Converted> {
    let rest: Vec<&Argument> = arguments
        .iter()
        .filter(|argument| Some(argument.name.as_str()) != context_param(operation))
        .collect();
    let mut statements: Vec<String> = Vec::new();
    for late in [false, true] {
        let of_this_time = rest.iter().filter(|argument| argument.late == late);
        statements.extend(of_this_time.map(|argument| argument.convert()));
    }
    let mut names: Vec<String> = rest.iter().map(|argument| argument.name.clone()).collect();
    if gives_array(operation) {
        statements.push(out(operation));
        names.push("out".to_owned());
    }
    (!names.is_empty()).then(|| Converted { statements: statements.join("\n"), names })
}

/// The variables as one pattern or expression.
fn pattern(names: &[String]) -> String {
    if let [name] = names { name.clone() } else { format!("({})", names.join(", ")) }
}

/// The conversion of all arguments but the context, as one step that may be refused.
fn conversions(operation: &Operation, arguments: &[Argument], refused: &str) -> Vec<String> {
    if operation.numpy_reduction {
        return vec![format!("border::whole({}).map_err({refused})?;", OF_NUMPY.join(", "))];
    }
    let Some(Converted { statements, names }) = converted(operation, arguments) else { return Vec::new() };
    let made = pattern(&names);
    let mut bound = names;
    if gives_array(operation) {
        // The operation fills it.
        bound.last_mut().expect("it is the last of them").insert_str(0, "mut ");
    }
    let bound = pattern(&bound);
    vec![
        format!("let convert = || -> Result<_, Refusal> {{ {statements} Ok({made}) }};"),
        format!("let {bound} = convert().map_err({refused})?;"),
    ]
}

/// The call, without the interpreter lock if it may wait, and what becomes of its result.
fn finish(operation: &Operation, actuals: &[String]) -> String {
    let function = format!("ops::{}", operation.function);
    let call = format!("{function}({})", actuals.join(", "));
    let call = match (operation.instant, actuals.is_empty()) {
        (true, _) => call,
        (false, true) => format!("py.detach({function})"),
        (false, false) => format!("py.detach(|| {call})"),
    };
    let result = match (operation.infallible, operation.failing_callback()) {
        (true, _) => call,
        (false, None) => format!("{call}.map_err(|error| raise(py, &error))"),
        (false, Some(func)) => format!("{call}.map_err(|error| {}.raised(py, &error))", func.name),
    };
    let value = if operation.infallible { result.clone() } else { format!("{result}?") };
    match operation.outcome {
        Some(Outcome::Own) => return format!("{value};\nborder::outcome(py, Some(&self.inner))"),
        Some(Outcome::Each) => return format!("{value};\nborder::outcomes(py, &requests)"),
        Some(Outcome::Chosen) => {
            return format!(
                "let index = {value};\nOk((index, border::outcome(py, requests[index as usize].as_ref())?))"
            );
        }
        None => {}
    }
    let ok =
        |value: &str| if needs_interpreter(operation) { format!("Ok({value})") } else { value.to_owned() };
    match operation.result.as_ref().map(|returns| (&returns.ty, returns.optional, returns.many.is_some())) {
        Some((Type::View(_), ..)) => format!("border::view(py, {value})"),
        Some((Type::Array(_), ..)) if gives_selection(operation) => {
            format!("{value};\nselected.result(out.into_result(py)?.into_bound(py))")
        }
        Some((Type::Array(_), ..)) => {
            if operation.beside().is_some() {
                return format!("{value};\nborder::both(py, out)");
            }
            let made = if gives_element(operation) { "element" } else { "out" };
            format!("{value};\n{made}.into_result(py)")
        }
        Some((Type::Dtype, ..)) => format!("border::dtype_object(py, {value})"),
        Some((Type::PerDimension(each), ..)) if matches!(**each, Type::Enum(_)) => {
            let Type::Enum(item) = &**each else { unreachable!("it was matched") };
            format!("border::members(py, {value}, \"{}\")", item.type_name)
        }
        Some((Type::Shape | Type::PerDimension(_), ..)) => format!("border::tuple(py, {value})"),
        Some((Type::Enum(item), ..)) => format!("border::member(py, {value}, \"{}\")", item.type_name),
        Some((Type::Struct(item), optional, _)) => {
            let fields: String = item.fields.iter().map(|field| format!("made.{}, ", field.name)).collect();
            let record = format!("border::record(py, \"{}\", ({fields}))", item.type_name());
            match optional {
                true => format!("{value}.map_or_else(|| Ok(py.None().into_bound(py)), |made| {record})"),
                false => format!("let made = {value};\n{record}"),
            }
        }
        Some((Type::Object(_), ..)) if is_of_any_kind(operation) => {
            format!("let made = {value};\nof_kind_of(slf, made)")
        }
        Some((Type::Object(object), false, false)) if object.extends.is_some() => {
            format!("let made = {value};\n{}", ok(&format!("{}::of(made)", object.python)))
        }
        Some((Type::Object(object), optional, many)) => {
            let class = &object.python;
            let wrap = match (optional, many) {
                (_, true) => format!("made.into_iter().map(|inner| {class} {{ inner }}).collect()"),
                (true, false) => format!("made.map(|inner| {class} {{ inner }})"),
                (false, false) => format!("{class} {{ inner: made }}"),
            };
            format!("let made = {value};\n{}", ok(&wrap))
        }
        Some(_) if operation.infallible => ok(&result),
        Some(_) | None => result,
    }
}
