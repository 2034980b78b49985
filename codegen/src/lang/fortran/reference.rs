//! What the reference says of Fortran: the arguments of each operation, as the procedures behind its name declare them, and what
//! no operation names.

use super::callbacks::callback_views;
use super::core::this_name;
use super::documentation::{IERR, if_absent, meaning};
use super::elementwise::elementwise_view;
use super::library::library;
use super::procedure::{Dummy, Procedure};
use super::slots::slots;
use super::specifics::called;
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
    let procedures = called(model, operation);
    Usage {
        signatures: calls_of(&procedures[0], operation),
        arguments: arguments(&procedures, operation),
        result: result(&procedures[0], operation),
    }
}

/// How a program calls an operation, under each of its names: `call dtl_allreduce(ctx, data, result, op, ierr)`.
pub fn calls(model: &Model, operation: &Operation) -> Vec<String> {
    calls_of(&called(model, operation)[0], operation)
}

fn calls_of(procedure: &Procedure, operation: &Operation) -> Vec<String> {
    let names = procedure.dummies.iter().map(|dummy| dummy.name.as_str()).filter(|name| *name != "self");
    let arguments = names.collect::<Vec<_>>().join(", ");
    let verb = if procedure.answer.is_some() { "answer =" } else { "call" };
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
            let slot = slots.iter().find(|slot| slot.name() == name);
            let mut traits = declared(procedures, name, slot.is_some_and(|slot| slot.is_wide())).traits();
            let meaning = match (name, slot) {
                ("ierr", _) => IERR.to_owned(),
                ("request", None) => "The request, which gives what becomes of the operation.".to_owned(),
                (_, Some(slot)) => {
                    if let Some(absent) = if_absent(operation, *slot) {
                        traits = format!("{traits}, {absent}");
                    }
                    match matches!(slot.ty(), Type::Value(_)) {
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
    let mut answer = Declared::default();
    answer.add(procedure.answer.as_ref()?);
    let answer = answer.traits();
    let result = operation.result.as_ref()?;
    let one = match &result.ty {
        Type::Integer(kind) if kind.is_index() => " It is counted from 1.",
        _ => "",
    };
    Some(format!("{answer}. {}{one}", result.doc.trim()))
}

/// The names of all arguments, in order.
fn names(procedures: &[Procedure]) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for dummy in procedures.iter().flat_map(|procedure| &procedure.dummies) {
        if !names.contains(&dummy.name.as_str()) {
            names.push(&dummy.name);
        }
    }
    names
}

/// What the procedures say of an argument. One that may be an integer of any size is said to be one of those that programs have.
fn declared(procedures: &[Procedure], name: &str, is_wide: bool) -> Declared {
    let mut declared = Declared::default();
    let dummies =
        procedures.iter().flat_map(|procedure| &procedure.dummies).filter(|dummy| dummy.name == name);
    for dummy in dummies {
        if is_wide {
            let is_list = !dummy.shape.is_empty();
            declared.add(&Dummy { ty: WIDTHS[0].to_owned(), shape: String::new(), ..dummy.clone() });
            add(&mut declared.types, format!("`{}`", WIDTHS[1]));
            declared.ranks = vec![if is_list { "rank 1" } else { "scalar" }.to_owned()];
        } else {
            declared.add(dummy);
        }
    }
    declared
}

/// The integers that programs pass for numbers of 64 bits.
const WIDTHS: [&str; 2] = ["integer(c_int32_t)", "integer(c_int64_t)"];

impl Declared {
    /// Adds what one procedure says.
    fn add(&mut self, dummy: &Dummy) {
        add(&mut self.types, format!("`{}`", dummy.ty));
        for attribute in &dummy.traits {
            match *attribute {
                "value" | "target" => {}
                intent if intent.starts_with("intent") => add(&mut self.intents, format!("`{intent}`")),
                attribute => add(&mut self.attributes, attribute.to_owned()),
            }
        }
        let rank = match dummy.shape.as_str() {
            "" => "scalar".to_owned(),
            "(..)" => "any rank".to_owned(),
            colons => format!("rank {}", colons.matches(':').count()),
        };
        add(&mut self.ranks, rank);
    }

    /// As a phrase: "`integer(c_int)`, scalar, `intent(in)`, optional".
    fn traits(&self) -> String {
        let types = match self.types.len() {
            0..=LISTED_TYPES if self.types != ["`type(*)`"] => self.types.join(" or "),
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
        let mut shown = Besides::plain(format!("dtl_{}", callback.name), String::new(), &callback.summary);
        if callback.is_elementwise() {
            shown.signatures = elementwise_view(model, callback).interfaces();
            return shown;
        }
        let views = callback_views(model, callback);
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
