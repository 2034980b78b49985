//! C functions as C and Rust spell them: names, parameters and types. The glue, the ABI snapshot, the documentation and the
//! generated C programs are all written from these.

use std::rc::Rc;

use crate::model::{
    CArg, CFunction, CSource, Callback, Dtype, Ignored, Kind, Of, Operation, Part, Returns, Type,
};
use crate::spec::{Base, Direction};

/// A type that crosses the border: something, or the address of it, or of that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CType {
    /// What it is in the end.
    pub base: CBase,
    /// For each address, from the innermost on, whether what is there is only read.
    pub addresses: Vec<Access>,
}

/// What may be done with what stands at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It is read.
    Const,
    /// It may be written.
    Mut,
}

/// What a C type is, but for addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CBase {
    /// Nothing, or elements of any type.
    Void,
    /// A type of C, and what it is called in Rust.
    Plain(&'static str, &'static str),
    /// An element of the type that a dtype has in C and in Rust.
    Element(String, String),
    /// A typedef of an integer.
    Integer(String),
    /// A status.
    Status,
    /// A handle of an object.
    Handle(String),
    /// An enumeration.
    Enum(String),
    /// A struct, by its name in C.
    Struct(String),
    /// A function of the caller.
    Callback(String),
}

impl CType {
    pub(super) fn new(base: CBase) -> Self {
        Self { base, addresses: Vec::new() }
    }

    pub(super) fn int() -> Self {
        Self::new(CBase::Plain("int", "c_int"))
    }

    pub(super) fn uint64() -> Self {
        Self::new(CBase::Plain("uint64_t", "u64"))
    }

    pub(super) fn int64() -> Self {
        Self::new(CBase::Plain("int64_t", "i64"))
    }

    /// Nothing.
    pub fn void() -> Self {
        Self::new(CBase::Void)
    }

    pub(super) fn text() -> Self {
        Self::new(CBase::Plain("char", "c_char")).const_address()
    }

    pub(super) fn status() -> Self {
        Self::new(CBase::Status)
    }

    /// A number of elements.
    pub fn size() -> Self {
        Self::integer("dtl_size_t")
    }

    /// A typedef of an integer.
    pub(super) fn integer(name: impl Into<String>) -> Self {
        Self::new(CBase::Integer(name.into()))
    }

    /// An enumeration, by its name in the specification.
    pub(super) fn enumeration(name: impl Into<String>) -> Self {
        Self::new(CBase::Enum(name.into()))
    }

    /// A struct, by its name in C.
    pub(super) fn structure(name: impl Into<String>) -> Self {
        Self::new(CBase::Struct(name.into()))
    }

    /// The extents of some dimensions.
    pub fn shape() -> Self {
        Self::structure("dtl_shape")
    }

    /// A function pointer of the caller.
    pub(super) fn callback(callback: &Callback) -> Self {
        Self::new(CBase::Callback(callback.c_type.clone()))
    }

    /// The address of something of this type that is written.
    pub(super) fn address(mut self) -> Self {
        self.addresses.push(Access::Mut);
        self
    }

    /// The address of something of this type that is read.
    pub(super) fn const_address(mut self) -> Self {
        self.addresses.push(Access::Const);
        self
    }

    /// True for the address of something.
    pub fn is_pointer(&self) -> bool {
        !self.addresses.is_empty()
    }

    /// What it is, if it is no address.
    pub fn value(&self) -> Option<&CBase> {
        (!self.is_pointer()).then_some(&self.base)
    }

    /// In C, such as `const void*`.
    pub fn c(&self) -> String {
        let base = match &self.base {
            CBase::Void => "void".to_owned(),
            CBase::Plain(c, _) => (*c).to_owned(),
            CBase::Element(name, _) | CBase::Integer(name) | CBase::Struct(name) | CBase::Callback(name) => {
                name.clone()
            }
            CBase::Status => "dtl_status".to_owned(),
            CBase::Handle(object) => format!("dtl_{object}_t"),
            CBase::Enum(name) => format!("dtl_{name}"),
        };
        self.addresses.iter().fold(base, |c, access| match access {
            Access::Const => format!("const {c}*"),
            Access::Mut => format!("{c}*"),
        })
    }

    /// In Rust, such as `*const c_void`.
    pub fn rust(&self) -> String {
        let base = match &self.base {
            CBase::Void if self.is_pointer() => "c_void".to_owned(),
            CBase::Void => "()".to_owned(),
            CBase::Plain(_, rust) => (*rust).to_owned(),
            CBase::Element(_, rust) => rust.clone(),
            _ => CType::new(self.base.clone()).c(),
        };
        self.addresses.iter().fold(base, |rust, access| match access {
            Access::Const => format!("*const {rust}"),
            Access::Mut => format!("*mut {rust}"),
        })
    }
}

/// A C parameter.
#[derive(Debug, Clone)]
pub struct Arg {
    /// Name.
    pub name: String,
    /// Type.
    pub ty: CType,
    /// It is a number of elements, or a displacement, for each rank.
    pub is_counts: bool,
}

impl Arg {
    /// True for an address at which the function writes.
    pub fn is_written(&self) -> bool {
        self.ty.addresses.last() == Some(&Access::Mut)
    }
}

/// A C prototype.
#[derive(Debug, Clone)]
pub struct Signature {
    /// Name.
    pub name: String,
    /// Parameters, in order.
    pub args: Vec<Arg>,
    /// What it returns.
    pub returns: CType,
}

impl Signature {
    pub(super) fn new(name: impl Into<String>, args: Vec<(&str, CType)>, returns: CType) -> Self {
        let args =
            args.into_iter().map(|(name, ty)| Arg { name: name.to_owned(), ty, is_counts: false }).collect();
        Self { name: name.into(), args, returns }
    }

    /// The prototype without a semicolon: `dtl_rank_t dtl_context_rank(dtl_context_t ctx)`.
    pub fn prototype(&self) -> String {
        let args: Vec<String> = self.args.iter().map(|arg| format!("{} {}", arg.ty.c(), arg.name)).collect();
        let args = if args.is_empty() { "void".to_owned() } else { args.join(", ") };
        format!("{} {}({args})", self.returns.c(), self.name)
    }

    /// True when it returns a status that the caller should look at.
    pub fn returns_status(&self) -> bool {
        self.returns == CType::status()
    }
}

/// The prototype of a C function of `operation`.
pub fn signature(operation: &Operation, function: &CFunction) -> Signature {
    let returns = match (function.query, &operation.result) {
        (Some(_), Some(result)) => value(&result.ty, function.writable),
        (Some(_), None) => CType::void(),
        (None, _) => CType::status(),
    };
    let args = function
        .args
        .iter()
        .map(|arg| Arg {
            name: arg.name.clone(),
            ty: arg_type(operation, arg),
            is_counts: arg.sources.iter().any(|source| is_counts(operation, source)),
        })
        .collect();
    Signature { name: function.name.clone(), args, returns }
}

/// The handle of an object: `dtl_vector_t`.
pub fn handle(object: &str) -> CType {
    CType::new(CBase::Handle(object.to_owned()))
}

/// A value that is passed or returned directly.
pub fn value(ty: &Type, writable: bool) -> CType {
    match ty {
        Type::Integer(kind) => integer(kind),
        Type::Real(_) => CType::new(CBase::Plain("double", "f64")),
        Type::Flag => CType::int(),
        Type::Text => CType::text(),
        Type::Shape => CType::shape(),
        Type::Counts => CType::size().const_address(),
        Type::PerDimension(each) if writable => value(each, true).address(),
        Type::PerDimension(each) => value(each, false).const_address(),
        Type::Dtype => CType::enumeration("dtype"),
        Type::Communicator => CType::int64(),
        Type::Enum(item) => CType::enumeration(&item.name),
        Type::Struct(item) => CType::structure(format!("dtl_{}_t", item.name)),
        Type::Object(object) => handle(&object.name),
        Type::Objects(object) => handle(&object.name).address(),
        Type::Callback(callback) => CType::callback(callback),
        Type::View(_) | Type::Array(_) | Type::Value(_) if writable => elements(None).address(),
        Type::View(_) | Type::Array(_) | Type::Value(_) => elements(None).const_address(),
    }
}

/// An integer kind: its typedef, or a plain type.
pub(super) fn integer(kind: &Kind) -> CType {
    match (&kind.c, kind.base) {
        (Some(name), _) => CType::integer(name),
        (None, Base::U64) => CType::uint64(),
        (None, Base::I64) => CType::int64(),
        (None, _) => CType::int(),
    }
}

/// What the address of elements points to: their C type where there is one dtype only and C has it.
fn elements(dtype: Option<&Rc<Dtype>>) -> CType {
    match dtype.map(|dtype| (dtype, &dtype.c)) {
        Some((dtype, Some(c))) if dtype.is_plain_number() => {
            CType::new(CBase::Element(c.clone(), dtype.rust.clone()))
        }
        // `_Bool` has another name in C++.
        Some((dtype, Some(_))) if dtype.rust == "bool" => CType::new(CBase::Plain("uint8_t", "u8")),
        _ => CType::void(),
    }
}

/// True for what is said of each rank.
fn is_counts(operation: &Operation, source: &CSource) -> bool {
    match source {
        CSource::Param(name) => matches!(operation.param(name).map(|param| &param.ty), Some(Type::Counts)),
        CSource::ParamPart(_, part) | CSource::ResultPart(part) => {
            matches!(part, Part::Counts | Part::Displs)
        }
        _ => false,
    }
}

fn arg_type(operation: &Operation, arg: &CArg) -> CType {
    let written = arg.sources.iter().any(|source| match source {
        CSource::Result | CSource::ResultPart(Part::Pointer) => true,
        CSource::ParamPart(name, Part::Pointer) => {
            operation.param(name).is_some_and(|param| param.direction != Direction::In)
        }
        _ => false,
    });
    match &arg.sources[0] {
        CSource::This => handle(&operation.object.as_ref().expect("only methods have `self`").name),
        CSource::Param(name) => value(&operation.param(name).expect("resolved").ty, false),
        CSource::ParamPart(_, Part::Count | Part::CountPerRank | Part::Bytes)
        | CSource::ResultPart(Part::Count | Part::CountPerRank | Part::Bytes) => CType::size(),
        CSource::ParamPart(_, Part::Dtype) | CSource::ResultPart(Part::Dtype) => CType::enumeration("dtype"),
        CSource::ParamPart(_, Part::Counts | Part::Displs)
        | CSource::ResultPart(Part::Counts | Part::Displs) => CType::size().const_address(),
        CSource::ParamPart(_, Part::UserData) | CSource::ResultPart(Part::UserData) => {
            elements(None).address()
        }
        CSource::ParamPart(name, Part::Pointer) => {
            pointer(&operation.param(name).expect("resolved").ty, written)
        }
        CSource::ResultPart(Part::Pointer) => pointer(&result(operation).ty, true),
        CSource::ResultPart(Part::Beside) => pointer(&beside(operation).ty, true),
        CSource::ResultPart(Part::IsThere) | CSource::ParamPart(_, Part::IsThere | Part::Beside) => {
            CType::int().address()
        }
        CSource::Result => match &result(operation).ty {
            Type::Value(_) => elements(None).address(),
            Type::PerDimension(each) => value(each, true).address(),
            ty => value(ty, true).address(),
        },
        CSource::ResultProperty(_, kind) => integer(kind).address(),
        CSource::Struct(item) => CType::structure(format!("dtl_{}", item.name)).const_address(),
        CSource::Request => handle("request").address(),
        CSource::Ignored(what) => ignored(*what),
    }
}

fn result(operation: &Operation) -> &Returns {
    operation.result.as_ref().expect("resolving checks that there is a result")
}

fn beside(operation: &Operation) -> &Returns {
    operation.beside().expect("resolving checks that there is a second array")
}

fn pointer(ty: &Type, written: bool) -> CType {
    let plain = match ty {
        Type::Objects(object) => handle(&object.name),
        Type::Array(Of::Fixed(dtype)) => elements(Some(dtype)),
        _ => elements(None),
    };
    if written { plain.address() } else { plain.const_address() }
}

/// A type of an argument that is not looked at.
fn ignored(what: Ignored) -> CType {
    match what {
        Ignored::Dtype => CType::enumeration("dtype"),
        Ignored::Number => CType::int().address(),
        Ignored::Texts => CType::new(CBase::Plain("char", "c_char")).address().address().address(),
    }
}
