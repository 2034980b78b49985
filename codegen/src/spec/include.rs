//! Operations that several objects share: written once in `spec/shared`, included by each object.
//!
//! This makes an object's list of operations complete and puts the object's name where the texts leave it open. What comes
//! after it (rules, resolving, languages) sees every operation as if it had been written for its object alone; its place is
//! the one in the shared file.

use std::collections::BTreeSet;

use super::{Beside, InFile, Located, Object, ObjectFile, Operation, Param, Returns, Role, SharedFile};
use crate::diagnostic::{Diagnostic, Position};

/// An object with all its operations: its own, and those that it includes.
#[derive(Debug)]
pub struct CompleteObject {
    /// File of the object.
    pub file: String,
    /// The object.
    pub object: Object,
    /// Its operations in documentation order: constructors, then those that it includes, then its own.
    pub operations: Vec<InFile<Operation>>,
}

/// Completes every object with the operations that it includes.
pub(super) fn complete(
    objects: Vec<InFile<ObjectFile>>,
    shared: &[InFile<SharedFile>],
    problems: &mut Vec<Diagnostic>,
) -> Vec<CompleteObject> {
    let mut used = Used::default();
    let complete = objects.into_iter().map(|file| used.complete(file, shared, problems)).collect();
    // An object that could not be read may have been the one that includes a file.
    if problems.is_empty() {
        used.check(shared, problems);
    }
    complete
}

/// What the objects have included so far.
#[derive(Default)]
struct Used {
    files: BTreeSet<String>,
    /// Places of the examples that an object could take.
    examples: BTreeSet<Position>,
}

impl Used {
    fn complete(
        &mut self,
        file: InFile<ObjectFile>,
        shared: &[InFile<SharedFile>],
        problems: &mut Vec<Diagnostic>,
    ) -> CompleteObject {
        let InFile { file, content: ObjectFile { object, include, operations } } = file;
        let mut all = Vec::new();
        for name in &include {
            let Some(part) = shared.iter().find(|part| part.name() == name.value) else {
                problems.push(unknown_file(name, &file, shared));
                continue;
            };
            self.files.insert(part.file.clone());
            for operation in &part.operations {
                let mut operation = operation.clone();
                for text in texts(&mut operation) {
                    fill_in(text, &object, &part.file, problems);
                }
                all.push(InFile { file: part.file.clone(), content: operation });
            }
        }
        self.choose_examples(&mut all, &operations);
        all.extend(operations.into_iter().map(|operation| InFile { file: file.clone(), content: operation }));
        all.sort_by_key(|operation| operation.role != Role::Constructor);
        CompleteObject { file, object, operations: all }
    }

    /// Leaves out the examples of shared operations whose object cannot be made as they say.
    fn choose_examples(&mut self, included: &mut [InFile<Operation>], own: &[Operation]) {
        let constructors = included.iter().map(|operation| &operation.content).chain(own);
        let arguments: BTreeSet<String> = constructors
            .filter(|operation| operation.role == Role::Constructor)
            .flat_map(|made| &made.params)
            .map(|param| param.name.value.clone())
            .collect();
        for InFile { file, content } in included {
            content.examples.retain(|example| example.object.keys().all(|name| arguments.contains(name)));
            self.examples.extend(content.examples.iter().map(|example| example.name.position(file)));
        }
    }

    /// Nothing shared is written in vain.
    fn check(&self, shared: &[InFile<SharedFile>], problems: &mut Vec<Diagnostic>) {
        for part in shared {
            if !self.files.contains(&part.file) {
                problems.push(Diagnostic::new(
                    Position { file: part.file.clone(), line: 0, column: 0 },
                    format!("no object includes `{}`", part.name()),
                    format!(
                        "Write `include: [{}]` in a file of spec/objects, or remove this one.",
                        part.name()
                    ),
                ));
                continue;
            }
            for example in part.operations.iter().flat_map(|operation| &operation.examples) {
                let position = example.name.position(&part.file);
                if !self.examples.contains(&position) {
                    let names: Vec<&str> = example.object.keys().map(String::as_str).collect();
                    problems.push(Diagnostic::new(
                        position,
                        format!("no object that includes this is made with {}", names.join(", ")),
                        "`object` holds arguments of a constructor; objects whose constructor lacks them leave the example out.",
                    ));
                }
            }
        }
    }
}

impl InFile<SharedFile> {
    fn name(&self) -> &str {
        super::load::stem(&self.file)
    }
}

fn unknown_file(name: &Located<String>, file: &str, shared: &[InFile<SharedFile>]) -> Diagnostic {
    let known: Vec<&str> = shared.iter().map(InFile::name).collect();
    let cure = match known.as_slice() {
        [] => "There is no file in spec/shared.".to_owned(),
        known => format!("Use one of: {}.", known.join(", ")),
    };
    Diagnostic::new(name.position(file), format!("there is no file spec/shared/{name}.yaml"), cure)
}

/// Puts the object's name where `text` leaves it open.
fn fill_in(text: &mut Located<String>, object: &Object, file: &str, problems: &mut Vec<Diagnostic>) {
    let name = object.name.as_str();
    let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    text.value = text.value.replace("<object>", name).replace("<an object>", &format!("{article} {name}"));
    if let Some(placeholder) = placeholder(&text.value) {
        problems.push(Diagnostic::new(
            text.position(file),
            format!("unknown placeholder `<{placeholder}>`"),
            "`<object>` stands for the name of the object that includes this, `<an object>` for the name with its article.",
        ));
    }
}

/// The first text in angle brackets that looks like a placeholder: words of small letters.
fn placeholder(text: &str) -> Option<&str> {
    text.match_indices('<').find_map(|(at, _)| {
        let inside = &text[at + 1..];
        let inside = &inside[..inside.find('>')?];
        let is_word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase());
        inside.split(' ').all(is_word).then_some(inside)
    })
}

/// Every text of an operation that may name its object. The structs are taken apart without `..`, so that a new key cannot
/// be forgotten here.
fn texts(operation: &mut Operation) -> Vec<&mut Located<String>> {
    let Operation {
        name,
        role: _,
        function_of,
        scope: _,
        summary,
        details,
        dtypes,
        params,
        result,
        mutates: _,
        elements: _,
        infallible: _,
        nonblocking: _,
        agree,
        same_as,
        errors,
        implementation,
        since,
        deprecated,
        c,
        python,
        examples,
    } = operation;
    let mut texts = vec![name, summary, details, implementation];
    texts.extend(function_of.iter_mut().flat_map(|object| [&mut object.name, &mut object.doc]));
    texts.extend(dtypes.values_mut());
    texts.extend(params.iter_mut().flat_map(param_texts));
    texts.extend(result.iter_mut().flat_map(result_texts));
    texts.extend(agree);
    texts.extend(same_as);
    texts.extend(errors.iter_mut().flat_map(|error| [&mut error.status, &mut error.when]));
    texts.extend(since);
    texts.extend(deprecated.iter_mut().flat_map(|notice| [&mut notice.since, &mut notice.note]));
    for form in c {
        texts.extend(form.name.iter_mut().chain(&mut form.reason).chain(form.args.iter_mut().flatten()));
    }
    texts.extend(python.name.iter_mut().chain(&mut python.aliases).chain(&mut python.with_function));
    for example in examples {
        texts.extend([&mut example.name, &mut example.doc].into_iter().chain(&mut example.dtype));
    }
    texts
}

fn param_texts(param: &mut Param) -> Vec<&mut Located<String>> {
    let Param {
        name,
        kind,
        of,
        direction: _,
        shape,
        optional: _,
        default: _,
        per_dimension: _,
        list: _,
        or_new: _,
        keyword_only: _,
        anything: _,
        counts_bool_under,
        dtypes,
        doc,
    } = param;
    [name, kind, doc].into_iter().chain(of).chain(shape).chain(counts_bool_under).chain(dtypes).collect()
}

fn result_texts(result: &mut Returns) -> Vec<&mut Located<String>> {
    let Returns {
        kind,
        name,
        of,
        elements,
        shape,
        optional: _,
        many,
        per_dimension: _,
        announced: _,
        at: _,
        if_failed: _,
        beside,
        doc,
    } = result;
    let beside = beside.iter_mut().flat_map(|Beside { name, of, doc }| [name, of, doc]);
    [kind, doc]
        .into_iter()
        .chain(name)
        .chain(of)
        .chain(elements)
        .chain(shape)
        .chain(many)
        .chain(beside)
        .collect()
}
