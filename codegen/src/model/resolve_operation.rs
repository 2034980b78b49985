//! From a parsed operation to a resolved one: types, defaults, agreements, C functions.

use std::rc::Rc;

use super::resolve::Resolver;
use super::*;
use crate::spec::{self, Base, Literal, Located, Role};

/// Resolves one operation of `object`, or a free one; with the form of it that does not block, where it has one.
pub(super) fn resolve_forms(
    resolver: &mut Resolver<'_>,
    item: &spec::Operation,
    object: Option<&Rc<Object>>,
    file: &str,
) -> Vec<Operation> {
    let operation = resolve_operation(resolver, item, object, file);
    if !item.nonblocking {
        return vec![operation];
    }
    let container = object.filter(|object| object.is_lent()).map(|object| object.name.as_str());
    let mut issued = resolve_operation(resolver, &item.nonblocking_form(container), object, file);
    issued.issues = Some(operation.full_name.clone());
    for function in &mut issued.c {
        function.args.push(CArg { name: "request".to_owned(), sources: vec![CSource::Request] });
    }
    vec![operation, issued]
}

fn resolve_operation(
    resolver: &mut Resolver<'_>,
    item: &spec::Operation,
    object: Option<&Rc<Object>>,
    file: &str,
) -> Operation {
    let full_name =
        object.map_or_else(|| item.name.value.clone(), |object| format!("{}.{}", object.name, item.name));
    // What is inherited is the operation of the object that has it first.
    let base = object.and_then(|object| object.extends.as_ref()).filter(|_| item.inherited);
    let shared_name = base.map_or_else(|| full_name.clone(), |base| format!("{base}.{}", item.name));
    let variables: Vec<Variable> = item
        .dtypes
        .iter()
        .map(|(name, set)| Variable { name: name.clone(), set: resolver.set(set, file) })
        .collect();
    let names: Vec<&str> = variables.iter().map(|variable| variable.name.as_str()).collect();
    let dtype_params: Vec<&str> =
        item.params.iter().filter(|p| p.kind.value == "dtype").map(|p| p.name.as_str()).collect();
    let params: Vec<Param> =
        item.params.iter().map(|param| resolver.param(param, file, &names, &dtype_params)).collect();
    let result = item.result.as_ref().map(|result| resolver.returns(result, file, &names, &dtype_params));
    let mut operation = Operation {
        name: item.name.value.clone(),
        symbol: full_name.replace('.', "_"),
        inherited: item.inherited,
        function: shared_name.replace('.', "_"),
        variant: upper_camel(&shared_name),
        shared_name,
        full_name,
        object: object.cloned(),
        role: item.role,
        function_of: item
            .function_of
            .as_ref()
            .map(|object| FunctionOf { name: object.name.value.clone(), doc: object.doc.value.clone() }),
        shares_name: None,
        scope: item.scope,
        summary: item.summary.value.clone(),
        details: item.details.value.clone(),
        agree: item.agree.iter().filter_map(|name| resolver.agree(name, &params, file)).collect(),
        same_as: item.same_as.as_ref().map(|name| name.value.clone()),
        errors: item
            .errors
            .iter()
            .map(|error| OperationError {
                status: resolver.status_named(&error.status, file),
                when: error.when.value.clone(),
            })
            .collect(),
        variables,
        params,
        result,
        mutates: item.mutates,
        elements: item.elements,
        infallible: item.infallible || item.role == Role::Property,
        nonblocking: item.nonblocking,
        issues: None,
        implementation: item.implementation.value.clone(),
        skips: Vec::new(),
        since: item.since.as_ref().map(|since| since.value.clone()),
        deprecated: item
            .deprecated
            .as_ref()
            .map(|notice| (notice.since.value.clone(), notice.note.value.clone())),
        c: Vec::new(),
        python_name: item.python.name.as_ref().unwrap_or(&item.name).value.clone(),
        aliases: item.python.aliases.iter().map(|name| name.value.clone()).collect(),
        outcome: item.python.outcome,
        python_module: None,
        numpy_reduction: item.python.numpy_reduction,
        selects: item.python.selects,
        with_function: item.python.with_function.as_ref().map(|name| name.value.clone()),
        instant: item.python.instant || item.role == Role::Property || item.infallible,
        examples: item.examples.iter().map(|example| resolver.example(example, file)).collect(),
        position: item.name.position(file),
    };
    operation.c = resolver.c_functions(item, &operation, file);
    operation
}

impl Resolver<'_> {
    /// The type that `kind` and `of` name.
    pub(super) fn ty(
        &mut self,
        kind: &Located<String>,
        of: Option<&Located<String>>,
        file: &str,
        variables: &[&str],
        dtype_params: &[&str],
    ) -> Type {
        if let Some(item) = self.enums.iter().find(|item| item.name == kind.value && item.name != "dtype") {
            return Type::Enum(item.clone());
        }
        if let Some(object) = self.objects.iter().find(|object| object.name == kind.value) {
            return Type::Object(object.clone());
        }
        if let Some(callback) = self.callbacks.iter().find(|callback| callback.name == kind.value) {
            return Type::Callback(callback.clone());
        }
        let Some(found) = self.kinds.iter().find(|known| known.name == kind.value).cloned() else {
            if let Some(item) = self.structs.iter().find(|item| item.name == kind.value) {
                return Type::Struct(item.clone());
            }
            let known: Vec<String> = (self.kinds.iter().map(|known| known.name.clone()))
                .chain(
                    self.enums.iter().filter(|known| known.name != "dtype").map(|known| known.name.clone()),
                )
                .chain(self.objects.iter().map(|known| known.name.clone()))
                .chain(self.callbacks.iter().map(|known| known.name.clone()))
                .collect();
            self.unknown(
                "kind, enumeration, object or callback",
                kind,
                file,
                known.iter().map(String::as_str),
            );
            return Type::Flag;
        };
        match found.base {
            Base::I32 | Base::I64 | Base::U64 => Type::Integer(found),
            Base::F64 => Type::Real(found),
            Base::Flag => Type::Flag,
            Base::Shape => Type::Shape,
            Base::Counts => Type::Counts,
            Base::Text => Type::Text,
            Base::Dtype => Type::Dtype,
            Base::Communicator => Type::Communicator,
            Base::Array => Type::Array(self.of(kind, of, file, variables, dtype_params)),
            Base::Value => Type::Value(self.of(kind, of, file, variables, dtype_params)),
            Base::View => Type::View(self.of(kind, of, file, variables, dtype_params)),
        }
    }

    fn of(
        &mut self,
        kind: &Located<String>,
        of: Option<&Located<String>>,
        file: &str,
        variables: &[&str],
        dtype_params: &[&str],
    ) -> Of {
        let Some(of) = of else {
            self.problem(
                kind.position(file),
                format!("`kind: {kind}` does not say of which dtype"),
                "Add `of:` with a dtype variable, a dtype, a parameter of kind dtype, `self`, or a property such as `self.key_dtype`.",
            );
            return Of::This;
        };
        let name = of.value.as_str();
        if name == "self" {
            Of::This
        } else if let Some(property) = name.strip_prefix("self.") {
            Of::Own(property.to_owned())
        } else if variables.contains(&name) {
            Of::Variable(of.value.clone())
        } else if dtype_params.contains(&name) {
            Of::Param(of.value.clone())
        } else if let Some(dtype) = self.dtypes.iter().find(|dtype| dtype.name == name) {
            Of::Fixed(dtype.clone())
        } else {
            let known: Vec<String> = self.dtypes.iter().map(|dtype| dtype.name.clone()).collect();
            let known = known.iter().map(String::as_str);
            self.unknown(
                "element type",
                of,
                file,
                variables.iter().copied().chain(dtype_params.iter().copied()).chain(known),
            );
            Of::This
        }
    }

    fn param(&mut self, param: &spec::Param, file: &str, variables: &[&str], dtype_params: &[&str]) -> Param {
        let ty = self.ty(&param.kind, param.of.as_ref(), file, variables, dtype_params);
        let ty = self.per_dimension(param.per_dimension, ty, &param.kind, file);
        let ty = if param.list { self.list(ty, &param.kind, file) } else { ty };
        Param {
            name: param.name.value.clone(),
            default: param.default.as_ref().and_then(|literal| self.default(literal, &ty, file)),
            ty,
            direction: param.direction,
            shape: param.shape.as_ref().map(|shape| Shape::read(&shape.value)),
            optional: param.optional,
            keyword_only: param.keyword_only,
            or_new: param.or_new,
            anything: param.anything,
            counts_bool_under: param.counts_bool_under.as_ref().map(|name| name.value.clone()),
            dtypes: param.dtypes.as_ref().map(|name| self.set(name, file)),
            doc: param.doc.value.clone(),
        }
    }

    pub(super) fn default(&mut self, literal: &Located<Literal>, ty: &Type, file: &str) -> Option<Default> {
        let ty = if let Type::PerDimension(each) = ty { each } else { ty };
        match (&literal.value, ty) {
            (Literal::Bool(value), Type::Flag) => return Some(Default::Flag(*value)),
            (Literal::Int(value), Type::Integer(_) | Type::Shape) => return Some(Default::Integer(*value)),
            (Literal::Name(name), Type::Integer(kind) | Type::Real(kind)) if name == "none" => {
                if let Some(constant) = &kind.none {
                    return Some(Default::None(constant.clone()));
                }
            }
            (Literal::Name(name), Type::Enum(item)) => {
                if let Some(index) = item.values.iter().position(|value| value.text == *name) {
                    return Some(Default::Enum(item.clone(), index));
                }
            }
            (Literal::Name(name), Type::Dtype) => {
                if let Some(dtype) = self.dtypes.iter().find(|dtype| dtype.name == *name) {
                    return Some(Default::Dtype(dtype.clone()));
                }
            }
            _ => {}
        }
        self.problem(
            literal.position(file),
            "the default does not have the type of its kind",
            "Write true or false, an integer, `none` for a kind that has a constant for it, or the lower-case name of an \
             enumeration value or dtype.",
        );
        None
    }

    fn returns(
        &mut self,
        result: &spec::Returns,
        file: &str,
        variables: &[&str],
        dtype_params: &[&str],
    ) -> Returns {
        let ty = self.ty(&result.kind, result.of.as_ref(), file, variables, dtype_params);
        if let (true, Type::Integer(kind)) = (result.optional && result.many.is_none(), &ty)
            && kind.none.is_none()
        {
            self.problem(
                result.kind.position(file),
                format!(
                    "the result may be absent, but `{}` has no number that says so in C and Fortran",
                    kind.name
                ),
                "Take a kind with `none`, which names a constant.",
            );
        }
        Returns {
            ty: self.per_dimension(result.per_dimension, ty, &result.kind, file),
            elements: result.elements.as_ref().and_then(|name| self.kind_named(name, file)),
            name: result.name.as_ref().map_or_else(|| "result".to_owned(), |name| name.value.clone()),
            shape: result.shape.as_ref().map(|shape| Shape::read(&shape.value)),
            optional: result.optional,
            many: result.many.as_ref().map(|many| many.value.clone()),
            announced: result.announced,
            on: result.at,
            if_failed: result.if_failed,
            beside: result.beside.as_ref().map(|beside| Box::new(self.beside(result, beside, file))),
            doc: result.doc.value.clone(),
        }
    }

    /// The second array of a result.
    fn beside(&mut self, result: &spec::Returns, beside: &spec::Beside, file: &str) -> Returns {
        Returns {
            ty: self.ty(&result.kind, Some(&beside.of), file, &[], &[]),
            elements: None,
            name: beside.name.value.clone(),
            shape: result.shape.as_ref().map(|shape| Shape::read(&shape.value)),
            optional: false,
            many: None,
            announced: None,
            on: result.at,
            if_failed: None,
            beside: None,
            doc: beside.doc.value.clone(),
        }
    }

    fn per_dimension(&mut self, wanted: bool, ty: Type, kind: &Located<String>, file: &str) -> Type {
        match &ty {
            _ if !wanted => ty,
            Type::Integer(_) | Type::Enum(_) => Type::PerDimension(Rc::new(ty)),
            _ => {
                self.problem(
                    kind.position(file),
                    format!("`kind: {kind}` cannot have one value for each dimension"),
                    "Leave `per_dimension` away; it is for integers and enumerations.",
                );
                ty
            }
        }
    }

    fn list(&mut self, ty: Type, kind: &Located<String>, file: &str) -> Type {
        if let Type::Object(object) = ty {
            return Type::Objects(object);
        }
        self.problem(
            kind.position(file),
            format!("`kind: {kind}` is no object, of which there can be a list"),
            "Leave `list` away, or name an object.",
        );
        ty
    }

    fn kind_named(&mut self, name: &Located<String>, file: &str) -> Option<Rc<Kind>> {
        let found = self.kinds.iter().find(|kind| kind.name == name.value).cloned();
        if found.is_none() {
            let known: Vec<String> = self.kinds.iter().map(|kind| kind.name.clone()).collect();
            self.unknown("kind", name, file, known.iter().map(String::as_str));
        }
        found
    }

    fn agree(&mut self, name: &Located<String>, params: &[Param], file: &str) -> Option<Agree> {
        let (param_name, part) =
            name.split_once('.').map_or((name.as_str(), None), |(param, part)| (param, Some(part)));
        let param = params.iter().find(|param| param.name == param_name);
        let owned = param_name.to_owned();
        let found = param.and_then(|param| match (&param.ty, part) {
            (Type::Array(_), Some("dtype")) => Some(Agree::DtypeOf(owned)),
            (Type::Array(_), Some("shape")) => Some(Agree::ShapeOf(owned)),
            (Type::Array(_), Some("row")) => Some(Agree::RowOf(owned)),
            (Type::Object(object), None) if object.is_container() => Some(Agree::Container(owned)),
            (Type::Dtype, None) => Some(Agree::Dtype(owned)),
            (Type::Enum(item), None) if item.name == "reduce_op" => Some(Agree::Operator(owned)),
            (Type::Integer(kind), None) if kind.name == "root" => Some(Agree::Root(owned)),
            (Type::Integer(_) | Type::Flag | Type::Enum(_), None) => Some(Agree::Other(owned)),
            (Type::Shape | Type::PerDimension(_), None) => Some(Agree::List(owned)),
            _ => None,
        });
        if found.is_none() {
            self.problem(
                name.position(file),
                format!("ranks cannot agree on `{name}`"),
                "Name an integer, flag, enumeration, dtype or container parameter, or `x.dtype`, `x.shape` or `x.row` of an \
                 array parameter x.",
            );
        }
        found
    }

    fn example(&mut self, example: &spec::Example, file: &str) -> Example {
        let dtype = example.dtype.as_ref().and_then(|name| {
            let found = self.dtypes.iter().find(|dtype| dtype.name == name.value).cloned();
            if found.is_none() {
                let known: Vec<String> = self.dtypes.iter().map(|dtype| dtype.name.clone()).collect();
                self.unknown("dtype", name, file, known.iter().map(String::as_str));
            }
            found
        });
        Example {
            name: example.name.value.clone(),
            doc: example.doc.value.clone(),
            ranks: example.ranks,
            dtype,
            object: example.object.clone().into_iter().collect(),
            args: example.args.clone().into_iter().collect(),
            gives: example.gives.clone(),
        }
    }
}
