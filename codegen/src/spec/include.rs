//! Operations that several objects have: written once in `spec/shared`, and included; or once for an abstract object, which others
//! extend.
//!
//! This makes an object's list of operations complete and puts the object's name where the texts leave it open. What comes
//! after it (rules, resolving, languages) sees every operation as if it had been written for its object alone; its place is
//! the one where it was written.

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

/// Completes every object with the operations that it includes, and with those of the object that it extends.
pub(super) fn complete(
    objects: Vec<InFile<ObjectFile>>,
    shared: &[InFile<SharedFile>],
    problems: &mut Vec<Diagnostic>,
) -> Vec<CompleteObject> {
    let mut used = Used::default();
    // Before their texts name an object.
    let bases: Vec<(String, Vec<InFile<Operation>>)> = (objects.iter())
        .filter(|file| file.object.is_abstract)
        .map(|file| (file.object.name.value.clone(), used.listed(file, shared, problems)))
        .collect();
    let complete = objects.into_iter().map(|file| used.complete(file, shared, &bases, problems)).collect();
    // An object that could not be read may have been the one that includes a file.
    if problems.is_empty() {
        used.check(shared, &bases, problems);
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
    /// The operations that an object includes, and its own, as they are written.
    fn listed(
        &mut self,
        file: &InFile<ObjectFile>,
        shared: &[InFile<SharedFile>],
        problems: &mut Vec<Diagnostic>,
    ) -> Vec<InFile<Operation>> {
        let own = file
            .operations
            .iter()
            .map(|operation| InFile { file: file.file.clone(), content: operation.clone() });
        let mut all: Vec<InFile<Operation>> = Vec::new();
        for name in &file.include {
            let Some(part) = shared.iter().find(|part| part.name() == name.value) else {
                problems.push(unknown_file(name, &file.file, shared));
                continue;
            };
            self.files.insert(part.file.clone());
            all.extend(
                part.operations
                    .iter()
                    .map(|operation| InFile { file: part.file.clone(), content: operation.clone() }),
            );
        }
        // What all such objects have comes before what only some do.
        if file.object.is_abstract { own.chain(all).collect() } else { all.into_iter().chain(own).collect() }
    }

    fn complete(
        &mut self,
        file: InFile<ObjectFile>,
        shared: &[InFile<SharedFile>],
        bases: &[(String, Vec<InFile<Operation>>)],
        problems: &mut Vec<Diagnostic>,
    ) -> CompleteObject {
        let mut all = Vec::new();
        if let Some(name) = &file.object.extends {
            match bases.iter().find(|(base, _)| *base == name.value) {
                Some((_, operations)) => all.extend(operations.iter().cloned().map(|mut operation| {
                    operation.content.inherited = true;
                    operation
                })),
                None => problems.push(unknown_base(name, &file.file, bases)),
            }
        }
        all.extend(self.listed(&file, shared, problems));
        for InFile { file: written, content } in &mut all {
            // An object's own texts name it, but for those of an abstract one, which stand for several.
            if *written != file.file || file.object.is_abstract {
                texts(content).into_iter().for_each(|text| fill_in(text, &file.object, written, problems));
            }
        }
        let InFile { file, content: ObjectFile { object, .. } } = file;
        self.choose_examples(&mut all, &object, &file);
        all.sort_by_key(|operation| operation.role != Role::Constructor);
        CompleteObject { file, object, operations: all }
    }

    /// Leaves out the examples of operations from other files whose object cannot be made as they say; of what is abstract all are.
    fn choose_examples(&mut self, operations: &mut [InFile<Operation>], object: &Object, own: &str) {
        let arguments: BTreeSet<String> = (operations.iter())
            .filter(|operation| operation.role == Role::Constructor)
            .flat_map(|made| &made.params)
            .map(|param| param.name.value.clone())
            .collect();
        for InFile { file, content } in operations {
            let fits = |name: &String| file == own || arguments.contains(name);
            content.examples.retain(|example| !object.is_abstract && example.object.keys().all(fits));
            self.examples.extend(content.examples.iter().map(|example| example.name.position(file)));
        }
    }

    /// Nothing shared is written in vain.
    fn check(
        &self,
        shared: &[InFile<SharedFile>],
        bases: &[(String, Vec<InFile<Operation>>)],
        problems: &mut Vec<Diagnostic>,
    ) {
        let (used, unused): (Vec<_>, Vec<_>) =
            shared.iter().partition(|part| self.files.contains(&part.file));
        problems.extend(unused.into_iter().map(|part| {
            Diagnostic::new(
                Position { file: part.file.clone(), line: 0, column: 0 },
                format!("no object includes `{}`", part.name()),
                format!("Write `include: [{}]` in a file of spec/objects, or remove this one.", part.name()),
            )
        }));
        let included =
            used.into_iter().flat_map(|part| part.operations.iter().map(|operation| (&part.file, operation)));
        let extended = bases
            .iter()
            .flat_map(|(_, all)| all.iter().map(|operation| (&operation.file, &operation.content)));
        for (file, operation) in included.chain(extended) {
            for example in &operation.examples {
                let position = example.name.position(file);
                if !self.examples.contains(&position) {
                    let names: Vec<&str> = example.object.keys().map(String::as_str).collect();
                    problems.push(Diagnostic::new(
                        position,
                        format!("no object that has this is made with {}", names.join(", ")),
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

fn unknown_base(
    name: &Located<String>,
    file: &str,
    bases: &[(String, Vec<InFile<Operation>>)],
) -> Diagnostic {
    let known: Vec<&str> = bases.iter().map(|(base, _)| base.as_str()).collect();
    let cure = match known.as_slice() {
        [] => "Write `abstract: true` in the file of the object that others extend.".to_owned(),
        known => format!("Use one of: {}.", known.join(", ")),
    };
    Diagnostic::new(name.position(file), format!("there is no abstract object `{name}`"), cure)
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
            "`<object>` stands for the name of the object that has this, `<an object>` for the name with its article.",
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
        inherited: _,
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
