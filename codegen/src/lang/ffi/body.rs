//! The bodies of the `extern "C"` functions: convert the arguments, call the checked operation, put the result where C
//! wants it. Statements are calls of `dtl-border-c`; what they check and say is decided there.

use crate::model::{
    CArg, CFunction, CSource, Callback, ContextSource, Default, Enum, Of, Operation, Param, Part, Returns,
    Struct, Type,
};
use crate::spec::ResultOn;

use super::signature::value;

/// The body of a C function of `operation`.
pub(super) fn body(operation: &Operation, function: &CFunction) -> String {
    Body { operation, function }.text()
}

struct Body<'a> {
    operation: &'a Operation,
    function: &'a CFunction,
}

/// A local variable of the body and the statement that makes it.
struct Local {
    /// Its name; `()` for a statement that only checks.
    name: String,
    mutable: bool,
    /// Why its `unsafe` is sound, if there is any.
    safety: Option<String>,
    value: String,
}

impl Body<'_> {
    fn text(&self) -> String {
        let mut statements = self.pins();
        let locals = self.locals();
        let finish = self.finish();
        if self.operation.is_collective() && !locals.is_empty() {
            statements.push(self.prepared(&locals, &finish));
        } else {
            statements.extend(locals.iter().map(|local| local.statement(&local.pattern())));
        }
        let (ignored, statements) = (self.ignored(), statements.join("\n"));
        match self.function.query {
            None => format!("{ignored}call::status(|| {{ {statements} {finish} }})"),
            Some(invalid) => {
                format!("{ignored}call::query({}, || {{ {statements} {finish} }})", self.invalid(invalid))
            }
        }
    }

    /// Arguments that nothing reads.
    fn ignored(&self) -> String {
        let is_ignored = |arg: &&CArg| matches!(arg.sources[0], CSource::Ignored(_));
        let names: Vec<&str> =
            self.function.args.iter().filter(is_ignored).map(|arg| arg.name.as_str()).collect();
        match names.as_slice() {
            [] => String::new(),
            names => format!("let _ = ({},);", names.join(", ")),
        }
    }

    /// The objects, which must be there before anything can be agreed on.
    fn pins(&self) -> Vec<String> {
        let mut pins = Vec::new();
        for arg in &self.function.args {
            let object = match &arg.sources[0] {
                CSource::This => self.operation.object.as_ref(),
                CSource::Param(name) => match &self.param(name).ty {
                    Type::Object(object) => Some(object),
                    _ => None,
                },
                _ => None,
            };
            if let Some(object) = object {
                let name = &arg.name;
                pins.push(format!("let {name} = objects::pin::<{}, _>(\"{name}\", {name})?;", object.rust));
            }
        }
        pins
    }

    /// Conversions that can fail on this rank alone; the other ranks of a collective operation then learn of it.
    fn prepared(&self, locals: &[Local], finish: &str) -> String {
        let words: Vec<&str> = finish.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        let used: Vec<&Local> = locals.iter().filter(|local| words.contains(&local.name.as_str())).collect();
        let tuple = |names: Vec<String>| {
            if let [name] = names.as_slice() { name.clone() } else { format!("({})", names.join(", ")) }
        };
        let statements: Vec<String> = locals.iter().map(|local| local.statement(&local.name)).collect();
        format!(
            "let prepare = || {{ {} Ok({}) }};
            let {} = prepare().map_err(|error| ops::refuse({}, Operation::{}, error))?;",
            statements.join("\n"),
            tuple(used.iter().map(|local| local.name.clone()).collect()),
            tuple(used.iter().map(|local| local.pattern()).collect()),
            self.context(),
            self.operation.variant,
        )
    }

    /// An expression for a reference to the context of a collective operation.
    fn context(&self) -> String {
        match self.operation.context() {
            Some(ContextSource::Param(name)) => format!("&{}", self.arg_of(&name).unwrap_or(&name)),
            Some(ContextSource::This) => format!("&{}", self.this()),
            Some(ContextSource::OfThis) | None => format!("{}.context()", self.this()),
        }
    }

    fn this(&self) -> &str {
        let arg = self.function.args.iter().find(|arg| matches!(arg.sources[0], CSource::This));
        arg.map(|arg| arg.name.as_str()).unwrap_or("self")
    }

    fn locals(&self) -> Vec<Local> {
        let mut locals = Vec::new();
        for arg in &self.function.args {
            locals.extend(self.dtype_local(arg));
        }
        for arg in &self.function.args {
            for source in &arg.sources {
                locals.extend(self.local(arg, source));
            }
        }
        locals
    }

    /// Element types come first: other arguments are read by them.
    fn dtype_local(&self, arg: &CArg) -> Option<Local> {
        let is_dtype = arg.sources.iter().any(|source| match source {
            CSource::ParamPart(_, Part::Dtype) | CSource::ResultPart(Part::Dtype) => true,
            CSource::Param(name) => matches!(self.param(name).ty, Type::Dtype),
            _ => false,
        });
        let name = &arg.name;
        is_dtype
            .then(|| Local::new(name, format!("enumeration::<Dtype>(\"{name}\", {name}, \"DTL_DTYPE_\")?")))
    }

    fn local(&self, arg: &CArg, source: &CSource) -> Vec<Local> {
        let name = &arg.name;
        match source {
            CSource::Param(param) => self.param_local(arg, self.param(param)).into_iter().collect(),
            CSource::ParamPart(param, Part::Pointer) => vec![self.input(arg, self.param(param))],
            CSource::ResultPart(Part::Pointer) => vec![self.output(arg)],
            CSource::Result => vec![self.place(name)],
            CSource::Struct(item) => self.struct_locals(name, item),
            CSource::This | CSource::ParamPart(..) | CSource::ResultPart(_) | CSource::Ignored(_) => {
                Vec::new()
            }
        }
    }

    /// A struct of the caller, or its defaults, and the enumerations in it.
    fn struct_locals(&self, name: &str, item: &Struct) -> Vec<Local> {
        let reserved: Vec<String> = (item.fields.iter())
            .filter(|field| field.name == "reserved")
            .map(|field| format!("numbers::reserved(\"{name}.{0}\", &{name}.{0})?", field.name))
            .collect();
        let value = format!("unsafe {{ {name}.as_ref() }}.copied().unwrap_or_default()");
        let safety =
            format!("`{name}` is null or the address of such a struct, as the documentation demands.");
        let mut locals = vec![Local::new(name, value).sound_as(safety)];
        locals.extend(reserved.into_iter().map(|check| Local::new("()", check)));
        for param in &self.operation.params {
            if let (Type::Enum(of), true) =
                (&param.ty, item.fields.iter().any(|field| field.name == param.name))
            {
                let field = format!("{name}.{}", param.name);
                locals.push(Local::new(&param.name, enumeration(of, &field, &field)));
            }
        }
        locals
    }

    fn param_local(&self, arg: &CArg, param: &Param) -> Option<Local> {
        let name = &arg.name;
        match &param.ty {
            Type::Enum(item) => Some(Local::new(&param.name, enumeration(item, name, name))),
            Type::Callback(callback) => Some(self.callback(name, param, callback)),
            Type::Shape => Some(Local::new(&param.name, extents(param, name))),
            Type::PerDimension(each) => Some(self.list(arg, param, each)),
            Type::Text => {
                let safety = format!("`{name}` is null or a text that ends, as the documentation demands.");
                Some(
                    Local::new(&param.name, format!("unsafe {{ texts::read(\"{name}\", {name}) }}?"))
                        .sound_as(safety),
                )
            }
            Type::Value(of) => {
                let dtype = self.dtype_of(of);
                let (read, fails) = match param.optional {
                    true => (format!("scalars::optional_scalar({name}, {dtype})"), ""),
                    false => (format!("scalars::scalar(\"{name}\", {name}, {dtype})"), "?"),
                };
                let safety =
                    format!("`{name}` is null or the address of one element, as the documentation demands.");
                Some(Local::new(&param.name, format!("unsafe {{ {read} }}{fails}")).sound_as(safety))
            }
            _ => None,
        }
    }

    /// A function of the caller together with the address that it wants back.
    fn callback(&self, name: &str, param: &Param, callback: &Callback) -> Local {
        let is_part =
            |source: &CSource| matches!(source, CSource::ParamPart(of, Part::UserData) if *of == param.name);
        let user_data = self.function.args.iter().find(|arg| arg.sources.iter().any(is_part));
        let user_data = user_data.map_or("std::ptr::null_mut()", |arg| arg.name.as_str());
        let made = format!("unsafe {{ crate::callbacks::{}({name}, {user_data}) }}", callback.name);
        let value = match param.optional {
            true => made,
            false => format!("dtl_border_c::callbacks::needed(\"{name}\", {made})?"),
        };
        let safety =
            format!("the caller lets `{name}` be called with `{user_data}`, as the documentation demands.");
        Local::new(&param.name, value).sound_as(safety)
    }

    /// Numbers of which there is one for each dimension.
    fn list(&self, arg: &CArg, param: &Param, each: &Type) -> Local {
        let (name, count) = (&arg.name, self.dimensions());
        let read = match each {
            Type::Enum(item) => format!(
                "dimensions::enumerations::<{}>(\"{name}\", {name}, {count}, \"DTL_{}_\")",
                item.type_name, item.prefix
            ),
            _ => format!("dimensions::list_at({name}, {count})"),
        };
        let read = match each {
            Type::Enum(_) => format!("unsafe {{ {read} }}?"),
            _ => format!("unsafe {{ {read} }}"),
        };
        let value = match (&param.default, param.optional) {
            (Some(_), _) => format!("{read}.unwrap_or_else(|| vec![{}])", self.absent_value(param)),
            (None, true) => read,
            (None, false) => format!("dimensions::needed(\"{name}\", {read})?"),
        };
        let safety =
            format!("`{name}` is null or has a number for each dimension, as the documentation demands.");
        Local::new(&param.name, value).sound_as(safety)
    }

    /// An expression for the number of dimensions.
    fn dimensions(&self) -> String {
        match (self.operation.shape_param(), &self.operation.object) {
            (Some(shape), _) => format!("{}.len()", shape.name),
            (None, Some(object)) => format!("ops::{}_ndim(&{}) as usize", object.name, self.this()),
            (None, None) => unreachable!("the rules demand a shape or an object with dimensions"),
        }
    }

    fn input(&self, arg: &CArg, param: &Param) -> Local {
        let Type::Array(of) = &param.ty else { unreachable!("only arrays have parts") };
        let name = &arg.name;
        let count = self.count(|source| match source {
            CSource::ParamPart(of, part) if *of == param.name => Some(*part),
            _ => None,
        });
        let dtype = self.dtype_of_array(
            of,
            |source| matches!(source, CSource::ParamPart(of, Part::Dtype) if *of == param.name),
        );
        let start = address(name, of);
        let call = match param.optional {
            true => format!("Input::at_if({}, \"{name}\", {start}, {count}, {dtype})?", self.is_read(name)),
            false => format!("Input::at(\"{name}\", {start}, {count}, {dtype})?"),
        };
        Local::new(&param.name, format!("unsafe {{ {call} }}")).sound_as(elements_are_there(name))
    }

    /// Whether this rank's array counts, where it may be left out: at the root, or where one is passed.
    fn is_read(&self, arg: &str) -> String {
        match self.root() {
            Some(root) => format!("ops::context_rank({}) == {root}", self.context()),
            None => format!("!{arg}.is_null()"),
        }
    }

    fn output(&self, arg: &CArg) -> Local {
        let result = self.result();
        let Type::Array(of) = &result.ty else { unreachable!("only arrays have parts") };
        let name = &arg.name;
        let count = self.count(|source| match source {
            CSource::ResultPart(part) => Some(*part),
            _ => None,
        });
        let dtype = self.dtype_of_array(of, |source| matches!(source, CSource::ResultPart(Part::Dtype)));
        let receives = match (result.on, self.root()) {
            (ResultOn::Root, Some(root)) => format!("ops::context_rank({}) == {root}", self.context()),
            _ => "true".to_owned(),
        };
        let start = address(name, of);
        let mut value =
            format!("unsafe {{ CallerBuffer::at(\"{name}\", {start}, {count}, {dtype}, {receives})? }}");
        for (input, param) in self.separate_inputs(arg) {
            let given = if param.optional {
                format!("{}.as_ref()", param.name)
            } else {
                format!("Some(&{})", param.name)
            };
            value.push_str(&format!(".apart_from(\"{}\", {given})?", input.name));
        }
        Local { mutable: true, ..Local::new("output", value).sound_as(elements_are_there(name)) }
    }

    /// Arrays that are read and are not the very argument that receives the result.
    fn separate_inputs(&self, output: &CArg) -> Vec<(&CArg, &Param)> {
        let mut inputs = Vec::new();
        for arg in self.function.args.iter().filter(|arg| arg.name != output.name) {
            for source in &arg.sources {
                if let CSource::ParamPart(name, Part::Pointer) = source {
                    inputs.push((arg, self.param(name)));
                }
            }
        }
        inputs
    }

    /// The place of a result that is no array.
    fn place(&self, name: &str) -> Local {
        let call = match self.result() {
            Returns { many: Some(_), .. } | Returns { ty: Type::PerDimension(_), .. } => "OutMany::at",
            Returns { ty: Type::Object(_), .. } => "objects::place",
            _ => "Out::at",
        };
        let safety =
            format!("`{name}` is null or the address of room for the result, as the documentation demands.");
        Local::new("place", format!("unsafe {{ {call}(\"{name}\", {name}) }}?")).sound_as(safety)
    }

    /// The call, and what becomes of its result.
    fn finish(&self) -> String {
        let operation = self.operation;
        let mut arguments = Vec::new();
        if operation.takes_self() {
            arguments.push(format!("&{}", self.this()));
        }
        arguments.extend(operation.params.iter().map(|param| self.argument(param)));
        let result = operation.result.as_ref();
        if result.is_some_and(|result| matches!(result.ty, Type::Array(_))) {
            arguments.push("&mut output".to_owned());
        }
        let call = format!("ops::{}({})", operation.symbol, arguments.join(", "));
        let Some(result) = result.filter(|result| !matches!(result.ty, Type::Array(_))) else {
            return if operation.infallible { format!("{call}; Ok(())") } else { call };
        };
        let value = self.given(result, &if operation.infallible { call } else { format!("{call}?") });
        match self.function.query {
            // A call that gives the value itself is a result already.
            Some(_) if value.starts_with("ops::") && value.ends_with('?') => {
                value.trim_end_matches('?').to_owned()
            }
            Some(_) => format!("Ok({value})"),
            None => format!("place.write({value}); Ok(())"),
        }
    }

    /// The result as C has it.
    fn given(&self, result: &Returns, call: &str) -> String {
        match &result.ty {
            Type::Flag => format!("numbers::flag({call})"),
            Type::Text => format!("texts::lend({call})"),
            Type::Dtype | Type::Enum(_) => format!("{call}.code()"),
            Type::Shape => {
                format!("{{ let (ndim, dims) = dimensions::padded(&{call}); dtl_shape {{ ndim, dims }} }}")
            }
            Type::PerDimension(each) if matches!(**each, Type::Enum(_)) => {
                format!("{call}.into_iter().map(|value| value.code())")
            }
            Type::View(_) if self.function.writable => format!("{call}.as_mut_ptr().cast()"),
            Type::View(_) => format!("{call}.as_mut_ptr().cast_const().cast()"),
            Type::Object(_) if result.many.is_some() => format!("objects::give_all({call})?"),
            Type::Object(_) if result.optional => format!("objects::give_optional({call})?"),
            Type::Object(_) => format!("objects::give({call})?"),
            _ => call.to_owned(),
        }
    }

    /// What the operation is passed for a parameter.
    fn argument(&self, param: &Param) -> String {
        let name = &param.name;
        if let Some(arg) = self.struct_with(name) {
            return if matches!(param.ty, Type::Enum(_)) { name.clone() } else { format!("{arg}.{name}") };
        }
        let Some(arg) = self.arg_of(name) else { return self.absent(param) };
        match &param.ty {
            Type::Object(_) => format!("&{arg}"),
            Type::Array(_) if param.optional => format!("{name}.as_ref().map(Input::array)"),
            Type::Array(_) => format!("{name}.array()"),
            Type::Text => format!("&{name}"),
            Type::PerDimension(_) if param.optional => format!("{name}.as_deref()"),
            Type::PerDimension(_) => format!("&{name}"),
            Type::Enum(_) | Type::Value(_) | Type::Callback(_) | Type::Shape => name.clone(),
            Type::Flag => format!("{arg} != 0"),
            Type::Dtype => arg.to_owned(),
            _ if param.optional => format!("Some({arg})"),
            _ => arg.to_owned(),
        }
    }

    /// What a function passes for a parameter that it does not have.
    fn absent(&self, param: &Param) -> String {
        let value = self.absent_value(param);
        if param.ty.is_list() && param.default.is_some() { format!("&[{value}]") } else { value }
    }

    fn absent_value(&self, param: &Param) -> String {
        match &param.default {
            None => "None".to_owned(),
            Some(Default::Flag(value)) => value.to_string(),
            Some(Default::Integer(value)) => value.to_string(),
            Some(Default::Enum(item, index)) => {
                format!("{}::{}", item.type_name, item.values[*index].variant)
            }
            Some(Default::Dtype(dtype)) => format!("Dtype::{}", dtype.variant),
            Some(Default::None(constant)) => format!("constants::{}", constant.name),
        }
    }

    /// The struct argument with a field for the parameter `name`.
    fn struct_with(&self, name: &str) -> Option<&str> {
        self.function.args.iter().find_map(|arg| match &arg.sources[0] {
            CSource::Struct(item) if item.fields.iter().any(|field| field.name == name) => {
                Some(arg.name.as_str())
            }
            _ => None,
        })
    }

    /// The C argument that stands for the parameter `name` or, for an array, for its address.
    fn arg_of(&self, name: &str) -> Option<&str> {
        let stands = |source: &CSource| match source {
            CSource::Param(param) | CSource::ParamPart(param, Part::Pointer) => param == name,
            _ => false,
        };
        self.function.args.iter().find(|arg| arg.sources.iter().any(stands)).map(|arg| arg.name.as_str())
    }

    /// The number of elements of an array, whose parts `part` finds among the sources; one of no dimensions has none.
    fn count(&self, part: impl Fn(&CSource) -> Option<Part>) -> String {
        for arg in &self.function.args {
            let name = &arg.name;
            match arg
                .sources
                .iter()
                .filter_map(&part)
                .find(|part| matches!(part, Part::Count | Part::CountPerRank))
            {
                Some(Part::Count) => return format!("Count::of(\"{name}\", {name})?"),
                Some(_) => {
                    return format!(
                        "Count::per_rank(\"{name}\", {name}, ops::context_size({}))?",
                        self.context()
                    );
                }
                None => {}
            }
        }
        "Count::ONE".to_owned()
    }

    fn dtype_of_array(&self, of: &Of, is_part: impl Fn(&CSource) -> bool) -> String {
        match of {
            Of::Variable(_) => {
                let arg = self.function.args.iter().find(|arg| arg.sources.iter().any(&is_part));
                arg.map(|arg| arg.name.clone()).unwrap_or_else(|| {
                    unreachable!("an array of {} is passed without an element type", self.function.name)
                })
            }
            of => self.dtype_of(of),
        }
    }

    fn dtype_of(&self, of: &Of) -> String {
        match of {
            Of::Fixed(dtype) => format!("Dtype::{}", dtype.variant),
            Of::Param(name) => match (self.arg_of(name), self.operation.param(name)) {
                (Some(arg), _) => arg.to_owned(),
                (None, Some(param)) => self.absent(param),
                (None, None) => unreachable!("resolving checks parameters"),
            },
            Of::Own(property) => format!("{}.{property}()", self.this()),
            Of::This | Of::Variable(_) => format!("{}.dtype()", self.this()),
        }
    }

    fn root(&self) -> Option<&str> {
        let is_root = |param: &&Param| matches!(&param.ty, Type::Integer(kind) if kind.name == "root");
        self.arg_of(&self.operation.params.iter().find(is_root)?.name)
    }

    fn invalid(&self, invalid: i64) -> String {
        match &self.result().ty {
            Type::Text => "std::ptr::null()".to_owned(),
            Type::Shape => "dtl_shape::default()".to_owned(),
            Type::View(_) if self.function.writable => "std::ptr::null_mut()".to_owned(),
            Type::View(_) => "std::ptr::null()".to_owned(),
            ty => match invalid < 0 && value(ty, true).c == "dtl_size_t" {
                true => "dtl_size_t::MAX".to_owned(),
                false => invalid.to_string(),
            },
        }
    }

    fn param(&self, name: &str) -> &Param {
        self.operation.param(name).expect("resolving checks parameters")
    }

    fn result(&self) -> &Returns {
        self.operation.result.as_ref().expect("resolving checks results")
    }
}

impl Local {
    fn new(name: impl Into<String>, value: String) -> Self {
        Self { name: name.into(), mutable: false, safety: None, value }
    }

    fn sound_as(self, safety: String) -> Self {
        Self { safety: Some(safety), ..self }
    }

    fn pattern(&self) -> String {
        if self.mutable { format!("mut {}", self.name) } else { self.name.clone() }
    }

    fn statement(&self, pattern: &str) -> String {
        let safety = self.safety.as_ref().map(|safety| format!("// SAFETY: {safety}\n")).unwrap_or_default();
        match pattern {
            "()" => format!("{};", self.value),
            _ => format!("{safety}let {pattern} = {};", self.value),
        }
    }
}

/// The extents in a `dtl_shape`.
fn extents(param: &Param, name: &str) -> String {
    let parts = format!("\"{name}\", {name}.ndim, &{name}.dims");
    match (&param.default, param.optional) {
        (Some(Default::Integer(value)), _) => {
            format!("dimensions::optional_extents({parts})?.unwrap_or(&[{value}])")
        }
        (_, true) => format!("dimensions::optional_extents({parts})?"),
        _ => format!("dimensions::extents({parts})?"),
    }
}

/// The address of elements, whose type C knows where there is only one dtype.
fn address(name: &str, of: &Of) -> String {
    if matches!(of, Of::Fixed(_)) { format!("{name}.cast()") } else { name.to_owned() }
}

fn elements_are_there(name: &str) -> String {
    format!("`{name}` is null or has as many elements as its count says, as the documentation demands.")
}

fn enumeration(item: &Enum, name: &str, expression: &str) -> String {
    format!("enumeration::<{}>(\"{name}\", {expression}, \"DTL_{}_\")?", item.type_name, item.prefix)
}

#[cfg(test)]
mod tests {
    use super::super::signature::signature;
    use super::*;

    #[test]
    fn a_query_has_the_type_of_its_result() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("codegen lies in the repository");
        let model = crate::load(root).expect("the specification of this repository is right");
        let rank = model
            .operations()
            .find(|operation| operation.full_name == "context.rank")
            .expect("it is specified");
        let query = rank.c.iter().find(|function| function.query.is_some()).expect("properties have queries");
        assert_eq!(signature(rank, query).prototype(), "dtl_rank_t dtl_context_rank(dtl_context_t context)");
        let text = body(rank, query);
        assert!(text.starts_with("call::query(-1, || {"), "{text}");
    }
}
