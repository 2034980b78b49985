//! What Fortran checks before it calls C, because C takes it on trust or would speak of other names, and how it tells the
//! other ranks of what it has found.

use super::core::{Core, alias};
use super::dimensions::counts_from_one;
use super::procedure::Dummy;
use super::slots::{Slot, carrier, is_counted_per_rank, query, says_size_of_array, slots};
use super::spelling::dtype_constant;
use crate::model::{CSource, ContextSource, Of, Param, Part, Type};

impl Core<'_> {
    /// After an error: C's message counts positions from 0, so it is told what the caller passed.
    pub(super) fn recounts(&self) -> Vec<String> {
        let told = |param: &Param| {
            let (name, recount) = (&param.name, if param.ty.is_list() { "recount_each" } else { "recount" });
            format!("if (problem%status == DTL_SUCCESS) call {recount}(call_status, '{name}', {name}_used)")
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
                format!("refuse_{object}(problem, {handle}, '{}')", operation.shared_name)
            }
            None => "remember(problem)".to_owned(),
        }
    }

    /// The object through which such an error is told, where the call is over when it returns.
    pub(super) fn refuses(&self) -> Option<String> {
        let operation = self.operation;
        let source = operation.context().filter(|_| operation.is_collective() && !operation.is_issued())?;
        Some(self.holder(&source).0.to_owned())
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
                format!("{}({handle})", alias(self.model, &query(self.model, self.object(), of_object)))
            }
            _ => format!("{}({handle})", alias(self.model, &format!("dtl_{object}_{of_context}"))),
        }
    }

    /// A single element goes to C by address.
    pub(super) fn encode(&mut self, param: &Param, of: &Of) {
        let name = &param.name;
        let bytes = Dummy::new(format!("{name}_bytes"), "integer(c_int8_t)", &["target"]);
        self.locals.extend([bytes.shaped("(16)"), Dummy::local(format!("{name}_at"), "type(c_ptr)")]);
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
        for slot in slots {
            if matches!(slot, Slot::Result(result) if result.is_one_element()) {
                self.checks.push(format!("call expect_one(problem, '{0}', {0}_given%count)", slot.name()));
            }
            let (Type::Array(of) | Type::View(of)) = slot.ty() else { continue };
            if let (Slot::Beside(_), Of::Fixed(dtype)) = (slot, of) {
                let (name, dtype) = (slot.name(), dtype_constant(dtype));
                self.checks
                    .push(format!("call expect_element(problem, '{name}', {name}_given%dtype, {dtype})"));
            }
            let carrier = carrier(operation, *slot);
            if slot.is_generic_array() && of.property().is_none() && carrier.name() != slot.name() {
                let (one, other) = (carrier.name(), slot.name());
                self.checks.push(format!(
                    "call expect_alike(problem, '{one}', {one}_given%dtype, '{other}', {other}_given%dtype)"
                ));
            }
            let Some(property) = of.property() else { continue };
            let (name, dtype) = (slot.name(), self.property(property));
            let element = match slot.ty() {
                Type::View(_) => "element_dtype".to_owned(),
                _ => format!("{name}_given%dtype"),
            };
            self.checks.push(format!("call expect_element(problem, '{name}', {element}, {dtype})"));
            let extent = slot.extent().filter(|extent| operation.param(extent).is_none());
            if let (Type::Array(_), Some(extent)) = (slot.ty(), extent) {
                let size = self.property(extent);
                self.checks.push(format!(
                    "call expect_extent(problem, '{name}', {name}_given%count, '{extent}', {size})"
                ));
            }
        }
        for shape in operation.params.iter().filter(|param| param.ty.is_list()) {
            if !says_size_of_array(operation, shape) {
                continue;
            }
            for array in slots.iter().filter(|slot| slot.is_generic_array()) {
                let (name, shape) = (array.name(), &shape.name);
                self.checks.push(format!(
                    "call expect_extent(problem, '{name}', {name}_given%count, 'product of {shape}', product({shape}_used))"
                ));
            }
        }
        for arg in &operation.canonical_c().args {
            let counted: Vec<&str> = arg.sources.iter().filter_map(|source| self.counted(source)).collect();
            if let [one, other, ..] = counted.as_slice() {
                self.checks.push(format!(
                    "call expect_shares(problem, '{one}', {one}_given%count, 1_c_int, '{other}', {other}_given%count)"
                ));
            }
        }
        if let Some(second) = operation.beside() {
            let (first, second) = (&self.result().name, &second.name);
            self.checks.push(format!(
                "call expect_shares(problem, '{first}', {first}_given%count, 1_c_int, '{second}', {second}_given%count)"
            ));
        }
        let (rows, whole): (Vec<Slot<'_>>, Vec<Slot<'_>>) = (slots.iter().copied())
            .filter(|slot| slot.is_generic_array())
            .partition(|slot| is_counted_per_rank(operation, *slot));
        if !rows.is_empty() {
            self.locals.push(Dummy::local("rank_total", "integer(c_int)"));
            self.before.push(format!("rank_total = max(1_c_int, {})", self.rank_count()));
        }
        for row in &rows {
            if whole.is_empty() {
                let name = row.name();
                self.checks
                    .push(format!("call expect_parts(problem, '{name}', {name}_given%count, rank_total)"));
            }
            for part in &whole {
                let (row, part) = (row.name(), part.name());
                self.checks.push(format!(
                    "call expect_shares(problem, '{part}', {part}_given%count, rank_total, '{row}', {row}_given%count)"
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
