//! Arguments and results that have one number for each dimension. Fortran's first dimension is the last one of C, so their
//! order is turned around; arrays of extents become structs, and other lists addresses.

use super::core::{Core, this_name};
use super::procedure::{Dummy, Instead};
use super::slots::Slot;
use super::spelling::{integer, scalar};
use crate::model::{Model, Object, Operation, Param, Returns, Type};

/// The largest number of dimensions of a view: `DTL_MAX_TENSOR_RANK`.
const MOST_DIMENSIONS: usize = 8;

/// True for an object whose local elements have several dimensions, or may have.
pub(super) fn has_dimensions(model: &Model, object: &Object) -> bool {
    let has = |object: &Object| model.operations_of(object).any(|operation| operation.name == "local_shape");
    has(object) || model.extending(object).any(|other| has(other))
}

/// True for an object whose local elements begin with ghosts, so that views of them have bounds of their own.
pub(super) fn has_bounds(model: &Model, object: &Object) -> bool {
    model.operations_of(object).any(|operation| operation.name == "lower_bounds")
}

/// True for a position, or one along each dimension, which Fortran counts from 1.
pub(super) fn counts_from_one(ty: &Type) -> bool {
    match ty {
        Type::PerDimension(each) => counts_from_one(each),
        Type::Integer(kind) => kind.is_index(),
        _ => false,
    }
}

/// Type of the elements of an argument that has one number for each dimension.
pub(super) fn element(ty: &Type) -> &'static str {
    match ty {
        Type::PerDimension(each) => match &**each {
            Type::Integer(kind) => integer(kind),
            _ => "integer(c_int)",
        },
        _ => "integer(c_int64_t)",
    }
}

impl Core<'_> {
    /// A dummy argument with one number for each dimension, and what turns it into what C takes.
    pub(super) fn declare_list(&mut self, param: &Param, is_optional: bool) {
        let name = &param.name;
        let is_wide = is_wide_list(Slot::Param(param));
        let passed = if is_wide { format!("{name}_used") } else { name.clone() };
        if is_wide {
            self.take_numbers(name, is_optional);
        } else {
            let dummy = Dummy::new(name, element(&param.ty), &["intent(in)"]).also("optional", is_optional);
            self.dummies.push(dummy.shaped("(:)"));
        }
        let Type::PerDimension(each) = &param.ty else {
            self.checks.push(format!("call expect_extents(problem, '{name}', {passed})"));
            return;
        };
        let sort = if counts_from_one(each) { "index" } else { "choice" };
        let list = Dummy::new(format!("{name}_list"), element(&param.ty), &["target"]);
        self.locals.extend([
            list.shaped("(DTL_MAX_TENSOR_RANK)"),
            Dummy::local(format!("{name}_at"), "type(c_ptr)"),
        ]);
        self.before.push(format!("{name}_at = c_null_ptr"));
        let count = match self.operation.shape_param() {
            Some(shape) => format!("size({}_used, kind=c_int)", shape.name),
            None => self.property("ndim"),
        };
        self.checks
            .push(format!("call each_{sort}(problem, '{name}', {count}, {name}_list, {name}_at, {passed})"));
    }

    /// A dummy argument for a list of integers of any size, and the list in 64 bits; one that is absent is not allocated.
    pub(super) fn take_numbers(&mut self, name: &str, is_optional: bool) {
        let dummy = Dummy::new(name, "type(*)", &["target", "intent(in)"]).also("optional", is_optional);
        self.dummies.push(dummy.shaped("(..)"));
        let list = Dummy::new(format!("{name}_used"), "integer(c_int64_t)", &["allocatable", "target"]);
        self.locals.push(list.shaped("(:)"));
        // Before other checks, which look at the numbers.
        let present = if is_optional { format!("if (present({name})) ") } else { String::new() };
        self.before.push(format!("{present}call take_numbers(problem, '{name}', {name}, {name}_used)"));
        self.objects = true;
    }

    /// What C takes for an argument that was declared by `declare_list`.
    pub(super) fn list_value(&self, param: &Param) -> String {
        match &param.ty {
            Type::Shape => format!("shape_of({}_used)", param.name),
            _ => format!("{}_at", param.name),
        }
    }

    /// What is done around the call so that numbers for each dimension arrive in `name`.
    pub(super) fn receive_list(&mut self, result: &Returns, name: &str) {
        if let Type::Shape = result.ty {
            self.locals.push(Dummy::local(format!("{name}_shape"), "type(dtl_shape)"));
            self.after.push(format!("{name} = extents_of({name}_shape)"));
        } else {
            let list = Dummy::local(format!("{name}_list"), element(&result.ty));
            self.locals.push(list.shaped("(DTL_MAX_TENSOR_RANK)"));
            self.before.push(format!("{name}_list = -1"));
            let one = match &result.ty {
                Type::PerDimension(each) if counts_from_one(each) => " + 1_c_int",
                _ => "",
            };
            self.after.push(format!("{name} = {name}_list({}:1:-1){one}", self.property("ndim")));
        }
    }

    /// The dummy arguments through which a specific procedure gets a view of several dimensions.
    pub(super) fn declare_view(&mut self, name: &str) {
        let rank = Dummy::new(format!("{name}_rank"), "integer(c_int)", &["intent(in)"]);
        self.dummies.extend([part_of(name), rank.instead(Instead::Rank)]);
        let count = self.property("ndim");
        self.checks.push(format!("call expect_rank(problem, '{name}', {name}_rank, {count})"));
        let shape = self.property("local_shape");
        // Asked after an error, it would be forgotten.
        let mut set = vec![format!("{name}_part%extents(:{name}_rank) = extents_of({shape})")];
        if has_bounds(self.model, self.object()) {
            set.push(format!(
                "{name}_part%first(:{name}_rank) = {}%lower_bounds()",
                this_name(self.operation)
            ));
        }
        self.after.extend(set.into_iter().map(|line| format!("if (call_status == DTL_SUCCESS) {line}")));
    }
}

/// The dummy argument through which a specific procedure hears where a view is.
pub(super) fn part_of(name: &str) -> Dummy {
    Dummy::new(format!("{name}_part"), "type(local_part)", &["intent(inout)"]).instead(Instead::Part)
}

/// The result of a function.
pub(super) fn answer(ty: &Type) -> Dummy {
    match ty {
        ty if ty.is_list() => Dummy::new("answer", element(ty), &["allocatable"]).shaped("(:)"),
        Type::Text => Dummy::new("answer", "character(len=:)", &["allocatable"]),
        ty => Dummy::local("answer", scalar(ty)),
    }
}

/// True for numbers for each dimension that may be passed in 32 bits or in 64.
pub(super) fn is_wide_list(slot: Slot<'_>) -> bool {
    matches!(slot, Slot::Param(_)) && slot.ty().is_list() && element(slot.ty()) == "integer(c_int64_t)"
}

/// The ranks of pointers for which an operation that gives a view has a procedure each.
pub(super) fn view_ranks(model: &Model, operation: &Operation) -> std::ops::RangeInclusive<usize> {
    let gives_view = operation.result.as_ref().is_some_and(|result| matches!(result.ty, Type::View(_)));
    match &operation.object {
        Some(object) if gives_view && has_dimensions(model, object) => 1..=MOST_DIMENSIONS,
        _ => 1..=1,
    }
}
