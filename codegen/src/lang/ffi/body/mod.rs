//! The bodies of the `extern "C"` functions: convert the arguments, call the checked operation, put the result where C
//! wants it. Statements are calls of `dtl-border-c`; what they check and say is decided there.
//!
//! `locals.rs` is the conversions of arguments, `elements.rs` those of arrays, in and out; `finish.rs` is the call and its
//! result. This file is the frame, and what a body knows of its function.

mod elements;
mod finish;
mod locals;

use super::signature::signature;
use crate::model::{CArg, CFunction, CSource, ContextSource, Operation, Param, Part, Returns, Type};
use locals::{Local, pin};

/// The body of a C function of `operation`.
pub(super) fn body(operation: &Operation, function: &CFunction) -> String {
    Body { operation, function }.text()
}

/// True for an operation that is passed an object of the kind of its own.
pub(super) fn takes_another(operation: &Operation) -> bool {
    let own = operation.object.as_ref();
    operation.params.iter().any(|param| own.is_some_and(|own| param.ty.is_object(&own.name)))
}

/// The body of a C function for one kind of objects, which calls the one for any kind that `base` has.
pub(super) fn delegating(
    operation: &Operation,
    function: &CFunction,
    (base, for_any): (&Operation, &CFunction),
) -> String {
    let body = Body { operation, function };
    let object = operation.object.as_ref().expect("what is inherited belongs to an object");
    let (own, any) = (signature(operation, function), signature(base, for_any));
    let passed: Vec<String> = (own.args.iter().zip(&any.args))
        .map(|(own, any)| match own.ty == any.ty {
            true => own.name.clone(),
            false => format!("{}.cast()", own.name),
        })
        .collect();
    let (this, rust, passed) = (body.this(), &object.rust, passed.join(", "));
    let refuse = format!("objects::refuse::<{rust}, _>(\"{this}\", {this})");
    let refused = match function.query.map(|invalid| body.invalid(invalid)) {
        None => format!("call::status(|| {refuse})"),
        Some(invalid) => format!("call::query({invalid}, || {refuse}.map(|()| {invalid}))"),
    };
    let module = &base.object.as_ref().expect("it is that of an object").name;
    format!(
        "if objects::is::<{rust}, _>({this}) {{
            // SAFETY: both functions demand the same.
            return unsafe {{ crate::{module}::{}({passed}) }};
        }}
        {refused}",
        for_any.name
    )
}

struct Body<'a> {
    operation: &'a Operation,
    function: &'a CFunction,
}

impl Body<'_> {
    fn text(&self) -> String {
        let mut statements = self.pins();
        let locals = self.locals();
        let finish = self.finish();
        if self.operation.is_issued() {
            statements.push(self.issued(&locals));
        } else if self.operation.is_collective() && !locals.is_empty() {
            statements.push(self.prepared(&locals));
        } else {
            statements.extend(locals.iter().map(|local| local.statement(&local.pattern())));
        }
        let (ignored, statements) = (self.ignored(), statements.join("\n"));
        match self.function.query {
            None if self.operation.is_issued() => {
                format!("{ignored}call::status(|| {{ {statements} Ok(()) }})")
            }
            None if statements.is_empty() && self.calls_without_arguments() => {
                format!("{ignored}call::status(ops::{})", self.operation.function)
            }
            None => format!("{ignored}call::status(|| {{ {statements} {finish} }})"),
            Some(invalid) => {
                format!("{ignored}call::query({}, || {{ {statements} {finish} }})", self.invalid(invalid))
            }
        }
    }

    /// Arguments that nothing reads.
    fn ignored(&self) -> String {
        let is_ignored = |arg: &&CArg| matches!(&arg.sources[0], CSource::Ignored(what) if what.is_address());
        let names: Vec<&str> =
            self.function.args.iter().filter(is_ignored).map(|arg| arg.name.as_str()).collect();
        match names.as_slice() {
            [] => String::new(),
            names => format!("let _ = ({},);", names.join(", ")),
        }
    }

    /// The objects through which ranks are reached, which must be there before anything can be agreed on; of what is not
    /// collective, all.
    fn pins(&self) -> Vec<String> {
        let mut pins = Vec::new();
        for arg in &self.function.args {
            let object = match &arg.sources[0] {
                CSource::This => self.operation.object.as_ref(),
                CSource::Param(name) => match &self.param(name).ty {
                    Type::Object(object) if !self.is_agreed_on(name) => Some(object),
                    _ => None,
                },
                _ => None,
            };
            if let Some(object) = object {
                if self.function.gives_up || (object.is_abstract && self.operation.gives_own_kind()) {
                    pins.push(format!("let handle = {};", arg.name));
                }
                pins.push(format!("let {} = {};", arg.name, pin(&arg.name, object)));
            }
        }
        pins
    }

    /// True for an object whose absence on this rank the others learn of through another one.
    fn is_agreed_on(&self, name: &str) -> bool {
        self.operation.is_collective()
            && self.operation.context() != Some(ContextSource::Param(name.to_owned()))
    }

    /// Conversions that can fail on this rank alone; the other ranks of a collective operation then learn of it.
    fn prepared(&self, locals: &[Local]) -> String {
        let used: Vec<&Local> = locals.iter().filter(|local| local.is_passed_on()).collect();
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

    /// The request of a form that does not block. What is wrong with the arguments of this rank is issued too, so that the other
    /// ranks learn of it and the request gives it here.
    fn issued(&self, locals: &[Local]) -> String {
        let (context, variant) = (self.context(), &self.operation.variant);
        let call = self.call();
        let issue = if locals.is_empty() {
            format!("let issued = {call};")
        } else {
            let (made, statements) = self.made(locals);
            format!(
                "let prepare = || {{ {statements} Ok({made}) }};
                let issued = match prepare() {{
                    Ok({made}) => {call},
                    Err(error) => ops::refuse_issued({context}, Operation::{variant}, error),
                }};"
            )
        };
        format!(
            "// SAFETY: `request` is null or the address of room for the result, as the documentation demands.
            let place = unsafe {{ objects::place(\"request\", request) }}.inspect_err(|error| {{
                ops::refuse_issued({context}, Operation::{variant}, error.clone());
            }})?;
            {issue}
            place.write(objects::give(issued)?);"
        )
    }

    /// The variables of the conversions that the call uses, as a pattern, and the conversions.
    fn made(&self, locals: &[Local]) -> (String, String) {
        let used = locals.iter().filter(|local| local.is_passed_on()).map(|local| local.name.as_str());
        let used: Vec<&str> = used.collect();
        let made =
            if let [name] = used.as_slice() { (*name).to_owned() } else { format!("({})", used.join(", ")) };
        let statements: Vec<String> = locals.iter().map(|local| local.statement(&local.name)).collect();
        (made, statements.join("\n"))
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

    /// The C argument that stands for the parameter `name` or, for an array, for its address.
    fn arg_of(&self, name: &str) -> Option<&str> {
        let stands = |source: &CSource| match source {
            CSource::Param(param) | CSource::ParamPart(param, Part::Pointer) => param == name,
            _ => false,
        };
        self.function.args.iter().find(|arg| arg.sources.iter().any(stands)).map(|arg| arg.name.as_str())
    }

    fn param(&self, name: &str) -> &Param {
        self.operation.param(name).expect("resolving checks parameters")
    }

    fn result(&self) -> &Returns {
        self.operation.result.as_ref().expect("resolving checks results")
    }
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
