//! Resolved operations.

use std::rc::Rc;

use crate::diagnostic::Position;
use crate::spec::{Announced, Direction, Elements, Outcome, ResultOn, Role, Scope};

use super::{
    CFunction, CSource, Callback, Constant, Dtype, DtypeSet, Enum, Kind, Object, Part, Shape, Status, Struct,
};

/// Something that users call.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Name, such as `fill`.
    pub name: String,
    /// Name with its object: `vector.fill`; `allreduce`.
    pub full_name: String,
    /// The same as an identifier: `vector_fill`; `allreduce`.
    pub symbol: String,
    /// Its object has it from the abstract one that it extends.
    pub inherited: bool,
    /// Its full name, but of what is inherited that of the operation of the abstract object: `container.fill`.
    pub shared_name: String,
    /// The same as an identifier, the name of the function in `generated/rust/ops.rs`: `container_fill`; `allreduce`.
    pub function: String,
    /// Variant of `Operation` in `dtl-types`, made of it: `ContainerFill`; `Allreduce`.
    pub variant: String,
    /// The object it belongs to.
    pub object: Option<Rc<Object>>,
    /// What it is to its object; `Method` for free operations.
    pub role: Role,
    /// The object as the first argument, where users call a function instead of a method.
    pub function_of: Option<FunctionOf>,
    /// For a free operation whose name is in Python also that of a function of objects: what that calls its first argument, whose class
    /// says which of them is called. It is then the context.
    pub shares_name: Option<String>,
    /// Who must take part.
    pub scope: Scope,
    /// One sentence.
    pub summary: String,
    /// Paragraphs.
    pub details: String,
    /// Dtype variables.
    pub variables: Vec<Variable>,
    /// Parameters, without the object itself.
    pub params: Vec<Param>,
    /// What it gives back.
    pub result: Option<Returns>,
    /// It changes the contents of its object.
    pub mutates: bool,
    /// Which elements of its object it uses.
    pub elements: Elements,
    /// It cannot fail.
    pub infallible: bool,
    /// Whether the runtime function is asynchronous.
    pub nonblocking: bool,
    /// For a form that does not block, the name of the one that does. A call of it gives a request, and `result` is what that
    /// gives.
    pub issues: Option<String>,
    /// What all ranks must pass alike.
    pub agree: Vec<Agree>,
    /// The full name of the operation that it is to the other ranks, if it is not itself.
    pub same_as: Option<String>,
    /// Errors besides those of its parameters' kinds.
    pub errors: Vec<OperationError>,
    /// Path of the runtime function below the crate `dtl`, such as `collectives::allreduce`.
    pub implementation: String,
    /// Languages that do not offer it, with the reason.
    pub skips: Vec<(String, String)>,
    /// Version in which it appeared.
    pub since: Option<String>,
    /// Version since which it is deprecated, and what to call instead.
    pub deprecated: Option<(String, String)>,
    /// C functions; exactly one is `canonical`.
    pub c: Vec<CFunction>,
    /// Name in Python.
    pub python_name: String,
    /// Further names in Python.
    pub aliases: Vec<String>,
    /// What Python gives back of requests.
    pub outcome: Option<Outcome>,
    /// Python module below `dtl` that offers it, instead of `dtl` itself.
    pub python_module: Option<String>,
    /// The call never waits: Python keeps the interpreter lock.
    pub instant: bool,
    /// NumPy's function of the same name calls it.
    pub numpy_reduction: bool,
    /// In Python an integer or a slice says which elements are meant.
    pub selects: bool,
    /// The operation that Python calls where the operator is a function.
    pub with_function: Option<String>,
    /// Examples as data.
    pub examples: Vec<Example>,
    /// Where it is specified.
    pub position: Position,
}

impl Operation {
    /// True when it takes the object itself as its first argument.
    pub fn takes_self(&self) -> bool {
        self.object.is_some() && matches!(self.role, Role::Method | Role::Property)
    }

    /// What C calls the object when it takes it: the name of the object, or that of the first argument of a function.
    pub fn receiver(&self) -> &str {
        match (&self.function_of, &self.object) {
            (Some(first), _) => &first.name,
            (None, Some(object)) => &object.name,
            (None, None) => "self",
        }
    }

    /// True for a parameter of a function that is an object of the same type as its first argument.
    pub fn is_like_first(&self, param: &Param) -> bool {
        let own = self.object.as_ref().filter(|_| self.function_of.is_some());
        own.is_some_and(|own| param.ty.is_object(&own.name))
    }

    /// True when it gives an object of the kind of its own, whichever extends that.
    pub fn gives_own_kind(&self) -> bool {
        let made = self.result.as_ref().map(|result| &result.ty);
        self.takes_self()
            && self.object.as_ref().zip(made).is_some_and(|(own, made)| made.is_object(&own.name))
    }

    /// The same, where both have one type; objects that extend an abstract one may be of different types.
    pub fn has_type_of_first(&self, param: &Param) -> bool {
        self.is_like_first(param) && !self.object.as_ref().is_some_and(|object| object.is_abstract)
    }

    /// The second array of its result.
    pub fn beside(&self) -> Option<&Returns> {
        self.result.as_ref()?.beside.as_deref()
    }

    /// True for a form that does not block.
    pub fn is_issued(&self) -> bool {
        self.issues.is_some()
    }

    /// True when every rank of a context must call it.
    pub fn is_collective(&self) -> bool {
        self.scope.is_collective()
    }

    /// Where the operation finds its context, if it has one.
    pub fn context(&self) -> Option<ContextSource> {
        if let Some(param) = self.params.iter().find(|param| param.ty.is_object("context")) {
            return Some(ContextSource::Param(param.name.clone()));
        }
        match self.object.as_deref() {
            Some(object) if self.takes_self() && object.name == "context" => Some(ContextSource::This),
            Some(object) if self.takes_self() && object.has_context() => Some(ContextSource::OfThis),
            _ => None,
        }
    }

    /// The C function that takes every parameter and returns a status (or the query itself when it cannot fail);
    /// other languages call this one.
    pub fn canonical_c(&self) -> &CFunction {
        self.c
            .iter()
            .find(|function| function.canonical)
            .expect("resolving gives every operation a canonical C function")
    }

    /// Why `language` does not offer it, if it does not.
    pub fn skip(&self, language: &str) -> Option<&str> {
        self.skips.iter().find(|(name, _)| name == language).map(|(_, reason)| reason.as_str())
    }

    /// True for its name after that of the file that specifies it: `container.fill` for what all containers have.
    pub fn is_in_its_file(&self, name: &str) -> bool {
        name.split_once('.') == Some((self.position.stem(), &self.name))
    }

    /// The parameter whose length is the number of dimensions; without one it is that of the object.
    pub fn shape_param(&self) -> Option<&Param> {
        self.params
            .iter()
            .find(|param| matches!(param.ty, Type::Shape) && !param.optional && param.default.is_none())
    }

    /// The operator for which Python also takes a function of two arrays.
    pub fn callable_op(&self) -> Option<&Param> {
        self.with_function.as_ref()?;
        self.operator()
    }

    /// The operator that all ranks must pass alike.
    pub fn operator(&self) -> Option<&Param> {
        let name = self.agree.iter().find_map(|agree| match agree {
            Agree::Operator(name) => Some(name),
            _ => None,
        })?;
        self.param(name)
    }

    /// The function that fails with the operation.
    pub fn failing_callback(&self) -> Option<&Param> {
        self.params
            .iter()
            .find(|param| matches!(&param.ty, Type::Callback(callback) if callback.fails.is_some()))
    }

    /// What C calls a part of the array that it gives back.
    pub fn name_of_result_part(&self, part: Part) -> Option<&str> {
        let is_it = |source: &CSource| matches!(source, CSource::ResultPart(own) if *own == part);
        let found = self.canonical_c().args.iter().find(|arg| arg.sources.iter().any(is_it));
        found.map(|arg| arg.name.as_str())
    }

    /// The parameter called `name`.
    pub fn param(&self, name: &str) -> Option<&Param> {
        self.params.iter().find(|param| param.name == name)
    }
}

/// The object as the first argument of a function.
#[derive(Debug, Clone)]
pub struct FunctionOf {
    /// Name of the argument.
    pub name: String,
    /// What it is.
    pub doc: String,
}

/// Where a collective operation finds its context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContextSource {
    /// In a parameter.
    Param(String),
    /// The object is the context.
    This,
    /// The object has a context.
    OfThis,
}

/// A dtype variable and what it ranges over.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Name, such as `T`.
    pub name: String,
    /// Its dtypes.
    pub set: Rc<DtypeSet>,
}

/// What a parameter, result or field is.
#[derive(Debug, Clone)]
pub enum Type {
    /// An integer kind; its base says which.
    Integer(Rc<Kind>),
    /// A floating-point number of 64 bits.
    Real(Rc<Kind>),
    /// A truth value.
    Flag,
    /// UTF-8 text.
    Text,
    /// The extents of some dimensions.
    Shape,
    /// One integer or value of an enumeration for each dimension.
    PerDimension(Rc<Type>),
    /// One number of rows for each rank.
    Counts,
    /// An element type.
    Dtype,
    /// The caller's MPI communicator.
    Communicator,
    /// An enumeration.
    Enum(Rc<Enum>),
    /// An object.
    Object(Rc<Object>),
    /// Several objects, in a list.
    Objects(Rc<Object>),
    /// A struct, as a result.
    Struct(Rc<Struct>),
    /// A function of the caller.
    Callback(Rc<Callback>),
    /// A contiguous array.
    Array(Of),
    /// One element.
    Value(Of),
    /// Local memory of a container.
    View(Of),
}

impl Type {
    /// True for several numbers, one for each dimension.
    pub fn is_list(&self) -> bool {
        matches!(self, Type::Shape | Type::PerDimension(_))
    }

    /// True for the object called `name`.
    pub fn is_object(&self, name: &str) -> bool {
        matches!(self, Type::Object(object) if object.name == name)
    }
}

/// Which element type an array, value or view has.
#[derive(Debug, Clone)]
pub enum Of {
    /// A dtype variable, named.
    Variable(String),
    /// One dtype.
    Fixed(Rc<Dtype>),
    /// That of the parameter of kind `dtype` with this name.
    Param(String),
    /// That of the object the operation is called on: its property `dtype`.
    This,
    /// Another property of that object, which may hold things of several types.
    Own(String),
}

impl Of {
    /// The property of the object that says the element type.
    pub fn property(&self) -> Option<&str> {
        match self {
            Of::This => Some("dtype"),
            Of::Own(property) => Some(property),
            Of::Variable(_) | Of::Fixed(_) | Of::Param(_) => None,
        }
    }
}

/// A parameter.
#[derive(Debug, Clone)]
pub struct Param {
    /// Name in every language.
    pub name: String,
    /// Type.
    pub ty: Type,
    /// Whether an array is read, or read at the root and written elsewhere; whether an object is changed.
    pub direction: Direction,
    /// Its shape, if it is an array.
    pub shape: Option<Shape>,
    /// The caller may leave it out although it has no default.
    pub optional: bool,
    /// Value when it is left out.
    pub default: Option<Default>,
    /// Python takes it by keyword only.
    pub keyword_only: bool,
    /// In Python a context that is left out is a new one of all processes.
    pub or_new: bool,
    /// The reduction parameter under whose SUM and PROD a Python `bool` counts.
    pub counts_bool_under: Option<String>,
    /// An array of which only the bytes matter: Python takes any object instead.
    pub anything: bool,
    /// The set in which a dtype must be.
    pub dtypes: Option<Rc<DtypeSet>>,
    /// What it is.
    pub doc: String,
}

/// A typed default value.
#[derive(Debug, Clone)]
pub enum Default {
    /// A truth value.
    Flag(bool),
    /// An integer.
    Integer(i64),
    /// A value of an enumeration: index into its values.
    Enum(Rc<Enum>, usize),
    /// A dtype.
    Dtype(Rc<Dtype>),
    /// The constant that stands for "none" in the parameter's kind: Python writes `None`.
    None(Rc<Constant>),
}

/// What an operation gives back.
#[derive(Debug, Clone)]
pub struct Returns {
    /// Type.
    pub ty: Type,
    /// Kind of the elements of an integer array, when they mean something.
    pub elements: Option<Rc<Kind>>,
    /// Name of the out-parameter in C and Fortran.
    pub name: String,
    /// Its shape, if it is an array.
    pub shape: Option<Shape>,
    /// There may be no result.
    pub optional: bool,
    /// For a list of objects: the parameter that says how many.
    pub many: Option<String>,
    /// How Python takes number and type of the elements that are to come, where it may say them.
    pub announced: Option<Announced>,
    /// Which ranks receive an array.
    pub on: ResultOn,
    /// For a truth value: what C is told as well if the operation fails.
    pub if_failed: Option<bool>,
    /// A second array that comes with an array and has its shape.
    pub beside: Option<Box<Returns>>,
    /// What it is.
    pub doc: String,
}

impl Returns {
    /// True for an array of no dimensions, which is one element: nobody passes a count for it.
    pub fn is_one_element(&self) -> bool {
        matches!(self.ty, Type::Array(_)) && self.shape.as_ref().is_some_and(Shape::is_one_element)
    }
}

/// Something that all ranks must pass alike; it goes into the header of the call.
#[derive(Debug, Clone)]
pub enum Agree {
    /// The reduction operator in this parameter.
    Operator(String),
    /// The root in this parameter.
    Root(String),
    /// The dtype of this array parameter.
    DtypeOf(String),
    /// The shape of this array parameter, and so the number of its elements.
    ShapeOf(String),
    /// The shape of a row of this array parameter: all its dimensions but the first.
    RowOf(String),
    /// The dtype in this parameter.
    Dtype(String),
    /// The container in this parameter.
    Container(String),
    /// Another integer, truth value or enumeration in this parameter.
    Other(String),
    /// The numbers in this parameter, which has one for each dimension.
    List(String),
}

/// An error that an operation can give.
#[derive(Debug, Clone)]
pub struct OperationError {
    /// The status.
    pub status: Rc<Status>,
    /// In which case, as a phrase that follows "if".
    pub when: String,
}

/// An example: inputs for each rank and expected outputs.
#[derive(Debug, Clone)]
pub struct Example {
    /// Name, unique within the operation.
    pub name: String,
    /// What it shows.
    pub doc: String,
    /// Number of ranks.
    pub ranks: u32,
    /// Dtype of the dtype variables.
    pub dtype: Option<Rc<Dtype>>,
    /// Arguments of the object's constructor, without the context and the dtype.
    pub object: Vec<(String, serde_json::Value)>,
    /// Arguments: for an array one value for each rank, otherwise one for all.
    pub args: Vec<(String, serde_json::Value)>,
    /// The result on each rank; null where there is none.
    pub gives: Vec<serde_json::Value>,
}
