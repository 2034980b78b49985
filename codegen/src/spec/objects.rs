//! Objects: things with a handle, an owner and a lifetime.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Located, Operation};

/// `spec/objects/*.yaml`: one object and its operations.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectFile {
    /// The object.
    pub object: Object,
    /// Files of `spec/shared`, without ending, whose operations it has too; they are documented before its own, but for
    /// constructors, which come first.
    #[serde(default)]
    pub include: Vec<Located<String>>,
    /// Its own operations, in documentation order.
    #[serde(default)]
    pub operations: Vec<Operation>,
}

/// `spec/shared/*.yaml`: operations that several objects have. In every text `<object>` stands for the name of the object
/// that includes them, and `<an object>` for the name with its article: `"dtl_<object>_fill_local"`, `"The <object>."`. An
/// example belongs to the objects whose constructor takes the arguments in its `object`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SharedFile {
    /// The operations, in documentation order.
    pub operations: Vec<Operation>,
}

/// `spec/ops/*.yaml`: operations that belong to no object.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperationsFile {
    /// Heading of the group in the manual.
    pub title: Located<String>,
    /// Introduction of the group.
    pub doc: Located<String>,
    /// Python module below `dtl` that offers them without its name in theirs: in a group with `module: topology`,
    /// `topology_node_id` is `dtl.topology.node_id`. It is written by hand in `runtime/python`.
    #[serde(default)]
    pub module: Option<Located<String>>,
    /// The operations, in documentation order.
    pub operations: Vec<Operation>,
}

/// A thing that users hold: a handle in C, a class in Python, a derived type in Fortran, a struct in Rust.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Object {
    /// Name in lower case; `vector` becomes `dtl_vector_t`, `dtl_vector`, `Vector`.
    pub name: Located<String>,
    /// What it is, as one sentence.
    pub summary: Located<String>,
    /// Further paragraphs.
    #[serde(default)]
    pub details: Located<String>,
    /// Who frees it.
    pub ownership: Ownership,
    /// Objects that live at least as long.
    #[serde(default)]
    pub keeps_alive: Vec<Located<String>>,
    /// What threads may do with it at the same time.
    pub thread_safety: ThreadSafety,
    /// Runtime type behind the handle, such as `DynVector`.
    pub rust: Located<String>,
    /// The abstract object that it extends: it has the operations of that one too. Its runtime type derefs to that of the other, which
    /// their functions take, and is made from it.
    #[serde(default)]
    pub extends: Option<Located<String>>,
    /// Set for what several objects have in common, which extend it. No object is only this: each is one of those. In its operations, as
    /// in `spec/shared`, `<object>` stands for the object that has them.
    #[serde(default, rename = "abstract")]
    pub is_abstract: bool,
    /// True when the Rust and Python types are generic in the element types that the constructor takes: `T`, or the capital first
    /// letters of several such as `key_dtype`.
    #[serde(default)]
    pub generic: bool,
    /// Last word of the C function that takes an owner away, when it is not `destroy`.
    #[serde(default)]
    pub freed_by: Option<Located<String>>,
    /// How it appears in Python.
    pub python: PythonClass,
}

impl Object {
    /// True when operations borrow it.
    pub fn is_lent(&self) -> bool {
        self.thread_safety == ThreadSafety::Lent
    }
}

/// Who frees an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ownership {
    /// Handles share the object; the last one frees it.
    Refcounted,
    /// One handle owns the object.
    Unique,
    /// The object belongs to another one.
    Borrowed,
}

/// What threads may do with an object at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ThreadSafety {
    /// Any thread may call anything at any time.
    Internal,
    /// An operation that changes one has it alone: what overlaps with that is an error. Every operation borrows it first
    /// (`containers/borrow.rs`).
    Lent,
    /// Calls on one object must not overlap.
    External,
}

/// How an object appears in Python.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PythonClass {
    /// Name of the class.
    pub name: Located<String>,
    /// Python protocols and the operation behind each.
    #[serde(default)]
    pub protocols: IndexMap<Protocol, Located<String>>,
    /// Static operations that make one from an object of another class: the class takes any of these objects as `source`.
    #[serde(default)]
    pub made_from: Vec<Located<String>>,
    /// Static operations that make one from an object of another class: such objects may be in a list of this class.
    #[serde(default)]
    pub accepts: Vec<Located<String>>,
    /// Methods that give two arrays at once.
    #[serde(default)]
    pub pairs: Vec<PythonPair>,
}

/// A Python method without parameters that gives the arrays of two operations as a tuple.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PythonPair {
    /// Name of the method.
    pub name: Located<String>,
    /// The two operations, which give arrays and need no arguments; they are called in this order.
    pub of: [Located<String>; 2],
    /// What it gives, as sentences.
    pub doc: Located<String>,
}

/// A Python protocol that an operation can serve; it must be local.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// `len(x)`: an operation without parameters that gives a count.
    Len,
    /// `repr(x)`: an operation without parameters that gives a text.
    Repr,
    /// What notebooks show: an operation without parameters that gives a text in HTML.
    Html,
    /// `with x:`; leaving calls the operation.
    Exit,
    /// What NumPy users do with arrays, such as `x[i]`, `x + 1` and `numpy.sin(x)`: an operation without parameters that
    /// gives a view. Such an object is a container of elements, and has an operation `like`.
    Numpy,
    /// What NumPy makes of an object that is memory of one rank, as `numpy.asarray(x)` does: an operation without parameters that
    /// gives a view.
    Array,
    /// `await x` under asyncio: an operation that needs no argument and tells whether the object is ready; then `wait` is
    /// called. Such a class is generic in what that gives.
    Await,
    /// `key in x`: an operation that takes the key, and gives an array of flags.
    Contains,
    /// `x[key]`: an operation that takes the key, and gives an array.
    Getitem,
    /// `x[key] = value`: an operation that takes the key and the value.
    Setitem,
    /// `del x[key]`: an operation that takes the key.
    Delitem,
}
