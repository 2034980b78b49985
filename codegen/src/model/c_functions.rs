//! The C functions of an operation, spelled out: what each C parameter stands for.

use std::rc::Rc;

use super::{Kind, Struct};

/// A C function for an operation.
#[derive(Debug, Clone)]
pub struct CFunction {
    /// Name, such as `dtl_allreduce`.
    pub name: String,
    /// Parameters, in order.
    pub args: Vec<CArg>,
    /// Values of parameters that it does not have, where these are not the defaults.
    pub fixed: Vec<(String, Default)>,
    /// `Some(invalid)`: the value is returned directly and a bad handle gives `invalid`. `None`: a status is returned.
    pub query: Option<i64>,
    /// The objects that it is called on lose an owner.
    pub gives_up: bool,
    /// For a view: whether the pointer may be written through.
    pub writable: bool,
    /// Other languages call this one.
    pub canonical: bool,
    /// Why it exists beside the canonical one.
    pub reason: Option<String>,
}

/// A parameter of a C function.
#[derive(Debug, Clone)]
pub struct CArg {
    /// Name.
    pub name: String,
    /// What it stands for; several when one C parameter says several things, such as `count`.
    pub sources: Vec<CSource>,
}

/// What a C parameter stands for.
#[derive(Debug, Clone)]
pub enum CSource {
    /// The object itself.
    This,
    /// A parameter that is one C parameter.
    Param(String),
    /// A part of an array parameter; of a callback, the address that goes with it.
    ParamPart(String, Part),
    /// The address where the result goes.
    Result,
    /// A part of the resulting array.
    ResultPart(Part),
    /// The address where a property of the resulting object goes, or null: the function of the property in `ops.rs`, and its kind.
    ResultProperty(String, Rc<Kind>),
    /// A struct whose fields are the parameters of the same name.
    Struct(Rc<Struct>),
    /// The address where the request of a form that does not block goes.
    Request,
    /// Nothing: it is accepted for compatibility and not looked at.
    Ignored(Ignored),
}

/// An argument that is not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ignored {
    /// An element type.
    Dtype,
    /// The address of an integer, `int*`, as of the number of arguments of a program.
    Number,
    /// The address of texts, `char***`, as of the arguments of a program.
    Texts,
}

impl Ignored {
    /// The type as the specification writes it.
    fn named(ty: &str) -> Option<Self> {
        match ty {
            "dtl_dtype" => Some(Ignored::Dtype),
            "int*" => Some(Ignored::Number),
            "char***" => Some(Ignored::Texts),
            _ => None,
        }
    }

    /// True for an address, which may be null.
    pub fn is_address(self) -> bool {
        self != Ignored::Dtype
    }
}

/// A part of an array or of a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Address of the first element.
    Pointer,
    /// Number of elements.
    Count,
    /// Number of bytes of all elements.
    Bytes,
    /// Number of elements for each rank: the number of elements divided by the number of ranks.
    CountPerRank,
    /// Numbers of elements for each rank, at whose end the array ends unless they are displaced.
    Counts,
    /// Where each rank's elements begin.
    Displs,
    /// Element type.
    Dtype,
    /// The address that a callback is passed back, for the caller's own use.
    UserData,
    /// Whether there is a result at all.
    IsThere,
    /// The address of the array that comes with the result, of as many elements.
    Beside,
}

use super::resolve::Resolver;
use super::{Default, Operation, Type};
use crate::spec::{self, Base, CForm, Located, Role};

impl Resolver<'_> {
    /// The C functions of `operation`: those written in the specification, the query of a property, and the canonical
    /// function where none of them is one.
    pub(super) fn c_functions(
        &mut self,
        item: &spec::Operation,
        operation: &Operation,
        file: &str,
    ) -> Vec<CFunction> {
        let mut functions: Vec<CFunction> =
            item.c.iter().map(|form| self.c_function(form, operation, file)).collect();
        if operation.role == Role::Property && functions.is_empty() {
            functions.push(CFunction {
                name: default_name(operation, false),
                args: default_args(operation, true),
                fixed: Vec::new(),
                query: Some(invalid(operation)),
                gives_up: false,
                writable: false,
                canonical: false,
                reason: None,
            });
        }
        let cannot_fail = operation.infallible && operation.params.is_empty() && !operation.takes_self();
        let complete = |function: &CFunction| {
            (function.query.is_none() || cannot_fail)
                && !function.gives_up
                && operation.params.iter().all(|param| function.says(&param.name))
        };
        // Structs are spread over parameters of which a caller may not know all, so a form without one is preferred.
        let plain = |function: &CFunction| {
            function
                .args
                .iter()
                .all(|arg| !arg.sources.iter().any(|source| matches!(source, CSource::Struct(_))))
        };
        let chosen = functions
            .iter()
            .position(|f| complete(f) && plain(f))
            .or_else(|| functions.iter().position(complete));
        match chosen {
            Some(index) => functions[index].canonical = true,
            None => {
                let taken = functions.iter().any(|function| function.name == default_name(operation, false));
                functions.push(CFunction {
                    name: default_name(operation, taken),
                    args: default_args(operation, false),
                    fixed: Vec::new(),
                    query: None,
                    gives_up: false,
                    writable: true,
                    canonical: true,
                    reason: None,
                });
            }
        }
        functions
    }

    fn c_function(&mut self, form: &CForm, operation: &Operation, file: &str) -> CFunction {
        let name =
            form.name.as_ref().map_or_else(|| default_name(operation, false), |name| name.value.clone());
        CFunction {
            writable: !name.ends_with("_data"),
            args: match &form.args {
                Some(args) => args.iter().filter_map(|arg| self.c_arg(arg, operation, file)).collect(),
                None => default_args(operation, form.query),
            },
            fixed: self.fixed(form, operation, file),
            name,
            query: form.query.then(|| form.invalid.unwrap_or_else(|| invalid(operation))),
            gives_up: form.gives_up,
            canonical: false,
            reason: form.reason.as_ref().map(|reason| reason.value.clone()),
        }
    }

    fn fixed(&mut self, form: &CForm, operation: &Operation, file: &str) -> Vec<(String, Default)> {
        let sources =
            |arg: &Located<String>| arg.split('=').map(|word| word.trim().to_owned()).collect::<Vec<_>>();
        let given: Vec<String> = form.args.iter().flatten().flat_map(sources).collect();
        let mut fixed = Vec::new();
        for (name, literal) in &form.fixed {
            match operation.param(name).filter(|_| !given.contains(name)) {
                Some(param) => {
                    fixed.extend(self.default(literal, &param.ty, file).map(|value| (name.clone(), value)));
                }
                None => self.problem(
                    literal.position(file),
                    format!("`{name}` is no parameter of {} that the C function lacks", operation.full_name),
                    "Name a parameter that is not among `args`.",
                ),
            }
        }
        fixed
    }

    fn c_arg(&mut self, text: &Located<String>, operation: &Operation, file: &str) -> Option<CArg> {
        let mut words = text.split('=').map(str::trim);
        let name = words.next().unwrap_or_default();
        let sources: Vec<&str> = words.collect();
        let said = if sources.is_empty() { vec![name] } else { sources };
        let mut resolved = Vec::new();
        for source in said {
            match self.c_source(source, operation) {
                Some(found) => resolved.push(found),
                None => {
                    self.problem(
                        text.position(file),
                        format!("`{source}` is no parameter, part or struct of {}", operation.full_name),
                        "Write a parameter, `x.pointer`, `x.count`, `x.count_per_rank`, `x.bytes` or `x.dtype` of an array x, \
                         `x.user_data` of a callback x, `result`, a part of it, a property of it that is an integer, `result.beside` or `result.is_there`, `self`, `struct NAME`, or `ignored TYPE` with int*, char*** or dtl_dtype.",
                    );
                    return None;
                }
            }
        }
        let name = match resolved.first() {
            Some(CSource::This) => operation.receiver().to_owned(),
            Some(CSource::Result) if name == "result" => result_name(operation),
            _ => name.to_owned(),
        };
        Some(CArg { name, sources: resolved })
    }

    fn c_source(&self, source: &str, operation: &Operation) -> Option<CSource> {
        if let Some(name) = source.strip_prefix("struct ") {
            return self.structs.iter().find(|item| item.name == name).cloned().map(CSource::Struct);
        }
        if let Some(ty) = source.strip_prefix("ignored ") {
            return Ignored::named(ty).map(CSource::Ignored);
        }
        let (name, part) = source.split_once('.').map_or((source, None), |(name, part)| (name, Some(part)));
        let part = match part {
            None => None,
            Some("pointer") => Some(Part::Pointer),
            Some("count") => Some(Part::Count),
            Some("count_per_rank") => Some(Part::CountPerRank),
            Some("counts") => Some(Part::Counts),
            Some("displs") => Some(Part::Displs),
            Some("dtype") => Some(Part::Dtype),
            Some("bytes") => Some(Part::Bytes),
            Some("user_data") => Some(Part::UserData),
            Some("is_there") => Some(Part::IsThere),
            Some("beside") => Some(Part::Beside),
            Some(property) if name == "result" => return self.property_of_result(property, operation),
            Some(_) => return None,
        };
        match (name, part) {
            ("self", None) if operation.takes_self() => Some(CSource::This),
            ("result", None) if operation.result.is_some() => Some(CSource::Result),
            ("result", Some(Part::Beside)) => operation.beside().map(|_| CSource::ResultPart(Part::Beside)),
            ("result", Some(part)) if operation.result.is_some() => Some(CSource::ResultPart(part)),
            (name, None) => operation.param(name).map(|_| CSource::Param(name.to_owned())),
            (name, Some(part)) => operation.param(name).map(|_| CSource::ParamPart(name.to_owned(), part)),
        }
    }
}

impl Resolver<'_> {
    /// A property of the object that an operation gives.
    fn property_of_result(&self, property: &str, operation: &Operation) -> Option<CSource> {
        let Type::Object(made) = &operation.result.as_ref()?.ty else { return None };
        let file = self.spec.objects.iter().find(|file| file.object.name.value == made.name)?;
        let is_it = |own: &&spec::Operation| own.name.value == property && own.role == Role::Property;
        let found = file.operations.iter().map(|own| &own.content).find(is_it)?;
        let kind = &found.result.as_ref()?.kind.value;
        let kind = self.kinds.iter().find(|known| known.name == *kind)?;
        Some(CSource::ResultProperty(made.function(property), kind.clone()))
    }
}

impl CFunction {
    /// True when one of its parameters says something about the parameter `name` of the operation.
    pub fn says(&self, name: &str) -> bool {
        self.args.iter().any(|arg| arg.says(name))
    }
}

impl CArg {
    fn new(name: impl Into<String>, source: CSource) -> Self {
        Self { name: name.into(), sources: vec![source] }
    }

    /// True when it says something about the parameter `name`.
    fn says(&self, name: &str) -> bool {
        self.sources.iter().any(|source| match source {
            CSource::Param(param) | CSource::ParamPart(param, _) => param == name,
            CSource::Struct(item) => item.fields.iter().any(|field| field.name == name),
            CSource::This
            | CSource::Result
            | CSource::ResultPart(_)
            | CSource::ResultProperty(..)
            | CSource::Request
            | CSource::Ignored(_) => false,
        })
    }
}

/// `dtl_vector_owner`, or `dtl_copy_vector` for a function; with `get`, when that name is a query already:
/// `dtl_vector_get_owner`, `dtl_get_copy_vector`.
fn default_name(operation: &Operation, get: bool) -> String {
    let get = if get { "get_" } else { "" };
    match &operation.object {
        Some(object) if operation.function_of.is_some() => {
            format!("dtl_{get}{}_{}", operation.name, object.name)
        }
        Some(object) => format!("dtl_{}_{get}{}", object.name, operation.name),
        None => format!("dtl_{get}{}", operation.name),
    }
}

/// What a query returns for a bad handle.
fn invalid(operation: &Operation) -> i64 {
    match operation.result.as_ref().map(|result| &result.ty) {
        Some(Type::Integer(kind)) if kind.none.is_some() => kind.none.as_ref().map_or(-1, |none| none.value),
        Some(Type::Integer(kind)) if kind.base != Base::U64 => -1,
        Some(Type::Enum(_) | Type::Dtype) => -1,
        _ => 0,
    }
}

fn result_name(operation: &Operation) -> String {
    operation.result.as_ref().map_or_else(|| "result".to_owned(), |result| result.name.clone())
}

/// The object, the parameters in order with arrays as pointer, count and dtype, and last where the result goes.
fn default_args(operation: &Operation, query: bool) -> Vec<CArg> {
    let mut args = Vec::new();
    if operation.takes_self() {
        args.push(CArg::new(operation.receiver(), CSource::This));
    }
    for param in &operation.params {
        let name = &param.name;
        let part = |part| CSource::ParamPart(name.clone(), part);
        if let Type::Objects(_) = &param.ty {
            args.push(CArg::new("count", part(Part::Count)));
            args.push(CArg::new(name, part(Part::Pointer)));
        } else if let Type::Array(of) = &param.ty {
            args.push(CArg::new(name, part(Part::Pointer)));
            args.push(CArg::new(format!("{name}_count"), part(Part::Count)));
            if matches!(of, super::Of::Variable(_)) {
                args.push(CArg::new(format!("{name}_dtype"), part(Part::Dtype)));
            }
        } else {
            args.push(CArg::new(name, CSource::Param(name.clone())));
            if matches!(param.ty, Type::Callback(_)) {
                args.push(CArg::new("user_data", CSource::ParamPart(name.clone(), Part::UserData)));
            }
        }
    }
    let Some(result) = operation.result.as_ref().filter(|_| !query) else { return args };
    let name = &result.name;
    if let Type::Array(of) = &result.ty {
        args.push(CArg::new(name, CSource::ResultPart(Part::Pointer)));
        args.push(CArg::new(format!("{name}_count"), CSource::ResultPart(Part::Count)));
        if matches!(of, super::Of::Variable(_)) {
            args.push(CArg::new(format!("{name}_dtype"), CSource::ResultPart(Part::Dtype)));
        }
    } else {
        args.push(CArg::new(name, CSource::Result));
    }
    args
}
