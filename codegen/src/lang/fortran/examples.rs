//! The examples of the specification as Fortran: a snippet for the documentation and a test of each.

use serde::Serialize;
use serde_json::Value;

use super::elementwise::sample_procedure;
use super::layout::{continue_lines, text};
use super::literals::{array, counted_from_one, element_type, extents, scalar};
use super::slots::{Slot, is_function, slots};
use super::spelling::{dtype_constant, enumerator};
use crate::lang::banner;
use crate::model::{Example, FortranBase, FortranType, Model, Of, Operation, Type};
use crate::output::OutputFile;
use crate::render::render;
use crate::spec::{Direction, Role};

/// The test of all examples.
pub(super) fn file(model: &Model) -> OutputFile {
    let mut tests = Vec::new();
    for operation in model.operations_in("fortran") {
        let examples = operation.examples.iter();
        tests.extend(examples.filter_map(|example| TestView::new(model, operation, example)));
    }
    let mut functions: Vec<Vec<String>> = Vec::new();
    for function in tests.iter().flat_map(|test: &TestView| &test.functions) {
        let lines: Vec<String> = function.lines().map(str::to_owned).collect();
        if !functions.contains(&lines) {
            functions.push(lines);
        }
    }
    let view = Tests { banner: banner("the examples in spec/"), functions, tests };
    let source = render("examples.f90", include_str!("../../../templates/fortran/examples.f90.tera"), &view);
    OutputFile::new("tests/fortran/examples.f90", continue_lines(&source))
}

/// The example as statements, with what they give as comments; `None` where Fortran has no type for its elements.
pub fn snippet(model: &Model, operation: &Operation, example: &Example) -> Option<String> {
    let code = Code::new(model, operation, example)?;
    let mut lines = lines_of(&code.declarations);
    lines.push(String::new());
    lines.extend(code.statements);
    let functions = code.functions;
    for expected in code.expected {
        let who = expected.rank.map_or_else(|| "every rank".to_owned(), |rank| format!("rank {rank}"));
        lines.push(format!("! {who}: {}", expected.comment));
    }
    for function in functions {
        lines.push(String::new());
        lines.extend(function.lines().map(str::to_owned));
    }
    Some(continue_lines(&lines.join("\n")))
}

#[derive(Serialize)]
struct Tests {
    banner: String,
    /// The lines of the functions that are passed.
    functions: Vec<Vec<String>>,
    tests: Vec<TestView>,
}

#[derive(Serialize)]
struct TestView {
    name: String,
    doc: String,
    source: String,
    ranks: u32,
    /// It makes an object without a context, so that every process makes one by itself.
    alone: bool,
    declarations: Vec<String>,
    statements: Vec<String>,
    /// The functions that it passes.
    #[serde(skip)]
    functions: Vec<String>,
}

impl TestView {
    fn new(model: &Model, operation: &Operation, example: &Example) -> Option<Self> {
        let code = Code::new(model, operation, example)?;
        let what = text(&format!("{}: {}", operation.full_name, example.name));
        let mut statements = code.statements;
        let checks = code.expected.iter().map(|expected| {
            let check = format!("call check({}, {what})", expected.condition);
            expected.rank.map_or_else(|| check.clone(), |rank| format!("if (ctx%rank() == {rank}) {check}"))
        });
        statements.extend(checks);
        Some(Self {
            name: format!("{}_{}", operation.symbol, example.name),
            doc: example.doc.clone(),
            source: format!("`{}` in {}", operation.full_name, operation.position.file),
            ranks: example.ranks,
            alone: needs_no_context(operation),
            declarations: lines_of(&code.declarations),
            statements,
            functions: code.functions,
        })
    }
}

fn needs_no_context(operation: &Operation) -> bool {
    operation.role == Role::Constructor && !operation.params.iter().any(|param| param.ty.is_object("context"))
}

/// What is expected on one rank, or on all of them.
struct Expected {
    rank: Option<usize>,
    condition: String,
    comment: String,
}

struct Code<'a> {
    model: &'a Model,
    operation: &'a Operation,
    example: &'a Example,
    /// Fortran type of the elements.
    element: FortranType,
    declarations: Vec<Declaration>,
    statements: Vec<String>,
    expected: Vec<Expected>,
    /// The functions that are passed.
    functions: Vec<String>,
}

/// A variable.
struct Declaration {
    /// Its type and attributes.
    attributes: String,
    /// Its name and shape.
    entity: String,
}

fn lines_of(declarations: &[Declaration]) -> Vec<String> {
    declarations.iter().map(|one| format!("{} :: {}", one.attributes, one.entity)).collect()
}

impl<'a> Code<'a> {
    fn declare(&mut self, attributes: impl Into<String>, entity: impl Into<String>) {
        self.declarations.push(Declaration { attributes: attributes.into(), entity: entity.into() });
    }

    fn new(model: &'a Model, operation: &'a Operation, example: &'a Example) -> Option<Self> {
        let element = match &example.dtype {
            Some(dtype) => element_type(model, dtype)?.clone(),
            None => of_kind(FortranBase::Real, "c_double"),
        };
        let mut code = Self {
            model,
            operation,
            example,
            element,
            declarations: Vec::new(),
            statements: Vec::new(),
            expected: Vec::new(),
            functions: Vec::new(),
        };
        code.make_object();
        let mut arguments = code.arguments();
        if operation.is_issued() {
            code.hold_request(&mut arguments);
        }
        code.call(&arguments);
        Some(code)
    }

    /// The variable for the request, and what the operation uses after the call.
    fn hold_request(&mut self, arguments: &mut Vec<(String, Vec<bool>)>) {
        for declaration in &mut self.declarations {
            declaration.attributes.push_str(", asynchronous, target");
        }
        self.declare("type(dtl_request)", "request");
        arguments.push(("request=request".to_owned(), vec![true; self.example.gives.len()]));
    }

    /// The name of the variable that holds the object. The context of an example is there already, as `ctx`.
    fn object(&self) -> Option<String> {
        let object = self.operation.object.as_ref()?;
        if self.operation.role == Role::Constructor {
            return Some("made".to_owned());
        }
        Some(self.constructor(&object.name)?.result.as_ref()?.name.clone())
    }

    fn constructor(&self, object: &str) -> Option<&'a Operation> {
        let makes = |operation: &&Operation| {
            operation.role == Role::Constructor
                && operation.object.as_ref().is_some_and(|of| of.name == object)
        };
        self.model.operations().find(makes)
    }

    fn make_object(&mut self) {
        let (Some(name), Some(object)) = (self.object(), &self.operation.object) else { return };
        if name == "ctx" {
            return;
        }
        self.declare(format!("type(dtl_{})", object.name), &name);
        if self.operation.role == Role::Constructor {
            return;
        }
        let Some(constructor) = self.constructor(&object.name) else { return };
        let mut arguments = Vec::new();
        for slot in slots(constructor) {
            let given = self.example.object.iter().find(|(given, _)| given == slot.name());
            match (slot.ty(), given) {
                (Type::Object(_), _) => arguments.push("ctx".to_owned()),
                (Type::Dtype, None) => {
                    let dtype = self.example.dtype.as_deref().map(dtype_constant);
                    arguments.extend(dtype.map(|dtype| format!("{}={dtype}", slot.name())));
                }
                (_, Some((_, value))) => {
                    arguments.push(format!("{}={}", slot.name(), self.value(slot, value)))
                }
                (_, None) => {}
            }
        }
        self.statements.push(format!("call {name}%{}({})", constructor.name, arguments.join(", ")));
    }

    /// The arguments on each rank: those that a rank does not pass are empty.
    fn arguments(&mut self) -> Vec<(String, Vec<bool>)> {
        let mut arguments = Vec::new();
        for slot in slots(self.operation) {
            let name = slot.name().to_owned();
            let all = vec![true; self.example.gives.len()];
            let given = self.example.args.iter().find(|(given, _)| *given == name).map(|(_, value)| value);
            match (slot, slot.ty(), given) {
                (_, Type::Object(_), _) if name == "ctx" => arguments.push(("ctx".to_owned(), all)),
                (Slot::Param(_), Type::Array(_), Some(Value::Array(per_rank))) => {
                    self.assign(&name, per_rank);
                    let there = per_rank.iter().map(|value| !value.is_null()).collect();
                    arguments.push((format!("{name}={name}"), there));
                }
                (Slot::Param(_), Type::Callback(callback), Some(value)) => {
                    let sample = value.as_str().and_then(|sample| callback.sample(sample));
                    let sample = sample.expect("the lint demands a sample");
                    self.functions.push(sample_procedure(self.model, callback, sample));
                    let object = format!("dtl_{}({}, 0.0_c_double)", callback.name, sample.name);
                    arguments.push((format!("{name}={object}"), all));
                }
                (Slot::Param(_), _, Some(value)) => {
                    arguments.push((format!("{name}={}", self.value(slot, value)), all));
                }
                (Slot::Param(_), _, None) => {}
                (Slot::Beside(_), ..) => unreachable!("what gives two arrays has no examples"),
                (Slot::Result(_), ..) => {
                    self.declare_result(slot);
                    let is_required = !slot.is_optional(self.operation);
                    let there =
                        self.example.gives.iter().map(|value| is_required || !value.is_null()).collect();
                    arguments.push((format!("{name}={name}"), there));
                }
            }
        }
        arguments
    }

    /// A variable with a value on each rank.
    fn assign(&mut self, name: &str, per_rank: &[Value]) {
        let ty = self.element.clone();
        let shapes: Vec<Vec<usize>> = per_rank.iter().filter(|value| !value.is_null()).map(extents).collect();
        let same_shape = shapes.windows(2).all(|pair| pair[0] == pair[1]);
        let extents = shapes.first().cloned().unwrap_or_default();
        let list = |extents: &[usize], write: fn(&usize) -> String| match extents {
            [] => String::new(),
            extents => format!("({})", extents.iter().map(write).collect::<Vec<_>>().join(", ")),
        };
        match same_shape {
            true => self.declare(ty.to_string(), format!("{name}{}", list(&extents, usize::to_string))),
            false => {
                let colons = list(&extents, |_| ":".to_owned());
                self.declare(format!("{ty}, allocatable"), format!("{name}{colons}"));
            }
        }
        let assign = |value: &Value| match same_shape {
            true => format!("{name} = {}", array(value, &ty)),
            false => format!("allocate ({name}, source={})", array(value, &ty)),
        };
        if per_rank.windows(2).all(|pair| pair[0] == pair[1]) && !per_rank[0].is_null() {
            self.statements.push(assign(&per_rank[0]));
            return;
        }
        self.statements.push("select case (ctx%rank())".to_owned());
        for (rank, value) in per_rank.iter().enumerate().filter(|(_, value)| !value.is_null()) {
            self.statements.push(format!("case ({rank}); {}", assign(value)));
        }
        self.statements.push("end select".to_owned());
    }

    /// The variable that receives the result: large enough on each rank.
    fn declare_result(&mut self, slot: Slot<'_>) {
        let name = slot.name();
        let result = self.operation.result.as_ref().expect("there is a slot for it");
        let gives = &self.example.gives;
        match &result.ty {
            Type::Array(Of::Fixed(dtype)) => {
                let ty = dtype.fortran.as_ref().expect("the rule `supports` refuses other dtypes");
                self.declare(format!("{ty}, allocatable"), format!("{name}(:)"));
            }
            Type::Array(_) => {
                let ty = self.element.clone();
                let shapes: Vec<Vec<usize>> =
                    gives.iter().filter(|value| !value.is_null()).map(extents).collect();
                let rank = shapes.first().map_or(0, Vec::len);
                if rank == 0 {
                    self.declare(ty.to_string(), name);
                } else if let Some(size) = slot.extent().filter(|size| self.operation.param(size).is_none()) {
                    let object = self.object().expect("a size is a property of the object");
                    self.declare(format!("{ty}, allocatable"), format!("{name}(:)"));
                    self.statements.push(format!("allocate ({name}({object}%{size}()))"));
                } else if shapes.windows(2).any(|pair| pair[0] != pair[1]) {
                    let colons = vec![":"; rank].join(", ");
                    self.declare(format!("{ty}, allocatable"), format!("{name}({colons})"));
                    self.statements.push("select case (ctx%rank())".to_owned());
                    for (rank, value) in gives.iter().enumerate().filter(|(_, value)| !value.is_null()) {
                        let extents: Vec<String> = extents(value).iter().map(usize::to_string).collect();
                        let room = format!("allocate ({name}({}))", extents.join(", "));
                        self.statements.push(format!("case ({rank}); {room}"));
                    }
                    self.statements.push("end select".to_owned());
                } else {
                    let extents: Vec<String> = shapes[0].iter().map(usize::to_string).collect();
                    self.declare(ty.to_string(), format!("{name}({})", extents.join(", ")));
                }
            }
            ty => self.declare(super::spelling::scalar(ty), name),
        }
    }

    /// A value that is the same on all ranks.
    fn value(&self, slot: Slot<'_>, value: &Value) -> String {
        match (slot.ty(), value) {
            (Type::Enum(item), Value::String(name)) => {
                let found = item.values.iter().find(|value| value.text == *name);
                found.map_or_else(|| name.clone(), |value| enumerator(item, value))
            }
            (Type::Value(_), value) => scalar(value, &self.element),
            (Type::Integer(kind), value) if kind.is_index() => counted_from_one(value).to_string(),
            (Type::Shape, Value::Array(extents)) => reversed(extents),
            (Type::Counts, value) => array(value, &of_kind(FortranBase::Integer, "c_int64_t")),
            (_, Value::Bool(value)) => format!(".{value}."),
            (_, Value::String(value)) => text(value),
            (_, value) => value.to_string(),
        }
    }

    /// The call and what it gives.
    fn call(&mut self, arguments: &[(String, Vec<bool>)]) {
        let operation = self.operation;
        let object = self.object().filter(|_| operation.role != Role::Static);
        let (target, first) = match object {
            Some(object) if operation.function_of.is_some() => {
                (format!("dtl_{}", operation.name), Some(object))
            }
            Some(object) => (format!("{object}%{}", operation.name), None),
            None => (format!("dtl_{}", operation.symbol), None),
        };
        let of_rank = |rank: usize| {
            let passed = arguments.iter().filter(|(_, there)| there[rank]).map(|(text, _)| text.as_str());
            let passed: Vec<&str> = first.as_deref().into_iter().chain(passed).collect();
            format!("{target}({})", passed.join(", "))
        };
        let calls: Vec<String> = (0..self.example.gives.len()).map(of_rank).collect();
        if is_function(operation) {
            self.expect(&calls[0]);
            return;
        }
        if calls.windows(2).all(|pair| pair[0] == pair[1]) {
            self.statements.push(format!("call {}", calls[0]));
        } else {
            self.statements.push("select case (ctx%rank())".to_owned());
            let cases = calls.iter().enumerate().map(|(rank, call)| format!("case ({rank}); call {call}"));
            self.statements.extend(cases);
            self.statements.push("end select".to_owned());
        }
        if operation.is_issued() {
            self.statements.push("call request%wait()".to_owned());
        }
        if operation.role == Role::Constructor {
            let object = self.object().expect("a constructor makes an object");
            let condition = format!("{object}%is_valid()");
            self.expected.push(Expected {
                rank: None,
                condition,
                comment: format!("{object}%is_valid() is .true."),
            });
            return;
        }
        let in_place = operation.params.iter().find(|param| param.direction == Direction::Inout);
        let name = in_place.map(|param| &param.name).or(operation.result.as_ref().map(|result| &result.name));
        if let Some(name) = name {
            self.expect(&name.clone());
        }
    }

    /// What `expression` is on each rank.
    fn expect(&mut self, expression: &str) {
        let gives = self.example.gives.clone();
        if gives.windows(2).all(|pair| pair[0] == pair[1]) {
            self.expect_on(None, expression, &gives[0]);
        } else {
            for (rank, value) in gives.iter().enumerate() {
                self.expect_on(Some(rank), expression, value);
            }
        }
    }

    fn expect_on(&mut self, rank: Option<usize>, expression: &str, value: &Value) {
        let Some(result) = &self.operation.result else { return };
        // A number says that there is nothing, which is counted as others are.
        let none = match (&result.ty, value.is_null() && result.optional) {
            (Type::Integer(kind), true) => kind.none.as_ref().map(|none| Value::from(none.value)),
            _ => None,
        };
        let value = none.as_ref().unwrap_or(value);
        if value.is_null() {
            return;
        }
        let is_index = |kind: &crate::model::Kind| kind.is_index();
        let counted = result.elements.as_ref().is_some_and(|kind| is_index(kind))
            || matches!(&result.ty, Type::Integer(kind) if is_index(kind));
        let value = if counted { counted_from_one(value) } else { value.clone() };
        let (condition, literal) = match &result.ty {
            Type::Array(of) => {
                let ty = match of {
                    Of::Fixed(dtype) => dtype.fortran.as_ref().unwrap_or(&self.element),
                    _ => &self.element,
                };
                let literal = array(&value, ty);
                (equal(expression, &literal, ty, !extents(&value).is_empty()), literal)
            }
            Type::Shape => {
                let literal = reversed(value.as_array().map_or(&[], Vec::as_slice));
                (format!("all({expression} == {literal})"), literal)
            }
            Type::Flag => {
                let literal = self.value(Slot::Result(result), &value);
                (format!("{expression} .eqv. {literal}"), literal)
            }
            _ => {
                // Positions have been counted from 1 above.
                let literal = value.to_string();
                (format!("{expression} == {literal}"), literal)
            }
        };
        self.expected.push(Expected { rank, condition, comment: format!("{expression} is {literal}") });
    }
}

fn of_kind(base: FortranBase, kind: &str) -> FortranType {
    FortranType { base, kind: Some(kind.to_owned()) }
}

/// Extents in the order of Fortran.
fn reversed(extents: &[Value]) -> String {
    let extents: Vec<String> = extents.iter().rev().map(Value::to_string).collect();
    format!("[{}]", extents.join(", "))
}

/// A condition that two values, or all elements of two arrays, are equal.
fn equal(left: &str, right: &str, ty: &FortranType, is_array: bool) -> String {
    let condition = if ty.base == FortranBase::Logical {
        format!("{left} .eqv. {right}")
    } else if ty.base == FortranBase::Integer {
        format!("{left} == {right}")
    } else {
        // The same as ==, which compilers warn of for real numbers.
        format!("abs({left} - {right}) <= 0")
    };
    if is_array { format!("all({condition})") } else { condition }
}
