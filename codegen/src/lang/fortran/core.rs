//! The procedure that calls C for an operation. Arrays are passed to it as they are, whatever their type and rank; where the
//! public name stands for several procedures, these all call this one.

use std::collections::BTreeSet;

use super::callbacks;
use super::dimensions::answer;
use super::layout::text;
use super::library::library;
use super::procedure::{Dummy, Instead, Procedure};
use super::slots::{
    Slot, is_function, is_roots_alone, lists_of_one_width, provided, query, root, slots, typed,
};
use super::spelling::{checked, default, scalar};
use super::surface::{free_name, free_symbol};
use crate::model::{Model, Object, Operation, Param, Returns, Type};
use crate::spec::{Direction, Role};

/// The core of `operation`.
pub(super) fn core(model: &Model, operation: &Operation) -> Procedure {
    let mut core = Core {
        model,
        operation,
        dummies: Vec::new(),
        locals: Vec::new(),
        before: Vec::new(),
        checks: Vec::new(),
        after: Vec::new(),
        objects: false,
    };
    core.declare();
    if is_function(operation) { core.function() } else { core.subroutine() }
}

/// Name of the core in the module.
pub(super) fn core_name(model: &Model, operation: &Operation) -> String {
    let is_alone = typed(model, operation).is_empty() && lists_of_one_width(operation).is_empty();
    let suffix = if is_alone { "" } else { "_any" };
    checked(format!("{}{suffix}", operation.symbol))
}

/// What Fortran calls the object: `self` in what is bound to its type, the first argument's name in a function.
pub(super) fn this_name(operation: &Operation) -> &str {
    operation.function_of.as_ref().map_or("self", |first| &first.name)
}

/// The object as a dummy argument.
pub(super) fn this(operation: &Operation) -> Option<Dummy> {
    let object = operation.object.as_ref().filter(|_| operation.role != Role::Static)?;
    let writes = operation.mutates || operation.role == Role::Constructor;
    let intent = if writes { "intent(inout)" } else { "intent(in)" };
    let is_any = operation.function_of.is_none() || object.is_abstract;
    let keyword = if is_any { "class" } else { "type" };
    Some(Dummy::new(this_name(operation), format!("{keyword}(dtl_{})", object.name), &[intent]))
}

/// The type of an object that is passed.
pub fn passed_type(object: &Object) -> String {
    format!("{}(dtl_{})", if object.is_abstract { "class" } else { "type" }, object.name)
}

pub(super) struct Core<'a> {
    pub(super) model: &'a Model,
    pub(super) operation: &'a Operation,
    pub(super) dummies: Vec<Dummy>,
    pub(super) locals: Vec<Dummy>,
    pub(super) before: Vec<String>,
    pub(super) checks: Vec<String>,
    pub(super) after: Vec<String>,
    /// What comes before the checks may object, too.
    pub(super) objects: bool,
}

impl<'a> Core<'a> {
    pub(super) fn name(&self) -> String {
        core_name(self.model, self.operation)
    }

    fn function(mut self) -> Procedure {
        let operation = self.operation;
        let result = operation.result.as_ref().expect("a function has a result");
        let flag_query = operation.c.iter().find(|f| f.query.is_some() && matches!(result.ty, Type::Flag));
        let canonical = operation.canonical_c();
        let statement = if let Some(function) = flag_query {
            format!("answer = {} /= 0", self.call(function))
        } else if canonical.query.is_some() && matches!(result.ty, Type::Text) {
            format!("call copy_text({}, answer)", self.call(canonical))
        } else if canonical.query.is_some() {
            format!("answer = {}", self.call(canonical))
        } else {
            self.receive(result, "answer");
            format!("call settle({}, operation='{}')", self.call(canonical), operation.full_name)
        };
        let mut checks = Vec::new();
        if self.objects || !self.checks.is_empty() {
            self.locals.push(Dummy::local("problem", "type(objection)"));
            checks.append(&mut self.checks);
            checks.push("if (problem%status /= DTL_SUCCESS) then".to_owned());
            checks.push(format!("  call settle(remember(problem), operation='{}')", operation.full_name));
            checks.push("end if".to_owned());
        }
        let (name, dummies) = (self.name(), std::mem::take(&mut self.dummies));
        let mut procedure = Procedure::function(name, dummies, answer(&result.ty));
        procedure.locals = self.locals;
        procedure.body = [self.before, checks, vec![statement], self.after].concat();
        procedure
    }

    fn subroutine(mut self) -> Procedure {
        self.receive_result();
        if self.operation.is_issued() {
            self.receive_request();
        }
        self.give_back();
        let call = self.complete_call();
        let operation = &self.operation.full_name;
        let recounts = self.recounts();
        let may_object = self.objects || !self.checks.is_empty();
        let refuses = self.refuses().filter(|_| may_object);
        let mut locals = std::mem::take(&mut self.locals);
        let mut body = std::mem::take(&mut self.before);
        if call.without.is_none() && !may_object && self.after.is_empty() && recounts.is_empty() {
            body.push(format!("call settle({}, ierr, '{operation}')", call.all));
        } else {
            locals.push(Dummy::local("call_status", "integer(c_int)"));
            let mut statements = call.statements("call_status");
            if may_object {
                locals.push(Dummy::local("problem", "type(objection)"));
                body.append(&mut self.checks);
                let refusal = self.refusal();
                body.push(format!("if (problem%status /= DTL_SUCCESS) call_status = {refusal}"));
                statements = match statements.as_slice() {
                    [only] => vec![format!("if (problem%status == DTL_SUCCESS) {only}")],
                    several => std::iter::once("if (problem%status == DTL_SUCCESS) then".to_owned())
                        .chain(several.iter().map(|line| format!("  {line}")))
                        .chain(["end if".to_owned()])
                        .collect(),
                };
            }
            body.append(&mut statements);
            body.append(&mut self.after);
            body.extend(recounts);
            body.push(format!("call settle(call_status, ierr, '{operation}')"));
        }
        self.dummies.push(Dummy::ierr());
        let mut procedure = Procedure::subroutine(self.name(), std::mem::take(&mut self.dummies));
        procedure.locals = locals;
        procedure.body = body;
        procedure.refuses = refuses;
        procedure
    }

    /// Dummy arguments, the values of those that are left out, and the checks that C cannot make.
    fn declare(&mut self) {
        self.dummies.extend(this(self.operation));
        let slots = slots(self.operation);
        for slot in &slots {
            match slot {
                Slot::Param(param) => self.declare_param(param),
                Slot::Result(result) => self.declare_result(result),
                Slot::Beside(_) => self.declare_array(*slot),
            }
        }
        if slots.iter().any(|slot| matches!(slot.ty(), Type::View(_))) {
            let dtype = Dummy::new("element_dtype", "integer(c_int)", &["intent(in)"]);
            self.dummies.push(dtype.instead(Instead::Dtype));
        }
        if self.operation.is_issued() {
            self.dummies.push(Dummy::request());
        }
        self.check_arrays(&slots);
        self.check_counts();
    }

    fn declare_param(&mut self, param: &Param) {
        let name = param.name.as_str();
        let slot = Slot::Param(param);
        if slot.is_generic_array() {
            self.declare_array(slot);
            return;
        }
        let is_optional = slot.is_optional(self.operation);
        let passed = |ty: &str| Dummy::new(name, ty, &["intent(in)"]).also("optional", is_optional);
        match &param.ty {
            Type::Object(object) => {
                let intent = if param.direction == Direction::Out { "intent(inout)" } else { "intent(in)" };
                let dummy = Dummy::new(name, passed_type(object), &[intent]);
                self.dummies.push(dummy.also("optional", is_optional));
            }
            Type::Objects(object) => {
                let dummy = Dummy::new(name, format!("type(dtl_{})", object.name), &["intent(in)"]);
                self.dummies.push(dummy.shaped("(:)"));
                let handles = Dummy::new(format!("{name}_handles"), "type(c_ptr)", &["target"]);
                self.locals.push(handles.shaped(format!("(size({name}))")));
                self.before.push(format!("{name}_handles = {name}%handle"));
            }
            Type::Text => self.dummies.push(passed("character(len=*)")),
            Type::Callback(callback) if callback.has_arrays() => {
                let caller = Dummy::new(format!("{name}_caller"), "type(c_funptr)", &["value"]);
                let address = Dummy::new(format!("{name}_at"), "type(c_ptr)", &["value"]);
                self.dummies.extend([caller.instead(Instead::Caller), address.instead(Instead::Address)]);
            }
            Type::Callback(callback) if callback.is_elementwise() => {
                self.dummies.push(passed(&format!("type(dtl_{})", callback.name)));
                let dtype = self.property("dtype");
                self.checks.push(format!("call expect_element(problem, '{name}', {name}%dtype, {dtype})"));
            }
            Type::Callback(callback) => {
                let dummy = Dummy::new(name, format!("procedure(dtl_{})", callback.name), &[]);
                self.dummies.push(dummy.also("optional", is_optional));
                self.locals.extend(callbacks::locals(name));
                self.before.extend(callbacks::statements(param, callback, None));
            }
            Type::Value(of) => {
                self.dummies.push(passed("class(*)"));
                self.encode(param, of);
            }
            Type::Counts => self.declare_counts(param),
            ty if ty.is_list() => self.declare_list(param, is_optional),
            Type::Array(_) | Type::View(_) => unreachable!("the rule `supports` refuses arrays of one dtype"),
            Type::Integer(_) if slot.is_wide() => self.take_number(param, is_optional),
            ty => self.dummies.push(passed(scalar(ty))),
        }
        let check = match &param.ty {
            Type::Integer(kind) if slot.is_wide() && slot.is_unsigned() => kind.check.as_ref(),
            _ => None,
        };
        if let Some(check) = check {
            let (status, cure) = (&check.status.enumerator, text(&check.cure));
            self.checks.push(format!("call expect_count(problem, '{name}', {name}_used, {status}, {cure})"));
        }
    }

    /// A dummy argument for an integer of any size, and its value in 64 bits.
    fn take_number(&mut self, param: &Param, is_optional: bool) {
        let name = &param.name;
        self.dummies.push(Dummy::new(name, "class(*)", &["intent(in)"]).also("optional", is_optional));
        self.locals.push(Dummy::local(format!("{name}_used"), "integer(c_int64_t)"));
        if let Some(value) = &param.default {
            self.before.push(format!("{name}_used = {}", default(value)));
        }
        let present = if is_optional { format!("if (present({name})) ") } else { String::new() };
        self.before.push(format!("{present}call take_number(problem, '{name}', {name}, {name}_used)"));
        self.objects = true;
    }

    /// A dummy argument for an array of any type and rank, and its elements as C gets them.
    pub(super) fn declare_array(&mut self, slot: Slot<'_>) {
        let operation = self.operation;
        let (name, is_optional) = (slot.name(), slot.is_optional(operation));
        let is_issued = operation.is_issued();
        let is_read = matches!(slot, Slot::Param(param) if param.direction == Direction::In);
        let intent = if is_read { "intent(in)" } else { "intent(inout)" };
        let dummy = Dummy::new(name, "type(*)", &[])
            .also("asynchronous", is_issued)
            .also("target", true)
            .also(intent, true)
            .also("optional", is_optional);
        self.dummies.push(dummy.shaped("(..)"));
        self.locals.push(Dummy::local(format!("{name}_given"), "type(given_array)").also("target", true));
        let verb = if is_read { "read" } else { "write" };
        let in_place = if is_issued { "_in_place" } else { "" };
        let take = format!("call {verb}_array{in_place}(problem, '{name}', {name}, {name}_given)");
        self.objects = true;
        if !is_roots_alone(operation, slot) {
            let present = if is_optional { format!("if (present({name})) ") } else { String::new() };
            self.before.push(format!("{present}{take}"));
            return;
        }
        let root = root(operation).expect("a rooted operation has a root");
        let at_root = format!("{} == {}", self.own_rank(), self.value_of(&root.name));
        if !is_optional {
            self.before.push(format!("if ({at_root}) {take}"));
            return;
        }
        let is_passed = format!("is_passed({at_root}, problem, '{name}', present({name}))");
        self.before.push(format!("if ({is_passed}) {take}"));
    }

    /// What was written to copies goes into the arrays of the caller.
    fn give_back(&mut self) {
        if self.operation.is_issued() {
            return;
        }
        for slot in slots(self.operation) {
            let is_read = matches!(slot, Slot::Param(param) if param.direction == Direction::In);
            if slot.is_passed_array() && !is_read {
                self.after.push(format!("call give_back({0}_given, {0})", slot.name()));
            }
        }
    }

    /// A property of the object.
    pub(super) fn property(&self, name: &str) -> String {
        format!("{}({})", alias(self.model, &query(self.model, self.object(), name)), self.handle())
    }

    /// The handle of the object.
    pub(super) fn handle(&self) -> String {
        format!("{}%handle", this_name(self.operation))
    }

    pub(super) fn object(&self) -> &crate::model::Object {
        self.operation.object.as_ref().unwrap_or_else(|| {
            panic!("{} has no object whose size or element type it could have", self.operation.full_name)
        })
    }

    pub(super) fn result(&self) -> &Returns {
        self.operation.result.as_ref().expect("resolving checks that there is a result")
    }
}

/// The name of a C function in the module `dtl`: its own, unless that is a name of the module.
pub(super) fn alias(model: &Model, c_function: &str) -> String {
    match c_function.strip_prefix("dtl_") {
        Some(symbol) if is_own_symbol(model, symbol) => format!("raw_{symbol}"),
        _ => c_function.to_owned(),
    }
}

fn is_own_symbol(model: &Model, symbol: &str) -> bool {
    provided(model).any(|operation| free_symbol(operation) == Some(symbol))
        || library(model).iter().any(|item| item.name == symbol)
}

/// The names that belong to no object.
pub(super) fn own_names(model: &Model) -> BTreeSet<String> {
    let of_operations = provided(model).filter_map(free_name);
    of_operations.chain(library(model).into_iter().map(|item| format!("dtl_{}", item.name))).collect()
}
