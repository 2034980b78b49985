//! What the reference says of Fortran: the arguments of each operation, as the procedures behind its name declare them, and what
//! no operation names.

use super::callbacks::callback_views;
use super::core::{core, this_name};
use super::documentation::{IERR, if_absent, meaning};
use super::library::library;
use super::procedure::Procedure;
use super::slots::slots;
use super::specifics::specifics;
use super::surface::is_plain_in_c;
use crate::lang::faces::{Appendix, Argument, Besides, Usage};
use crate::model::{Model, Object, Operation, Type};
use crate::spec::Role;

/// More types than these are not listed; the sentence on element types names them.
const LISTED_TYPES: usize = 3;

/// How procedures declare an argument.
#[derive(Default)]
struct Declared {
    types: Vec<String>,
    ranks: Vec<String>,
    intents: Vec<String>,
    attributes: Vec<String>,
}

/// How an operation is used.
pub fn usage(model: &Model, operation: &Operation) -> Usage {
    let procedures = procedures(model, operation);
    Usage {
        signatures: calls_of(&procedures[0], operation),
        arguments: arguments(&procedures, operation),
        result: result(&procedures[0], operation),
    }
}

/// How a program calls an operation, under each of its names: `call dtl_allreduce(ctx, data, result, op, ierr)`.
pub fn calls(model: &Model, operation: &Operation) -> Vec<String> {
    calls_of(&procedures(model, operation)[0], operation)
}

fn calls_of(procedure: &Procedure, operation: &Operation) -> Vec<String> {
    let arguments = procedure.arguments.strip_prefix("self").unwrap_or(&procedure.arguments);
    let arguments = arguments.trim_start_matches(", ");
    let verb = if procedure.keyword == "function" { "answer =" } else { "call" };
    let name = match operation.object.as_ref().filter(|_| operation.role != Role::Static) {
        Some(_) if operation.function_of.is_some() => format!("dtl_{}", operation.name),
        Some(object) => format!("{}%{}", object.name, operation.name),
        None => format!("dtl_{}", operation.symbol),
    };
    let mut calls = vec![format!("{verb} {name}({arguments})")];
    if let Some(object) = operation.object.as_ref().filter(|_| is_plain_in_c(operation)) {
        let rest = if arguments.is_empty() { String::new() } else { format!(", {arguments}") };
        calls.push(format!("{verb} dtl_{}({}{rest})", operation.name, object.name));
    }
    calls
}

fn arguments(procedures: &[Procedure], operation: &Operation) -> Vec<Argument> {
    let slots = slots(operation);
    let this =
        operation.object.as_ref().filter(|_| operation.role != Role::Static).map(|_| this_name(operation));
    names(procedures)
        .into_iter()
        .filter(|name| *name != "self")
        .map(|name| {
            let declared = declared(procedures, name);
            let mut traits = declared.traits();
            let slot = slots.iter().find(|slot| slot.name() == name);
            let meaning = match (name, slot) {
                ("ierr", _) => IERR.to_owned(),
                ("request", None) => "The request, which gives what becomes of the operation.".to_owned(),
                (_, Some(slot)) => {
                    if let Some(absent) = if_absent(operation, *slot) {
                        traits = format!("{traits}, {absent}");
                    }
                    match declared.types.iter().any(|ty| ty == "`class(*)`") {
                        true => {
                            format!("{} It has the Fortran type for the dtype.", meaning(operation, *slot))
                        }
                        false => meaning(operation, *slot),
                    }
                }
                (name, None) if Some(name) == this => {
                    operation.function_of.as_ref().map(|first| first.doc.clone()).unwrap_or_default()
                }
                (_, None) => {
                    "True if there is a result; without one, the others are left as they were.".to_owned()
                }
            };
            Argument { name: name.to_owned(), traits, meaning }
        })
        .collect()
}

/// What a function gives: its type and its meaning.
fn result(procedure: &Procedure, operation: &Operation) -> Option<String> {
    if procedure.keyword != "function" {
        return None;
    }
    let answer = declared(std::slice::from_ref(procedure), "answer").traits();
    let result = operation.result.as_ref()?;
    let one = match &result.ty {
        Type::Integer(kind) if kind.one_based_in_fortran => " It is counted from 1.",
        _ => "",
    };
    Some(format!("{answer}. {}{one}", result.doc.trim()))
}

fn procedures(model: &Model, operation: &Operation) -> Vec<Procedure> {
    let specifics = specifics(model, operation);
    if specifics.is_empty() { vec![core(model, operation)] } else { specifics }
}

/// The names of all arguments, in order.
fn names(procedures: &[Procedure]) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for name in procedures.iter().flat_map(|procedure| procedure.arguments.split(", ")) {
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn declared(procedures: &[Procedure], name: &str) -> Declared {
    let mut declared = Declared::default();
    for declaration in procedures.iter().flat_map(|procedure| &procedure.declarations) {
        let Some((attributes, entity)) = declaration.split_once(" :: ") else { continue };
        let (entity, shape) = entity.split_once('(').unwrap_or((entity, ""));
        if entity == name {
            declared.add(attributes, shape.trim_end_matches(')'));
        }
    }
    declared
}

impl Declared {
    /// Adds what one procedure says: `real(c_double), intent(in), optional`, and the shape behind the name.
    fn add(&mut self, attributes: &str, shape: &str) {
        let mut attributes = attributes.split(", ");
        add(&mut self.types, format!("`{}`", attributes.next().unwrap_or_default()));
        let mut shape = shape.to_owned();
        for attribute in attributes {
            match attribute.strip_suffix(')').and_then(|attribute| attribute.split_once('(')) {
                Some(("intent", _)) => add(&mut self.intents, format!("`{attribute}`")),
                Some(("dimension", dimensions)) => dimensions.clone_into(&mut shape),
                _ if attribute == "value" || attribute == "target" => {}
                _ => add(&mut self.attributes, attribute.to_owned()),
            }
        }
        add(
            &mut self.ranks,
            match shape.as_str() {
                "" => "scalar".to_owned(),
                ".." => "any rank".to_owned(),
                colons => format!("rank {}", colons.matches(':').count()),
            },
        );
    }

    /// As a phrase: "`integer(c_int)`, scalar, `intent(in)`, optional".
    fn traits(&self) -> String {
        let types = match self.types.len() {
            0..=LISTED_TYPES => self.types.join(" or "),
            _ => "one of the [element types](#element-types)".to_owned(),
        };
        let ranks = match self.ranks.as_slice() {
            [first, .., last] => format!("{first} to {}", last.trim_start_matches("rank ")),
            ranks => ranks.concat(),
        };
        let parts = [vec![types, ranks], self.intents.clone(), self.attributes.clone()].concat();
        parts.join(", ")
    }
}

fn add(list: &mut Vec<String>, item: String) {
    if !list.contains(&item) {
        list.push(item);
    }
}

/// The assignment that each type has.
pub fn assignment(object: &Object) -> Besides {
    let name = &object.name;
    Besides::plain(format!("{name}: assignment(=)"), format!("other = {name}"), shares(object))
}

/// What it does.
pub(super) fn shares(object: &Object) -> String {
    format!("Makes both variables hold the same {}.", object.name)
}

/// The chapters about what no operation names.
pub fn appendices(model: &Model) -> Vec<Appendix> {
    let functions = library(model).into_iter().map(|item| {
        let mut shown = Besides::plain(
            format!("dtl_{}", item.name),
            format!("answer = dtl_{}({})", item.name, item.argument),
            item.doc,
        );
        if !item.argument.is_empty() {
            shown.arguments.push(Argument {
                name: item.argument.to_owned(),
                traits: "`integer(c_int)`, scalar, `intent(in)`".to_owned(),
                meaning: "The number.".to_owned(),
            });
        }
        shown.result = format!("`{}`.", item.answer);
        shown
    });
    let interfaces = model.callbacks.iter().map(|callback| {
        let views = callback_views(model, callback);
        let mut shown = Besides::plain(format!("dtl_{}", callback.name), String::new(), &callback.summary);
        shown.signatures = views[0].interface();
        let others = views[1..].iter().map(|view| format!("! with other elements: {}", view.head()));
        shown.signatures.extend(others);
        shown
    });
    let records = model.records().map(|item| {
        let name = format!("dtl_{}", item.name);
        let mut shown =
            Besides::plain(format!("type({name})"), format!("type({name}) :: {}", item.name), &item.doc);
        shown.arguments = (item.fields.iter())
            .map(|field| Argument {
                name: format!("%{}", field.name),
                traits: format!("`{}`", super::spelling::scalar(&field.ty)),
                meaning: field.doc.clone(),
            })
            .collect();
        shown
    });
    let others: Vec<Besides> = interfaces.chain(records).collect();
    let mut appendices = vec![Appendix {
        title: "Errors, names and the version".to_owned(),
        doc: "What the module says of its last call, of numbers and of itself.".to_owned(),
        items: functions.collect(),
    }];
    if !others.is_empty() {
        appendices.push(Appendix {
            title: "Interfaces and types".to_owned(),
            doc: "What procedures of a program look like that operations call, and results of several parts."
                .to_owned(),
            items: others,
        });
    }
    appendices
}
