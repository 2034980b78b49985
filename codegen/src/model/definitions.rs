//! Resolved definitions: everything that is a name with a value.

use std::rc::Rc;

use crate::diagnostic::Position;
use crate::spec::{
    Base, Documented, HavingSpecial, Ownership, PositionOf, Protocol, PythonEnumBase, Scope, ThreadSafety,
};

use super::{Callback, FortranType, Operation, Struct};

/// The whole public surface.
#[derive(Debug, Clone)]
pub struct Model {
    /// Name and version.
    pub library: Library,
    /// Element types, in documentation order.
    pub dtypes: Vec<Rc<Dtype>>,
    /// Named sets of element types.
    pub sets: Vec<Rc<DtypeSet>>,
    /// Semantic parameter types.
    pub kinds: Vec<Rc<Kind>>,
    /// Functions of the caller that operations take.
    pub callbacks: Vec<Rc<Callback>>,
    /// Enumerations.
    pub enums: Vec<Rc<Enum>>,
    /// Status categories.
    pub categories: Vec<Category>,
    /// Python exception classes, base classes first.
    pub exceptions: Vec<Exception>,
    /// Status codes.
    pub statuses: Vec<Rc<Status>>,
    /// Constants.
    pub constants: Vec<Rc<Constant>>,
    /// Variables of the environment.
    pub variables: Vec<EnvironmentVariable>,
    /// Structs of the C interface.
    pub structs: Vec<Rc<Struct>>,
    /// What NCCL can do, one row for each value of `nccl_operation`.
    pub nccl: Vec<NcclCapability>,
    /// Objects.
    pub objects: Vec<Rc<Object>>,
    /// Chapters of the manual, in order: one for each object, then one for each group of free operations.
    pub chapters: Vec<Chapter>,
    /// What is particular to each language.
    pub languages: Vec<Language>,
}

/// Name and version of the library.
#[derive(Debug, Clone)]
pub struct Library {
    /// Prefix of C names; name of the Python and Fortran modules.
    pub name: String,
    /// Version as Cargo spells it, such as `0.1.0-alpha.1`.
    pub version: String,
    /// Version as Python and C spell it, such as `0.1.0a1`.
    pub version_short: String,
    /// Major, minor and patch number.
    pub version_parts: [u32; 3],
    /// Number of the binary interface.
    pub abi: u32,
    /// One sentence.
    pub summary: String,
    /// Paragraphs.
    pub details: String,
}

/// A semantic parameter type.
#[derive(Debug, Clone)]
pub struct Kind {
    /// Name.
    pub name: String,
    /// Representation where languages meet.
    pub base: Base,
    /// C typedef, when it is not the plain type of `base`.
    pub c: Option<String>,
    /// A phrase that documents it.
    pub doc: String,
    /// Constant that stands for "none".
    pub none: Option<Rc<Constant>>,
    /// What a callable chooses between in Python: the constant for a rank that it chooses, and for others.
    pub by_choice: Option<[Rc<Constant>; 2]>,
    /// Python takes a truth value, too.
    pub or_flag: bool,
    /// What it is a position of, if it is one.
    pub position_of: Option<PositionOf>,
    /// Range that values must lie in.
    pub check: Option<Check>,
}

impl Kind {
    /// True for the position of an element.
    pub fn is_index(&self) -> bool {
        self.position_of == Some(PositionOf::Element)
    }

    /// True for the number of a dimension.
    pub fn is_dimension(&self) -> bool {
        self.position_of == Some(PositionOf::Dimension)
    }
}

/// A range that values must lie in.
#[derive(Debug, Clone)]
pub struct Check {
    /// Smallest value.
    pub at_least: Option<i64>,
    /// Largest value.
    pub at_most: Option<i64>,
    /// True when the value must be below the number of ranks.
    pub below_size: bool,
    /// A constant that is allowed as well.
    pub or: Option<Rc<Constant>>,
    /// Status of a violation.
    pub status: Rc<Status>,
    /// What the caller should do.
    pub cure: String,
}

/// An element type.
#[derive(Debug, Clone)]
pub struct Dtype {
    /// Name, as NumPy spells it.
    pub name: String,
    /// Rust variant, such as `Float64`.
    pub variant: String,
    /// Code in the binary interface.
    pub code: i32,
    /// Bytes of an element.
    pub bytes: u32,
    /// Rust type.
    pub rust: String,
    /// C type, if any.
    pub c: Option<String>,
    /// Fortran type with kind, if any.
    pub fortran: Option<FortranType>,
    /// Name of the dtype of the same width as which Fortran sees the elements, when Fortran has no such type.
    pub fortran_as: Option<String>,
    /// NumPy scalar type, if any.
    pub numpy: Option<String>,
    /// Python scalar type, if any.
    pub python: Option<String>,
    /// MPI datatype, if any.
    pub mpi: Option<String>,
    /// NCCL datatype, if any.
    pub nccl: Option<String>,
    /// DLPack type code and bits, if any.
    pub dlpack: Option<(u8, u8)>,
    /// What it is.
    pub doc: String,
    /// Where it is specified.
    pub position: Position,
}

impl Dtype {
    /// True for a number that is a type of Rust's own, as it is of C and C++: what each of them calls it means the same bytes.
    pub fn is_plain_number(&self) -> bool {
        let numbers = ["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f32", "f64"];
        numbers.contains(&self.rust.as_str())
    }
}

/// A named set of element types.
#[derive(Debug, Clone)]
pub struct DtypeSet {
    /// Name.
    pub name: String,
    /// What the members have in common.
    pub doc: String,
    /// Members, in documentation order.
    pub members: Vec<Rc<Dtype>>,
}

/// An enumeration.
#[derive(Debug, Clone)]
pub struct Enum {
    /// Name, such as `reduce_op`.
    pub name: String,
    /// Rust and Python type, such as `ReduceOp`.
    pub type_name: String,
    /// Prefix of C enumerators after `DTL_`, such as `OP`.
    pub prefix: String,
    /// Base class in Python.
    pub python_base: PythonEnumBase,
    /// Prefix of module-level Python constants; `None`: there are no such constants.
    pub python_constants: Option<String>,
    /// Whether C has an enumerator `..._COUNT`.
    pub count: bool,
    /// Another name of the C type.
    pub c_alias: Option<String>,
    /// One sentence.
    pub summary: String,
    /// Paragraphs.
    pub details: String,
    /// Values, in documentation order.
    pub values: Vec<EnumValue>,
    /// Where it is specified.
    pub position: Position,
}

impl Enum {
    /// True when `None` stands for one of its values in Python: the one that is called `none`.
    pub fn has_none(&self) -> bool {
        self.values.iter().any(|value| value.text == "none")
    }
}

/// A value of an enumeration.
#[derive(Debug, Clone)]
pub struct EnumValue {
    /// Name, such as `SUM`.
    pub name: String,
    /// Lower-case name, as users write it in a text: `sum`.
    pub text: String,
    /// Rust variant, such as `Sum`.
    pub variant: String,
    /// Value in the binary interface.
    pub value: i32,
    /// What choosing it means.
    pub doc: String,
    /// Dtypes for which it is valid, for values that act on elements.
    pub dtypes: Option<Rc<DtypeSet>>,
    /// Where it is specified.
    pub position: Position,
}

/// A family of status codes.
#[derive(Debug, Clone)]
pub struct Category {
    /// Name, such as `BOUNDS`.
    pub name: String,
    /// Number.
    pub value: i32,
    /// What went wrong.
    pub doc: String,
}

/// A Python exception class.
#[derive(Debug, Clone)]
pub struct Exception {
    /// Name.
    pub name: String,
    /// Base classes; builtins as `builtins.ValueError`.
    pub bases: Vec<String>,
    /// Left out of `__all__`.
    pub hidden: bool,
    /// When it is raised.
    pub doc: String,
    /// Where it is specified.
    pub position: Position,
}

/// A status code.
#[derive(Debug, Clone)]
pub struct Status {
    /// Name, such as `OUT_OF_BOUNDS`.
    pub name: String,
    /// Rust variant, such as `OutOfBounds`.
    pub variant: String,
    /// C enumerator, such as `DTL_ERROR_OUT_OF_BOUNDS`.
    pub enumerator: String,
    /// Number.
    pub code: i32,
    /// True when it is another name for the code before it.
    pub is_alias: bool,
    /// Python exception class; `None` for codes that are no errors.
    pub exception: Option<String>,
    /// What happened.
    pub message: String,
    /// What the caller can do.
    pub remedy: String,
    /// Where it is specified.
    pub position: Position,
}

/// A named number.
#[derive(Debug, Clone)]
pub struct Constant {
    /// Name, such as `ANY_SOURCE`.
    pub name: String,
    /// Value.
    pub value: i64,
    /// Kind whose type it has.
    pub kind: String,
    /// Representation of that kind.
    pub base: Base,
    /// C typedef of that kind, if any.
    pub c: Option<String>,
    /// Exported by Python at module level.
    pub python: bool,
    /// What it stands for.
    pub doc: String,
    /// Where it is specified.
    pub position: Position,
}

/// A variable of the environment.
#[derive(Debug, Clone)]
pub struct EnvironmentVariable {
    /// Name, such as `MPI`, without `DTL_`.
    pub name: String,
    /// What it may hold.
    pub holds: String,
    /// What it does.
    pub doc: String,
    /// Where it is specified.
    pub position: Position,
}

/// What is possible for one NCCL operation.
#[derive(Debug, Clone)]
pub struct NcclCapability {
    /// Rust variant of `NcclOperation`.
    pub variant: String,
    /// NCCL does it itself.
    pub native: bool,
    /// NCCL does it, or dtl stages it through MPI.
    pub hybrid: bool,
}

/// An element type of an object, as a type parameter in languages that have them.
#[derive(Debug, Clone)]
pub struct TypeParam {
    /// Name, such as `T`.
    pub name: String,
    /// The constructor's parameter and the property that say which, such as `dtype`.
    pub property: String,
    /// The set in which it must be.
    pub dtypes: Option<Rc<DtypeSet>>,
}

/// A Python method that gives the arrays of two operations.
#[derive(Debug, Clone)]
pub struct Pair {
    /// Name of the method.
    pub name: String,
    /// The operations.
    pub of: [String; 2],
    /// What it gives.
    pub doc: String,
}

/// A thing with a handle.
#[derive(Debug, Clone)]
pub struct Object {
    /// Name, such as `vector`.
    pub name: String,
    /// Type name without prefix, such as `Vector`.
    pub type_name: String,
    /// One sentence.
    pub summary: String,
    /// Paragraphs.
    pub details: String,
    /// Who frees it.
    pub ownership: Ownership,
    /// Objects that live at least as long.
    pub keeps_alive: Vec<String>,
    /// What threads may do with it.
    pub thread_safety: ThreadSafety,
    /// Runtime type behind the handle, such as `DynVector`.
    pub rust: String,
    /// Name of the abstract object of which it is one.
    pub extends: Option<String>,
    /// The operations that it has from there.
    pub inherits: Vec<String>,
    /// There are only objects that extend it.
    pub is_abstract: bool,
    /// The Python classes of these.
    pub extended_by: Vec<String>,
    /// Type that the runtime's functions take: that of the object which it extends, or its own.
    pub base: String,
    /// Whether it is generic in its element types.
    pub generic: bool,
    /// The element types that it is made with, whether or not it is generic.
    pub elements: Vec<TypeParam>,
    /// The C function that takes an owner away, such as `dtl_vector_destroy`.
    pub freed_by: String,
    /// It has an element type: its elements are divided over ranks.
    pub has_elements: bool,
    /// Python class, such as `DistributedVector`.
    pub python: String,
    /// Python protocols and the name of the operation behind each.
    pub protocols: Vec<(Protocol, String)>,
    /// Operations behind the Python class, each for a source of another class.
    pub made_from: Vec<String>,
    /// What may be in a list of these in Python as well.
    pub accepts: Vec<super::Accepted>,
    /// Python methods that give the arrays of two operations.
    pub pairs: Vec<Pair>,
    /// Where it is specified.
    pub position: Position,
}

impl Object {
    /// Its type parameters, each after `prefix`, as they are written behind a name: `<K, V>`.
    pub fn type_params(&self, prefix: &str) -> String {
        let names: Vec<String> = self.elements.iter().map(|item| format!("{prefix}{}", item.name)).collect();
        names.join(", ")
    }

    /// The type parameter for the elements whose type `property` says.
    pub fn type_param(&self, property: &str) -> Option<&str> {
        self.element(property).map(|item| item.name.as_str())
    }

    /// The elements whose type `property` says.
    pub fn element(&self, property: &str) -> Option<&TypeParam> {
        self.elements.iter().find(|item| item.property == property)
    }

    /// The Python classes that its objects may have.
    pub fn classes(&self) -> Vec<String> {
        if self.is_abstract { self.extended_by.clone() } else { vec![self.python.clone()] }
    }

    /// Name of the function in `generated/rust/ops.rs` of the operation `name`.
    pub fn function(&self, name: &str) -> String {
        let inherited = self.extends.as_ref().filter(|_| self.inherits.iter().any(|other| other == name));
        format!("{}_{name}", inherited.unwrap_or(&self.name))
    }

    /// True for a group of ranks.
    pub fn is_context(&self) -> bool {
        self.name == "context"
    }

    /// True for what belongs to a context: it can be asked for it.
    pub fn has_context(&self) -> bool {
        self.keeps_alive.iter().any(|kept| kept == "context")
    }

    /// True when its elements are divided over the ranks of a context.
    pub fn is_container(&self) -> bool {
        self.has_context() && self.has_elements
    }

    /// True when operations borrow it.
    pub fn is_lent(&self) -> bool {
        self.thread_safety == ThreadSafety::Lent
    }

    /// True for an issued operation, for which Python programs can `await`.
    pub fn is_awaitable(&self) -> bool {
        self.protocols.iter().any(|(protocol, _)| *protocol == Protocol::Await)
    }
}

/// A chapter of the manual: an object with its operations, or a group of free operations.
#[derive(Debug, Clone)]
pub struct Chapter {
    /// The object, for the chapter of an object.
    pub object: Option<Rc<Object>>,
    /// Heading.
    pub title: String,
    /// Introduction.
    pub doc: String,
    /// Python module below `dtl` that offers its operations.
    pub python_module: Option<String>,
    /// What is public in this module besides, written by hand.
    pub in_python: Vec<Documented>,
    /// Operations, in documentation order.
    pub operations: Vec<Operation>,
}

impl Chapter {
    /// The file that specifies it.
    pub fn file(&self) -> &str {
        match (&self.object, self.operations.first()) {
            (Some(object), _) => &object.position.file,
            (None, Some(operation)) => &operation.position.file,
            (None, None) => "spec/ops",
        }
    }

    /// Name of the generated files that hold it: the object's, or that of the file of the group.
    pub fn module(&self) -> &str {
        match (&self.object, self.operations.first()) {
            (Some(object), _) => &object.name,
            (None, Some(operation)) => operation.position.stem(),
            (None, None) => "empty",
        }
    }
}

/// What is particular to one language.
#[derive(Debug, Clone)]
pub struct Language {
    /// Name: `c`, `fortran`, `python`, `rust`.
    pub name: String,
    /// What programs must know before they call anything.
    pub conventions: String,
    /// Further names of its header.
    pub headers: Vec<String>,
    /// What it has besides, written by hand.
    pub by_hand: Vec<ByHand>,
    /// Special methods of its classes.
    pub special: Vec<Special>,
}

/// Special methods of Python classes, and how programs call them.
#[derive(Debug, Clone)]
pub struct Special {
    /// Which classes have them.
    pub of: HavingSpecial,
    /// Their names, such as `__len__`.
    pub methods: Vec<String>,
    /// What programs write, such as `len(x)`.
    pub written: String,
    /// What it does.
    pub doc: String,
}

/// Something public that is written by hand in one language.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ByHand {
    /// What programs call it.
    pub name: String,
    /// The module that has it.
    pub module: String,
    /// Its name in the module.
    pub object: String,
    /// Who must take part, if it is an operation on objects, which is made of others.
    #[serde(skip)]
    pub scope: Option<Scope>,
    /// The file in which it is written.
    #[serde(skip)]
    pub file: String,
    /// What is said of it there.
    #[serde(skip)]
    pub says: Documented,
    /// Where it is written.
    #[serde(skip)]
    pub position: Position,
}
