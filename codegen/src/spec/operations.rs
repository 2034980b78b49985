//! Operations: what users call.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::Located;

/// Something that users call: a function, a method, a property or a constructor.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// Name in lower case; unique within its object, or among the free functions.
    pub name: Located<String>,
    /// What it is to its object; a free operation has none.
    #[serde(default)]
    pub role: Role,
    /// Set where users call a function and pass it the object, instead of a method: `dtl.copy(x, ...)` in Python,
    /// `call dtl_copy(x, ...)` in Fortran, `dtl_copy_vector(x, ...)` in C; a method in Rust. Of several objects, those of one
    /// name are one function in Python and Fortran, which are told apart by the object.
    #[serde(default)]
    pub function_of: Option<FunctionOf>,
    /// Who must take part in a call.
    pub scope: Scope,
    /// What it does, as one sentence.
    pub summary: Located<String>,
    /// Semantics and edge cases, as paragraphs.
    #[serde(default)]
    pub details: Located<String>,
    /// Dtype variables and the set each ranges over, such as `T: reducible`.
    #[serde(default)]
    pub dtypes: IndexMap<String, Located<String>>,
    /// Parameters, in order, without the object itself.
    #[serde(default)]
    pub params: Vec<Param>,
    /// What it gives back.
    #[serde(default)]
    pub result: Option<Returns>,
    /// True when it changes the contents of its object.
    #[serde(default)]
    pub mutates: bool,
    /// Which elements of its object it uses, on which depends what may overlap with it.
    #[serde(default)]
    pub elements: Elements,
    /// True when it cannot fail; properties never can.
    #[serde(default)]
    pub infallible: bool,
    /// True when there is also a form of it that does not block, with the name behind an `i`: `iallreduce`; of an operation of a
    /// container behind `async_`: `async_sort`. That takes the same, returns at once, and gives a request
    /// (`spec/objects/request.yaml`), whose result is that of the operation. Both forms call the same runtime function.
    #[serde(default)]
    pub nonblocking: bool,
    /// What all ranks must pass alike: `op`, `root`, `data.dtype`, `data.shape`, `data.row` where the first dimension may
    /// differ, or a parameter whose value is an integer, a truth value or a container. An array of which a language passes
    /// only the number of elements has every shape with so many.
    #[serde(default)]
    pub agree: Vec<Located<String>>,
    /// The collective operation, as `barrier` or `halo.begin`, that this one is to the other ranks: some may call the one where
    /// others call the other. They send each other the same.
    #[serde(default)]
    pub same_as: Option<Located<String>>,
    /// Errors that it gives besides those of its parameters' kinds.
    #[serde(default)]
    pub errors: Vec<OperationError>,
    /// Path of the runtime function behind it, below the crate `dtl`: an `async fn` where other ranks take part.
    #[serde(rename = "impl")]
    pub implementation: Located<String>,
    /// Version in which it appeared.
    #[serde(default)]
    pub since: Option<Located<String>>,
    /// Set when users should call something else.
    #[serde(default)]
    pub deprecated: Option<Deprecated>,
    /// C functions, when they are not the one that follows from name and parameters.
    #[serde(default)]
    pub c: Vec<CForm>,
    /// Exceptions for Python.
    #[serde(default)]
    pub python: PythonCall,
    /// Examples as data: the generator makes a test and a snippet of each, in each language.
    #[serde(default)]
    pub examples: Vec<Example>,
    /// Its object has it from the one that it extends.
    #[serde(skip)]
    pub inherited: bool,
}

/// The object as the first argument of a function.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FunctionOf {
    /// Name of the argument; Python takes it by position only.
    pub name: Located<String>,
    /// What it is, as a phrase or sentences.
    pub doc: Located<String>,
}

/// What an operation is to its object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Called on an object; or a free function in `spec/ops`.
    #[default]
    Method,
    /// Makes an object.
    Constructor,
    /// Reads a value: local, constant time, cannot fail.
    Property,
    /// Belongs to the class, not to an object.
    Static,
}

/// Which elements of its object an operation uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Elements {
    /// Any of them. Others may read them at the same time if it only reads.
    #[default]
    Any,
    /// One. Other operations may read and write others at the same time, while what changes elements otherwise has them alone.
    One,
    /// None: it looks at where elements are, which anything may do at any time.
    None,
}

/// Who must take part in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Only the calling rank.
    Local,
    /// Every process that is to be a rank of the context that it makes; there is nothing yet to agree through.
    Founding,
    /// Every rank of the context, in the same order.
    Collective,
    /// Every rank of the context; one rank, the root, is special.
    Rooted,
    /// One rank acts on the memory of another.
    OneSided,
    /// Two ranks.
    P2p,
}

impl Scope {
    /// Whether all ranks of a context agree on the call before it goes on. An error that one of them finds is then an error of
    /// all; in any other scope the rank that finds it is the only one to learn of it, because nobody waits for an agreement.
    pub fn is_collective(self) -> bool {
        match self {
            Scope::Collective | Scope::Rooted => true,
            // The context through which the ranks could agree does not exist yet.
            Scope::Founding => false,
            Scope::Local | Scope::OneSided | Scope::P2p => false,
        }
    }

    /// Whether other ranks of an existing context are concerned, so that the call may have to wait for them.
    pub fn concerns_others(self) -> bool {
        match self {
            Scope::Collective | Scope::Rooted | Scope::OneSided | Scope::P2p => true,
            Scope::Local | Scope::Founding => false,
        }
    }
}

/// A parameter.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Param {
    /// Name: the Python keyword, the Fortran dummy argument and the C parameter.
    pub name: Located<String>,
    /// A kind of `spec/kinds.yaml`, an enumeration or an object.
    pub kind: Located<String>,
    /// For arrays and values: a dtype variable, a dtype, a parameter of kind `dtype`, `self` for the object's property `dtype`,
    /// or another property, such as `self.key_dtype`.
    #[serde(default)]
    pub of: Option<Located<String>>,
    /// Whether an array is read, or read at the root and written elsewhere; whether an object is changed.
    #[serde(default)]
    pub direction: Direction,
    /// Shape of an array, for the documentation, such as `(size, ...)`.
    #[serde(default)]
    pub shape: Option<Located<String>>,
    /// True when the caller may leave it out where `default` is absent.
    #[serde(default)]
    pub optional: bool,
    /// Value when the caller leaves it out.
    #[serde(default)]
    pub default: Option<Located<Literal>>,
    /// For a context: in Python it may be left out, and is then a new one of all processes.
    #[serde(default)]
    pub or_new: bool,
    /// True for one value for each dimension; a single one counts for all. Only integers and enumerations.
    #[serde(default)]
    pub per_dimension: bool,
    /// True for a list of objects: an address and a number in C, where the null handles among them stand for none.
    #[serde(default)]
    pub list: bool,
    /// True for an array that is kept as a value of which nothing but its bytes matters: Python takes any object instead, and keeps
    /// that.
    #[serde(default)]
    pub anything: bool,
    /// True when Python takes it by keyword only.
    #[serde(default)]
    pub keyword_only: bool,
    /// Names the reduction parameter under whose SUM and PROD a Python `bool` counts as an integer.
    #[serde(default)]
    pub counts_bool_under: Option<Located<String>>,
    /// For a parameter of kind `dtype`: the dtype set in which it must be.
    #[serde(default)]
    pub dtypes: Option<Located<String>>,
    /// What it is, as a phrase or sentences.
    pub doc: Located<String>,
}

/// Whether an argument is read or written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Read.
    #[default]
    In,
    /// Changed, as the elements of a container are; for objects, and lists of them whose handles C may make null.
    Out,
    /// Read at the root, written on the other ranks: in those languages where the caller passes one buffer for both.
    Inout,
    /// Kept by its address: what is made reads and writes it after the call, and the caller keeps it alive.
    Kept,
}

/// A literal default value.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Literal {
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// The lower-case name of an enumeration value or dtype; `none` for a kind that has a constant for it.
    Name(String),
}

/// What an operation gives back.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Returns {
    /// A kind, an enumeration, an object or a struct.
    pub kind: Located<String>,
    /// Name of the out-parameter in C and Fortran.
    #[serde(default)]
    pub name: Option<Located<String>>,
    /// For arrays and views: a dtype variable, a dtype, `self` or a property of it such as `self.key_dtype`.
    #[serde(default)]
    pub of: Option<Located<String>>,
    /// Kind of the elements of an integer array, when they mean something, such as `index`.
    #[serde(default)]
    pub elements: Option<Located<String>>,
    /// Shape of an array, for the documentation.
    #[serde(default)]
    pub shape: Option<Located<String>>,
    /// True when there may be no result: `None` in Python, a null handle in C.
    #[serde(default)]
    pub optional: bool,
    /// For a list of objects: the parameter that says how many there are.
    #[serde(default)]
    pub many: Option<Located<String>>,
    /// True for one value for each dimension.
    #[serde(default)]
    pub per_dimension: bool,
    /// Set where Python may say what is to come in an array: at most how many elements, and of which type. Both may be left out, and
    /// have the names by which C says what its memory takes.
    #[serde(default)]
    pub announced: Option<Announced>,
    /// Which ranks receive an array.
    #[serde(default)]
    pub at: ResultOn,
    /// For a truth value: what C is told as well if the operation fails, beside the status.
    #[serde(default)]
    pub if_failed: Option<bool>,
    /// A second array that comes with an array, one element for each of its elements.
    #[serde(default)]
    pub beside: Option<Beside>,
    /// What it is.
    pub doc: Located<String>,
}

impl Returns {
    /// The names of what is given back.
    pub fn names(&self) -> impl Iterator<Item = &Located<String>> {
        self.name.iter().chain(self.beside.iter().map(|second| &second.name))
    }
}

/// The second array of a result.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Beside {
    /// Name of the out-parameter in C and Fortran.
    pub name: Located<String>,
    /// Its dtype.
    pub of: Located<String>,
    /// What it is.
    pub doc: Located<String>,
}

/// How Python takes number and type of the elements that are to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Announced {
    /// Behind the parameters that must be given.
    ByPosition,
    /// By keyword only.
    ByKeyword,
}

/// Which ranks receive an array.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResultOn {
    /// Every rank.
    #[default]
    All,
    /// Only the root; the others get `None` in Python, and in C their result pointer may be null.
    Root,
}

/// An error that an operation can give.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperationError {
    /// Name of a status code.
    pub status: Located<String>,
    /// In which case, as a phrase that follows "if".
    pub when: Located<String>,
}

/// Notice that users should call something else.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deprecated {
    /// Version since which it is deprecated.
    pub since: Located<String>,
    /// What to call instead, as a sentence.
    pub note: Located<String>,
}

/// A C function for an operation.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CForm {
    /// Name of the function; follows from the operation when absent.
    #[serde(default)]
    pub name: Option<Located<String>>,
    /// Parameters in order. `x` is the parameter `x`; `count = data.count = result.count` is a C parameter that means
    /// all of these; `size = data.bytes` is the number of bytes of an array whose type C does not tell; `index = result.place` is where a property of the object goes that is made, unless it is null; `flag = result.is_there` says whether there is a result that may be absent; `opts = struct container_options` spreads the fields of a struct over the parameters of the same name;
    /// `argc = ignored int*` is accepted for compatibility and not looked at, and of `dtype = ignored dtl_dtype` nothing depends
    /// on which it is.
    #[serde(default)]
    pub args: Option<Vec<Located<String>>>,
    /// Values of parameters that the function does not have and that are not their defaults, such as `{ reverse: true }`.
    #[serde(default)]
    pub fixed: IndexMap<String, Located<Literal>>,
    /// True when the value is returned directly, and a bad handle gives `invalid`.
    #[serde(default)]
    pub query: bool,
    /// True when the objects that the function is called on lose an owner when it returns, whatever it returns; handles that it is
    /// passed in a list become null.
    #[serde(default)]
    pub gives_up: bool,
    /// What a query returns for a bad handle, when it is not the usual 0, -1 or NULL.
    #[serde(default)]
    pub invalid: Option<i64>,
    /// Why this form exists beside the one that follows from the operation.
    #[serde(default)]
    pub reason: Option<Located<String>>,
}

/// Exceptions for Python.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PythonCall {
    /// Another name.
    #[serde(default)]
    pub name: Option<Located<String>>,
    /// Further names of a method.
    #[serde(default)]
    pub aliases: Vec<Located<String>>,
    /// What Python gives back of requests, beside the result of the operation.
    #[serde(default)]
    pub outcome: Option<Outcome>,
    /// True when the call never waits, so that the interpreter lock is kept.
    #[serde(default)]
    pub instant: bool,
    /// True when NumPy's function of the same name calls it, as `numpy.sum(x)` calls `x.sum`: it then takes `axis`, `dtype`
    /// and `out` too, which must be `None`.
    #[serde(default)]
    pub numpy_reduction: bool,
    /// True when the parameters `first`, `count` and `step` are one in Python: `index`, an integer or a slice.
    #[serde(default)]
    pub selects: bool,
    /// For a reduction: the operation with a function in place of the operator. In Python the operator may be a function, and
    /// then it is that operation which is called.
    #[serde(default)]
    pub with_function: Option<Located<String>>,
}

/// What Python gives back of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// What the request itself has given.
    Own,
    /// A list of what each request of the first parameter has given.
    Each,
    /// What that request of the first parameter has given whose position is the result, in a tuple behind that.
    Chosen,
}

/// An example: inputs for each rank and the outputs expected.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// Name, unique within the operation.
    pub name: Located<String>,
    /// What it shows, as a sentence.
    pub doc: Located<String>,
    /// Number of ranks.
    pub ranks: u32,
    /// Dtype of the dtype variables.
    #[serde(default)]
    pub dtype: Option<Located<String>>,
    /// Arguments of the constructor, for an operation on an object.
    #[serde(default)]
    pub object: IndexMap<String, serde_json::Value>,
    /// Arguments. For an array: a list with the value on each rank; otherwise one value for all ranks.
    #[serde(default)]
    pub args: IndexMap<String, serde_json::Value>,
    /// The result on each rank; null where there is none.
    pub gives: Vec<serde_json::Value>,
}
