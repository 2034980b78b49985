//! What Fortran checks before it calls C, because C takes it on trust or would speak of other names, and how it tells the
//! other ranks of what it has found.

use super::core::{Core, alias};
use super::dimensions::counts_from_one;
use super::slots::{
    Slot, group_of, is_counted_per_rank, is_roots_alone, query, root, says_size_of_array, slots,
};
use super::spelling::dtype_constant;
use crate::model::{CSource, ContextSource, Of, Param, Part, Type};

impl Core<'_> {
    /// After an error: C's message counts positions from 0, so it is told what the caller passed.
    pub(super) fn recounts(&self) -> Vec<String> {
        let told = |param: &Param| {
            let (name, recount) = (&param.name, if param.ty.is_list() { "recount_each" } else { "recount" });
            format!("if (call_status /= DTL_SUCCESS) call {recount}(call_status, '{name}', {name})")
        };
        self.operation.params.iter().filter(|param| counts_from_one(&param.ty)).map(told).collect()
    }

    /// Tells the other ranks of an error that was found here; alone, only remembers it.
    pub(super) fn refusal(&self) -> String {
        let operation = self.operation;
        match operation.context().filter(|_| operation.is_collective()) {
            Some(source) if operation.is_issued() => {
                let (_, handle) = self.holder(&source);
                format!("issue_refusal(problem, {handle}, '{}', made)", operation.full_name)
            }
            Some(source) => {
                let (object, handle) = self.holder(&source);
                format!("refuse_{object}(problem, {handle}, '{}')", operation.full_name)
            }
            None => "remember(problem)".to_owned(),
        }
    }

    /// The object through which the ranks of the call are reached, and its handle: a context, or what has one.
    pub(super) fn holder(&self, source: &ContextSource) -> (&str, String) {
        match source {
            ContextSource::Param(name) => ("context", format!("{name}%handle")),
            ContextSource::This => ("context", self.handle()),
            ContextSource::OfThis => (&self.object().name, self.handle()),
        }
    }

    /// An expression for the caller's rank.
    pub(super) fn own_rank(&self) -> String {
        self.of_ranks("rank", "rank")
    }

    /// An expression for the number of ranks.
    pub(super) fn rank_count(&self) -> String {
        self.of_ranks("size", "num_ranks")
    }

    /// A property of the ranks that take part: a context has it by one name, and what has a context by another.
    pub(super) fn of_ranks(&self, of_context: &str, of_object: &str) -> String {
        let source = self.operation.context().unwrap_or_else(|| {
            panic!("{} has no ranks among which it could count", self.operation.full_name)
        });
        let (object, handle) = self.holder(&source);
        match source {
            ContextSource::OfThis => {
                format!("{}({handle})", alias(&query(self.model, self.object(), of_object)))
            }
            _ => format!("raw_{object}_{of_context}({handle})"),
        }
    }

    /// A single element goes to C by address.
    pub(super) fn encode(&mut self, param: &Param, of: &Of) {
        let name = &param.name;
        self.locals.push(format!("integer(c_int8_t), target :: {name}_bytes(16)"));
        self.locals.push(format!("type(c_ptr) :: {name}_at"));
        let dtype = match of {
            Of::Param(dtype) => self.value_of(dtype),
            Of::Fixed(dtype) => dtype_constant(dtype),
            of => self.property(of.property().unwrap_or("dtype")),
        };
        self.before.push(format!("{name}_at = c_null_ptr"));
        let encode = format!("call encode(problem, '{name}', {name}, {dtype}, {name}_bytes, {name}_at)");
        self.checks.push(if param.optional { format!("if (present({name})) {encode}") } else { encode });
    }

    /// Sizes of arrays, which C takes on trust or knows by other names, and element types.
    pub(super) fn check_arrays(&mut self, slots: &[Slot<'_>]) {
        let operation = self.operation;
        for slot in slots.iter().filter(|slot| is_roots_alone(operation, **slot)) {
            let root = root(operation).expect("a rooted operation has a root");
            let (name, root, rank) = (slot.name(), self.value_of(&root.name), self.own_rank());
            self.checks.push(format!(
                "call only_at({root}, {rank}, problem, '{name}', {name}_address, {name}_count)"
            ));
        }
        for slot in slots.iter().filter(|slot| slot.is_passed_array()) {
            self.checks.push(format!("call expect_size(problem, '{0}', {0}_count)", slot.name()));
        }
        for slot in slots {
            if matches!(slot, Slot::Result(result) if result.is_one_element()) {
                self.checks.push(format!("call expect_one(problem, '{0}', {0}_count)", slot.name()));
            }
            let (Type::Array(of) | Type::View(of)) = slot.ty() else { continue };
            let (Some(property), Some(group)) = (of.property(), group_of(&self.groups, *slot)) else {
                continue;
            };
            let (name, dtype, element) = (slot.name(), self.property(property), &group.dtype);
            self.checks.push(format!("call expect_element(problem, '{name}', {element}, {dtype})"));
            let extent = slot.extent().filter(|extent| operation.param(extent).is_none());
            if let (Type::Array(_), Some(extent)) = (slot.ty(), extent) {
                let size = self.property(extent);
                self.checks
                    .push(format!("call expect_extent(problem, '{name}', {name}_count, '{extent}', {size})"));
            }
        }
        for shape in operation.params.iter().filter(|param| param.ty.is_list()) {
            if !says_size_of_array(operation, shape) {
                continue;
            }
            for array in slots.iter().filter(|slot| slot.is_generic_array()) {
                let (name, shape) = (array.name(), &shape.name);
                self.checks.push(format!(
                    "call expect_extent(problem, '{name}', {name}_count, 'product of {shape}', product({shape}))"
                ));
            }
        }
        for arg in &operation.canonical_c().args {
            let counted: Vec<&str> = arg.sources.iter().filter_map(|source| self.counted(source)).collect();
            if let [one, other, ..] = counted.as_slice() {
                self.checks.push(format!(
                    "call expect_shares(problem, '{one}', {one}_count, 1_c_int, '{other}', {other}_count)"
                ));
            }
        }
        if let Some(second) = operation.beside() {
            let (first, second) = (&self.result().name, &second.name);
            self.checks.push(format!(
                "call expect_shares(problem, '{first}', {first}_count, 1_c_int, '{second}', {second}_count)"
            ));
        }
        let (rows, whole): (Vec<Slot<'_>>, Vec<Slot<'_>>) = (slots.iter().copied())
            .filter(|slot| slot.is_generic_array())
            .partition(|slot| is_counted_per_rank(operation, *slot));
        if !rows.is_empty() {
            self.locals.push("integer(c_int) :: rank_total".to_owned());
            self.before.push(format!("rank_total = max(1_c_int, {})", self.rank_count()));
        }
        for row in &rows {
            if whole.is_empty() {
                let name = row.name();
                self.checks.push(format!("call expect_parts(problem, '{name}', {name}_count, rank_total)"));
            }
            for part in &whole {
                let (row, part) = (row.name(), part.name());
                self.checks.push(format!(
                    "call expect_shares(problem, '{part}', {part}_count, rank_total, '{row}', {row}_count)"
                ));
            }
        }
    }

    /// The array whose number of elements `source` is; none for the second name of an array that is passed once.
    pub(super) fn counted<'s>(&'s self, source: &'s CSource) -> Option<&'s str> {
        match source {
            CSource::ParamPart(name, Part::Count) => Some(name),
            CSource::ResultPart(Part::Count) => {
                // What is allocated here has as many elements as it must.
                let is_passed = |slot: &Slot<'_>| matches!(slot, Slot::Result(result) if !matches!(result.ty, Type::Array(Of::Fixed(_))));
                slots(self.operation).iter().any(is_passed).then(|| self.result().name.as_str())
            }
            _ => None,
        }
    }
}
