//! The call of C: which function, and what Fortran passes for each of its parameters.

use super::core::{Core, alias};
use super::procedure::Dummy;
use super::slots::{Slot, carrier, is_function, slots};
use super::spelling::{chosen, dtype_constant};
use crate::model::{CArg, CFunction, CSource, Ignored, Of, Param, Part, Struct, Type};

/// The call of C, as expressions that give a status.
pub(super) struct Call {
    /// With every argument.
    pub all: String,
    /// An argument that C cannot be told is absent has a function of its own that lacks it.
    pub without: Option<Without>,
}

/// The call without an argument that may be left out.
pub(super) struct Without {
    pub name: String,
    /// Statements before it.
    pub before: Vec<String>,
    pub call: String,
}

impl Call {
    /// The statements that put the status of the call into `status`.
    pub fn statements(&self, status: &str) -> Vec<String> {
        let call = format!("{status} = {}", self.all);
        let Some(without) = &self.without else { return vec![call] };
        let mut lines =
            vec![format!("if (present({})) then", without.name), format!("  {call}"), "else".to_owned()];
        lines.extend(without.before.iter().map(|line| format!("  {line}")));
        lines.extend([format!("  {status} = {}", without.call), "end if".to_owned()]);
        lines
    }
}

impl<'a> Core<'a> {
    /// The call of C.
    pub(super) fn complete_call(&mut self) -> Call {
        let all = self.call(self.operation.canonical_c());
        let absent = self.operation.params.iter().find(|param| {
            let has_null = param.ty.is_list()
                || matches!(param.ty, Type::Array(_) | Type::Value(_) | Type::Callback(_) | Type::Counts);
            param.optional && !has_null && param.default.is_none()
        });
        let Some(param) = absent else { return Call { all, without: None } };
        let name = param.name.clone();
        let function = self.function_without(&name);
        let mut before = Vec::new();
        for arg in &function.args {
            if let CSource::Struct(item) = &arg.sources[0] {
                self.locals.push(Dummy::local(&arg.name, format!("type(dtl_{})", item.name)));
                before.extend(self.fill_struct(&arg.name, item));
            }
        }
        let call = self.call(function);
        Call { all, without: Some(Without { name, before, call }) }
    }

    /// The C function that takes every parameter but `name`.
    pub(super) fn function_without(&self, name: &str) -> &'a CFunction {
        let says = |function: &CFunction, param: &Param| {
            function.args.iter().flat_map(|arg| &arg.sources).any(|source| match source {
                CSource::Param(said) | CSource::ParamPart(said, _) => *said == param.name,
                CSource::Struct(item) => item.fields.iter().any(|field| field.name == param.name),
                _ => false,
            })
        };
        let operation = self.operation;
        let fits = |function: &&CFunction| {
            function.query.is_none()
                && operation.params.iter().all(|param| says(function, param) == (param.name != name))
        };
        operation.c.iter().find(fits).unwrap_or_else(|| {
            panic!(
                "{}: Fortran can leave `{name}` out, but C has no function without it",
                operation.full_name
            )
        })
    }

    pub(super) fn fill_struct(&self, variable: &str, item: &Struct) -> Vec<String> {
        let fields = item.fields.iter().filter(|field| self.operation.param(&field.name).is_some());
        fields.map(|field| format!("{variable}%{} = {}", field.name, self.value_of(&field.name))).collect()
    }

    pub(super) fn call(&self, function: &CFunction) -> String {
        let arguments: Vec<String> = function.args.iter().map(|arg| self.actual(arg)).collect();
        format!("{}({})", alias(self.model, &function.name), arguments.join(", "))
    }

    pub(super) fn actual(&self, arg: &CArg) -> String {
        // Of two arrays that C counts once, the one that is always there says how many.
        let optional = |name: &str| {
            slots(self.operation).iter().any(|slot| slot.name() == name && slot.is_optional(self.operation))
        };
        let is_there = |source: &&CSource| match source {
            CSource::Param(name) => slots(self.operation).iter().any(|slot| slot.name() == name),
            CSource::ParamPart(name, _) => !optional(name),
            CSource::ResultPart(_) => !optional(&self.result().name),
            _ => true,
        };
        match arg.sources.iter().find(is_there).unwrap_or(&arg.sources[0]) {
            CSource::This => self.handle(),
            CSource::Param(name) => self.value_of(name),
            CSource::ParamPart(name, part) => {
                let param = self.operation.param(name).expect("resolving checks parameters");
                match part {
                    Part::Pointer if matches!(param.ty, Type::Objects(_)) => format!("c_loc({name}_handles)"),
                    Part::Count if matches!(param.ty, Type::Objects(_)) => {
                        format!("size({name}_handles, kind=c_int64_t)")
                    }
                    Part::UserData if is_elementwise(param) => format!("{name}%at"),
                    Part::UserData => format!("{name}_at"),
                    part => self.part(Slot::Param(param), *part),
                }
            }
            CSource::ResultPart(Part::IsThere) => format!("{}_number", arg.name),
            CSource::ResultPart(Part::Beside) => {
                let second = self.operation.beside().expect("resolving checks that there is a second array");
                format!("{}_given%address", second.name)
            }
            CSource::ResultPart(part) => self.part(Slot::Result(self.result()), *part),
            CSource::Result => self.place(),
            CSource::Struct(_) => arg.name.clone(),
            CSource::Request => "made".to_owned(),
            CSource::Ignored(Ignored::Dtype) => "0_c_int".to_owned(),
            CSource::Ignored(_) | CSource::ResultProperty(..) => "c_null_ptr".to_owned(),
        }
    }

    pub(super) fn part(&self, slot: Slot<'_>, part: Part) -> String {
        let name = slot.name();
        let Type::Array(of) = slot.ty() else { unreachable!("only arrays have parts") };
        match (of, part) {
            (Of::Fixed(_), Part::Pointer) => format!("c_loc({name})"),
            (Of::Fixed(_), Part::Count) => format!("size({name}, kind=c_int64_t)"),
            (Of::Fixed(dtype), Part::Dtype) => dtype_constant(dtype),
            (_, Part::Pointer) => format!("{name}_given%address"),
            (_, Part::Count) if slot.may_be_absent(self.operation) => {
                format!("max(0_c_int64_t, {name}_given%count)")
            }
            (_, Part::Count) => format!("{name}_given%count"),
            (_, Part::Bytes) => {
                let size = alias(self.model, "dtl_dtype_size");
                format!("{name}_given%count * {size}({})", self.element_dtype(slot))
            }
            (_, Part::CountPerRank) => format!("max(0_c_int64_t, {name}_given%count) / rank_total"),
            (_, Part::Dtype) => self.element_dtype(slot),
            (_, Part::UserData | Part::Counts | Part::Displs | Part::IsThere | Part::Beside) => {
                unreachable!("no argument of its own")
            }
        }
    }

    /// The dtype of the elements.
    pub(super) fn element_dtype(&self, slot: Slot<'_>) -> String {
        match slot.ty() {
            Type::View(_) => "element_dtype".to_owned(),
            _ => format!("{}_given%dtype", carrier(self.operation, slot).name()),
        }
    }

    /// The value of a parameter as C takes it.
    pub(super) fn value_of(&self, name: &str) -> String {
        let param = self.operation.param(name).expect("resolving checks parameters");
        let used = match &param.default {
            _ if Slot::Param(param).is_wide() => format!("{name}_used"),
            Some(value) => chosen(name, &param.ty, value),
            None => name.to_owned(),
        };
        match &param.ty {
            Type::Integer(kind) if kind.is_index() => format!("{used} - 1_c_int"),
            Type::Integer(kind) if kind.is_dimension() => format!("{} - {used}", self.property("ndim")),
            ty if ty.is_list() => self.list_value(param),
            Type::Flag => format!("merge(1_c_int, 0_c_int, {used})"),
            Type::Text => format!("{used} // c_null_char"),
            Type::Communicator => format!("int({used}, c_int64_t)"),
            Type::Object(_) => format!("{used}%handle"),
            Type::Value(_) | Type::Counts => format!("{name}_at"),
            Type::Callback(callback) if callback.is_elementwise() => format!("{name}%caller"),
            Type::Callback(_) => format!("{name}_caller"),
            _ => used,
        }
    }

    /// Where C puts a result that is no array.
    pub(super) fn place(&self) -> String {
        let result = self.result();
        let name = if is_function(self.operation) { "answer" } else { result.name.as_str() };
        match &result.ty {
            Type::Flag => format!("{name}_flag"),
            Type::Shape => format!("{name}_shape"),
            Type::PerDimension(_) => format!("{name}_list"),
            Type::Text => "lent".to_owned(),
            Type::Object(_) => "made".to_owned(),
            Type::View(_) => format!("{name}_part%address"),
            _ => name.to_owned(),
        }
    }
}

fn is_elementwise(param: &Param) -> bool {
    matches!(&param.ty, Type::Callback(callback) if callback.is_elementwise())
}
