//! Everything that is a name with a value: version, kinds, dtypes, enumerations, status codes, constants, structs.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Direction, Located};

/// `spec/dtl.yaml`: the library itself.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LibraryFile {
    /// The library.
    pub library: Library,
}

/// Name and version, written once for every language.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Library {
    /// Prefix of every C name, and the name of the Python and Fortran modules.
    pub name: Located<String>,
    /// Semantic version, such as `0.1.0-alpha.1`; Python and C report it as `0.1.0a1`.
    pub version: Located<String>,
    /// Number of the binary interface; it changes when an existing C function changes.
    pub abi: u32,
    /// One sentence that says what the library is.
    pub summary: Located<String>,
    /// Some paragraphs for the top of the header, the module and the manual.
    #[serde(default)]
    pub details: Located<String>,
    /// Order of the chapters in the header and the manual; files that are not listed follow by name.
    #[serde(default)]
    pub manual: Manual,
}

/// Order of the chapters in the header and the manual.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manual {
    /// Files of `spec/objects`, without ending.
    #[serde(default)]
    pub objects: Vec<Located<String>>,
    /// Files of `spec/ops`, without ending.
    #[serde(default)]
    pub operations: Vec<Located<String>>,
}

/// `spec/kinds.yaml`: semantic parameter types.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KindsFile {
    /// The kinds, in documentation order.
    pub kinds: Vec<Kind>,
    /// Functions of the caller that operations take, in documentation order. Parameters refer to them as to kinds.
    #[serde(default)]
    pub callbacks: Vec<Callback>,
}

/// A function of the caller that an operation calls: in C a function pointer with an address for the caller's use
/// (`void* user_data`), in Fortran a procedure, in Python a callable, in Rust a closure.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Callback {
    /// Name that parameters refer to with `kind:`; `error_handler` becomes `ErrorHandler` and `dtl_error_handler_t`.
    pub name: Located<String>,
    /// Name of the C type, where it is another one.
    #[serde(default)]
    pub c: Option<Located<String>>,
    /// What it does, in one sentence.
    pub summary: Located<String>,
    /// What it is passed, in order.
    pub params: Vec<CallbackParam>,
    /// What it returns; one that is passed elements may leave it out and write an element instead.
    #[serde(default)]
    pub returns: Option<CallbackReturns>,
    /// When it is called, as a phrase that follows "It is called".
    pub called: Located<String>,
    /// By which thread it is called.
    pub thread: CallbackThread,
    /// The status with which the operation fails, on every rank, when the function fails on one; without it, a failure is reported on
    /// stderr and changes nothing.
    #[serde(default)]
    pub fails: Option<Located<String>>,
    /// How long dtl may call it.
    #[serde(default)]
    pub lasts: CallbackLife,
    /// Functions that examples pass, by their names. Elements are of float64.
    #[serde(default)]
    pub samples: IndexMap<String, CallbackSample>,
}

/// A function that examples pass, in each language.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallbackSample {
    /// A statement: the body of the function, whose parameters have the names above and `user_data`.
    pub c: Located<String>,
    /// Statements: the body of the procedure, whose arguments have the names above; what it returns is `answer`.
    pub fortran: Located<String>,
    /// A callable expression.
    pub python: Located<String>,
    /// A closure.
    pub rust: Located<String>,
}

/// What a callback is passed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallbackParam {
    /// Name.
    pub name: Located<String>,
    /// A kind that is an integer, a text, an array or an element (`value`). All arrays have one length; arrays and elements have the
    /// element type of the operation that takes the callback. What is passed elements is called for each of many in turn, and an
    /// integer beside them is the global index of the element.
    pub kind: Located<String>,
    /// Whether an array or element is read (`in`), written (`out`) or both (`inout`).
    #[serde(default)]
    pub direction: Direction,
    /// What it is.
    pub doc: Located<String>,
}

/// What a callback returns.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallbackReturns {
    /// The kind `flag`.
    pub kind: Located<String>,
    /// What it says, as a phrase that follows "It returns".
    pub doc: Located<String>,
}

/// How long dtl may call a callback.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallbackLife {
    /// Until the operation that it is passed to is over.
    #[default]
    Operation,
    /// As long as the object that it is passed to, or until another one takes its place.
    Object,
}

/// The thread that calls a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallbackThread {
    /// The thread whose call of dtl is the reason.
    Caller,
    /// Any thread, also one that dtl has started.
    Any,
}

/// A semantic parameter type: what a parameter *means*, from which follow its type in each language, its check and
/// the phrase that documents it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// Name that parameters refer to with `kind:`.
    pub name: Located<String>,
    /// How a value is represented where languages meet.
    pub base: Base,
    /// Name of the C typedef, when it is not the plain type of `base`.
    #[serde(default)]
    pub c: Option<String>,
    /// What the value is, as a phrase that follows the parameter's name.
    pub doc: Located<String>,
    /// Constant that stands for "none": Python's `None` becomes it.
    #[serde(default)]
    pub none: Option<Located<String>>,
    /// Two constants, for a rank that is chosen and for one that is not: Python also takes a callable, which is called with rank and
    /// size of the object's context and chooses between them.
    #[serde(default)]
    pub by_choice: Option<[Located<String>; 2]>,
    /// True where Python also takes a truth value, which is 1 or 0.
    #[serde(default)]
    pub or_flag: bool,
    /// Set for a position: languages count positions from different numbers, and dimensions in different orders.
    #[serde(default)]
    pub position_of: Option<PositionOf>,
    /// What every value must satisfy, checked once for all languages.
    #[serde(default)]
    pub check: Option<Check>,
}

/// What a position is one of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PositionOf {
    /// Elements.
    Element,
    /// Dimensions.
    Dimension,
}

/// Representation of a kind where languages meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// 32-bit signed integer.
    I32,
    /// 64-bit signed integer.
    I64,
    /// 64-bit unsigned integer.
    U64,
    /// 64-bit floating-point number.
    F64,
    /// Truth value: `int` in C, `logical` in Fortran.
    Flag,
    /// UTF-8 text, zero-terminated in C.
    Text,
    /// Contiguous array of elements: pointer, dtype and shape.
    Array,
    /// One element of some dtype.
    Value,
    /// Local memory of a container, shared without a copy.
    View,
    /// Extents of up to `DTL_MAX_TENSOR_RANK` dimensions: `dtl_shape` in C, a tuple in Python; an array in Fortran, where the
    /// order of dimensions is the reverse.
    Shape,
    /// One number of rows for each rank.
    Counts,
    /// Element type.
    Dtype,
    /// MPI communicator of the caller, handed over as its Fortran integer.
    Communicator,
}

/// A range that the values of a kind must lie in.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Smallest value allowed.
    #[serde(default)]
    pub at_least: Option<i64>,
    /// Largest value allowed.
    #[serde(default)]
    pub at_most: Option<i64>,
    /// The value must be below this property of the call's context: `size`.
    #[serde(default)]
    pub below: Option<Located<String>>,
    /// A constant that is allowed as well, such as `ANY_SOURCE`.
    #[serde(default)]
    pub or: Option<Located<String>>,
    /// Status that a value outside gives.
    pub status: Located<String>,
    /// What the caller should do, as a sentence.
    pub cure: Located<String>,
}

/// `spec/dtypes.yaml`: element types and the sets that operations refer to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DtypesFile {
    /// The element types, in documentation order.
    pub dtypes: Vec<Dtype>,
    /// Named sets of element types.
    pub sets: IndexMap<String, DtypeSet>,
}

/// One element type.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dtype {
    /// Name, as NumPy spells it.
    pub name: Located<String>,
    /// Code in the binary interface: explicit, unique, never reused.
    pub code: Located<i32>,
    /// Size of an element in bytes.
    pub bytes: u32,
    /// Rust type of an element.
    pub rust: String,
    /// C type of an element; absent when C has none.
    #[serde(default)]
    pub c: Option<String>,
    /// Fortran type with kind, such as `real(c_double)`; absent when Fortran has none.
    #[serde(default)]
    pub fortran: Option<String>,
    /// For a type that Fortran lacks: the dtype of the same width as which Fortran programs see the elements.
    #[serde(default)]
    pub fortran_as: Option<Located<String>>,
    /// NumPy scalar type, such as `float64`; absent when NumPy has none.
    #[serde(default)]
    pub numpy: Option<String>,
    /// Python scalar type that an element becomes.
    #[serde(default)]
    pub python: Option<String>,
    /// MPI datatype; absent when MPI has none.
    #[serde(default)]
    pub mpi: Option<String>,
    /// NCCL datatype; absent when NCCL has none.
    #[serde(default)]
    pub nccl: Option<String>,
    /// DLPack type code and bits; absent when DLPack has none.
    #[serde(default)]
    pub dlpack: Option<(u8, u8)>,
    /// What the element type is.
    pub doc: Located<String>,
}

/// A named set of element types.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DtypeSet {
    /// What the members have in common.
    pub doc: Located<String>,
    /// Names of element types or of sets defined above.
    pub members: Vec<Located<String>>,
}

/// `spec/enums.yaml`: enumerations and policies.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnumsFile {
    /// The enumerations, in documentation order.
    pub enums: Vec<Enum>,
}

/// An enumeration with explicit values.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Enum {
    /// Name in lower case with underscores; `reduce_op` becomes `ReduceOp` and `dtl_reduce_op`.
    pub name: Located<String>,
    /// Prefix of the C and Fortran enumerators after `DTL_`, such as `OP`.
    pub prefix: Located<String>,
    /// How the members appear in Python.
    pub python: PythonEnum,
    /// True when C programs expect an enumerator `..._COUNT`, one past the last value.
    #[serde(default)]
    pub count: bool,
    /// Another name of the C type, such as `dtl_partition_type`, for programs that use it.
    #[serde(default)]
    pub c_alias: Option<Located<String>>,
    /// What the enumeration selects, as one sentence.
    pub summary: Located<String>,
    /// Further paragraphs.
    #[serde(default)]
    pub details: Located<String>,
    /// The values, in documentation order.
    pub values: Vec<EnumValue>,
    /// Numbers that must not be used again.
    #[serde(default)]
    pub reserved: Vec<i32>,
}

/// How an enumeration appears in Python.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PythonEnum {
    /// Base class of the enumeration.
    pub base: PythonEnumBase,
    /// Prefix of the module-level constants: `PARTITION_` gives `dtl.PARTITION_BLOCK`; an empty text gives `dtl.SUM`.
    #[serde(default)]
    pub constants: Option<String>,
}

/// Base class of a Python enumeration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum PythonEnumBase {
    /// Members are integers with the value of the binary interface.
    IntEnum,
    /// Members are strings: the lower-case name.
    StrEnum,
}

/// One value of an enumeration.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnumValue {
    /// Name in upper case.
    pub name: Located<String>,
    /// Value in the binary interface.
    pub value: Located<i32>,
    /// What choosing it means.
    pub doc: Located<String>,
    /// Dtype set for which it is valid, for values that act on elements.
    #[serde(default)]
    pub dtypes: Option<Located<String>>,
}

/// `spec/errors.yaml`: status categories and codes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ErrorsFile {
    /// Categories; a code belongs to the category `code div 100`.
    pub categories: Vec<Category>,
    /// Python exception classes.
    pub exceptions: Vec<Exception>,
    /// Status codes, in documentation order.
    pub codes: Vec<StatusCode>,
}

/// A family of status codes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// Name in upper case.
    pub name: Located<String>,
    /// Number: the codes are `value*100 .. value*100+99`.
    pub value: Located<i32>,
    /// Python exception class of the codes that name none of their own.
    #[serde(default)]
    pub python: Option<Located<String>>,
    /// What went wrong, in general.
    pub doc: Located<String>,
}

/// A Python exception class.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// Name of the class.
    pub name: Located<String>,
    /// Base classes, ours first; builtins as `builtins.ValueError`.
    pub bases: Vec<Located<String>>,
    /// True when `from dtl import *` must not bring it in, because it would hide a builtin.
    #[serde(default)]
    pub hidden: bool,
    /// When it is raised.
    pub doc: Located<String>,
}

/// A status code.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusCode {
    /// Name in upper case, without `DTL_ERROR_`.
    pub name: Located<String>,
    /// Number in the binary interface.
    pub code: Located<i32>,
    /// Name of the code that this is another name for.
    #[serde(default)]
    pub alias_of: Option<Located<String>>,
    /// Python exception class, when it is not the category's.
    #[serde(default)]
    pub python: Option<Located<String>>,
    /// What happened, as a phrase.
    pub message: Located<String>,
    /// What the caller can do, as a sentence; empty for codes that are no errors.
    #[serde(default)]
    pub remedy: Located<String>,
}

/// `spec/constants.yaml`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConstantsFile {
    /// The constants, in documentation order.
    pub constants: Vec<Constant>,
}

/// A named number.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Constant {
    /// Name in upper case, without `DTL_`.
    pub name: Located<String>,
    /// Value; -1 of an unsigned type means all bits set.
    pub value: i64,
    /// Kind whose type the constant has.
    pub kind: Located<String>,
    /// True when Python exports it at module level.
    #[serde(default)]
    pub python: bool,
    /// What it stands for.
    pub doc: Located<String>,
}

/// `spec/variables.yaml`: what users may set in the environment of their programs.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VariablesFile {
    /// The variables, in documentation order.
    pub variables: Vec<EnvironmentVariable>,
}

/// A variable of the environment that dtl reads.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnvironmentVariable {
    /// Name in upper case, without `DTL_`.
    pub name: Located<String>,
    /// What it may hold, as a phrase.
    pub holds: Located<String>,
    /// What it does.
    pub doc: Located<String>,
}

/// `spec/structs.yaml`: plain structs of the C interface.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StructsFile {
    /// The structs, in documentation order.
    pub structs: Vec<Struct>,
}

/// A plain struct through which C passes several parameters at once.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Struct {
    /// Name without `dtl_`.
    pub name: Located<String>,
    /// What it carries.
    pub doc: Located<String>,
    /// Fields, in memory order.
    pub fields: Vec<Field>,
}

/// A field of a struct.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Name.
    pub name: Located<String>,
    /// Kind or enumeration.
    pub kind: Located<String>,
    /// Number of elements when the field is an array.
    #[serde(default)]
    pub array: Option<u32>,
    /// Of an array `reserved`: the enumerations whose numbers programs put into its elements, in order, for the parameters of
    /// these kinds; the further elements must be zero.
    #[serde(default)]
    pub means: Vec<Located<String>>,
    /// Value that the `_init` function stores.
    pub default: i64,
    /// What it selects.
    pub doc: Located<String>,
}

/// `spec/capabilities.yaml`: what each NCCL operation can do.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CapabilitiesFile {
    /// One row for each value of `nccl_operation`.
    pub nccl: Vec<NcclCapability>,
}

/// What is possible for one NCCL operation.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NcclCapability {
    /// Value of the enumeration `nccl_operation`.
    pub operation: Located<String>,
    /// NCCL does it itself.
    pub native: bool,
    /// NCCL does it, or dtl stages it through MPI.
    pub hybrid: bool,
}
