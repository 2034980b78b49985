//! Results: the dummy arguments or variables that take them, and what becomes of what C has given.

use super::core::{Core, alias};
use super::dimensions::{element, has_dimensions, part_of};
use super::procedure::Dummy;
use super::slots::{Slot, extent_of, given_shape, is_there, slots};
use super::spelling::scalar;
use crate::model::{Object, Of, Returns, Type};
use crate::spec::Role;

impl Core<'_> {
    pub(super) fn declare_result(&mut self, result: &Returns) {
        let name = result.name.as_str();
        match &result.ty {
            Type::Array(Of::Fixed(dtype)) => {
                let ty =
                    dtype.fortran.as_ref().expect("the rule `supports` refuses other dtypes").to_string();
                self.dummies.push(Dummy::allocated(name, &ty));
            }
            Type::Array(_) => self.declare_array(Slot::Result(result)),
            Type::View(_) if has_dimensions(self.model, self.object()) => self.declare_view(name),
            ty if ty.is_list() => self.dummies.push(Dummy::allocated(name, element(ty))),
            Type::View(_) => self.dummies.push(part_of(name)),
            Type::Object(object) if result.many.is_some() => {
                let ty = format!("type(dtl_{})", object.name);
                self.dummies.push(Dummy::new(name, ty, &["allocatable", "intent(out)"]).shaped("(:)"));
            }
            Type::Object(object) => {
                self.dummies.push(Dummy::new(name, format!("type(dtl_{})", object.name), &["intent(inout)"]));
            }
            Type::Struct(item) => {
                if let Some(flag) = is_there(self.operation) {
                    self.dummies.push(Dummy::new(flag, "logical", &["intent(out)"]));
                }
                self.dummies.push(Dummy::new(name, format!("type(dtl_{})", item.name), &["intent(out)"]));
            }
            Type::Text => {
                self.dummies.push(Dummy::new(name, "character(len=:)", &["allocatable", "intent(out)"]));
            }
            Type::Value(_) => unreachable!("the rule `supports` refuses it"),
            ty => self.dummies.push(Dummy::new(name, scalar(ty), &["intent(out)"])),
        }
    }

    pub(super) fn receive_result(&mut self) {
        let Some(result) = &self.operation.result else { return };
        if self.operation.role == Role::Constructor {
            self.receive(result, "self");
        } else if slots(self.operation).iter().any(|slot| matches!(slot, Slot::Result(_))) {
            self.receive(result, &result.name);
        }
    }

    /// What is done before and after the call so that the result arrives in `name`.
    pub(super) fn receive(&mut self, result: &Returns, name: &str) {
        match &result.ty {
            Type::Integer(kind) => {
                let nothing = if Slot::Result(result).is_unsigned() { 0 } else { -1 };
                self.before.push(format!("{name} = {nothing}"));
                if kind.is_index() {
                    self.after.push(format!("{name} = {name} + 1_c_int"));
                } else if kind.is_dimension() {
                    let count = self.property("ndim");
                    self.after.push(format!("{name} = merge({count} - {name}, 0_c_int, {name} >= 0)"));
                }
            }
            Type::Dtype | Type::Enum(_) | Type::Communicator => self.before.push(format!("{name} = -1")),
            Type::Struct(_) => {
                if let Some(flag) = is_there(self.operation) {
                    self.locals.push(Dummy::local(format!("{flag}_number"), "integer(c_int)"));
                    self.before.push(format!("{flag}_number = 0"));
                    self.after.push(format!("{flag} = {flag}_number /= 0"));
                }
            }
            Type::Flag => {
                self.locals.push(Dummy::local(format!("{name}_flag"), "integer(c_int)"));
                self.before.push(format!("{name}_flag = 0"));
                self.after.push(format!("{name} = {name}_flag /= 0"));
            }
            Type::Text => {
                self.locals.push(Dummy::local("lent", "type(c_ptr)"));
                self.before.push("lent = c_null_ptr".to_owned());
                if self.operation.object.as_ref().is_some_and(|object| has_dimensions(self.model, object)) {
                    self.before.push(format!("call {}()", alias(self.model, "dtl_reverse_dimensions")));
                }
                self.after.push(format!("call copy_text(lent, {name})"));
            }
            Type::Object(object) if result.many.is_some() => self.receive_many(result, object, name),
            Type::Object(object) => {
                self.locals.push(Dummy::local("made", "type(c_ptr)"));
                self.before.push("made = c_null_ptr".to_owned());
                self.after.push(format!(
                    "if (call_status == DTL_SUCCESS) call renew_{}({name}, made)",
                    object.name
                ));
            }
            ty if ty.is_list() => self.receive_list(result, name),
            Type::View(_) if has_dimensions(self.model, self.object()) => {}
            Type::View(_) => {
                let size = self.property(extent_of(self.operation, result));
                self.after.push(format!("if (call_status == DTL_SUCCESS) {name}_part%extents(1) = {size}"));
            }
            Type::Array(Of::Fixed(_)) => {
                let size = match given_shape(self.operation, result) {
                    Some(array) => format!("max(0_c_int64_t, {}_given%count)", array.name),
                    None => self.property(extent_of(self.operation, result)),
                };
                self.before.push(format!("allocate ({name}({size}))"));
                if result.elements.as_ref().is_some_and(|kind| kind.is_index()) {
                    self.after.push(format!("{name} = {name} + 1_c_int"));
                }
            }
            _ => {}
        }
    }

    /// What is done before and after the call so that the request arrives in `request`.
    pub(super) fn receive_request(&mut self) {
        self.locals.push(Dummy::local("made", "type(c_ptr)"));
        self.before.push("made = c_null_ptr".to_owned());
        self.after.push("if (call_status == DTL_SUCCESS) call renew_request(request, made)".to_owned());
    }

    pub(super) fn receive_many(&mut self, result: &Returns, object: &Object, name: &str) {
        let count = result.many.as_deref().expect("the caller looked");
        let most = match self.operation.param(count).map(|param| &param.ty) {
            Some(Type::Integer(kind)) => kind.check.as_ref().and_then(|check| check.at_most),
            _ => None,
        };
        // C refuses a larger number, and until it has there must be room for the call.
        let wanted = format!("int({count}, c_int64_t)");
        let room = most.map_or_else(|| wanted.clone(), |most| format!("min({wanted}, {most}_c_int64_t)"));
        self.locals.push(Dummy::new("made", "type(c_ptr)", &["allocatable"]).shaped("(:)"));
        self.before.push(format!("allocate (made(max(0_c_int64_t, {room})))"));
        self.before.push("made = c_null_ptr".to_owned());
        self.after.push("if (call_status == DTL_SUCCESS) then".to_owned());
        self.after.push(format!("  allocate ({name}({count}))"));
        self.after.push(format!("  call renew_{}({name}, made)", object.name));
        self.after.push("end if".to_owned());
    }
}
