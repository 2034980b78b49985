//! From a parsed specification to the resolved model: definitions and objects.
//!
//! Every reference is looked up here; a name that leads nowhere gives a diagnostic at its place.

use std::rc::Rc;

use super::resolve_dtypes::dtype_enum;
use super::resolve_operation::resolve_forms;
use super::resolve_values::{category, exception};
use super::*;
use crate::diagnostic::{Diagnostic, Position};
use crate::spec::{self, Located, Spec};

/// Resolves `spec`, or says everything that keeps it from being resolved.
pub fn resolve(spec: &Spec) -> Result<Model, Vec<Diagnostic>> {
    let mut resolver = Resolver::new(spec);
    let model = resolver.model();
    // What leads nowhere in a shared operation does so for each object that includes it.
    let mut problems = resolver.problems;
    let mut said = std::collections::BTreeSet::new();
    problems.retain(|problem| said.insert(problem.clone()));
    if problems.is_empty() { Ok(model) } else { Err(problems) }
}

/// Notes which free operations have in Python the name of a function of objects.
fn share_names(chapters: &mut [Chapter]) {
    let functions: Vec<(String, String)> = (chapters.iter().flat_map(|chapter| &chapter.operations))
        .filter_map(|operation| {
            let first = operation.function_of.as_ref().filter(|_| operation.object.is_some())?;
            Some((operation.python_name.clone(), first.name.clone()))
        })
        .collect();
    let free =
        chapters.iter_mut().filter(|chapter| chapter.object.is_none() && chapter.python_module.is_none());
    for operation in free.flat_map(|chapter| &mut chapter.operations) {
        let takes_context = operation.params.first().is_some_and(|param| param.ty.is_object("context"));
        let shared = functions.iter().find(|(name, _)| takes_context && *name == operation.python_name);
        operation.shares_name = shared.map(|(_, first)| first.clone());
    }
}

/// Notes which languages leave out which operations. They name operations, or objects with all that they have.
fn note_skips(chapters: &mut [Chapter], languages: &[(String, spec::InFile<spec::LanguageFile>)]) {
    for operation in chapters.iter_mut().flat_map(|chapter| &mut chapter.operations) {
        let is_meant = |name: &str| {
            name == operation.full_name
                || operation.is_in_its_file(name)
                || operation.issues.as_deref() == Some(name)
                || operation.object.as_ref().is_some_and(|object| object.name == name)
        };
        let reasons = languages.iter().filter_map(|(language, file)| {
            let skip = file.skips.iter().find(|skip| is_meant(&skip.operation.value))?;
            Some((language.clone(), skip.reason.value.clone()))
        });
        operation.skips = reasons.collect();
    }
}

/// What is resolved so far; names are looked up here.
pub(super) struct Resolver<'a> {
    pub(super) spec: &'a Spec,
    pub(super) problems: Vec<Diagnostic>,
    pub(super) dtypes: Vec<Rc<Dtype>>,
    pub(super) sets: Vec<Rc<DtypeSet>>,
    pub(super) kinds: Vec<Rc<Kind>>,
    pub(super) callbacks: Vec<Rc<Callback>>,
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
            callbacks: Vec::new(),
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
        self.callbacks = spec.kinds.callbacks.iter().map(|item| self.callback(item)).collect();
        self.objects = spec.objects.iter().map(|file| self.object(file)).collect();
        self.structs = spec.structs.structs.iter().map(|item| self.structure(item)).collect();
        let mut chapters = self.chapters();
        share_names(&mut chapters);
        note_skips(&mut chapters, &spec.languages);
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
            languages: spec.languages.iter().map(|(name, file)| language(spec, name, file)).collect(),
            constants,
            variables: self.variables(),
            chapters,
            dtypes: self.dtypes.clone(),
            sets: self.sets.clone(),
            kinds: self.kinds.clone(),
            callbacks: self.callbacks.clone(),
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

    fn kind(&mut self, kind: &spec::Kind, constants: &[Rc<Constant>]) -> Rc<Kind> {
        let file = &self.spec.kinds.file;
        let mut known = |name: &Located<String>| {
            let found = constants.iter().find(|constant| constant.name == name.value).cloned();
            if found.is_none() {
                self.unknown("constant", name, file, constants.iter().map(|constant| constant.name.as_str()));
            }
            found
        };
        let none = kind.none.as_ref().and_then(&mut known);
        let by_choice = kind.by_choice.as_ref().and_then(|[yes, no]| Some([known(yes)?, known(no)?]));
        let or = kind.check.as_ref().and_then(|check| check.or.as_ref()).and_then(known);
        let check = kind.check.as_ref().map(|check| {
            if let Some(below) = check.below.as_ref().filter(|below| below.value != "size") {
                self.unknown("bound", below, file, ["size"]);
            }
            Check {
                at_least: check.at_least,
                at_most: check.at_most,
                below_size: check.below.is_some(),
                or,
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
            by_choice,
            or_flag: kind.or_flag,
            position_of: kind.position_of,
            check,
        })
    }

    /// A type parameter for each dtype that the constructors take: `T`, or the capital first letters of several names.
    fn type_params(&mut self, object: &spec::CompleteObject) -> Vec<TypeParam> {
        let constructors =
            object.operations.iter().filter(|operation| operation.role == spec::Role::Constructor);
        let dtypes = constructors.flat_map(|made| &made.params).filter(|param| param.kind.value == "dtype");
        let params: Vec<&spec::Param> = dtypes.collect();
        let several = params.len() > 1;
        let type_param = |param: &&spec::Param| {
            let property = param.name.value.clone();
            TypeParam {
                name: if several { property[..1].to_uppercase() } else { "T".to_owned() },
                property,
                dtypes: param.dtypes.as_ref().map(|name| self.set(name, &object.file)),
            }
        };
        if params.is_empty() && object.object.generic {
            // What has no constructor has elements of one type, that of what it is made from.
            return vec![TypeParam { name: "T".to_owned(), property: "dtype".to_owned(), dtypes: None }];
        }
        params.iter().map(type_param).collect()
    }

    fn object(&mut self, whole: &spec::CompleteObject) -> Rc<Object> {
        let (object, file) = (&whole.object, &whole.file);
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
            extends: object.extends.as_ref().map(|name| name.value.clone()),
            inherits: (whole.operations.iter())
                .filter(|operation| operation.inherited)
                .map(|operation| operation.name.value.clone())
                .collect(),
            is_abstract: object.is_abstract,
            extended_by: (self.spec.objects.iter().map(|file| &file.object))
                .filter(|other| other.extends.as_ref().is_some_and(|name| name.value == object.name.value))
                .map(|other| other.python.name.value.clone())
                .collect(),
            base: self.base_of(object).unwrap_or(object).rust.value.clone(),
            generic: object.generic,
            elements: self.type_params(whole),
            freed_by: {
                let word = object.freed_by.as_ref().map_or("destroy", |word| word.value.as_str());
                format!("dtl_{}_{word}", object.name)
            },
            has_elements: (whole.operations.iter())
                .any(|of| of.role == spec::Role::Property && is_dtype(&of.result)),
            python: object.python.name.value.clone(),
            protocols: object
                .python
                .protocols
                .iter()
                .map(|(protocol, name)| (*protocol, name.value.clone()))
                .collect(),
            made_from: object.python.made_from.iter().map(|name| name.value.clone()).collect(),
            accepts: self.accepted(whole),
            pairs: object
                .python
                .pairs
                .iter()
                .map(|pair| Pair {
                    name: pair.name.value.clone(),
                    of: pair.of.each_ref().map(|name| name.value.clone()),
                    doc: pair.doc.value.clone(),
                })
                .collect(),
            position: object.name.position(file),
        })
    }

    /// The object which this one extends.
    fn base_of(&self, object: &spec::Object) -> Option<&'a spec::Object> {
        let name = object.extends.as_ref()?;
        self.spec.objects.iter().map(|file| &file.object).find(|base| base.name.value == name.value)
    }

    /// What may be in a list of these objects in Python as well.
    fn accepted(&self, whole: &spec::CompleteObject) -> Vec<Accepted> {
        let accepted = |name: &Located<String>| {
            let operation = whole.operations.iter().find(|of| of.name.value == name.value)?;
            let source = &operation.params.first()?.kind.value;
            let file = self.spec.objects.iter().find(|file| file.object.name.value == *source)?;
            Some(Accepted {
                symbol: format!("{}_{name}", whole.object.name),
                source: source.clone(),
                python: file.object.python.name.value.clone(),
            })
        };
        whole.object.python.accepts.iter().filter_map(accepted).collect()
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
                means: field.means.iter().filter_map(|name| self.meant(name, &file)).collect(),
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

    /// The enumeration whose numbers a reserved element takes.
    fn meant(&mut self, name: &Located<String>, file: &str) -> Option<Rc<Enum>> {
        let found = self.enums.iter().find(|item| item.name == name.value).cloned();
        if found.is_none() {
            let known: Vec<String> = self.enums.iter().map(|item| item.name.clone()).collect();
            self.unknown("enumeration", name, file, known.iter().map(String::as_str));
        }
        found
    }

    fn chapters(&mut self) -> Vec<Chapter> {
        let spec = self.spec;
        let mut chapters = Vec::new();
        for (file, object) in spec.objects.iter().zip(self.objects.clone()) {
            let operations = file
                .operations
                .iter()
                .flat_map(|item| resolve_forms(self, item, Some(&object), &item.file))
                .collect();
            let (title, doc) = (object.python.clone(), object.summary.clone());
            let (python_module, in_python) = (None, Vec::new());
            chapters.push(Chapter { object: Some(object), title, doc, python_module, in_python, operations });
        }
        for file in &spec.operations {
            let python_module = file.module.as_ref().map(|module| module.value.clone());
            let resolved =
                file.operations.iter().flat_map(|item| resolve_forms(self, item, None, &file.file));
            let operations = resolved
                .map(|operation| Operation { python_module: python_module.clone(), ..operation })
                .collect();
            let (title, doc) = (file.title.value.clone(), file.doc.value.clone());
            let in_python = python_module.as_ref().map(|module| spec.defined_in(&format!("dtl.{module}")));
            let in_python = in_python.unwrap_or_default();
            chapters.push(Chapter { object: None, title, doc, python_module, in_python, operations });
        }
        chapters
    }
}

fn is_dtype(result: &Option<spec::Returns>) -> bool {
    result.as_ref().is_some_and(|result| result.kind.value == "dtype")
}

fn language(spec: &Spec, name: &str, file: &spec::InFile<spec::LanguageFile>) -> Language {
    let by_hand = file.by_hand.iter().map(|item| ByHand {
        name: item.name.value.clone(),
        module: item.module.clone(),
        object: item.object().to_owned(),
        scope: item.scope,
        file: spec::python_file(&item.file_of()),
        says: spec.says(item).cloned().unwrap_or_default(),
        position: item.name.position(&file.file),
    });
    let special = file.special.iter().map(|item| Special {
        of: item.of,
        methods: item.methods.iter().map(|name| name.value.clone()).collect(),
        written: item.written.clone(),
        doc: item.doc.value.clone(),
    });
    Language {
        name: name.to_owned(),
        conventions: file.conventions.value.clone(),
        headers: file.headers.clone(),
        by_hand: by_hand.collect(),
        special: special.collect(),
    }
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
