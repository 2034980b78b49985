//! Reads all files of a specification.

use std::collections::BTreeMap;
use std::path::Path;

use serde::de::DeserializeOwned;

use super::by_hand;
use super::include::complete;
use super::*;
use crate::diagnostic::{Diagnostic, Position};

/// The contents of a file, with its name for messages.
#[derive(Debug, Clone)]
pub struct InFile<T> {
    /// Path relative to the root, such as `spec/enums.yaml`.
    pub file: String,
    /// What it holds.
    pub content: T,
}

impl<T> std::ops::Deref for InFile<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.content
    }
}

/// A specification as it stands in its files: parsed, not yet resolved.
#[derive(Debug)]
pub struct Spec {
    /// `spec/dtl.yaml`
    pub library: InFile<LibraryFile>,
    /// `spec/kinds.yaml`
    pub kinds: InFile<KindsFile>,
    /// `spec/dtypes.yaml`
    pub dtypes: InFile<DtypesFile>,
    /// `spec/enums.yaml`
    pub enums: InFile<EnumsFile>,
    /// `spec/errors.yaml`
    pub errors: InFile<ErrorsFile>,
    /// `spec/constants.yaml`
    pub constants: InFile<ConstantsFile>,
    /// `spec/variables.yaml`
    pub variables: InFile<VariablesFile>,
    /// `spec/structs.yaml`
    pub structs: InFile<StructsFile>,
    /// `spec/capabilities.yaml`
    pub capabilities: InFile<CapabilitiesFile>,
    /// `spec/objects/*.yaml` with what they include from `spec/shared/*.yaml`
    pub objects: Vec<CompleteObject>,
    /// `spec/ops/*.yaml`
    pub operations: Vec<InFile<OperationsFile>>,
    /// `spec/lang/*.yaml`, by the name of the file without its ending
    pub languages: Vec<(String, InFile<LanguageFile>)>,
    /// What is public in the modules written by hand in Python that these files name, by module.
    pub written_in_python: BTreeMap<String, Vec<Documented>>,
}

impl Spec {
    /// Every operation with its object, if it belongs to one, and the file it stands in, in documentation order.
    pub fn all_operations(&self) -> impl Iterator<Item = (Option<&Object>, &Operation, &str)> {
        let methods = self.objects.iter().flat_map(|file| {
            let all = file.operations.iter();
            all.map(|operation| (Some(&file.object), &operation.content, operation.file.as_str()))
        });
        let free = self
            .operations
            .iter()
            .flat_map(|file| file.operations.iter().map(|operation| (None, operation, file.file.as_str())));
        methods.chain(free)
    }

    /// What the module that has `item` says of it.
    pub fn says(&self, item: &ByHand) -> Option<&Documented> {
        let found = self.written_in_python.get(&item.file_of())?;
        found.iter().find(|found| found.name == item.object() && !found.doc.is_empty())
    }

    /// What is public in a module written by hand, but for the module itself.
    pub fn defined_in(&self, module: &str) -> Vec<Documented> {
        let all = self.written_in_python.get(module).into_iter().flatten().skip(1);
        all.filter(|found| !found.name.starts_with('_')).cloned().collect()
    }

    /// Reads `root/spec`, and what `by_hand` names below `root/runtime/python`. Every file that cannot be read or parsed gives one diagnostic.
    pub fn load(root: &Path) -> Result<Self, Vec<Diagnostic>> {
        let mut problems = Vec::new();
        let order: Option<InFile<LibraryFile>> = one(root, "spec/dtl.yaml", &mut problems);
        let kinds = one(root, "spec/kinds.yaml", &mut problems);
        let dtypes = one(root, "spec/dtypes.yaml", &mut problems);
        let enums = one(root, "spec/enums.yaml", &mut problems);
        let errors = one(root, "spec/errors.yaml", &mut problems);
        let constants = one(root, "spec/constants.yaml", &mut problems);
        let variables = one(root, "spec/variables.yaml", &mut problems);
        let structs = one(root, "spec/structs.yaml", &mut problems);
        let capabilities = one(root, "spec/capabilities.yaml", &mut problems);
        let manual = order.as_ref().map(|library| library.library.manual.clone()).unwrap_or_default();
        let shared = many(root, "spec/shared", &[], &mut problems);
        let objects = many(root, "spec/objects", &manual.objects, &mut problems);
        let objects = complete(objects, &shared, &mut problems);
        let operations = many(root, "spec/ops", &manual.operations, &mut problems);
        let languages: Vec<(String, InFile<LanguageFile>)> = many(root, "spec/lang", &[], &mut problems)
            .into_iter()
            .map(|file| (stem(&file.file).to_owned(), file))
            .collect();
        let written_in_python = written_in_python(root, &languages, &operations);
        match (order, kinds, dtypes, enums, errors, constants, variables, structs, capabilities) {
            (
                Some(library),
                Some(kinds),
                Some(dtypes),
                Some(enums),
                Some(errors),
                Some(constants),
                Some(variables),
                Some(structs),
                Some(capabilities),
            ) if problems.is_empty() => Ok(Self {
                library,
                kinds,
                dtypes,
                enums,
                errors,
                constants,
                variables,
                structs,
                capabilities,
                objects,
                operations,
                languages,
                written_in_python,
            }),
            _ => Err(problems),
        }
    }
}

/// Reads the modules that are `by_hand`, and those below the package that offer groups of operations.
fn written_in_python(
    root: &Path,
    languages: &[(String, InFile<LanguageFile>)],
    operations: &[InFile<OperationsFile>],
) -> BTreeMap<String, Vec<Documented>> {
    let items = languages.iter().flat_map(|(_, file)| &file.by_hand);
    let of_groups = operations.iter().filter_map(|file| Some(format!("dtl.{}", file.module.as_ref()?)));
    let modules = items.map(ByHand::file_of).chain(of_groups);
    modules.map(|module| (module.clone(), by_hand::read(root, &module))).collect()
}

fn one<T: DeserializeOwned>(root: &Path, file: &str, problems: &mut Vec<Diagnostic>) -> Option<InFile<T>> {
    read(root, file)
        .map_err(|problem| problems.push(problem))
        .ok()
        .map(|content| InFile { file: file.to_owned(), content })
}

/// Reads every YAML file of a folder: those listed in `order` first and in that order, then the others by name.
fn many<T: DeserializeOwned>(
    root: &Path,
    folder: &str,
    order: &[Located<String>],
    problems: &mut Vec<Diagnostic>,
) -> Vec<InFile<T>> {
    let mut files: Vec<String> = std::fs::read_dir(root.join(folder))
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".yaml"))
        .map(|name| format!("{folder}/{name}"))
        .collect();
    files.sort();
    for listed in order.iter().filter(|listed| !files.iter().any(|file| stem(file) == listed.value)) {
        problems.push(Diagnostic::new(
            Position { file: "spec/dtl.yaml".to_owned(), line: listed.line, column: listed.column },
            format!("there is no file {folder}/{listed}.yaml"),
            "List only files that exist.",
        ));
    }
    let place =
        |file: &String| order.iter().position(|listed| listed.value == stem(file)).unwrap_or(order.len());
    files.sort_by_key(place);
    files.iter().filter_map(|file| one(root, file, problems)).collect()
}

/// Name of a file without folder and ending.
pub(super) fn stem(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file).trim_end_matches(".yaml")
}
