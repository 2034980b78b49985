//! The conversions of a function's arguments, each a local variable of its body. Those of arrays are in `elements.rs`.

use super::Body;
use crate::model::{CArg, CSource, Callback, Default, Enum, Ignored, Object, Param, Part, Struct, Type};

/// A local variable of the body and the statement that makes it.
pub(super) struct Local {
    /// Its name; `()` for a statement that only checks.
    pub(super) name: String,
    pub(super) mutable: bool,
    /// Only the conversions behind it use it.
    pub(super) is_internal: bool,
    /// Why its `unsafe` is sound, if there is any.
    pub(super) safety: Option<String>,
    pub(super) value: String,
}

impl Body<'_> {
    pub(super) fn locals(&self) -> Vec<Local> {
        let mut locals = Vec::new();
        for arg in &self.function.args {
            locals.extend(self.dtype_local(arg));
        }
        locals.extend(self.shape_local());
        // So do numbers for each rank, which say how long arrays are.
        for arg in &self.function.args {
            locals.extend(self.counts_local(arg));
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
        let is_passed = arg.sources.iter().any(|source| matches!(source, CSource::Param(_)));
        is_dtype.then(|| Local {
            is_internal: !is_passed,
            ..Local::new(name, format!("enumeration::<Dtype>(\"{name}\", {name}, \"DTL_DTYPE_\")?"))
        })
    }

    /// The shape that says how many dimensions there are comes next: lists have as many numbers.
    fn shape_local(&self) -> Option<Local> {
        let param = self.operation.shape_param()?;
        Some(Local::new(&param.name, extents(param, self.arg_of(&param.name)?)))
    }

    fn counts_local(&self, arg: &CArg) -> Option<Local> {
        let CSource::Param(param) = &arg.sources[0] else { return None };
        let (param, name) = (self.param(param), &arg.name);
        let Type::Counts = param.ty else { return None };
        let ranks = format!("ops::context_size({}) as usize", self.context());
        let read = format!("dimensions::list_at({name}, {ranks})");
        let value = match self.root() {
            // Elsewhere anything may be passed.
            Some(_) => format!("unsafe {{ if {} {{ {read} }} else {{ None }} }}", self.is_read(name)),
            None => format!("unsafe {{ {read} }}"),
        };
        let safety = format!("`{name}` is null or has a number for each rank, as the documentation demands.");
        Some(Local::new(&param.name, value).sound_as(safety))
    }

    fn local(&self, arg: &CArg, source: &CSource) -> Vec<Local> {
        let name = &arg.name;
        match source {
            CSource::Param(param) => self.param_local(arg, self.param(param)).into_iter().collect(),
            CSource::ParamPart(param, Part::Pointer) => match &self.param(param).ty {
                Type::Objects(object) => vec![self.objects(arg, param, object)],
                _ => vec![self.input(arg, self.param(param))],
            },
            CSource::ResultPart(Part::Pointer) => vec![self.output(arg)],
            CSource::ResultPart(Part::Beside) => vec![self.beside(arg)],
            CSource::Result => vec![self.place(name)],
            CSource::ResultPart(Part::IsThere) => {
                let safety =
                    format!("`{name}` is null or the address of room for it, as the documentation demands.");
                vec![
                    Local::new("is_there", format!("unsafe {{ Out::at(\"{name}\", {name}) }}?"))
                        .sound_as(safety),
                ]
            }
            CSource::ResultProperty(..) => {
                let safety =
                    format!("`{name}` is null or the address of room for it, as the documentation demands.");
                let place = format!("unsafe {{ Out::if_wanted({name}) }}");
                vec![Local::new(format!("{name}_place"), place).sound_as(safety)]
            }
            CSource::Struct(item) => self.struct_locals(name, item),
            CSource::Ignored(Ignored::Dtype) => {
                let check = format!("enumeration::<Dtype>(\"{name}\", {name}, \"DTL_DTYPE_\")?");
                vec![Local::new("()", check)]
            }
            CSource::This
            | CSource::ParamPart(..)
            | CSource::ResultPart(_)
            | CSource::Request
            | CSource::Ignored(_) => Vec::new(),
        }
    }

    /// The objects behind several handles.
    fn objects(&self, arg: &CArg, param: &str, object: &Object) -> Local {
        let (name, rust) = (&arg.name, &object.rust);
        let count = self.count_of(param);
        let safety = format!(
            "`{name}` is null or has as many handles as `{count}` says, as the documentation demands."
        );
        let value = format!("unsafe {{ objects::list::<{rust}, _>(\"{name}\", {name}, {count}) }}?");
        Local::new(format!("{name}_behind"), value).sound_as(safety)
    }

    /// The C argument with the number of what is in the list `param`.
    pub(super) fn count_of(&self, param: &str) -> &str {
        let is_count =
            |source: &CSource| matches!(source, CSource::ParamPart(of, Part::Count) if of == param);
        let arg = self.function.args.iter().find(|arg| arg.sources.iter().any(is_count));
        arg.map_or("0", |arg| arg.name.as_str())
    }

    /// A struct of the caller, or its defaults, and the enumerations in it.
    fn struct_locals(&self, name: &str, item: &Struct) -> Vec<Local> {
        let reserved: Vec<String> = (item.fields.iter())
            .filter(|field| field.name == "reserved")
            .map(|field| {
                let meant = field.means.len();
                format!("numbers::reserved(\"{name}.{0}\", &{name}.{0}, {meant})?", field.name)
            })
            .collect();
        let value = format!("unsafe {{ {name}.as_ref() }}.copied().unwrap_or_default()");
        let safety =
            format!("`{name}` is null or the address of such a struct, as the documentation demands.");
        let is_passed = |param: &Param| {
            !matches!(param.ty, Type::Enum(_)) && item.fields.iter().any(|field| field.name == param.name)
        };
        let is_internal = !self.operation.params.iter().any(is_passed);
        let mut locals = vec![Local { is_internal, ..Local::new(name, value).sound_as(safety) }];
        locals.extend(reserved.into_iter().map(|check| Local::new("()", check)));
        for param in &self.operation.params {
            let Type::Enum(of) = &param.ty else { continue };
            let meant = item.fields.iter().find_map(|field| {
                let at = field.means.iter().position(|meant| meant.name == of.name)?;
                Some(format!("{name}.{}[{at}]", field.name))
            });
            let named = item.fields.iter().any(|field| field.name == param.name);
            let field = named.then(|| format!("{name}.{}", param.name)).or(meant);
            locals.extend(field.map(|field| Local::new(&param.name, enumeration(of, &field, &field))));
        }
        locals
    }

    fn param_local(&self, arg: &CArg, param: &Param) -> Option<Local> {
        let name = &arg.name;
        match &param.ty {
            Type::Object(object) if self.is_agreed_on(&param.name) => {
                Some(Local::new(name, pin(name, object)))
            }
            Type::Enum(item) => Some(Local::new(&param.name, enumeration(item, name, name))),
            Type::Callback(callback) => Some(self.callback(name, param, callback)),
            Type::Shape if self.operation.shape_param().is_some_and(|shape| shape.name == param.name) => None,
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
            (None, Some(object)) => format!("ops::{}(&{}) as usize", object.function("ndim"), self.this()),
            (None, None) => unreachable!("the rules demand a shape or an object with dimensions"),
        }
    }
}

impl Local {
    pub(super) fn new(name: impl Into<String>, value: String) -> Self {
        Self { name: name.into(), mutable: false, is_internal: false, safety: None, value }
    }

    pub(super) fn sound_as(self, safety: String) -> Self {
        Self { safety: Some(safety), ..self }
    }

    /// True for a variable that the call of the operation or what comes after it uses.
    pub(super) fn is_passed_on(&self) -> bool {
        !self.is_internal && self.name != "()"
    }

    pub(super) fn pattern(&self) -> String {
        if self.mutable { format!("mut {}", self.name) } else { self.name.clone() }
    }

    pub(super) fn statement(&self, pattern: &str) -> String {
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

/// The object behind a handle.
pub(super) fn pin(name: &str, object: &Object) -> String {
    let pin = if object.is_abstract { "pin_any" } else { "pin" };
    format!("objects::{pin}::<{}, _>(\"{name}\", {name})?", object.rust)
}

fn enumeration(item: &Enum, name: &str, expression: &str) -> String {
    format!("enumeration::<{}>(\"{name}\", {expression}, \"DTL_{}_\")?", item.type_name, item.prefix)
}
