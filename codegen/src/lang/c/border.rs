//! `tests/c/generated_border.c`: every C function of the model, called with handles, numbers and addresses as they should
//! not be. No function can be forgotten, because the program is made from the same list as the library.

use crate::lang::banner;
use crate::lang::ffi::{self, Access, Arg, CBase, CType, Function, Section, Signature, function_type};
use crate::model::{CFunction, CSource, Callback, Model, Object, Operation, Param, Part, Type};
use crate::output::OutputFile;
use crate::render::render;
use crate::spec::Role;

use serde::Serialize;

/// The test program.
pub(super) fn file(model: &Model, sections: &[Section]) -> OutputFile {
    let view = Border {
        banner: banner("spec/"),
        objects: (model.objects.iter())
            .map(|object| Freed {
                name: object.name.clone(),
                freed_by: object.freed_by.clone(),
                awaitable: object.is_awaitable(),
            })
            .collect(),
        constructors: constructors(model),
        issues: model.operations().any(Operation::is_issued),
        shapes: model.structs.iter().any(|item| item.name == "shape"),
        hostile: functions(sections)
            .filter(|function| !function.signature.args.is_empty())
            .map(|function| hostile(model, &function.signature))
            .collect(),
        callbacks: (model.callbacks.iter())
            .filter(|callback| callback.is_borrowed())
            .map(|callback| good_function(callback))
            .collect(),
        harmless: functions(sections)
            .filter(|function| function.signature.args.is_empty())
            .map(|function| hostile(model, &function.signature).call)
            .collect(),
        bad_handles: bad_handles(model),
        bad_numbers: functions(sections)
            .flat_map(|function| bad_numbers(model, &function.signature))
            .collect(),
        null_addresses: null_addresses(model),
    };
    let text = render("border", include_str!("../../../templates/c/border.c.tera"), &view);
    OutputFile::new("tests/c/generated_border.c", text)
}

#[derive(Serialize)]
struct Border {
    banner: String,
    objects: Vec<Freed>,
    /// Calls that make an object of each kind, and one that is then destroyed.
    constructors: Vec<String>,
    /// There are forms that do not block.
    issues: bool,
    /// Functions may take shapes.
    shapes: bool,
    hostile: Vec<Hostile>,
    /// Functions as they should be.
    callbacks: Vec<String>,
    /// Calls of functions without arguments, of which none can be wrong.
    harmless: Vec<String>,
    bad_handles: Vec<String>,
    bad_numbers: Vec<String>,
    null_addresses: Vec<String>,
}

/// An object and the function that takes an owner from it.
#[derive(Serialize)]
struct Freed {
    name: String,
    freed_by: String,
    /// To wait for a good one could last for ever.
    awaitable: bool,
}

/// A function that calls one C function with arguments drawn at random.
#[derive(Serialize)]
struct Hostile {
    name: String,
    before: Vec<String>,
    call: String,
    after: Vec<String>,
}

fn functions(sections: &[Section]) -> impl Iterator<Item = &Function> {
    sections.iter().flat_map(|section| &section.functions)
}

/// The object whose handle this is.
fn object<'a>(model: &'a Model, handle: &CBase) -> Option<&'a Object> {
    let CBase::Handle(name) = handle else { return None };
    model.objects.iter().find(|object| object.name == *name).map(AsRef::as_ref)
}

/// The callback whose functions have this type.
fn callback<'a>(model: &'a Model, base: &CBase) -> Option<&'a Callback> {
    let CBase::Callback(name) = base else { return None };
    model.callbacks.iter().find(|callback| callback.c_type == *name).map(AsRef::as_ref)
}

/// A function as a callback should be, which does nothing. One that is passed elements needs no more than that.
fn good_function(callback: &Callback) -> String {
    let (signature, _) = function_type(callback);
    let unused: String = signature.args.iter().map(|arg| format!("    (void){};\n", arg.name)).collect();
    let returns = if signature.returns == CType::void() { "" } else { "    return 0;\n" };
    let named = Signature { name: format!("good_{}", callback.name), ..signature };
    format!("static {} {{\n{unused}{returns}}}", named.prototype())
}

fn hostile(model: &Model, signature: &Signature) -> Hostile {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let mut arguments = Vec::new();
    for arg in &signature.args {
        // Where several are read, anything may stand.
        let object = object(model, &arg.ty.base).filter(|_| arg.ty.addresses != [Access::Const]);
        arguments.push(match object {
            // Room for as many handles as the largest number of ranks.
            Some(object) if arg.ty.is_pointer() => {
                before.push(format!("static dtl_{}_t made[1024];", object.name));
                after.push("for (int i = 0; i < 1024 && made[i] != NULL; i++) {".to_owned());
                after.push(format!("    {}(made[i]);", object.freed_by));
                after.push("    made[i] = NULL;".to_owned());
                after.push("}".to_owned());
                "maybe(made)".to_owned()
            }
            Some(object) => format!("any_{}()", object.name),
            // Any other address would be called.
            None if callback(model, &arg.ty.base).is_some() => "NULL".to_owned(),
            None => any(arg),
        });
    }
    let call = format!("{}({})", signature.name, arguments.join(", "));
    let call = if signature.returns_status() { format!("look_at({call})") } else { call };
    Hostile { name: signature.name.clone(), before, call, after }
}

/// An argument drawn at random.
fn any(arg: &Arg) -> String {
    match (&arg.ty.base, arg.ty.addresses.as_slice()) {
        _ if arg.is_counts => "any_counts()",
        (CBase::Plain("char", _), [Access::Const]) => "any_text()",
        (CBase::Plain("char", _), [Access::Mut, ..]) => "NULL",
        (CBase::Struct(name), [Access::Const]) if name != "dtl_shape" => "any_options()",
        (_, [_, ..]) => "maybe(room)",
        (CBase::Integer(name), []) if name == "dtl_size_t" => "any_count()",
        (CBase::Struct(_), []) => "any_shape()",
        (CBase::Plain("double", _), []) => "any_time()",
        (CBase::Plain("uint64_t" | "int64_t", _), []) => "any_index()",
        (CBase::Integer(name), []) if name == "dtl_index_t" => "any_index()",
        // That policy would end the program at the next error.
        (CBase::Enum(name), []) if name == "error_policy" => "any_number() & ~DTL_ERROR_POLICY_TERMINATE",
        _ => "any_number()",
    }
    .to_owned()
}

/// An argument that is as it should be.
fn plain(model: &Model, arg: &Arg) -> String {
    match (&arg.ty.base, arg.ty.addresses.as_slice()) {
        (CBase::Handle(name), []) => format!("good_{name}"),
        (CBase::Handle(name), [_]) if name == "request" => "&issued".to_owned(),
        (base @ CBase::Callback(_), []) => {
            // One that is kept would be called by the errors to come.
            let borrowed = callback(model, base).filter(|callback| callback.is_borrowed());
            borrowed.map_or_else(|| "NULL".to_owned(), |callback| format!("good_{}", callback.name))
        }
        _ if arg.is_counts => "one_each".to_owned(),
        (CBase::Plain("char", _), [Access::Const]) => "\"allreduce\"".to_owned(),
        (CBase::Plain("char", _), [Access::Mut, ..]) => "NULL".to_owned(),
        (CBase::Struct(name), [Access::Const]) if name != "dtl_shape" => "NULL".to_owned(),
        (_, [_, ..]) => "(void*)room".to_owned(),
        (CBase::Integer(name), []) if name == "dtl_size_t" => "1".to_owned(),
        (CBase::Struct(_), []) => "dtl_shape_1d(5)".to_owned(),
        _ if arg.name == "size" => "1".to_owned(),
        _ => "0".to_owned(),
    }
}

/// The shortest C constructor of each object, called for one that is used and for one that is destroyed.
fn constructors<'a>(model: &'a Model) -> Vec<String> {
    let mut calls = Vec::new();
    for object in &model.objects {
        // Of an abstract one there is what extends it.
        let concrete = model.extending(object).next().unwrap_or(object);
        let gives_one = |operation: &Operation| {
            operation
                .result
                .as_ref()
                .is_some_and(|result| result.ty.is_object(&concrete.name) && result.many.is_none())
        };
        let is_constructor = |operation: &&Operation| {
            operation.role == Role::Constructor || operation.role == Role::Static && gives_one(operation)
        };
        let shortest = |operations: Vec<&'a Operation>| {
            let forms = operations
                .into_iter()
                .flat_map(|operation| operation.c.iter().map(move |form| (operation, form)));
            forms.min_by_key(|(_, form)| form.args.len())
        };
        // What has no constructor is made by a method of another object.
        let own = shortest(model.operations_of(concrete).filter(is_constructor).collect());
        let gives = |operation: &&Operation| match operation.is_issued() {
            true => object.is_awaitable(),
            false => gives_one(operation),
        };
        let others = || shortest(model.operations().filter(gives).collect());
        let Some((operation, form)) = own.or_else(others) else { continue };
        let signature = ffi::signature(operation, form);
        for which in ["good", "stale"] {
            let argument = |arg: &Arg| match (&arg.ty.base, arg.ty.addresses.as_slice()) {
                (CBase::Integer(name), []) if name == "dtl_size_t" => "5".to_owned(),
                (CBase::Enum(name), []) if name == "dtype" => "DTL_DTYPE_FLOAT64".to_owned(),
                (CBase::Handle(name), [Access::Mut]) if *name == object.name => format!("&{which}_{name}"),
                (CBase::Handle(name), [Access::Mut]) if *name == concrete.name => {
                    format!("(void*)&{which}_{}", object.name)
                }
                _ => plain(model, arg),
            };
            let arguments: Vec<String> = signature.args.iter().map(argument).collect();
            calls.push(format!("{}({})", signature.name, arguments.join(", ")));
        }
    }
    calls
}

/// The call with one argument replaced, the others as they should be.
fn call_with(model: &Model, signature: &Signature, replaced: usize, value: &str) -> String {
    let arguments: Vec<String> = (signature.args.iter().enumerate())
        .map(|(index, arg)| if index == replaced { value.to_owned() } else { plain(model, arg) })
        .collect();
    format!("{}({})", signature.name, arguments.join(", "))
}

/// Each function that takes a handle, with a bad one.
fn bad_handles(model: &Model) -> Vec<String> {
    let mut lines = Vec::new();
    for (operation, function) in c_functions(model) {
        let signature = ffi::signature(operation, function);
        for (index, arg) in signature.args.iter().enumerate() {
            let Some(object) = arg.ty.value().and_then(|base| object(model, base)) else { continue };
            let call = call_with(model, &signature, index, &format!("bad_{}(kind)", object.name));
            lines.push(match function.query {
                None => format!("CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, {call});"),
                Some(_) if arg_is_null_result(operation) => format!("CHECK({call} == NULL);"),
                Some(_) if signature.returns == CType::shape() => format!("CHECK({call}.ndim == 0);"),
                Some(invalid) => format!("CHECK({call} == ({}){invalid});", signature.returns.c()),
            });
        }
    }
    lines
}

fn arg_is_null_result(operation: &Operation) -> bool {
    operation.result.as_ref().is_some_and(|result| matches!(result.ty, Type::Text | Type::View(_)))
}

/// Each parameter that is an enumeration, with a number that it does not have.
fn bad_numbers(model: &Model, signature: &Signature) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, arg) in
        signature.args.iter().enumerate().filter(|(_, arg)| matches!(arg.ty.value(), Some(CBase::Enum(_))))
    {
        let call = call_with(model, signature, index, "9999");
        if signature.returns_status() {
            lines.push(format!("{}(DTL_ERROR_INVALID_ARGUMENT, {call});", check(model, &signature.name)));
        } else if signature.name.ends_with("_name") {
            lines.push(format!("CHECK(strcmp({call}, \"unknown\") == 0);"));
            continue;
        } else {
            lines.push(format!("CHECK({call} == 0);"));
        }
        lines.push(format!("CHECK_MESSAGE(\"{} is 9999; use one of DTL_\");", arg.name));
    }
    lines
}

/// Each address that must not be null, being null.
fn null_addresses(model: &Model) -> Vec<String> {
    let mut lines = Vec::new();
    for (operation, function) in c_functions(model).filter(|(_, function)| function.query.is_none()) {
        let signature = ffi::signature(operation, function);
        for (index, arg) in function.args.iter().enumerate() {
            let is_needed = arg.sources.iter().any(|source| match source {
                CSource::Result
                | CSource::Request
                | CSource::ResultPart(Part::Pointer | Part::Beside)
                | CSource::ParamPart(_, Part::Pointer) => true,
                CSource::Param(name) => operation.param(name).is_some_and(must_point),
                _ => false,
            });
            if is_needed {
                let call = call_with(model, &signature, index, "NULL");
                let is_request = matches!(arg.sources[0], CSource::Request);
                let check = if is_request { "CHECK_STATUS" } else { check(model, &signature.name) };
                lines.push(format!("{check}(DTL_ERROR_NULL_POINTER, {call});"));
                lines.push(format!("CHECK_MESSAGE(\"{} is null\");", arg.name));
            }
        }
    }
    lines
}

/// The macro that checks the error of a function: of one that issues an operation, its request gives it.
fn check(model: &Model, name: &str) -> &'static str {
    let is_issued = model
        .operations()
        .any(|operation| operation.is_issued() && operation.c.iter().any(|function| function.name == name));
    if is_issued { "CHECK_ISSUED" } else { "CHECK_STATUS" }
}

/// True for a parameter behind a pointer that must not be null.
fn must_point(param: &Param) -> bool {
    let points = matches!(param.ty, Type::Value(_) | Type::Text | Type::PerDimension(_));
    points && !param.optional && param.default.is_none()
}

fn c_functions(model: &Model) -> impl Iterator<Item = (&Operation, &CFunction)> {
    model
        .operations_in("c")
        .flat_map(|operation| operation.c.iter().map(move |function| (operation, function)))
}
