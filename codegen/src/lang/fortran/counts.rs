//! Arguments with one number for each rank: how many elements it has of an array, or where they begin. C trusts that they are
//! as long as there are ranks and that the array reaches that far; arrays of Fortran know their size, so it is checked.

use super::core::Core;
use super::procedure::Dummy;
use super::slots::{Slot, is_roots_alone, root, slots};
use crate::model::{CSource, Operation, Param, Part, Type};

/// The array whose elements a parameter counts for each rank, and whether it says how many there are or where they begin.
#[derive(Clone, Copy)]
struct Counted<'a> {
    array: Slot<'a>,
    part: Part,
}

fn counted<'a>(operation: &'a Operation, param: &Param) -> Counted<'a> {
    let is_param = |source: &CSource| matches!(source, CSource::Param(name) if *name == param.name);
    let args = &operation.canonical_c().args;
    let arg = args.iter().find(|arg| arg.sources.iter().any(is_param));
    let mut parts = arg.into_iter().flat_map(|arg| &arg.sources);
    let found = parts.find_map(|source| match source {
        CSource::ParamPart(array, part) => {
            operation.param(array).map(|array| Counted { array: Slot::Param(array), part: *part })
        }
        CSource::ResultPart(part) => {
            operation.result.as_ref().map(|result| Counted { array: Slot::Result(result), part: *part })
        }
        _ => None,
    });
    found.unwrap_or_else(|| {
        panic!("{}: the C function does not say of which array `{}` is", operation.full_name, param.name)
    })
}

/// True for numbers that are about the result, which callers pass before them.
pub(super) fn is_of_result(operation: &Operation, param: &Param) -> bool {
    matches!(param.ty, Type::Counts) && matches!(counted(operation, param).array, Slot::Result(_))
}

/// True for numbers that callers may leave out: blocks then follow one another, or only the root says how large they are.
pub(super) fn may_be_left_out(operation: &Operation, param: &Param) -> bool {
    counted(operation, param).part == Part::Displs || root(operation).is_some()
}

impl Core<'_> {
    /// A dummy argument with one number for each rank, and the address of a copy in 64 bits for C.
    pub(super) fn declare_counts(&mut self, param: &Param) {
        let name = &param.name;
        self.take_numbers(name, may_be_left_out(self.operation, param));
        self.locals.push(Dummy::local(format!("{name}_at"), "type(c_ptr)"));
        self.before.push(format!("{name}_at = address_of({name}_used)"));
    }

    /// There is a number for each rank, and the arrays have the elements that these numbers speak of. Where only the root's
    /// count, others may pass anything.
    pub(super) fn check_counts(&mut self) {
        let operation = self.operation;
        let params: Vec<&Param> =
            operation.params.iter().filter(|param| matches!(param.ty, Type::Counts)).collect();
        let counts = params.iter().filter(|param| counted(operation, param).part == Part::Counts);
        for param in counts {
            let array = counted(operation, param).array.name();
            let displs = params.iter().find(|other| {
                let of = counted(operation, other);
                of.part == Part::Displs && of.array.name() == array
            });
            let displs = displs.unwrap_or_else(|| {
                panic!("{}: `{}` has no displacements beside it", operation.full_name, param.name)
            });
            let (counts, displs, ranks) = (&param.name, &displs.name, self.rank_count());
            let mut checks = vec![
                format!("call expect_counts(problem, '{counts}', {ranks}, {counts}_used)"),
                format!("call expect_counts(problem, '{displs}', {ranks}, {displs}_used)"),
                format!(
                    "call expect_blocks(problem, '{array}', {array}_given%count, {counts}_used, {displs}_used)"
                ),
            ];
            if let Some(root) = root(operation) {
                let (root, rank) = (self.value_of(&root.name), self.own_rank());
                checks.iter_mut().for_each(|check| *check = format!("  {check}"));
                checks.insert(0, format!("if ({rank} == {root}) then"));
                checks.push("end if".to_owned());
            }
            self.checks.extend(checks);
        }
    }
}

/// What the documentation says of such an argument.
pub(super) fn note(operation: &Operation, param: &Param) -> &'static str {
    let is_alone = slots(operation).iter().any(|slot| is_roots_alone(operation, *slot));
    match counted(operation, param).part {
        Part::Displs => " Displacements are counted from 0: the first element of the array has 0.",
        _ if is_alone && root(operation).is_some() => " The root must pass it.",
        _ => "",
    }
}
