//! `dtl_c.f90`: the C interface as it is, counted from 0, with handles as `type(c_ptr)`.

use serde::Serialize;

use super::layout::continue_lines;
use super::procedure::{Dummy, declarations};
use super::spelling::{checked, enumerator, integer};
use crate::doc::{self, ford};
use crate::lang::banner;
use crate::lang::ffi::{self, Access, CBase, CType, Section};
use crate::model::{CArg, CFunction, CSource, Enum, Ignored, Model, Operation, Part, Struct, Type};
use crate::output::OutputFile;
use crate::render::render;
use crate::spec::Base;

pub(super) fn file(model: &Model, sections: &[Section]) -> OutputFile {
    let functions = sections.iter().flat_map(|section| &section.functions).map(|function| {
        let name = &function.signature.name;
        let mut of_operations =
            model.operations().flat_map(|operation| operation.c.iter().map(move |c| (operation, c)));
        match of_operations.find(|(_, c)| c.name == *name) {
            Some((operation, c)) => operation_view(operation, c),
            None => derived_view(function),
        }
    });
    let functions: Vec<FunctionView> = functions.collect();
    let names: Vec<&str> = functions.iter().map(|function| function.name.as_str()).collect();
    let view = Raw {
        banner: banner("spec/"),
        constants: constants(model),
        enums: model.enums.iter().map(|item| enum_view(item)).collect(),
        statuses: statuses(model),
        structs: model.structs.iter().map(|item| struct_view(item)).collect(),
        public: names.chunks(NAMES_OF_A_STATEMENT).map(|names| names.join(", ")).collect(),
        functions,
    };
    let text = render("dtl_c.f90", include_str!("../../../templates/fortran/dtl_c.f90.tera"), &view);
    OutputFile::new("generated/fortran/dtl_c.f90", continue_lines(&text))
}

/// A statement has at most 256 lines.
pub(super) const NAMES_OF_A_STATEMENT: usize = 100;

#[derive(Serialize)]
struct Raw {
    banner: String,
    constants: Vec<ConstantView>,
    enums: Vec<EnumView>,
    statuses: Vec<ConstantView>,
    structs: Vec<StructView>,
    /// Names of functions, a list for each statement.
    public: Vec<String>,
    functions: Vec<FunctionView>,
}

#[derive(Serialize)]
struct EnumView {
    summary: Vec<String>,
    values: Vec<ConstantView>,
}

#[derive(Serialize)]
struct ConstantView {
    name: String,
    ty: &'static str,
    value: String,
    doc: Vec<String>,
}

#[derive(Serialize)]
struct StructView {
    name: String,
    doc: Vec<String>,
    fields: Vec<FieldView>,
}

#[derive(Serialize)]
struct FieldView {
    declaration: String,
    doc: Vec<String>,
}

/// A C function: a Fortran function, or a subroutine where it returns nothing.
#[derive(Serialize)]
struct FunctionView {
    name: String,
    arguments: String,
    declarations: Vec<String>,
    /// Empty for a subroutine.
    returns: String,
}

/// The names of all constants, in groups: those of `constants.yaml`, the status codes, and each enumeration.
pub(super) fn constant_names(model: &Model) -> Vec<String> {
    let enums = model.enums.iter().map(|item| enum_view(item).values);
    let names = |group: Vec<ConstantView>| {
        group.into_iter().map(|constant| constant.name).collect::<Vec<_>>().join(", ")
    };
    [constants(model), statuses(model)].into_iter().chain(enums).map(names).collect()
}

fn constants(model: &Model) -> Vec<ConstantView> {
    let view = |constant: &crate::model::Constant| ConstantView {
        name: checked(format!("DTL_{}", constant.name)),
        ty: if matches!(constant.base, Base::I64 | Base::U64) { "c_int64_t" } else { "c_int" },
        value: constant.value.to_string(),
        doc: ford(&constant.doc),
    };
    model.constants.iter().map(|constant| view(constant)).collect()
}

fn statuses(model: &Model) -> Vec<ConstantView> {
    let categories = model.categories.iter().map(|category| ConstantView {
        name: checked(format!("DTL_CATEGORY_{}", category.name)),
        ty: "c_int",
        value: category.value.to_string(),
        doc: ford(&category.doc),
    });
    let codes = model.statuses.iter().map(|status| ConstantView {
        name: checked(status.enumerator.clone()),
        ty: "c_int",
        value: status.code.to_string(),
        doc: ford(&doc::sentence(&status.message)),
    });
    categories.chain(codes).collect()
}

fn enum_view(item: &Enum) -> EnumView {
    EnumView {
        summary: ford(&item.summary),
        values: item
            .values
            .iter()
            .map(|value| ConstantView {
                name: enumerator(item, value),
                ty: "c_int",
                value: value.value.to_string(),
                doc: ford(&value.doc),
            })
            .collect(),
    }
}

fn struct_view(item: &Struct) -> StructView {
    let field = |field: &crate::model::Field| {
        let ty = match &field.ty {
            Type::Integer(kind) => integer(kind),
            _ => "integer(c_int)",
        };
        let extent = field.array.map(|count| format!("({count})")).unwrap_or_default();
        let declaration = format!("{ty} :: {}{extent} = {}", field.name, field.default);
        FieldView { declaration, doc: ford(&field.doc) }
    };
    StructView {
        name: format!("dtl_{}", item.name),
        doc: ford(&item.doc),
        fields: item.fields.iter().map(field).collect(),
    }
}

/// A C function that no operation names: its prototype says everything, since it passes no arrays.
fn derived_view(function: &ffi::Function) -> FunctionView {
    let signature = &function.signature;
    let names: Vec<&str> = signature.args.iter().map(|arg| arg.name.as_str()).collect();
    let dummy = |arg: &ffi::Arg| match (&arg.ty.base, arg.ty.addresses.as_slice()) {
        (CBase::Plain("char", _), [Access::Const]) => text(&arg.name),
        (CBase::Integer(_), [Access::Const]) => {
            Dummy::new(&arg.name, "integer(c_int64_t)", &["intent(in)"]).shaped("(*)")
        }
        (CBase::Struct(name), [Access::Const]) => {
            Dummy::new(&arg.name, format!("type({name})"), &["intent(in)"])
        }
        (CBase::Struct(name), [Access::Mut]) => {
            Dummy::new(&arg.name, format!("type({name})"), &["intent(out)"])
        }
        (CBase::Handle(_), [Access::Mut]) => Dummy::new(&arg.name, "type(c_ptr)", &["intent(out)"]),
        _ => Dummy::new(&arg.name, by_value(&arg.ty), &["value"]),
    };
    let dummies: Vec<Dummy> = signature.args.iter().map(dummy).collect();
    FunctionView {
        name: checked(signature.name.clone()),
        arguments: names.join(", "),
        declarations: declarations(&dummies),
        returns: match signature.returns.value() {
            Some(CBase::Void) => String::new(),
            Some(CBase::Struct(name)) => format!("type({name})"),
            _ => by_value(&signature.returns).to_owned(),
        },
    }
}

/// The Fortran type of a value with a C type.
fn by_value(ty: &CType) -> &'static str {
    match ty.value() {
        None | Some(CBase::Handle(_)) => "type(c_ptr)",
        Some(CBase::Plain("uint64_t" | "int64_t", _)) => "integer(c_int64_t)",
        Some(CBase::Integer(name)) if name == "dtl_size_t" || name == "dtl_index_t" => "integer(c_int64_t)",
        Some(_) => "integer(c_int)",
    }
}

fn operation_view(operation: &Operation, function: &CFunction) -> FunctionView {
    let names: Vec<&str> = function.args.iter().map(|arg| arg.name.as_str()).collect();
    let dummies: Vec<Dummy> = function.args.iter().map(|arg| dummy(operation, arg)).collect();
    FunctionView {
        name: checked(function.name.clone()),
        arguments: names.join(", "),
        declarations: declarations(&dummies),
        returns: match (function.query, &operation.result) {
            (None, _) => "integer(c_int)".to_owned(),
            (Some(_), None) => String::new(),
            (Some(_), Some(result)) => returned(&result.ty),
        },
    }
}

/// The type of a value that a C function returns directly.
fn returned(ty: &Type) -> String {
    match ty {
        Type::Integer(kind) => integer(kind).to_owned(),
        Type::Real(_) => "real(c_double)".to_owned(),
        Type::Communicator => "integer(c_int64_t)".to_owned(),
        Type::Callback(_) => "type(c_funptr)".to_owned(),
        Type::Flag | Type::Dtype | Type::Enum(_) => "integer(c_int)".to_owned(),
        Type::Shape => "type(dtl_shape)".to_owned(),
        Type::Struct(item) => format!("type(dtl_{})", item.name),
        Type::PerDimension(_)
        | Type::Counts
        | Type::Text
        | Type::Object(_)
        | Type::Objects(_)
        | Type::Array(_)
        | Type::Value(_)
        | Type::View(_) => "type(c_ptr)".to_owned(),
    }
}

/// A text that C reads.
fn text(name: &str) -> Dummy {
    Dummy::new(name, "character(kind=c_char)", &["intent(in)"]).shaped("(*)")
}

/// A C parameter.
fn dummy(operation: &Operation, arg: &CArg) -> Dummy {
    let value = |ty: &str| Dummy::new(&arg.name, ty, &["value"]);
    let given = |ty: &str| Dummy::new(&arg.name, ty, &["intent(out)"]);
    match &arg.sources[0] {
        CSource::Ignored(Ignored::Dtype) => value("integer(c_int)"),
        CSource::This | CSource::Ignored(_) | CSource::ResultProperty(..) => value("type(c_ptr)"),
        CSource::Param(param) => {
            let param = operation.param(param).expect("resolving checks that there is such a parameter");
            match &param.ty {
                Type::Text => text(&arg.name),
                ty => value(&returned(ty)),
            }
        }
        CSource::ParamPart(_, part) | CSource::ResultPart(part) => match part {
            Part::Pointer | Part::UserData | Part::Counts | Part::Displs | Part::Beside => {
                value("type(c_ptr)")
            }
            Part::Count | Part::CountPerRank | Part::Bytes => value("integer(c_int64_t)"),
            Part::Dtype => value("integer(c_int)"),
            Part::IsThere => given("integer(c_int)"),
        },
        CSource::Result => {
            let result = operation.result.as_ref().expect("resolving checks that there is a result");
            match &result.ty {
                Type::Value(_) => value("type(c_ptr)"),
                Type::PerDimension(_) => given(super::dimensions::element(&result.ty)).shaped("(*)"),
                ty if result.many.is_some() => given(&returned(ty)).shaped("(*)"),
                ty => given(&returned(ty)),
            }
        }
        CSource::Request => given("type(c_ptr)"),
        CSource::Struct(item) => Dummy::new(&arg.name, format!("type(dtl_{})", item.name), &["intent(in)"]),
    }
}
