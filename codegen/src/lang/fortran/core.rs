//! The procedure that calls C for an operation. Where the public name stands for several procedures, one for each type
//! of element or integer, they all call this one, with addresses and counts instead of arrays.

use crate::model::{
    CArg, CFunction, CSource, ContextSource, Model, Of, Operation, Param, Part, Returns, Struct, Type,
};
use crate::spec::Role;

use super::callbacks;
use super::layout::text;
use super::procedure::{Dummy, Procedure};
use super::slots::{
    Group, Slot, extent_of, given_shape, group_of, groups, is_counted_per_rank, is_function, is_roots_alone,
    query, root, slots,
};
use super::spelling::{checked, default, dtype_constant, scalar};

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

/// The object as a dummy argument.
pub(super) fn this(operation: &Operation) -> Option<Dummy> {
    let object = operation.object.as_ref().filter(|_| operation.role != Role::Static)?;
    let writes = operation.mutates || operation.role == Role::Constructor;
    let intent = if writes { "inout" } else { "in" };
    Some(Dummy::new("self", &format!("class(dtl_{}), intent({intent})", object.name)))
}

struct Core<'a> {
    model: &'a Model,
    operation: &'a Operation,
    groups: Vec<Group>,
    dummies: Vec<Dummy>,
    locals: Vec<String>,
    before: Vec<String>,
    checks: Vec<String>,
    after: Vec<String>,
}

impl<'a> Core<'a> {
    fn name(&self) -> String {
        core_name(self.model, self.operation)
    }

    fn doc(&self) -> Vec<String> {
        let operation = self.operation;
        vec![format!("Calls C for `{}`: {}.", operation.full_name, operation.position.file)]
    }

    fn function(mut self) -> Procedure {
        let operation = self.operation;
        let result = operation.result.as_ref().expect("a function has a result");
        let ty = match &result.ty {
            Type::Text => "character(len=:), allocatable",
            ty => scalar(ty),
        };
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
            format!("call settle({})", self.call(canonical))
        };
        let mut procedure = Procedure::function(self.name(), self.doc(), &self.dummies, ty);
        procedure.declarations.append(&mut self.locals);
        procedure.body.append(&mut self.before);
        procedure.body.push(statement);
        procedure.body.append(&mut self.after);
        procedure
    }

    fn subroutine(mut self) -> Procedure {
        self.receive_result();
        let call = self.complete_call();
        self.dummies.push(Dummy::ierr());
        let mut procedure = Procedure::subroutine(self.name(), self.doc(), &self.dummies);
        procedure.declarations.append(&mut self.locals);
        let body = &mut procedure.body;
        body.append(&mut self.before);
        let simple = self.checks.is_empty() && self.after.is_empty() && self.recounts().is_empty();
        match call.as_slice() {
            [only] if simple => body.push(only.replacen("call_status = ", "call settle(", 1) + ", ierr)"),
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
                body.push("call settle(call_status, ierr)".to_owned());
            }
        }
        procedure
    }

    /// After an error: C's message counts positions from 0, so it is told what the caller passed.
    fn recounts(&self) -> Vec<String> {
        let counted = |param: &&Param| matches!(&param.ty, Type::Integer(kind) if kind.one_based_in_fortran);
        let params = self.operation.params.iter().filter(counted).map(|param| &param.name);
        params
            .map(|name| {
                format!("if (call_status /= DTL_SUCCESS) call recount(call_status, '{name}', {name})")
            })
            .collect()
    }

    /// Tells the other ranks of an error that was found here; alone, only remembers it.
    fn refusal(&self) -> String {
        let operation = self.operation;
        match operation.context().filter(|_| operation.is_collective()) {
            Some(source) => {
                let (object, handle) = self.holder(&source);
                format!("refuse_{object}(problem, {handle}, '{}')", operation.full_name)
            }
            None => "remember(problem)".to_owned(),
        }
    }

    /// The object through which the ranks of the call are reached, and its handle: a context, or what has one.
    fn holder(&self, source: &ContextSource) -> (&str, String) {
        match source {
            ContextSource::Param(name) => ("context", format!("{name}%handle")),
            ContextSource::This => ("context", "self%handle".to_owned()),
            ContextSource::OfThis => (&self.object().name, "self%handle".to_owned()),
        }
    }

    /// An expression for the caller's rank.
    fn own_rank(&self) -> String {
        self.of_ranks("rank", "rank")
    }

    /// An expression for the number of ranks.
    fn rank_count(&self) -> String {
        self.of_ranks("size", "num_ranks")
    }

    /// A property of the ranks that take part: a context has it by one name, and what has a context by another.
    fn of_ranks(&self, of_context: &str, of_object: &str) -> String {
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

    /// Dummy arguments, the values of those that are left out, and the checks that C cannot make.
    fn declare(&mut self) {
        self.dummies.extend(this(self.operation));
        let slots = slots(self.operation);
        for slot in &slots {
            match slot {
                Slot::Param(param) => self.declare_param(param),
                Slot::Result(result) => self.declare_result(result),
            }
        }
        let dtypes = self.groups.iter().map(|group| Dummy::new(&group.dtype, "integer(c_int), intent(in)"));
        self.dummies.extend(dtypes);
        self.check_arrays(&slots);
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
                self.dummies
                    .push(Dummy::new(name, &format!("type(dtl_{}), intent(in){optional}", object.name)));
            }
            Type::Text => {
                self.dummies.push(Dummy::new(name, &format!("character(len=*), intent(in){optional}")))
            }
            Type::Callback(callback) => {
                self.dummies.push(Dummy::new(name, &format!("procedure(dtl_{}){optional}", callback.name)));
                self.locals.extend(callbacks::locals(name));
                self.before.extend(callbacks::passed(param, callback));
            }
            Type::Value(of) => {
                self.dummies.push(Dummy::new(name, &format!("class(*), intent(in){optional}")));
                self.encode(param, of);
            }
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

    fn declare_array(&mut self, name: &str) {
        self.dummies.push(Dummy::new(format!("{name}_address"), "type(c_ptr), value"));
        self.dummies.push(Dummy::new(format!("{name}_count"), "integer(c_int64_t), value"));
    }

    /// A single element goes to C by address.
    fn encode(&mut self, param: &Param, of: &Of) {
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
    fn check_arrays(&mut self, slots: &[Slot<'_>]) {
        let operation = self.operation;
        for slot in slots.iter().filter(|slot| is_roots_alone(operation, **slot)) {
            let root = root(operation).expect("a rooted operation has a root");
            let (name, root, rank) = (slot.name(), self.value_of(&root.name), self.own_rank());
            self.checks.push(format!(
                "call only_at({root}, {rank}, problem, '{name}', {name}_address, {name}_count)"
            ));
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
            if let (Type::Array(_), Some(extent)) = (slot.ty(), slot.extent()) {
                let size = self.property(extent);
                self.checks
                    .push(format!("call expect_extent(problem, '{name}', {name}_count, '{extent}', {size})"));
            }
        }
        for arg in &operation.canonical_c().args {
            let counted: Vec<&str> = arg.sources.iter().filter_map(|source| self.counted(source)).collect();
            if let [one, other, ..] = counted.as_slice() {
                self.checks.push(format!(
                    "call expect_shares(problem, '{one}', {one}_count, 1, '{other}', {other}_count)"
                ));
            }
        }
        let (rows, whole): (Vec<Slot<'_>>, Vec<Slot<'_>>) = (slots.iter().copied())
            .filter(|slot| slot.is_generic_array())
            .partition(|slot| is_counted_per_rank(operation, *slot));
        for row in &rows {
            self.locals.push("integer(c_int) :: rank_total".to_owned());
            self.before.push(format!("rank_total = max(1, {})", self.rank_count()));
            for part in &whole {
                let (row, part) = (row.name(), part.name());
                self.checks.push(format!(
                    "call expect_shares(problem, '{part}', {part}_count, rank_total, '{row}', {row}_count)"
                ));
            }
        }
    }

    /// The array whose number of elements `source` is; none for the second name of an array that is passed once.
    fn counted<'s>(&'s self, source: &'s CSource) -> Option<&'s str> {
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

    fn declare_result(&mut self, result: &Returns) {
        let name = result.name.as_str();
        match &result.ty {
            Type::Array(Of::Fixed(dtype)) => {
                let ty = dtype.fortran.as_deref().unwrap_or_else(|| {
                    panic!("{} gives {}, which Fortran lacks: skip it", self.operation.full_name, dtype.name)
                });
                self.dummies.push(Dummy::allocated(name, ty));
            }
            Type::Array(_) => self.declare_array(name),
            Type::View(_) => {
                self.dummies.push(Dummy::new(format!("{name}_address"), "type(c_ptr), intent(out)"));
                self.dummies.push(Dummy::new(format!("{name}_count"), "integer(c_int64_t), intent(out)"));
            }
            Type::Object(object) if result.many.is_some() => self.dummies.push(Dummy {
                name: name.to_owned(),
                declaration: format!("type(dtl_{}), allocatable, intent(out) :: {name}(:)", object.name),
            }),
            Type::Object(object) => {
                self.dummies.push(Dummy::new(name, &format!("type(dtl_{}), intent(inout)", object.name)));
            }
            Type::Text => self.dummies.push(Dummy::new(name, "character(len=:), allocatable, intent(out)")),
            Type::Value(_) => {
                panic!("Fortran cannot give back one element of any type: skip {}", self.operation.full_name)
            }
            ty => self.dummies.push(Dummy::new(name, &format!("{}, intent(out)", scalar(ty)))),
        }
    }

    fn receive_result(&mut self) {
        let Some(result) = &self.operation.result else { return };
        if self.operation.role == Role::Constructor {
            self.receive(result, "self");
        } else if slots(self.operation).iter().any(|slot| matches!(slot, Slot::Result(_))) {
            self.receive(result, &result.name);
        }
    }

    /// What is done before and after the call so that the result arrives in `name`.
    fn receive(&mut self, result: &Returns, name: &str) {
        match &result.ty {
            Type::Integer(kind) => {
                let nothing = if Slot::Result(result).is_unsigned() { 0 } else { -1 };
                self.before.push(format!("{name} = {nothing}"));
                if kind.one_based_in_fortran {
                    self.after.push(format!("{name} = {name} + 1"));
                }
            }
            Type::Dtype | Type::Enum(_) | Type::Communicator => self.before.push(format!("{name} = -1")),
            Type::Flag => {
                self.locals.push(format!("integer(c_int) :: {name}_flag"));
                self.before.push(format!("{name}_flag = 0"));
                self.after.push(format!("{name} = {name}_flag /= 0"));
            }
            Type::Text => {
                self.locals.push("type(c_ptr) :: lent".to_owned());
                self.before.push("lent = c_null_ptr".to_owned());
                self.after.push(format!("call copy_text(lent, {name})"));
            }
            Type::Object(_) if result.many.is_some() => self.receive_many(result, name),
            Type::Object(object) => {
                self.locals.push("type(c_ptr) :: made".to_owned());
                self.before.push("made = c_null_ptr".to_owned());
                self.after.push(format!(
                    "if (call_status == DTL_SUCCESS) call renew_{}({name}, made)",
                    object.name
                ));
            }
            Type::View(_) => {
                self.before.extend([format!("{name}_address = c_null_ptr"), format!("{name}_count = 0")]);
                let size = self.property(extent_of(self.operation, result));
                self.after.push(format!("if (call_status == DTL_SUCCESS) {name}_count = {size}"));
            }
            Type::Array(Of::Fixed(_)) => {
                let size = match given_shape(self.operation, result) {
                    Some(array) => format!("{}_count", array.name),
                    None => self.property(extent_of(self.operation, result)),
                };
                self.before.push(format!("allocate ({name}({size}))"));
                if result.elements.as_ref().is_some_and(|kind| kind.one_based_in_fortran) {
                    self.after.push(format!("{name} = {name} + 1"));
                }
            }
            Type::Array(_) | Type::Value(_) | Type::Callback(_) => {}
        }
    }

    fn receive_many(&mut self, result: &Returns, name: &str) {
        let count = result.many.as_deref().expect("the caller looked");
        let most = match self.operation.param(count).map(|param| &param.ty) {
            Some(Type::Integer(kind)) => kind.check.as_ref().and_then(|check| check.at_most),
            _ => None,
        };
        // C refuses a larger number, and until it has there must be room for the call.
        let room = most.map_or_else(|| count.to_owned(), |most| format!("min({count}, {most})"));
        self.locals.push("type(c_ptr), allocatable :: made(:)".to_owned());
        self.before.push(format!("allocate (made(max(0, {room})))"));
        self.before.push("made = c_null_ptr".to_owned());
        self.after.push("if (call_status == DTL_SUCCESS) then".to_owned());
        self.after.push(format!("  allocate ({name}({count}))"));
        self.after.push(format!("  {name}%handle = made"));
        self.after.push("end if".to_owned());
    }

    /// The statements that call C, with the status in `status`. An argument that C cannot be told is absent has a
    /// function of its own that lacks it.
    fn complete_call(&mut self) -> Vec<String> {
        let canonical = self.operation.canonical_c();
        let call = format!("call_status = {}", self.call(canonical));
        let absent = self.operation.params.iter().find(|param| {
            let has_null = matches!(param.ty, Type::Array(_) | Type::Value(_) | Type::Callback(_));
            param.optional && !has_null && param.default.is_none()
        });
        let Some(param) = absent else { return vec![call] };
        let name = &param.name;
        let without = self.function_without(name);
        let mut lines = vec![format!("if (present({name})) then"), format!("  {call}"), "else".to_owned()];
        for arg in &without.args {
            if let CSource::Struct(item) = &arg.sources[0] {
                self.locals.push(format!("type(dtl_{}) :: {}", item.name, arg.name));
                lines.extend(self.fill_struct(&arg.name, item));
            }
        }
        lines.extend([format!("  call_status = {}", self.call(without)), "end if".to_owned()]);
        lines
    }

    /// The C function that takes every parameter but `name`.
    fn function_without(&self, name: &str) -> &'a CFunction {
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

    fn fill_struct(&self, variable: &str, item: &Struct) -> Vec<String> {
        let fields = item.fields.iter().filter(|field| self.operation.param(&field.name).is_some());
        fields.map(|field| format!("  {variable}%{} = {}", field.name, self.value_of(&field.name))).collect()
    }

    fn call(&self, function: &CFunction) -> String {
        let arguments: Vec<String> = function.args.iter().map(|arg| self.actual(arg)).collect();
        format!("{}({})", alias(&function.name), arguments.join(", "))
    }

    fn actual(&self, arg: &CArg) -> String {
        // Of two arrays that C counts once, the one that is always there says how many.
        let optional = |name: &str| {
            slots(self.operation).iter().any(|slot| slot.name() == name && slot.is_optional(self.operation))
        };
        let is_there = |source: &&CSource| match source {
            CSource::ParamPart(name, _) => !optional(name),
            CSource::ResultPart(_) => !optional(&self.result().name),
            _ => true,
        };
        match arg.sources.iter().find(is_there).unwrap_or(&arg.sources[0]) {
            CSource::This => "self%handle".to_owned(),
            CSource::Param(name) => self.value_of(name),
            CSource::ParamPart(name, part) => {
                let param = self.operation.param(name).expect("resolving checks parameters");
                match part {
                    Part::UserData => format!("{name}_at"),
                    part => self.part(Slot::Param(param), *part),
                }
            }
            CSource::ResultPart(part) => self.part(Slot::Result(self.result()), *part),
            CSource::Result => self.place(),
            CSource::Struct(_) => arg.name.clone(),
            CSource::Ignored(_) => "c_null_ptr".to_owned(),
        }
    }

    fn part(&self, slot: Slot<'_>, part: Part) -> String {
        let name = slot.name();
        let Type::Array(of) = slot.ty() else { unreachable!("only arrays have parts") };
        match (of, part) {
            (Of::Fixed(_), Part::Pointer) => format!("c_loc({name})"),
            (Of::Fixed(_), Part::Count) => format!("count_elements({name})"),
            (Of::Fixed(dtype), Part::Dtype) => dtype_constant(dtype),
            (_, Part::Pointer) => format!("{name}_address"),
            (_, Part::Count) if slot.may_be_absent(self.operation) => {
                format!("max(0_c_int64_t, {name}_count)")
            }
            (_, Part::Count) => format!("{name}_count"),
            (_, Part::CountPerRank) => format!("max(0_c_int64_t, {name}_count) / rank_total"),
            (_, Part::Dtype) => {
                let group =
                    group_of(&self.groups, slot).expect("an array that C gets a dtype of has a group");
                group.dtype.clone()
            }
            (_, Part::UserData) => unreachable!("arrays have no such part"),
        }
    }

    /// The value of a parameter as C takes it.
    fn value_of(&self, name: &str) -> String {
        let param = self.operation.param(name).expect("resolving checks parameters");
        let used = match &param.default {
            Some(_) if !Slot::Param(param).is_wide() => format!("{name}_used"),
            _ => name.to_owned(),
        };
        match &param.ty {
            Type::Integer(kind) if kind.one_based_in_fortran => format!("{used} - 1"),
            Type::Flag => format!("merge(1_c_int, 0_c_int, {used})"),
            Type::Text => format!("{used} // c_null_char"),
            Type::Communicator => format!("int({used}, c_int64_t)"),
            Type::Object(_) => format!("{used}%handle"),
            Type::Value(_) => format!("{used}_at"),
            Type::Callback(_) => format!("{used}_caller"),
            _ => used,
        }
    }

    /// Where C puts a result that is no array.
    fn place(&self) -> String {
        let result = self.result();
        let name = if is_function(self.operation) { "answer" } else { result.name.as_str() };
        match &result.ty {
            Type::Flag => format!("{name}_flag"),
            Type::Text => "lent".to_owned(),
            Type::Object(_) => "made".to_owned(),
            Type::View(_) => format!("{name}_address"),
            _ => name.to_owned(),
        }
    }

    /// A property of the object.
    fn property(&self, name: &str) -> String {
        format!("{}(self%handle)", alias(&query(self.model, self.object(), name)))
    }

    fn object(&self) -> &crate::model::Object {
        self.operation.object.as_ref().unwrap_or_else(|| {
            panic!("{} has no object whose size or element type it could have", self.operation.full_name)
        })
    }

    fn result(&self) -> &Returns {
        self.operation.result.as_ref().expect("resolving checks that there is a result")
    }
}

/// The name under which the module `dtl` imports a C function: its own names are the same.
pub(super) fn alias(c_function: &str) -> String {
    c_function.replacen("dtl_", "raw_", 1)
}
