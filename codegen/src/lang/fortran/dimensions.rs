//! Arguments and results that have one number for each dimension. Fortran's first dimension is the last one of C, so their
//! order is turned around; arrays of extents become structs, and other lists addresses.

use super::core::Core;
use super::procedure::Dummy;
use super::slots::Slot;
use super::spelling::{integer, scalar};
use crate::model::{Model, Object, Operation, Param, Returns, Type};

/// The largest number of dimensions of a view: `DTL_MAX_TENSOR_RANK`.
const MOST_DIMENSIONS: usize = 8;

/// True for an object whose local elements have several dimensions.
pub(super) fn has_dimensions(model: &Model, object: &Object) -> bool {
    model.operations_of(object).any(|operation| operation.name == "local_shape")
}

/// True for an object whose local elements begin with ghosts, so that views of them have bounds of their own.
pub(super) fn has_bounds(model: &Model, object: &Object) -> bool {
    model.operations_of(object).any(|operation| operation.name == "lower_bounds")
}

/// True for a position, or one along each dimension, which Fortran counts from 1.
pub(super) fn counts_from_one(ty: &Type) -> bool {
    match ty {
        Type::PerDimension(each) => counts_from_one(each),
        Type::Integer(kind) => kind.one_based_in_fortran,
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
    pub(super) fn declare_list(&mut self, param: &Param, optional: &str) {
        let name = &param.name;
        self.dummies.push(Dummy {
            name: name.clone(),
            declaration: format!("{}, intent(in){optional} :: {name}(:)", element(&param.ty)),
        });
        let Type::PerDimension(each) = &param.ty else {
            self.checks.push(format!("call expect_extents(problem, '{name}', {name})"));
            return;
        };
        let sort = if counts_from_one(each) { "index" } else { "choice" };
        self.locals.push(format!("{}, target :: {name}_list(DTL_MAX_TENSOR_RANK)", element(&param.ty)));
        self.locals.push(format!("type(c_ptr) :: {name}_at"));
        self.before.push(format!("{name}_at = c_null_ptr"));
        let count = match self.operation.shape_param() {
            Some(shape) => format!("size({}, kind=c_int)", shape.name),
            None => self.property("ndim"),
        };
        self.checks
            .push(format!("call each_{sort}(problem, '{name}', {count}, {name}_list, {name}_at, {name})"));
    }

    /// What C takes for an argument that was declared by `declare_list`.
    pub(super) fn list_value(&self, param: &Param) -> String {
        match &param.ty {
            Type::Shape => format!("shape_of({})", param.name),
            _ => format!("{}_at", param.name),
        }
    }

    /// What is done around the call so that numbers for each dimension arrive in `name`.
    pub(super) fn receive_list(&mut self, result: &Returns, name: &str) {
        if let Type::Shape = result.ty {
            self.locals.push(format!("type(dtl_shape) :: {name}_shape"));
            self.after.push(format!("{name} = extents_of({name}_shape)"));
        } else {
            self.locals.push(format!("{} :: {name}_list(DTL_MAX_TENSOR_RANK)", element(&result.ty)));
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
        let mut dummy = |suffix: &str, declaration: &str| {
            let name = format!("{name}_{suffix}");
            self.dummies.push(Dummy { declaration: declaration.replace("NAME", &name), name });
        };
        dummy("address", "type(c_ptr), intent(out) :: NAME");
        dummy("extents", "integer(c_int64_t), allocatable, intent(out) :: NAME(:)");
        dummy("rank", "integer(c_int), intent(in) :: NAME");
        let count = self.property("ndim");
        self.checks.push(format!("call expect_rank(problem, '{name}', {name}_rank, {count})"));
        self.before.push(format!("{name}_address = c_null_ptr"));
        let shape = self.property("local_shape");
        // Asked after an error, it would be forgotten.
        self.after.push(format!("if (call_status == DTL_SUCCESS) {name}_extents = extents_of({shape})"));
    }
}

/// The type of the result of a function.
pub(super) fn answer_type(ty: &Type) -> String {
    match ty {
        ty if ty.is_list() => format!("{}, allocatable, dimension(:)", element(ty)),
        Type::Text => "character(len=:), allocatable".to_owned(),
        ty => scalar(ty).to_owned(),
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
