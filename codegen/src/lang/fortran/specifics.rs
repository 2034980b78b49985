//! The procedures behind a generic name: one for each type of a pointer, whose type must be the caller's, or of arrays that a
//! procedure of the caller is passed, and for each width of lists that may be left out. They call the core.

use crate::model::{Model, Operation, Type};

use super::callbacks;
use super::core::{core, core_name};
use super::dimensions::{has_bounds, view_ranks};
use super::procedure::{Dummy, Instead, Procedure};
use super::slots::{lists_of_one_width, slots, typed};
use super::spelling::{Element, checked};

/// What tells the procedures of one name apart.
#[derive(Clone)]
struct Variant<'a> {
    /// Type of a pointer, or of arrays.
    element: Option<&'a Element>,
    /// Rank of a pointer.
    rank: usize,
    /// Lists of integers, and whether they have 64 bits.
    lists: Vec<(Vec<&'a str>, bool)>,
}

/// The procedures behind the generic name of `operation`; empty when the core has that name.
pub(super) fn specifics(model: &Model, operation: &Operation) -> Vec<Procedure> {
    let elements = typed(model, operation);
    let of_elements: Vec<Option<&Element>> =
        if elements.is_empty() { vec![None] } else { elements.iter().map(Some).collect() };
    let mut variants: Vec<Variant<'_>> = of_elements
        .into_iter()
        .flat_map(|element| {
            view_ranks(model, operation).map(move |rank| Variant { element, rank, lists: Vec::new() })
        })
        .collect();
    for lists in lists_of_one_width(operation) {
        let mut wider = Vec::new();
        for (variant, is_wide) in variants.iter().flat_map(|variant| [(variant, false), (variant, true)]) {
            let mut variant = variant.clone();
            variant.lists.push((lists.clone(), is_wide));
            wider.push(variant);
        }
        variants = wider;
    }
    let is_alone = |variant: &Variant<'_>| variant.element.is_none() && variant.lists.is_empty();
    variants
        .iter()
        .filter(|variant| !is_alone(variant))
        .map(|variant| specific(model, operation, variant))
        .collect()
}

/// The procedures that users call by the name of `operation`.
pub(super) fn called(model: &Model, operation: &Operation) -> Vec<Procedure> {
    let specifics = specifics(model, operation);
    if specifics.is_empty() { vec![core(model, operation)] } else { specifics }
}

fn specific(model: &Model, operation: &Operation, variant: &Variant<'_>) -> Procedure {
    let several = view_ranks(model, operation).count() > 1;
    let rank = variant.rank;
    let mut name = operation.symbol.clone();
    name.extend(variant.element.map(|element| format!("_{}", element.suffix)));
    name.extend(several.then(|| format!("_{rank}d")));
    name.extend(variant.lists.iter().map(|(_, is_wide)| if *is_wide { "_int64" } else { "_int32" }));
    let name = checked(name);
    let element = || variant.element.expect("a pointer and a procedure have a type");
    let slots = slots(operation);
    let view = slots.iter().find(|slot| matches!(slot.ty(), Type::View(_))).map(|slot| slot.name());
    let callback = operation.params.iter().find_map(|param| match &param.ty {
        Type::Callback(callback) if callback.has_arrays() => Some((param, callback)),
        _ => None,
    });
    let is_array = |name: &str| slots.iter().any(|slot| slot.name() == name && slot.is_generic_array());
    let mut procedure = Procedure::subroutine(name, Vec::new());
    let mut actuals = Vec::new();
    let mut after = Vec::new();
    for dummy in core(model, operation).dummies {
        let name = &dummy.name;
        match dummy.instead {
            Some(Instead::Part) => {
                let view = view.expect("a part is what a view shows");
                let colons = vec![":"; rank].join(", ");
                let pointer = Dummy::new(view, &element().ty, &["pointer", "contiguous", "intent(out)"]);
                procedure.dummies.push(pointer.shaped(format!("({colons})")));
                procedure.locals.push(Dummy::local(name, "type(local_part)"));
                procedure.body.push(format!("nullify ({view})"));
                actuals.push(name.clone());
                after = associate(model, operation, view, rank);
            }
            Some(Instead::Rank) => actuals.push(format!("{rank}_c_int")),
            Some(Instead::Dtype) => actuals.push(element().constant.clone()),
            Some(Instead::Caller) => {
                let (param, callback) = callback.expect("it calls a procedure of the caller");
                let interface = callbacks::name(callback, variant.element);
                let dummy = Dummy::new(&param.name, format!("procedure(dtl_{interface})"), &[]);
                procedure.dummies.push(dummy.also("optional", param.optional));
                if param.optional {
                    let locals = callbacks::locals(&param.name);
                    actuals.extend(locals.iter().map(|local| local.name.clone()));
                    procedure.locals.extend(locals);
                    procedure.body.extend(callbacks::statements(param, callback, variant.element));
                } else {
                    actuals.extend(callbacks::passed(param, callback, variant.element));
                }
            }
            // The address comes with the caller.
            Some(Instead::Address) => {}
            None => {
                actuals.push(name.clone());
                procedure.dummies.push(match (variant.width_of(name), variant.element) {
                    (Some((is_wide, tells_apart)), _) => list(dummy, is_wide, tells_apart),
                    (None, Some(element)) if is_array(name) => Dummy { ty: element.ty.clone(), ..dummy },
                    _ => dummy,
                });
            }
        }
    }
    procedure.body.push(format!("call {}({})", core_name(model, operation), actuals.join(", ")));
    procedure.body.append(&mut after);
    procedure
}

impl Variant<'_> {
    /// The width of a list, and whether it is by this one that procedures are told apart.
    fn width_of(&self, name: &str) -> Option<(bool, bool)> {
        let (lists, is_wide) = self.lists.iter().find(|(lists, _)| lists.contains(&name))?;
        Some((*is_wide, lists.first() == Some(&name)))
    }
}

/// A list of one width. What tells procedures of one name apart must be passed in the wide form.
fn list(dummy: Dummy, is_wide: bool, tells_apart: bool) -> Dummy {
    let is_optional = dummy.traits.contains(&"optional") && !(is_wide && tells_apart);
    let ty = if is_wide { "integer(c_int64_t)" } else { "integer(c_int32_t)" };
    Dummy::new(dummy.name, ty, &["intent(in)"]).also("optional", is_optional).shaped("(:)")
}

/// The statements that make a pointer stand for the local elements. Its bounds are those of the object, if it has any of its own.
fn associate(model: &Model, operation: &Operation, view: &str, rank: usize) -> Vec<String> {
    let mut lines = vec![
        format!("if (.not. c_associated({view}_part%address)) return"),
        format!("call c_f_pointer({view}_part%address, {view}, {view}_part%extents(:{rank}))"),
    ];
    if operation.object.as_ref().is_some_and(|object| has_bounds(model, object)) {
        let bounds: Vec<String> = (1..=rank).map(|number| format!("{view}_part%first({number}):")).collect();
        lines.push(format!("{view}({}) => {view}", bounds.join(", ")));
    }
    lines
}
