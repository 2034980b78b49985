//! The procedure that calls C for an operation. Where the public name stands for several procedures, one for each type
//! of element or integer, they all call this one, with addresses and counts instead of arrays.

use super::callbacks;
use super::dimensions::answer_type;
use super::layout::text;
use super::procedure::{Dummy, Procedure};
use super::slots::{Group, Slot, groups, is_function, query, slots};
use super::spelling::{checked, default, scalar};
use crate::model::{Model, Operation, Param, Returns, Type};
use crate::spec::{Direction, Role};

/// The core of `operation`.
pub(super) fn core(model: &Model, operation: &Operation) -> Procedure {
    let mut core = Core {
        model,
        operation,
        groups: groups(model, operation),
        dummies: Vec::new(),
        locals: Vec::new(),
        before: Vec::new(),
        checks: Vec::new(),
        after: Vec::new(),
    };
    core.declare();
    if is_function(operation) { core.function() } else { core.subroutine() }
}

/// True when the public name stands for several procedures.
pub(super) fn is_generic(model: &Model, operation: &Operation) -> bool {
    !groups(model, operation).is_empty() || slots(operation).iter().any(|slot| slot.is_wide())
}

/// Name of the core in the module.
pub(super) fn core_name(model: &Model, operation: &Operation) -> String {
    let suffix = if is_generic(model, operation) { "_any" } else { "" };
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
    let intent = if writes { "inout" } else { "in" };
    let keyword = if operation.function_of.is_some() { "type" } else { "class" };
    Some(Dummy::new(this_name(operation), &format!("{keyword}(dtl_{}), intent({intent})", object.name)))
}

pub(super) struct Core<'a> {
    pub(super) model: &'a Model,
    pub(super) operation: &'a Operation,
    pub(super) groups: Vec<Group>,
    pub(super) dummies: Vec<Dummy>,
    pub(super) locals: Vec<String>,
    pub(super) before: Vec<String>,
    pub(super) checks: Vec<String>,
    pub(super) after: Vec<String>,
}

impl<'a> Core<'a> {
    pub(super) fn name(&self) -> String {
        core_name(self.model, self.operation)
    }

    fn doc(&self) -> Vec<String> {
        let operation = self.operation;
        vec![format!("Calls C for `{}`: {}.", operation.full_name, operation.position.file)]
    }

    fn function(mut self) -> Procedure {
        let operation = self.operation;
        let result = operation.result.as_ref().expect("a function has a result");
        let ty = answer_type(&result.ty);
        let flag_query = operation.c.iter().find(|f| f.query.is_some() && matches!(result.ty, Type::Flag));
        let canonical = operation.canonical_c();
        let statement = if let Some(function) = flag_query {
            format!("answer = {} /= 0", self.call(function))
        } else if canonical.query.is_some() && matches!(result.ty, Type::Text) {
            format!("call copy_text({}, answer)", self.call(canonical))
        } else if canonical.query.is_some() {
            let call = self.call(canonical);
            if matches!(result.ty, Type::Text) {
                format!("answer = text_at({call})")
            } else {
                format!("answer = {call}")
            }
        } else {
            self.receive(result, "answer");
            format!("call settle({}, operation='{}')", self.call(canonical), operation.full_name)
        };
        let mut procedure = Procedure::function(self.name(), self.doc(), &self.dummies, &ty);
        procedure.declarations.append(&mut self.locals);
        procedure.body.append(&mut self.before);
        procedure.body.push(statement);
        procedure.body.append(&mut self.after);
        procedure
    }

    fn subroutine(mut self) -> Procedure {
        self.receive_result();
        if self.operation.is_issued() {
            self.receive_request();
        }
        let call = self.complete_call();
        self.dummies.push(Dummy::ierr());
        let mut procedure = Procedure::subroutine(self.name(), self.doc(), &self.dummies);
        procedure.declarations.append(&mut self.locals);
        let body = &mut procedure.body;
        body.append(&mut self.before);
        let simple = self.checks.is_empty() && self.after.is_empty() && self.recounts().is_empty();
        match call.as_slice() {
            [only] if simple => {
                let call = only.trim_start_matches("call_status = ");
                body.push(format!("call settle({call}, ierr, '{}')", self.operation.full_name));
            }
            _ => {
                procedure.declarations.push("integer(c_int) :: call_status".to_owned());
                if self.checks.is_empty() {
                    body.extend(call);
                } else {
                    procedure.declarations.push("type(objection) :: problem".to_owned());
                    let refusal = self.refusal();
                    body.append(&mut self.checks);
                    body.push("if (problem%status == DTL_SUCCESS) then".to_owned());
                    body.extend(call.iter().map(|line| format!("  {line}")));
                    body.extend([
                        "else".to_owned(),
                        format!("  call_status = {refusal}"),
                        "end if".to_owned(),
                    ]);
                }
                body.append(&mut self.after);
                body.extend(self.recounts());
                body.push(format!("call settle(call_status, ierr, '{}')", self.operation.full_name));
            }
        }
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
                Slot::Beside(second) => self.declare_array(&second.name),
            }
        }
        let dtypes = self.groups.iter().map(|group| Dummy::new(&group.dtype, "integer(c_int), intent(in)"));
        self.dummies.extend(dtypes);
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
            self.declare_array(name);
            return;
        }
        let optional = if slot.is_optional(self.operation) && !slot.is_wide() { ", optional" } else { "" };
        match &param.ty {
            Type::Object(object) => {
                let intent = if param.direction == Direction::Out { "inout" } else { "in" };
                let ty = format!("type(dtl_{}), intent({intent}){optional}", object.name);
                self.dummies.push(Dummy::new(name, &ty));
            }
            Type::Objects(object) => {
                let declaration = format!("type(dtl_{}), intent(in) :: {name}(:)", object.name);
                self.dummies.push(Dummy { name: name.to_owned(), declaration });
                self.locals.push(format!("type(c_ptr), target :: {name}_handles(size({name}))"));
                self.before.push(format!("{name}_handles = {name}%handle"));
            }
            Type::Text => {
                self.dummies.push(Dummy::new(name, &format!("character(len=*), intent(in){optional}")))
            }
            Type::Callback(callback) if callback.has_elements() => {
                self.dummies.push(Dummy::new(format!("{name}_caller"), "type(c_funptr), value"));
                self.dummies.push(Dummy::new(format!("{name}_at"), "type(c_ptr), value"));
            }
            Type::Callback(callback) => {
                self.dummies.push(Dummy::new(name, &format!("procedure(dtl_{}){optional}", callback.name)));
                self.locals.extend(callbacks::locals(name));
                self.before.extend(callbacks::passed(param, callback, None));
            }
            Type::Value(of) => {
                self.dummies.push(Dummy::new(name, &format!("class(*), intent(in){optional}")));
                self.encode(param, of);
            }
            Type::Counts => self.declare_counts(param),
            ty if ty.is_list() => self.declare_list(param, optional),
            Type::Array(_) | Type::View(_) => panic!(
                "{}: Fortran cannot take `{name}`, an array of one dtype: skip the operation or teach the generator",
                self.operation.full_name
            ),
            ty => {
                let ty = scalar(ty);
                self.dummies.push(Dummy::new(name, &format!("{ty}, intent(in){optional}")));
                if let (Some(value), false) = (&param.default, slot.is_wide()) {
                    self.locals.push(format!("{ty} :: {name}_used"));
                    self.before.push(format!("{name}_used = {}", default(value)));
                    self.before.push(format!("if (present({name})) {name}_used = {name}"));
                }
            }
        }
        let check = match &param.ty {
            Type::Integer(kind) if slot.is_wide() && slot.is_unsigned() => kind.check.as_ref(),
            _ => None,
        };
        if let Some(check) = check {
            let (status, cure) = (&check.status.enumerator, text(&check.cure));
            self.checks.push(format!("call expect_count(problem, '{name}', {name}, {status}, {cure})"));
        }
    }

    pub(super) fn declare_array(&mut self, name: &str) {
        self.dummies.push(Dummy::new(format!("{name}_address"), "type(c_ptr), value"));
        self.dummies.push(Dummy::new(format!("{name}_count"), "integer(c_int64_t), value"));
    }

    /// A property of the object.
    pub(super) fn property(&self, name: &str) -> String {
        format!("{}({})", alias(&query(self.model, self.object(), name)), self.handle())
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

/// The name under which the module `dtl` imports a C function: its own names are the same.
pub(super) fn alias(c_function: &str) -> String {
    c_function.replacen("dtl_", "raw_", 1)
}
