//! C functions as C and Rust spell them: names, parameters and types. The glue, the ABI snapshot, the documentation and the
//! generated C programs are all written from these.

use std::rc::Rc;

use crate::model::{CArg, CFunction, CSource, Callback, Dtype, Kind, Of, Operation, Part, Returns, Type};
use crate::spec::{Base, Direction};

/// A type that crosses the border.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CType {
    /// In C, such as `const void*`.
    pub c: String,
    /// In Rust, such as `*const c_void`.
    pub rust: String,
}

impl CType {
    pub(super) fn new(c: impl Into<String>, rust: impl Into<String>) -> Self {
        Self { c: c.into(), rust: rust.into() }
    }

    /// A type with the same name in both languages.
    pub(super) fn named(name: impl Into<String>) -> Self {
        let name = name.into();
        Self::new(name.clone(), name)
    }

    pub(super) fn int() -> Self {
        Self::new("int", "c_int")
    }

    pub(super) fn void() -> Self {
        Self::new("void", "()")
    }

    pub(super) fn text() -> Self {
        Self::new("const char*", "*const c_char")
    }

    /// A function pointer of the caller.
    pub(super) fn callback(callback: &Callback) -> Self {
        Self::named(&callback.c_type)
    }

    /// The address of something of this type that is written.
    pub(super) fn address(&self) -> Self {
        Self::new(format!("{}*", self.c), format!("*mut {}", self.rust))
    }

    /// The address of something of this type that is read.
    pub(super) fn const_address(&self) -> Self {
        Self::new(format!("const {}*", self.c), format!("*const {}", self.rust))
    }

    /// True for the address of something.
    pub fn is_pointer(&self) -> bool {
        self.c.ends_with('*')
    }
}

/// A C parameter.
#[derive(Debug, Clone)]
pub struct Arg {
    /// Name.
    pub name: String,
    /// Type.
    pub ty: CType,
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
        let args = args.into_iter().map(|(name, ty)| Arg { name: name.to_owned(), ty }).collect();
        Self { name: name.into(), args, returns }
    }

    /// The prototype without a semicolon: `dtl_rank_t dtl_context_rank(dtl_context_t ctx)`.
    pub fn prototype(&self) -> String {
        let args: Vec<String> = self.args.iter().map(|arg| format!("{} {}", arg.ty.c, arg.name)).collect();
        let args = if args.is_empty() { "void".to_owned() } else { args.join(", ") };
        format!("{} {}({args})", self.returns.c, self.name)
    }

    /// True when it returns a status that the caller should look at.
    pub fn returns_status(&self) -> bool {
        self.returns.c == "dtl_status" && self.name != "dtl_last_status"
    }
}

/// The prototype of a C function of `operation`.
pub fn signature(operation: &Operation, function: &CFunction) -> Signature {
    let returns = match (function.query, &operation.result) {
        (Some(_), Some(result)) => value(&result.ty, function.writable),
        (Some(_), None) => CType::void(),
        (None, _) => CType::named("dtl_status"),
    };
    let args = function
        .args
        .iter()
        .map(|arg| Arg { name: arg.name.clone(), ty: arg_type(operation, arg) })
        .collect();
    Signature { name: function.name.clone(), args, returns }
}

/// The handle of an object: `dtl_vector_t`.
pub fn handle(object: &str) -> CType {
    CType::named(format!("dtl_{object}_t"))
}

/// A value that is passed or returned directly.
pub fn value(ty: &Type, writable: bool) -> CType {
    match ty {
        Type::Integer(kind) => integer(kind),
        Type::Real(_) => CType::new("double", "f64"),
        Type::Flag => CType::int(),
        Type::Text => CType::text(),
        Type::Shape => CType::named("dtl_shape"),
        Type::Counts => CType::named("dtl_size_t").const_address(),
        Type::PerDimension(each) if writable => value(each, true).address(),
        Type::PerDimension(each) => value(each, false).const_address(),
        Type::Dtype => CType::named("dtl_dtype"),
        Type::Communicator => CType::new("int64_t", "i64"),
        Type::Enum(item) => CType::named(format!("dtl_{}", item.name)),
        Type::Struct(item) => CType::named(format!("dtl_{}_t", item.name)),
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
        (Some(name), _) => CType::named(name),
        (None, Base::U64) => CType::new("uint64_t", "u64"),
        (None, Base::I64) => CType::new("int64_t", "i64"),
        (None, _) => CType::int(),
    }
}

/// What the address of elements points to: their C type where there is one dtype only and C has it.
fn elements(dtype: Option<&Rc<Dtype>>) -> CType {
    match dtype.and_then(|dtype| dtype.c.as_ref().map(|c| (c, &dtype.rust))) {
        Some((c, rust)) if rust.starts_with(['i', 'u', 'f']) => CType::new(c, rust),
        // `_Bool` has another name in C++.
        Some((_, rust)) if rust == "bool" => CType::new("uint8_t", "u8"),
        _ => CType::new("void", "c_void"),
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
        | CSource::ResultPart(Part::Count | Part::CountPerRank | Part::Bytes) => CType::named("dtl_size_t"),
        CSource::ParamPart(_, Part::Dtype) | CSource::ResultPart(Part::Dtype) => CType::named("dtl_dtype"),
        CSource::ParamPart(_, Part::Counts | Part::Displs)
        | CSource::ResultPart(Part::Counts | Part::Displs) => CType::named("dtl_size_t").const_address(),
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
        CSource::Struct(item) => CType::named(format!("dtl_{}", item.name)).const_address(),
        CSource::Request => handle("request").address(),
        CSource::Ignored(text) => ignored(text),
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
fn ignored(text: &str) -> CType {
    if !text.ends_with('*') {
        return CType::named(text);
    }
    let plain = text.trim_end_matches('*');
    let base = CType::new(plain, format!("c_{plain}"));
    (plain.len()..text.len()).fold(base, |ty, _| ty.address())
}
