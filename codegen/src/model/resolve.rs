//! From a parsed specification to the resolved model: definitions and objects.
//!
//! Every reference is looked up here; a name that leads nowhere gives a diagnostic at its place.

use std::rc::Rc;

use super::resolve_operation::resolve_operation;
use super::*;
use crate::diagnostic::{Diagnostic, Position};
use crate::spec::{self, Located, Spec};

/// Resolves `spec`, or says everything that keeps it from being resolved.
pub fn resolve(spec: &Spec) -> Result<Model, Vec<Diagnostic>> {
    let mut resolver = Resolver::new(spec);
    let model = resolver.model();
    if resolver.problems.is_empty() { Ok(model) } else { Err(resolver.problems) }
}

/// What is resolved so far; names are looked up here.
pub(super) struct Resolver<'a> {
    spec: &'a Spec,
    pub(super) problems: Vec<Diagnostic>,
    pub(super) dtypes: Vec<Rc<Dtype>>,
    pub(super) sets: Vec<Rc<DtypeSet>>,
    pub(super) kinds: Vec<Rc<Kind>>,
    pub(super) enums: Vec<Rc<Enum>>,
    pub(super) statuses: Vec<Rc<Status>>,
    pub(super) structs: Vec<Rc<Struct>>,
    pub(super) objects: Vec<Rc<Object>>,
}

impl<'a> Resolver<'a> {
    fn new(spec: &'a Spec) -> Self {
        Self {
            spec,
            problems: Vec::new(),
            dtypes: Vec::new(),
            sets: Vec::new(),
            kinds: Vec::new(),
            enums: Vec::new(),
            statuses: Vec::new(),
            structs: Vec::new(),
            objects: Vec::new(),
        }
    }

    fn model(&mut self) -> Model {
        let spec = self.spec;
        self.dtypes = spec.dtypes.dtypes.iter().map(|dtype| Rc::new(self.dtype(dtype))).collect();
        self.check_fortran_views();
        self.resolve_sets();
        self.enums = spec.enums.enums.iter().map(|item| self.enumeration(item)).collect();
        self.enums.insert(0, Rc::new(dtype_enum(&self.dtypes, &spec.dtypes.file)));
        self.statuses = spec.errors.codes.iter().map(|code| self.status(code)).collect();
        let constants = self.constants();
        self.kinds = spec.kinds.kinds.iter().map(|kind| self.kind(kind, &constants)).collect();
        self.objects = spec.objects.iter().map(|file| self.object(&file.object, &file.file)).collect();
        self.structs = spec.structs.structs.iter().map(|item| self.structure(item)).collect();
        let chapters = self.chapters();
        Model {
            library: self.library(),
            nccl: self.nccl(),
            categories: spec.errors.categories.iter().map(category).collect(),
            exceptions: spec
                .errors
                .exceptions
                .iter()
                .map(|item| exception(item, &spec.errors.file))
                .collect(),
            languages: spec.languages.iter().map(|(name, file)| language(name, file)).collect(),
            constants,
            chapters,
            dtypes: self.dtypes.clone(),
            sets: self.sets.clone(),
            kinds: self.kinds.clone(),
            enums: self.enums.clone(),
            statuses: self.statuses.clone(),
            structs: self.structs.clone(),
            objects: self.objects.clone(),
        }
    }

    /// Notes that `name` in `file` leads nowhere; `known` are the names that would.
    pub(super) fn unknown<'n>(
        &mut self,
        what: &str,
        name: &Located<String>,
        file: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) {
        let known: Vec<&str> = known.into_iter().collect();
        let cure = format!("Use one of: {}.", known.join(", "));
        self.problems.push(Diagnostic::new(name.position(file), format!("unknown {what} `{name}`"), cure));
    }

    /// Notes any other problem.
    pub(super) fn problem(
        &mut self,
        position: Position,
        problem: impl Into<String>,
        cure: impl Into<String>,
    ) {
        self.problems.push(Diagnostic::new(position, problem, cure));
    }

    fn library(&mut self) -> Library {
        let file = &self.spec.library.file;
        let library = &self.spec.library.library;
        let (parts, short) = version(&library.version).unwrap_or_else(|| {
            self.problem(
                library.version.position(file),
                format!("`{}` is not a version", library.version),
                "Write major.minor.patch, optionally with -alpha.N, -beta.N or -rc.N.",
            );
            ([0; 3], String::new())
        });
        Library {
            name: library.name.value.clone(),
            version: library.version.value.clone(),
            version_short: short,
            version_parts: parts,
            abi: library.abi,
            summary: library.summary.value.clone(),
            details: library.details.value.clone(),
        }
    }

    fn dtype(&self, dtype: &spec::Dtype) -> Dtype {
        Dtype {
            name: dtype.name.value.clone(),
            variant: upper_camel(&dtype.name),
            code: dtype.code.value,
            bytes: dtype.bytes,
            rust: dtype.rust.clone(),
            c: dtype.c.clone(),
            fortran: dtype.fortran.clone(),
            fortran_as: dtype.fortran_as.as_ref().map(|name| name.value.clone()),
            numpy: dtype.numpy.clone(),
            python: dtype.python.clone(),
            mpi: dtype.mpi.clone(),
            nccl: dtype.nccl.clone(),
            dlpack: dtype.dlpack,
            doc: dtype.doc.value.clone(),
            position: dtype.name.position(&self.spec.dtypes.file),
        }
    }

    /// A dtype that Fortran sees as another one must have its width, and Fortran must have that other one.
    fn check_fortran_views(&mut self) {
        let spec = self.spec;
        for dtype in &spec.dtypes.dtypes {
            let Some(name) = &dtype.fortran_as else { continue };
            let fits = |other: &&spec::Dtype| other.fortran.is_some() && other.bytes == dtype.bytes;
            let known: Vec<&str> =
                spec.dtypes.dtypes.iter().filter(fits).map(|other| other.name.as_str()).collect();
            if !known.contains(&name.as_str()) {
                self.unknown("Fortran dtype of this width", name, &spec.dtypes.file, known);
            }
        }
    }

    fn resolve_sets(&mut self) {
        let spec = self.spec;
        for (name, set) in &spec.dtypes.sets {
            let mut chosen: Vec<&str> = Vec::new();
            let (dtypes, sets) = (self.dtypes.clone(), self.sets.clone());
            for member in &set.members {
                if let Some(earlier) = sets.iter().find(|earlier| earlier.name == member.value) {
                    chosen.extend(earlier.members.iter().map(|dtype| dtype.name.as_str()));
                } else if dtypes.iter().any(|dtype| dtype.name == member.value) {
                    chosen.push(&member.value);
                } else {
                    let known = dtypes.iter().map(|dtype| dtype.name.as_str());
                    self.unknown(
                        "dtype or earlier set",
                        member,
                        &spec.dtypes.file,
                        known.chain(sets.iter().map(|s| s.name.as_str())),
                    );
                }
            }
            let members =
                dtypes.iter().filter(|dtype| chosen.contains(&dtype.name.as_str())).cloned().collect();
            self.sets.push(Rc::new(DtypeSet { name: name.clone(), doc: set.doc.value.clone(), members }));
        }
    }

    pub(super) fn set(&mut self, name: &Located<String>, file: &str) -> Rc<DtypeSet> {
        if let Some(found) = self.sets.iter().find(|set| set.name == name.value) {
            return found.clone();
        }
        let known = self.sets.clone();
        self.unknown("dtype set", name, file, known.iter().map(|set| set.name.as_str()));
        Rc::new(DtypeSet { name: name.value.clone(), doc: String::new(), members: Vec::new() })
    }

    fn enumeration(&mut self, item: &spec::Enum) -> Rc<Enum> {
        let file = &self.spec.enums.file;
        let values = item
            .values
            .iter()
            .map(|value| EnumValue {
                name: value.name.value.clone(),
                text: value.name.to_ascii_lowercase(),
                variant: upper_camel(&value.name),
                value: value.value.value,
                doc: value.doc.value.clone(),
                dtypes: value.dtypes.as_ref().map(|set| self.set(set, file)),
                position: value.name.position(file),
            })
            .collect();
        Rc::new(Enum {
            name: item.name.value.clone(),
            type_name: upper_camel(&item.name),
            prefix: item.prefix.value.clone(),
            python_base: item.python.base,
            python_constants: item.python.constants.clone(),
            count: item.count,
            summary: item.summary.value.clone(),
            details: item.details.value.clone(),
            values,
            position: item.name.position(file),
        })
    }

    fn status(&mut self, code: &spec::StatusCode) -> Rc<Status> {
        let file = &self.spec.errors.file;
        let category =
            self.spec.errors.categories.iter().find(|category| category.value.value == code.code.value / 100);
        if category.is_none() {
            self.problem(
                code.code.position(file),
                format!("status {} has the code {}, which belongs to no category", code.name, code.code),
                "Choose a code of a category, or add a category.",
            );
        }
        let exception = code.python.clone().or_else(|| category.and_then(|category| category.python.clone()));
        if let Some(exception) = &exception {
            let known: Vec<String> =
                self.spec.errors.exceptions.iter().map(|e| e.name.value.clone()).collect();
            if !known.contains(&exception.value) {
                self.unknown("exception", exception, file, known.iter().map(String::as_str));
            }
        }
        let is_error = code.code.value >= 100;
        Rc::new(Status {
            name: code.name.value.clone(),
            variant: upper_camel(&code.name),
            enumerator: format!("DTL_{}{}", if is_error { "ERROR_" } else { "" }, code.name),
            code: code.code.value,
            is_alias: code.alias_of.is_some(),
            exception: exception.filter(|_| is_error).map(|name| name.value),
            message: code.message.value.clone(),
            remedy: code.remedy.value.clone(),
            position: code.name.position(file),
        })
    }

    /// The status called `name`.
    pub(super) fn status_named(&mut self, name: &Located<String>, file: &str) -> Rc<Status> {
        if let Some(found) = self.statuses.iter().find(|status| status.name == name.value) {
            return found.clone();
        }
        let known = self.statuses.clone();
        self.unknown("status", name, file, known.iter().map(|status| status.name.as_str()));
        known.first().cloned().expect("lint refuses a specification without status codes")
    }

    fn constants(&mut self) -> Vec<Rc<Constant>> {
        let spec = self.spec;
        let file = &spec.constants.file;
        let mut constants = Vec::new();
        for constant in &spec.constants.constants {
            let Some(kind) = spec.kinds.kinds.iter().find(|kind| kind.name.value == constant.kind.value)
            else {
                self.unknown(
                    "kind",
                    &constant.kind,
                    file,
                    spec.kinds.kinds.iter().map(|kind| kind.name.as_str()),
                );
                continue;
            };
            constants.push(Rc::new(Constant {
                name: constant.name.value.clone(),
                value: constant.value,
                kind: kind.name.value.clone(),
                base: kind.base,
                c: kind.c.clone(),
                python: constant.python,
                doc: constant.doc.value.clone(),
                position: constant.name.position(file),
            }));
        }
        constants
    }

    fn kind(&mut self, kind: &spec::Kind, constants: &[Rc<Constant>]) -> Rc<Kind> {
        let file = &self.spec.kinds.file;
        let none = kind.none.as_ref().and_then(|name| {
            let found = constants.iter().find(|constant| constant.name == name.value).cloned();
            if found.is_none() {
                self.unknown("constant", name, file, constants.iter().map(|constant| constant.name.as_str()));
            }
            found
        });
        let check = kind.check.as_ref().map(|check| {
            if let Some(below) = check.below.as_ref().filter(|below| below.value != "size") {
                self.unknown("bound", below, file, ["size"]);
            }
            Check {
                at_least: check.at_least,
                at_most: check.at_most,
                below_size: check.below.is_some(),
                status: self.status_named(&check.status, file),
                cure: check.cure.value.clone(),
            }
        });
        Rc::new(Kind {
            name: kind.name.value.clone(),
            base: kind.base,
            c: kind.c.clone(),
            doc: kind.doc.value.clone(),
            none,
            one_based_in_fortran: kind.one_based_in_fortran,
            check,
        })
    }

    fn object(&mut self, object: &spec::Object, file: &str) -> Rc<Object> {
        let known: Vec<&str> = self.spec.objects.iter().map(|file| file.object.name.as_str()).collect();
        for kept in &object.keeps_alive {
            if !known.contains(&kept.as_str()) {
                self.unknown("object", kept, file, known.iter().copied());
            }
        }
        Rc::new(Object {
            name: object.name.value.clone(),
            type_name: upper_camel(&object.name),
            summary: object.summary.value.clone(),
            details: object.details.value.clone(),
            ownership: object.ownership,
            keeps_alive: object.keeps_alive.iter().map(|kept| kept.value.clone()).collect(),
            thread_safety: object.thread_safety,
            rust: object.rust.value.clone(),
            generic: object.generic,
            python: object.python.name.value.clone(),
            protocols: object
                .python
                .protocols
                .iter()
                .map(|(protocol, name)| (*protocol, name.value.clone()))
                .collect(),
            position: object.name.position(file),
        })
    }

    fn structure(&mut self, item: &spec::Struct) -> Rc<Struct> {
        let file = self.spec.structs.file.clone();
        let fields = item
            .fields
            .iter()
            .map(|field| Field {
                name: field.name.value.clone(),
                ty: self.ty(&field.kind, None, &file, &[], &[]),
                array: field.array,
                default: field.default,
                doc: field.doc.value.clone(),
            })
            .collect();
        Rc::new(Struct {
            name: item.name.value.clone(),
            doc: item.doc.value.clone(),
            fields,
            position: item.name.position(&file),
        })
    }

    fn nccl(&mut self) -> Vec<NcclCapability> {
        let spec = self.spec;
        let values: Vec<String> =
            (spec.enums.enums.iter().filter(|item| item.name.value == "nccl_operation"))
                .flat_map(|item| item.values.iter().map(|value| value.name.value.clone()))
                .collect();
        for row in spec.capabilities.nccl.iter().filter(|row| !values.contains(&row.operation.value)) {
            self.unknown(
                "NCCL operation",
                &row.operation,
                &spec.capabilities.file,
                values.iter().map(String::as_str),
            );
        }
        spec.capabilities
            .nccl
            .iter()
            .map(|row| NcclCapability {
                variant: upper_camel(&row.operation),
                native: row.native,
                hybrid: row.hybrid,
            })
            .collect()
    }

    fn chapters(&mut self) -> Vec<Chapter> {
        let spec = self.spec;
        let mut chapters = Vec::new();
        for (file, object) in spec.objects.iter().zip(self.objects.clone()) {
            let operations = file
                .operations
                .iter()
                .map(|item| resolve_operation(self, item, Some(&object), &file.file))
                .collect();
            let (title, doc) = (object.python.clone(), object.summary.clone());
            chapters.push(Chapter { object: Some(object), title, doc, operations });
        }
        for file in &spec.operations {
            let operations =
                file.operations.iter().map(|item| resolve_operation(self, item, None, &file.file)).collect();
            let (title, doc) = (file.title.value.clone(), file.doc.value.clone());
            chapters.push(Chapter { object: None, title, doc, operations });
        }
        chapters
    }
}

/// The enumeration whose values are the element types, so that every backend treats it like the others.
fn dtype_enum(dtypes: &[Rc<Dtype>], file: &str) -> Enum {
    Enum {
        name: "dtype".to_owned(),
        type_name: "Dtype".to_owned(),
        prefix: "DTYPE".to_owned(),
        python_base: spec::PythonEnumBase::IntEnum,
        python_constants: None,
        count: true,
        summary: "The type of an element.".to_owned(),
        details: String::new(),
        values: dtypes
            .iter()
            .map(|dtype| EnumValue {
                name: screaming(&dtype.name),
                text: dtype.name.clone(),
                variant: dtype.variant.clone(),
                value: dtype.code,
                doc: dtype.doc.clone(),
                dtypes: None,
                position: dtype.position.clone(),
            })
            .collect(),
        position: Position { file: file.to_owned(), line: 2, column: 1 },
    }
}

fn category(category: &spec::Category) -> Category {
    Category {
        name: category.name.value.clone(),
        value: category.value.value,
        doc: category.doc.value.clone(),
    }
}

fn exception(exception: &spec::Exception, file: &str) -> Exception {
    Exception {
        name: exception.name.value.clone(),
        bases: exception.bases.iter().map(|base| base.value.clone()).collect(),
        hidden: exception.hidden,
        doc: exception.doc.value.clone(),
        position: exception.name.position(file),
    }
}

fn language(name: &str, file: &spec::LanguageFile) -> Language {
    let skips =
        file.skips.iter().map(|skip| (skip.operation.value.clone(), skip.reason.value.clone())).collect();
    Language { name: name.to_owned(), skips }
}

/// Splits `0.1.0-alpha.1` into its numbers and the short spelling `0.1.0a1`.
fn version(text: &str) -> Option<([u32; 3], String)> {
    let (numbers, pre) = text.split_once('-').map_or((text, None), |(numbers, pre)| (numbers, Some(pre)));
    let parts: Vec<u32> = numbers.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let parts: [u32; 3] = parts.try_into().ok()?;
    let suffix = match pre.map(|pre| pre.split_once('.')) {
        None => String::new(),
        Some(Some(("alpha", n))) => format!("a{n}"),
        Some(Some(("beta", n))) => format!("b{n}"),
        Some(Some(("rc", n))) => format!("rc{n}"),
        Some(_) => return None,
    };
    Some((parts, format!("{numbers}{suffix}")))
}
