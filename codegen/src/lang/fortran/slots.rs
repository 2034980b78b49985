//! What an operation's arguments are in Fortran: their order, and which of them need one procedure for each type.

use crate::model::{CArg, CSource, DtypeSet, Object, Of, Operation, Param, Part, Returns, Type};
use crate::spec::{Base, Direction, ResultOn, Role, Scope};

use super::counts;
use super::dimensions::is_wide_list;
use super::spelling::{Element, elements, is_wide};
use crate::model::Model;

/// The operations for which Fortran has procedures. Types that extend another have theirs from there, but for what depends on which of
/// them it is: pointers have as many dimensions as the object, and what is made is of the same type.
pub(super) fn provided(model: &Model) -> impl Iterator<Item = &Operation> {
    model.operations_in("fortran").filter(|operation| is_provided(operation))
}

/// Whether Fortran has procedures for this one.
pub fn is_provided(operation: &Operation) -> bool {
    match operation.object.as_ref().is_some_and(|object| object.is_abstract) {
        true => !is_of_one_type(operation),
        false => !is_of_parent(operation),
    }
}

/// Whether the type of its object has it from the one that it extends.
fn is_of_parent(operation: &Operation) -> bool {
    operation.inherited && !is_of_one_type(operation)
}

/// Whether it depends on the type of its object.
fn is_of_one_type(operation: &Operation) -> bool {
    let gives_view = operation.result.as_ref().is_some_and(|result| matches!(result.ty, Type::View(_)));
    gives_view || operation.gives_own_kind()
}

/// A parameter or the result, in the order of the dummy arguments.
#[derive(Clone, Copy)]
pub(super) enum Slot<'a> {
    /// A parameter.
    Param(&'a Param),
    /// What the operation gives back, in an argument of the caller.
    Result(&'a Returns),
    /// The array that comes with that, in another one.
    Beside(&'a Returns),
}

/// The arguments after the object: parameters in the order of the specification, but for numbers of elements that an array
/// has anyway, with the result before the first one
/// that has a default or is a value that may be left out, so that it can be passed by position, before what is said of it, and before
/// a procedure that computes it.
pub(super) fn slots(operation: &Operation) -> Vec<Slot<'_>> {
    let params: Vec<&Param> =
        operation.params.iter().filter(|param| !is_size_of_array(operation, param)).collect();
    let mut slots: Vec<Slot<'_>> = params.iter().copied().map(Slot::Param).collect();
    let given = operation.role == Role::Constructor || in_place(operation) || is_function(operation);
    let result = operation.result.as_ref().filter(|_| !given);
    if let Some(result) = result {
        let is_left_out = |param: &&Param| {
            param.default.is_some()
                || (param.optional && matches!(param.ty, Type::Value(_)))
                || matches!(&param.ty, Type::Callback(callback) if callback.has_arrays())
                || counts::is_of_result(operation, param)
        };
        let first_default = params.iter().position(is_left_out);
        let place = first_default.unwrap_or(slots.len());
        let beside = result.beside.as_deref().map(Slot::Beside);
        slots.splice(place..place, std::iter::once(Slot::Result(result)).chain(beside));
    }
    slots
}

/// True for a number of elements that C passes once, for the parameter and for an array: arrays of Fortran know their size.
pub(super) fn is_size_of_array(operation: &Operation, param: &Param) -> bool {
    matches!(param.ty, Type::Integer(_)) && says_size_of_array(operation, param)
}

/// True for a parameter that tells C how many elements an array has.
pub(super) fn says_size_of_array(operation: &Operation, param: &Param) -> bool {
    operation.canonical_c().args.iter().any(|arg| {
        let is_param = |source: &CSource| matches!(source, CSource::Param(name) if *name == param.name);
        arg.sources.len() > 1 && arg.sources.iter().any(is_param)
    })
}

/// True when the caller passes one array that is both read and written.
pub(super) fn in_place(operation: &Operation) -> bool {
    operation.params.iter().any(|param| param.direction == Direction::Inout)
}

/// True when a call cannot fail, so that it is a function of its value and has no `ierr`.
pub(super) fn is_function(operation: &Operation) -> bool {
    operation.infallible && operation.result.is_some()
}

/// The argument that says whether there is a result at all, where there may be none.
pub(super) fn is_there(operation: &Operation) -> Option<&str> {
    let says = |arg: &&CArg| matches!(arg.sources[0], CSource::ResultPart(Part::IsThere));
    operation.canonical_c().args.iter().find(says).map(|arg| arg.name.as_str())
}

/// The root of a rooted operation.
pub(super) fn root(operation: &Operation) -> Option<&Param> {
    let is_root = |param: &&Param| matches!(&param.ty, Type::Integer(kind) if kind.name == "root");
    operation.params.iter().find(is_root)
}

/// True for an array that only the root passes: what other ranks pass is ignored.
pub(super) fn is_roots_alone(operation: &Operation, slot: Slot<'_>) -> bool {
    operation.scope == Scope::Rooted
        && match slot {
            Slot::Param(param) => {
                param.optional && param.direction == Direction::In && matches!(param.ty, Type::Array(_))
            }
            Slot::Result(result) | Slot::Beside(result) => result.on == ResultOn::Root,
        }
}

impl<'a> Slot<'a> {
    /// Name of the dummy argument.
    pub fn name(self) -> &'a str {
        match self {
            Slot::Param(param) => &param.name,
            Slot::Result(result) | Slot::Beside(result) => &result.name,
        }
    }

    /// Its type.
    pub fn ty(self) -> &'a Type {
        match self {
            Slot::Param(param) => &param.ty,
            Slot::Result(result) | Slot::Beside(result) => &result.ty,
        }
    }

    /// True for an array of any rank whose memory is the caller's.
    pub fn is_passed_array(self) -> bool {
        self.is_generic_array() || matches!(self, Slot::Beside(_))
    }

    /// True for an array whose Fortran type is that of the elements.
    pub fn is_generic_array(self) -> bool {
        matches!(self.ty(), Type::Array(Of::Variable(_) | Of::This | Of::Own(_)))
    }

    /// True for an integer of 64 bits that the caller passes.
    pub fn is_wide(self) -> bool {
        matches!((self, self.ty()), (Slot::Param(_), Type::Integer(kind)) if is_wide(kind))
            || is_wide_list(self)
            || matches!(self.ty(), Type::Counts)
    }

    /// True for a number of elements: it must not be negative, which only languages with unsigned integers take for
    /// granted.
    pub fn is_unsigned(self) -> bool {
        matches!(self.ty(), Type::Integer(kind) if kind.base == Base::U64)
    }

    /// The property of the object that a shape such as `(local_size,)` names.
    pub fn extent(self) -> Option<&'a str> {
        let shape = match self {
            Slot::Param(param) => param.shape.as_ref(),
            Slot::Result(result) | Slot::Beside(result) => result.shape.as_ref(),
        };
        shape?.line()
    }

    /// True for an array that C may be told nothing of.
    pub fn may_be_absent(self, operation: &Operation) -> bool {
        self.is_optional(operation) || is_roots_alone(operation, self)
    }

    /// True when the caller may leave it out. Not the array by whose type alone procedures of one name are told apart: where
    /// it does not count, callers pass one of size 0.
    pub fn is_optional(self, operation: &Operation) -> bool {
        let arrays = slots(operation).iter().filter(|slot| slot.is_generic_array()).count();
        if arrays == 1 && self.is_generic_array() {
            return false;
        }
        match self {
            Slot::Param(param) if matches!(param.ty, Type::Counts) => {
                counts::may_be_left_out(operation, param)
            }
            Slot::Param(param) => {
                param.default.is_some() || (param.optional && param.direction == Direction::In)
            }
            Slot::Result(_) | Slot::Beside(_) => is_roots_alone(operation, self),
        }
    }
}

/// The Fortran types for which an operation has a procedure each: those of a pointer, which must be the caller's, and of arrays
/// that a procedure of the caller is passed. Other arrays are passed as they are; their descriptors say what they are.
pub(super) fn typed(model: &Model, operation: &Operation) -> Vec<Element> {
    let storable = || elements(model.dtypes.iter().map(AsRef::as_ref));
    let gives_view = operation.result.as_ref().is_some_and(|result| matches!(result.ty, Type::View(_)));
    if !gives_view && !takes_procedure_of_arrays(operation) {
        return Vec::new();
    }
    let arrays = slots(operation).into_iter().filter(|slot| slot.is_generic_array());
    let mut set = arrays.filter_map(|slot| match slot.ty() {
        Type::Array(of) => set_of(operation, of),
        _ => None,
    });
    let of = set.next().map_or_else(storable, |set| elements(set.members.iter().map(AsRef::as_ref)));
    // Neither a pointer nor an array of a procedure can stand for elements of another size.
    of.into_iter().filter(|element| !element.converted).collect()
}

/// The arrays of which not every type of elements is taken, the first one of each type, and the types that are.
pub(super) fn limited<'a>(model: &Model, operation: &'a Operation) -> Vec<(&'a str, Vec<Element>)> {
    let all = elements(model.dtypes.iter().map(AsRef::as_ref)).len();
    let mut seen: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    for slot in slots(operation) {
        let Type::Array(of) = slot.ty() else { continue };
        if !slot.is_generic_array() || seen.contains(&label(of)) {
            continue;
        }
        seen.push(label(of));
        let types = set_of(operation, of).map(|set| elements(set.members.iter().map(AsRef::as_ref)));
        found.extend(types.filter(|types| types.len() < all).map(|types| (slot.name(), types)));
    }
    found
}

/// The dtypes that elements may have; none if they may have any.
fn set_of<'a>(operation: &'a Operation, of: &Of) -> Option<&'a DtypeSet> {
    match of {
        Of::Variable(name) => {
            let variable = operation.variables.iter().find(|known| known.name == *name);
            variable.map(|variable| variable.set.as_ref())
        }
        of => operation.object.as_deref()?.element(of.property()?)?.dtypes.as_deref(),
    }
}

/// The lists of integers of which each procedure takes one width, in groups that have the same: those that may be left out, and all
/// numbers for each rank beside one of these. gfortran would warn of allocatable arrays that programs set and pass for an argument of
/// any type that may be left out.
pub(super) fn lists_of_one_width(operation: &Operation) -> Vec<Vec<&str>> {
    let (counts, others): (Vec<Slot<'_>>, Vec<Slot<'_>>) = (slots(operation).into_iter())
        .filter(|slot| is_wide_list(*slot) || matches!(slot.ty(), Type::Counts))
        .partition(|slot| matches!(slot.ty(), Type::Counts));
    let is_optional = |slot: &Slot<'_>| slot.is_optional(operation);
    let mut lists = Vec::new();
    if counts.iter().any(is_optional) {
        lists.push(counts.iter().map(|slot| slot.name()).collect());
    }
    lists.extend(others.iter().filter(|slot| is_optional(slot)).map(|slot| vec![slot.name()]));
    lists
}

/// True for an operation that calls a procedure of the caller with elements.
pub(super) fn takes_procedure_of_arrays(operation: &Operation) -> bool {
    let has_arrays = |param: &Param| matches!(&param.ty, Type::Callback(callback) if callback.has_arrays());
    operation.params.iter().any(has_arrays)
}

/// The array that tells of which dtype the elements of `slot` are: the first of those with the same type that is always there.
pub(super) fn carrier<'a>(operation: &'a Operation, slot: Slot<'a>) -> Slot<'a> {
    let Type::Array(of) = slot.ty() else { return slot };
    let alike = |other: &Slot<'_>| matches!(other.ty(), Type::Array(other) if label(other) == label(of));
    let slots: Vec<Slot<'_>> =
        slots(operation).into_iter().filter(|other| other.is_generic_array()).collect();
    let mut alike = slots.iter().copied().filter(alike);
    let is_always_there = |slot: &Slot<'_>| !slot.may_be_absent(operation);
    alike.clone().find(is_always_there).or_else(|| alike.next()).unwrap_or(slot)
}

/// What says the element type; nothing for one that is always the same.
fn label(of: &Of) -> &str {
    match of {
        Of::Variable(name) | Of::Param(name) => name,
        of => of.property().unwrap_or_default(),
    }
}

/// The array parameter whose shape a result has.
pub(super) fn given_shape<'a>(operation: &'a Operation, result: &Returns) -> Option<&'a Param> {
    let same = |param: &&Param| matches!(param.ty, Type::Array(_)) && param.shape == result.shape;
    operation.params.iter().find(same)
}

/// The property that says how many elements a result has.
pub(super) fn extent_of<'a>(operation: &Operation, result: &'a Returns) -> &'a str {
    Slot::Result(result).extent().unwrap_or_else(|| {
        panic!("{}: the lint demands a shape such as `(local_size,)`", operation.full_name)
    })
}

/// True when C passes the number of elements of this array as a number for each rank.
pub(super) fn is_counted_per_rank(operation: &Operation, slot: Slot<'_>) -> bool {
    operation.canonical_c().args.iter().flat_map(|arg| &arg.sources).any(|source| match (source, slot) {
        (CSource::ParamPart(name, Part::CountPerRank), Slot::Param(param)) => *name == param.name,
        (CSource::ResultPart(Part::CountPerRank), Slot::Result(_)) => true,
        _ => false,
    })
}

/// The query of `property` of `object`, such as `dtl_context_size`; of a property of the parent type, that of any such object.
pub(super) fn query(model: &Model, object: &Object, property: &str) -> String {
    let found = model.operations_of(object).find(|operation| operation.name == property);
    let asked =
        found.map(|found| model.inherited_from(found).filter(|_| is_of_parent(found)).unwrap_or(found));
    let function = asked.and_then(|operation| operation.c.iter().find(|function| function.query.is_some()));
    function.map_or_else(
        || {
            panic!(
                "Fortran needs the property `{property}` of `{}`; add it to the specification",
                object.name
            )
        },
        |function| function.name.clone(),
    )
}
