//! The plain Python of the package: `dtl/__init__.py`, `_enums.py`, `_errors.py`, `_records.py`
//! and `doctor.py`, readable and picklable.

use serde::Serialize;

use super::docstring;
use crate::doc::numpydoc;
use crate::lang::banner;
use crate::model::{ByHand, Enum, Exception, Field, Model, Operation, Struct};
use crate::output::OutputFile;
use crate::render::render;
use crate::spec::PythonEnumBase;

pub(super) fn files(model: &Model) -> Vec<OutputFile> {
    let view = Package::new(model);
    let file = |name: &str, template: &str| {
        OutputFile::new(format!("generated/python/dtl/{name}.py"), render(name, template, &view))
    };
    vec![
        file("__init__", include_str!("../../../templates/python/__init__.py.tera")),
        file("_enums", include_str!("../../../templates/python/_enums.py.tera")),
        file("_errors", include_str!("../../../templates/python/_errors.py.tera")),
        file("_records", include_str!("../../../templates/python/_records.py.tera")),
        file("doctor", include_str!("../../../templates/python/doctor.py.tera")),
    ]
}

/// An attribute that every exception has.
#[derive(Clone, Copy, Serialize)]
pub struct Attribute {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub ty: &'static str,
    /// What it is.
    pub doc: &'static str,
}

/// The attributes of exceptions.
pub const EXCEPTION_ATTRIBUTES: [Attribute; 3] = [
    Attribute { name: "status", ty: "Status", doc: "What happened." },
    Attribute {
        name: "rank",
        ty: "int | None",
        doc: "The rank that found the error, when it is known and there are several.",
    },
    Attribute { name: "category", ty: "Category", doc: "The kind of thing that went wrong." },
];

/// What the package says of itself: name, declaration, meaning.
pub const PACKAGE: [(&str, &str, &str); 4] = [
    ("__version__", "dtl.__version__: str", "Version of the package, as PyPI writes it."),
    (
        "version_info",
        "dtl.version_info: tuple[int, int, int, str, int]",
        "The same as numbers that can be compared, in the manner of `sys.version_info`: major, minor, patch, level, number.",
    ),
    (
        "Status",
        "class dtl.Status(IntEnum)",
        "What happened, as a number that is the same in every language: the status codes. Its property `category` is the kind of \
         thing that went wrong.",
    ),
    (
        "Category",
        "class dtl.Category(IntEnum)",
        "What kind of thing went wrong: a status code divided by 100.",
    ),
];

/// What the Python files and their stubs say.
#[derive(Serialize)]
pub struct Package {
    /// First line of the package's files, and of the others.
    pub banner: String,
    pub enums_banner: String,
    pub errors_banner: String,
    pub records_banner: String,
    pub doctor_banner: String,
    /// Docstring of the package.
    pub doc: Vec<String>,
    pub version: String,
    /// As `sys.version_info` has it: major, minor, micro, release level, serial.
    pub version_info: String,
    /// What the package has that is written by hand.
    pub by_hand: Vec<ByHand>,
    /// Names in the compiled module, and those of them that the package has.
    pub compiled: Vec<String>,
    pub offered: Vec<String>,
    /// Modules below the package that offer the others.
    pub modules: Vec<String>,
    pub enums: Vec<EnumView>,
    pub constants: Vec<ConstantView>,
    pub exceptions: Vec<ExceptionView>,
    /// Of exceptions: status, rank, category.
    pub attributes: [Attribute; 3],
    pub categories: Vec<MemberView>,
    pub statuses: Vec<StatusView>,
    pub records: Vec<RecordView>,
    /// `__all__` of the package.
    pub all: Vec<String>,
}

/// An enumeration.
#[derive(Serialize)]
pub struct EnumView {
    pub name: String,
    /// Base classes.
    pub bases: &'static str,
    pub is_text: bool,
    pub doc: Vec<String>,
    pub members: Vec<MemberView>,
    /// There are constants beside the class, with this prefix.
    pub has_constants: bool,
    pub prefix: String,
}

/// A member of an enumeration.
#[derive(Serialize)]
pub struct MemberView {
    pub name: String,
    /// Value as a Python literal.
    pub value: String,
    pub doc: Vec<String>,
}

/// A result of several parts.
#[derive(Serialize)]
pub struct RecordView {
    pub name: String,
    pub doc: Vec<String>,
    pub fields: Vec<MemberView>,
}

/// A named number.
#[derive(Serialize)]
pub struct ConstantView {
    pub name: String,
    pub value: i64,
    pub doc: String,
}

/// An exception class.
#[derive(Serialize)]
pub struct ExceptionView {
    pub name: String,
    pub bases: String,
    pub doc: String,
    /// The base class of all others.
    pub is_root: bool,
}

/// A status code.
#[derive(Serialize)]
pub struct StatusView {
    pub name: String,
    pub code: i32,
    pub message: String,
    /// Class of the exception; absent for codes that are no errors, and for second names of a code.
    pub exception: Option<String>,
}

impl Package {
    /// The Python side of `model`.
    pub fn new(model: &Model) -> Self {
        let enums: Vec<EnumView> =
            model.enums.iter().filter(|item| item.name != "dtype").map(|item| enumeration(item)).collect();
        let constants: Vec<ConstantView> = model
            .constants
            .iter()
            .filter(|constant| constant.python)
            .map(|constant| ConstantView {
                name: constant.name.clone(),
                value: constant.value,
                doc: constant.doc.clone(),
            })
            .collect();
        let offered = compiled(model, |operation| operation.python_module.is_none());
        let mut modules: Vec<String> =
            model.chapters.iter().filter_map(|chapter| chapter.python_module.clone()).collect();
        modules.sort();
        let visible = model
            .exceptions
            .iter()
            .filter(|exception| !exception.hidden)
            .map(|exception| exception.name.clone());
        let mut all: Vec<String> = offered.iter().chain(&modules).cloned().chain(visible).collect();
        all.extend([
            "Category".to_owned(),
            "Status".to_owned(),
            "__version__".to_owned(),
            "version_info".to_owned(),
        ]);
        all.extend(model.by_hand("python").map(|item| item.name.clone()));
        let records: Vec<RecordView> = model.records().map(|item| record(item)).collect();
        all.extend(records.iter().map(|record| record.name.clone()));
        all.extend(constants.iter().map(|constant| constant.name.clone()));
        for item in &enums {
            all.push(item.name.clone());
            if item.has_constants {
                all.extend(item.members.iter().map(|member| format!("{}{}", item.prefix, member.name)));
            }
        }
        all.sort();
        Self {
            banner: banner("spec/dtl.yaml, spec/constants.yaml, spec/objects and spec/ops"),
            enums_banner: banner("spec/enums.yaml"),
            errors_banner: banner("spec/errors.yaml"),
            records_banner: banner("spec/structs.yaml"),
            doctor_banner: banner("codegen/templates/python/doctor.py.tera"),
            doc: docstring::module(model),
            version: model.library.version_short.clone(),
            version_info: version_info(&model.library.version_short, model.library.version_parts),
            by_hand: model.by_hand("python").cloned().collect(),
            compiled: compiled(model, |_| true),
            offered,
            modules,
            enums,
            constants,
            exceptions: model.exceptions.iter().map(exception).collect(),
            attributes: EXCEPTION_ATTRIBUTES,
            categories: model
                .categories
                .iter()
                .map(|category| MemberView {
                    name: category.name.clone(),
                    value: category.value.to_string(),
                    doc: numpydoc(&category.doc),
                })
                .collect(),
            statuses: model
                .statuses
                .iter()
                .map(|status| StatusView {
                    name: status.name.clone(),
                    code: status.code,
                    message: status.message.clone(),
                    exception: status.exception.clone().filter(|_| !status.is_alias),
                })
                .collect(),
            records,
            all,
        }
    }
}

/// Its fields are numbers.
fn record(item: &Struct) -> RecordView {
    let field = |field: &Field| MemberView {
        name: field.name.clone(),
        value: "int".to_owned(),
        doc: numpydoc(&field.doc),
    };
    RecordView {
        name: item.type_name(),
        doc: numpydoc(&item.doc),
        fields: item.fields.iter().map(field).collect(),
    }
}

/// The classes of the compiled module, and those of its functions that are free operations of this kind or of objects.
fn compiled(model: &Model, kind: impl Fn(&Operation) -> bool) -> Vec<String> {
    let free =
        model.operations_in("python").filter(|operation| operation.object.is_none() && kind(operation));
    let mut names: Vec<String> = model.objects.iter().map(|object| object.python.clone()).collect();
    names.extend(free.map(|operation| operation.python_name.clone()));
    names.extend(model.functions("python").iter().map(|overloads| overloads[0].python_name.clone()));
    names.sort();
    // A free operation may share its name with a function of objects.
    names.dedup();
    names
}

fn enumeration(item: &Enum) -> EnumView {
    let is_text = item.python_base == PythonEnumBase::StrEnum;
    let mut doc = numpydoc(&item.summary);
    if !item.details.is_empty() {
        doc.push(String::new());
        doc.extend(numpydoc(&item.details));
    }
    EnumView {
        name: item.type_name.clone(),
        bases: if is_text { "str, Enum" } else { "IntEnum" },
        is_text,
        doc,
        members: item
            .values
            .iter()
            .map(|value| MemberView {
                name: value.name.clone(),
                value: if is_text { format!("\"{}\"", value.text) } else { value.value.to_string() },
                doc: numpydoc(&value.doc),
            })
            .collect(),
        has_constants: item.python_constants.is_some(),
        prefix: item.python_constants.clone().unwrap_or_default(),
    }
}

fn exception(exception: &Exception) -> ExceptionView {
    ExceptionView {
        name: exception.name.clone(),
        bases: exception.bases.join(", "),
        doc: exception.doc.clone(),
        is_root: exception.bases.iter().all(|base| base.starts_with("builtins.")),
    }
}

/// `0.1.0a1` becomes `(0, 1, 0, "alpha", 1)`.
fn version_info(version: &str, [major, minor, patch]: [u32; 3]) -> String {
    let tail = version.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let letters: String = tail.chars().take_while(char::is_ascii_alphabetic).collect();
    let level = match letters.as_str() {
        "a" => "alpha",
        "b" => "beta",
        "rc" => "candidate",
        _ => "final",
    };
    let serial = tail.trim_start_matches(&letters);
    format!("({major}, {minor}, {patch}, \"{level}\", {})", if serial.is_empty() { "0" } else { serial })
}
