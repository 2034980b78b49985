//! The call of the checked operation: what it is passed, and what becomes of its result.

use super::super::signature::{CType, value};
use super::Body;
use crate::model::{CArg, CSource, Default, Param, Returns, Struct, Type};

impl Body<'_> {
    /// The call.
    pub(super) fn call(&self) -> String {
        let operation = self.operation;
        let mut arguments = Vec::new();
        if operation.takes_self() {
            arguments.push(format!("&{}", self.this()));
        }
        arguments.extend(operation.params.iter().map(|param| self.argument(param)));
        if operation.result.as_ref().is_some_and(|result| matches!(result.ty, Type::Array(_))) {
            let output = if operation.beside().is_some() { "Pair(output, beside)" } else { "output" };
            arguments.push(format!("{}{output}", if operation.is_issued() { "" } else { "&mut " }));
        }
        format!("ops::{}({})", operation.function, arguments.join(", "))
    }

    /// Whether there is nothing to do but to call the operation, which is passed nothing and gives nothing.
    pub(super) fn calls_without_arguments(&self) -> bool {
        let operation = self.operation;
        let is_plain = !self.function.gives_up && !operation.infallible && operation.result.is_none();
        is_plain && !operation.takes_self() && operation.params.is_empty()
    }

    /// The call, and what becomes of its result.
    pub(super) fn finish(&self) -> String {
        let operation = self.operation;
        let (call, result) = (self.call(), operation.result.as_ref());
        if self.function.gives_up {
            return format!("let done = {call};\n{}\ndone", self.giving_up());
        }
        let Some(result) = result.filter(|result| !matches!(result.ty, Type::Array(_))) else {
            return if operation.infallible { format!("{call}; Ok(())") } else { call };
        };
        if let (Type::Struct(item), true) = (&result.ty, result.optional) {
            let fields = fields(item);
            return format!(
                "let found = {call}?; is_there.write(numbers::flag(found.is_some())); \
                 if let Some(found) = found {{ place.write(dtl_{} {{ {fields} }}); }} Ok(())",
                item.name
            );
        }
        let properties = self.properties();
        if !properties.is_empty() {
            let given = self.converted(result, "made").unwrap_or_else(|| "made".to_owned());
            return format!("let made = {call}?;\n{properties}\nplace.write({given}); Ok(())");
        }
        if let (Some(told), None) = (result.if_failed, self.function.query) {
            return format!(
                "let found = {call}; place.write(numbers::flag(found.as_ref().copied().unwrap_or({told}))); found.map(drop)"
            );
        }
        let is_given = |value: &str| match self.converted(result, value) {
            Some(converted) => converted,
            None => value.to_owned(),
        };
        match (self.function.query, operation.infallible) {
            // A call that gives the value itself is a result already.
            (Some(_), false) if self.converted(result, "").is_none() => call,
            (Some(_), true) => format!("Ok({})", is_given(&call)),
            (Some(_), false) => format!("Ok({})", is_given(&format!("{call}?"))),
            (None, true) => format!("place.write({}); Ok(())", is_given(&call)),
            (None, false) => format!("place.write({}); Ok(())", is_given(&format!("{call}?"))),
        }
    }

    /// The statements that put properties of the object that is made where the caller wants them.
    fn properties(&self) -> String {
        let property = |arg: &CArg| match &arg.sources[0] {
            CSource::ResultProperty(function, _) => Some(format!(
                "if let Some(place) = {}_place {{ place.write(ops::{function}(&made)); }}",
                arg.name
            )),
            _ => None,
        };
        self.function.args.iter().filter_map(property).collect()
    }

    /// The statement that takes an owner from what the function was called on.
    fn giving_up(&self) -> String {
        let operation = self.operation;
        let list = operation.params.iter().find_map(|param| match &param.ty {
            Type::Objects(object) => Some((self.arg_of(&param.name)?, self.count_of(&param.name), object)),
            _ => None,
        });
        if let Some((name, count, object)) = list {
            return format!(
                "// SAFETY: they have been read as such, and can be written.
                unsafe {{ objects::give_up::<{}, _>({name}, {count}) }};",
                object.rust
            );
        }
        let object = operation.object.as_ref().expect("what is given up is an object");
        format!("objects::destroy::<{}, _>(\"{}\", handle)?;", object.rust, self.this())
    }

    /// The result as C has it; nothing where that is what the operation gives.
    fn converted(&self, result: &Returns, call: &str) -> Option<String> {
        Some(match &result.ty {
            Type::Integer(kind) if result.optional => {
                let none = kind.none.as_ref().expect("resolving checks that there is a number for no result");
                format!("{call}.unwrap_or(constants::{})", none.name)
            }
            Type::Flag => format!("numbers::flag({call})"),
            Type::Text => format!("texts::lend({call})"),
            Type::Dtype | Type::Enum(_) => format!("{call}.code()"),
            Type::Shape => {
                format!("{{ let (ndim, dims) = dimensions::padded(&{call}); dtl_shape {{ ndim, dims }} }}")
            }
            Type::Struct(item) => {
                format!("{{ let found = {call}; dtl_{} {{ {} }} }}", item.name, fields(item))
            }
            Type::PerDimension(each) if matches!(**each, Type::Enum(_)) => {
                format!("{call}.into_iter().map(|value| value.code())")
            }
            Type::View(_) if self.function.writable => format!("{call}.as_mut_ptr().cast()"),
            Type::View(_) => format!("{call}.as_mut_ptr().cast_const().cast()"),
            Type::Object(_) if result.many.is_some() => format!("objects::give_all({call})?"),
            Type::Object(_) if result.optional => format!("objects::give_optional({call})?"),
            Type::Object(object) if object.is_abstract => {
                format!("objects::give_alike(handle, {call})?")
            }
            Type::Object(_) => format!("objects::give({call})?"),
            _ => return None,
        })
    }

    /// What the operation is passed for a parameter.
    fn argument(&self, param: &Param) -> String {
        let name = &param.name;
        if let Some(arg) = self.struct_with(param) {
            return if matches!(param.ty, Type::Enum(_)) { name.clone() } else { format!("{arg}.{name}") };
        }
        let Some(arg) = self.arg_of(name) else { return self.absent(param) };
        match &param.ty {
            Type::Object(_) => format!("&{arg}"),
            Type::Objects(_) => format!("&{arg}_behind"),
            Type::Array(_) if self.operation.is_issued() && param.optional => {
                format!("{name}.map(Input::lend)")
            }
            Type::Array(_) if self.operation.is_issued() => format!("{name}.lend()"),
            Type::Counts | Type::Text if self.operation.is_issued() => name.clone(),
            Type::Array(_) if param.anything => format!("{name}.array().into()"),
            Type::Array(_) if param.optional => format!("{name}.as_ref().map(Input::array)"),
            Type::Array(_) => format!("{name}.array()"),
            Type::Text => format!("&{name}"),
            Type::PerDimension(_) | Type::Counts if param.optional => format!("{name}.as_deref()"),
            Type::PerDimension(_) => format!("&{name}"),
            Type::Enum(_) | Type::Value(_) | Type::Callback(_) | Type::Shape => name.clone(),
            Type::Flag => format!("{arg} != 0"),
            Type::Dtype => arg.to_owned(),
            _ if param.optional => format!("Some({arg})"),
            _ => arg.to_owned(),
        }
    }

    /// What a function passes for a parameter that it does not have.
    pub(super) fn absent(&self, param: &Param) -> String {
        let value = self.absent_value(param);
        if param.ty.is_list() && param.default.is_some() { format!("&[{value}]") } else { value }
    }

    pub(super) fn absent_value(&self, param: &Param) -> String {
        let fixed = self.function.fixed.iter().find(|(name, _)| *name == param.name).map(|(_, value)| value);
        match fixed.or(param.default.as_ref()) {
            None => "None".to_owned(),
            Some(Default::Flag(value)) => value.to_string(),
            Some(Default::Integer(value)) => value.to_string(),
            Some(Default::Enum(item, index)) => {
                format!("{}::{}", item.type_name, item.values[*index].variant)
            }
            Some(Default::Dtype(dtype)) => format!("Dtype::{}", dtype.variant),
            Some(Default::None(constant)) if matches!(param.ty, Type::Real(_)) => {
                format!("f64::from(constants::{})", constant.name)
            }
            Some(Default::None(constant)) => format!("constants::{}", constant.name),
        }
    }

    /// The struct argument with a value for the parameter.
    fn struct_with(&self, param: &Param) -> Option<&str> {
        self.function.args.iter().find_map(|arg| match &arg.sources[0] {
            CSource::Struct(item) if item.has(&param.name, &param.ty) => Some(arg.name.as_str()),
            _ => None,
        })
    }

    pub(super) fn invalid(&self, invalid: i64) -> String {
        match &self.result().ty {
            Type::Text => "std::ptr::null()".to_owned(),
            Type::Shape => "dtl_shape::default()".to_owned(),
            Type::View(_) if self.function.writable => "std::ptr::null_mut()".to_owned(),
            Type::View(_) => "std::ptr::null()".to_owned(),
            ty => match invalid < 0 && value(ty, true) == CType::size() {
                true => "dtl_size_t::MAX".to_owned(),
                false => invalid.to_string(),
            },
        }
    }
}

/// The fields of a struct, from the value `found`.
fn fields(item: &Struct) -> String {
    item.fields.iter().map(|field| format!("{0}: found.{0}, ", field.name)).collect()
}
