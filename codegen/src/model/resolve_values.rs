//! Resolves what has a name and a number: enumerations, status codes, constants, capabilities.

use std::rc::Rc;

use super::resolve::Resolver;
use super::*;
use crate::spec::{self, Direction, Located};

impl Resolver<'_> {
    pub(super) fn enumeration(&mut self, item: &spec::Enum) -> Rc<Enum> {
        let file = &self.spec.enums.file;
        let values = item
            .values
            .iter()
            .map(|value| EnumValue {
                name: value.name.value.clone(),
                text: value.name.to_ascii_lowercase(),
                variant: upper_camel(&value.name),
                value: value.value.value,
                doc: value.doc.value.clone(),
                dtypes: value.dtypes.as_ref().map(|set| self.set(set, file)),
                position: value.name.position(file),
            })
            .collect();
        Rc::new(Enum {
            name: item.name.value.clone(),
            type_name: upper_camel(&item.name),
            prefix: item.prefix.value.clone(),
            python_base: item.python.base,
            python_constants: item.python.constants.clone(),
            count: item.count,
            c_alias: item.c_alias.as_ref().map(|name| name.value.clone()),
            summary: item.summary.value.clone(),
            details: item.details.value.clone(),
            values,
            position: item.name.position(file),
        })
    }

    pub(super) fn callback(&mut self, item: &spec::Callback) -> Rc<Callback> {
        let file = &self.spec.kinds.file;
        let params: Vec<CallbackParam> =
            item.params.iter().map(|param| self.callback_param(param, file)).collect();
        let returns = item.returns.as_ref().map(|returns| CallbackReturns {
            ty: self.ty(&returns.kind, None, file, &[], &[]),
            doc: returns.doc.value.clone(),
        });
        let is_wrong = |returns: &&spec::CallbackReturns| returns.kind.value != "flag";
        if let Some(returns) = item.returns.as_ref().filter(is_wrong) {
            self.problem(
                returns.kind.position(file),
                format!("a callback cannot return `{}`", returns.kind),
                "Let it return a `flag`, or write an element that has `direction: out`.",
            );
        }
        let callback = Callback {
            name: item.name.value.clone(),
            type_name: upper_camel(&item.name),
            c_type: item.c.as_ref().map_or_else(|| format!("dtl_{}_t", item.name), |name| name.value.clone()),
            summary: item.summary.value.clone(),
            params,
            returns,
            called: item.called.value.clone(),
            thread: item.thread,
            fails: item.fails.as_ref().map(|name| self.status_named(name, file)),
            lasts: item.lasts,
            samples: item.samples.iter().map(|(name, sample)| callback_sample(name, sample)).collect(),
            position: item.name.position(file),
        };
        if let Some((problem, cure)) = obstacle(&callback) {
            self.problem(
                callback.position.clone(),
                format!("`{}` cannot be called: {problem}", item.name),
                cure,
            );
        }
        Rc::new(callback)
    }

    fn callback_param(&mut self, param: &spec::CallbackParam, file: &str) -> CallbackParam {
        let elements = Located { value: "T".to_owned(), ..param.kind.clone() };
        let ty = self.ty(&param.kind, Some(&elements), file, &["T"], &[]);
        if !matches!(ty, Type::Integer(_) | Type::Text | Type::Array(_) | Type::Value(_)) {
            self.problem(
                param.kind.position(file),
                format!("a callback cannot be passed `{}`", param.kind),
                "Pass it integers, texts, arrays and elements.",
            );
        }
        CallbackParam {
            name: param.name.value.clone(),
            ty,
            direction: param.direction,
            doc: param.doc.value.clone(),
        }
    }

    pub(super) fn status(&mut self, code: &spec::StatusCode) -> Rc<Status> {
        let file = &self.spec.errors.file;
        let category =
            self.spec.errors.categories.iter().find(|category| category.value.value == code.code.value / 100);
        if category.is_none() {
            self.problem(
                code.code.position(file),
                format!("status {} has the code {}, which belongs to no category", code.name, code.code),
                "Choose a code of a category, or add a category.",
            );
        }
        let exception = code.python.clone().or_else(|| category.and_then(|category| category.python.clone()));
        if let Some(exception) = &exception {
            let known: Vec<String> =
                self.spec.errors.exceptions.iter().map(|e| e.name.value.clone()).collect();
            if !known.contains(&exception.value) {
                self.unknown("exception", exception, file, known.iter().map(String::as_str));
            }
        }
        let is_error = code.code.value >= 100;
        Rc::new(Status {
            name: code.name.value.clone(),
            variant: upper_camel(&code.name),
            enumerator: format!("DTL_{}{}", if is_error { "ERROR_" } else { "" }, code.name),
            code: code.code.value,
            is_alias: code.alias_of.is_some(),
            exception: exception.filter(|_| is_error).map(|name| name.value),
            message: code.message.value.clone(),
            remedy: code.remedy.value.clone(),
            position: code.name.position(file),
        })
    }

    /// The status called `name`.
    pub(super) fn status_named(&mut self, name: &Located<String>, file: &str) -> Rc<Status> {
        if let Some(found) = self.statuses.iter().find(|status| status.name == name.value) {
            return found.clone();
        }
        let known = self.statuses.clone();
        self.unknown("status", name, file, known.iter().map(|status| status.name.as_str()));
        known.first().cloned().expect("lint refuses a specification without status codes")
    }

    pub(super) fn constants(&mut self) -> Vec<Rc<Constant>> {
        let spec = self.spec;
        let file = &spec.constants.file;
        let mut constants = Vec::new();
        for constant in &spec.constants.constants {
            let Some(kind) = spec.kinds.kinds.iter().find(|kind| kind.name.value == constant.kind.value)
            else {
                self.unknown(
                    "kind",
                    &constant.kind,
                    file,
                    spec.kinds.kinds.iter().map(|kind| kind.name.as_str()),
                );
                continue;
            };
            constants.push(Rc::new(Constant {
                name: constant.name.value.clone(),
                value: constant.value,
                kind: kind.name.value.clone(),
                base: kind.base,
                c: kind.c.clone(),
                python: constant.python,
                doc: constant.doc.value.clone(),
                position: constant.name.position(file),
            }));
        }
        constants
    }

    pub(super) fn variables(&self) -> Vec<EnvironmentVariable> {
        let file = &self.spec.variables.file;
        let variables = self.spec.variables.variables.iter();
        variables
            .map(|variable| EnvironmentVariable {
                name: variable.name.value.clone(),
                holds: variable.holds.value.clone(),
                doc: variable.doc.value.clone(),
                position: variable.name.position(file),
            })
            .collect()
    }

    pub(super) fn nccl(&mut self) -> Vec<NcclCapability> {
        let spec = self.spec;
        let values: Vec<String> =
            (spec.enums.enums.iter().filter(|item| item.name.value == "nccl_operation"))
                .flat_map(|item| item.values.iter().map(|value| value.name.value.clone()))
                .collect();
        for row in spec.capabilities.nccl.iter().filter(|row| !values.contains(&row.operation.value)) {
            self.unknown(
                "NCCL operation",
                &row.operation,
                &spec.capabilities.file,
                values.iter().map(String::as_str),
            );
        }
        spec.capabilities
            .nccl
            .iter()
            .map(|row| NcclCapability {
                variant: upper_camel(&row.operation),
                native: row.native,
                hybrid: row.hybrid,
            })
            .collect()
    }
}

fn callback_sample(name: &str, sample: &spec::CallbackSample) -> CallbackSample {
    CallbackSample {
        name: name.to_owned(),
        c: sample.c.value.clone(),
        fortran: sample.fortran.value.clone(),
        python: sample.python.value.clone(),
        rust: sample.rust.value.clone(),
    }
}

/// What keeps a function from being called in every language, and what helps.
fn obstacle(callback: &Callback) -> Option<(&'static str, &'static str)> {
    let is_given = |param: &&CallbackParam| param.is_element() && param.direction == Direction::Out;
    let given = callback.params.iter().filter(is_given).count() + usize::from(callback.returns.is_some());
    let integers = callback.params.iter().filter(|param| matches!(param.ty, Type::Integer(_))).count();
    let others = callback.params.iter().any(|param| param.is_array() || matches!(param.ty, Type::Text));
    if callback.returns.is_some() && !callback.is_elementwise() {
        return Some(("it returns something, and is passed no element", "Leave `returns` away."));
    }
    if given > 1 {
        return Some((
            "it gives more than one thing",
            "Let it return a flag or write one element, not both; Python and Rust have one result.",
        ));
    }
    if callback.is_elementwise() && others {
        return Some((
            "it is passed elements beside arrays or texts",
            "Pass it elements and the index of one, or arrays.",
        ));
    }
    (callback.is_elementwise() && integers > 1).then_some((
        "it is passed more than one integer beside elements",
        "Pass it the index of the element.",
    ))
}

pub(super) fn category(category: &spec::Category) -> Category {
    Category {
        name: category.name.value.clone(),
        value: category.value.value,
        doc: category.doc.value.clone(),
    }
}

pub(super) fn exception(exception: &spec::Exception, file: &str) -> Exception {
    Exception {
        name: exception.name.value.clone(),
        bases: exception.bases.iter().map(|base| base.value.clone()).collect(),
        hidden: exception.hidden,
        doc: exception.doc.value.clone(),
        position: exception.name.position(file),
    }
}
