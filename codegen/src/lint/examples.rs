//! Examples: arguments that exist, one value for each rank, values of the right type.

use serde_json::Value;

use super::sorts::{Sort, sort};
use super::{Check, Problems, Rule};
use crate::spec::{Base, Callback, Example, Located, Object, Operation, Param, ResultOn, Role, Spec};

pub(super) const RULE: Rule = Rule {
    sentence: "An example passes every parameter that must be given and no other, one value for each rank to an array \
               parameter, and expects one result for each rank, all of the right type.",
    check: Check::Written(check),
};

fn check(spec: &Spec, problems: &mut Problems) {
    for (object, operation, file) in spec.all_operations() {
        for example in &operation.examples {
            Reader { spec, object, operation, example, file, problems }.check();
        }
    }
}

struct Reader<'a> {
    spec: &'a Spec,
    object: Option<&'a Object>,
    operation: &'a Operation,
    example: &'a Example,
    file: &'a str,
    problems: &'a mut Problems,
}

impl Reader<'_> {
    fn check(&mut self) {
        let (operation, example) = (self.operation, self.example);
        if example.ranks == 0 {
            self.refuse("has no ranks", "Write `ranks: 1` or more.");
        }
        if example.gives.len() != example.ranks as usize {
            let problem = format!("has {} ranks and {} results", example.ranks, example.gives.len());
            self.refuse(&problem, "Write one result for each rank; null where a rank has none.");
        }
        self.dtype();
        self.object_arguments();
        for name in example.args.keys() {
            if !operation.params.iter().any(|param| param.name.value == *name) {
                let known: Vec<&str> = operation.params.iter().map(|param| param.name.as_str()).collect();
                self.refuse(
                    &format!("passes `{name}`, which is no parameter"),
                    &format!("The parameters are: {}.", known.join(", ")),
                );
            }
        }
        for param in &operation.params {
            match example.args.get(&param.name.value) {
                Some(value) => self.argument(param, value),
                None if self.must_be_given(param) => {
                    self.refuse(&format!("does not pass `{}`", param.name), "Add it to `args`.");
                }
                None => {}
            }
        }
        self.results();
    }

    fn refuse(&mut self, problem: &str, cure: &str) {
        let text = format!("example `{}` of `{}` {problem}", self.example.name, self.operation.name);
        self.problems.add(&self.example.name, self.file, text, cure);
    }

    fn dtype(&mut self) {
        let elements =
            self.object.is_some_and(|object| object.generic) && self.operation.role != Role::Static;
        if (elements || !self.operation.dtypes.is_empty()) && self.example.dtype.is_none() {
            self.refuse("does not say which dtype it uses", "Add `dtype:`.");
        }
        let Some(dtype) = &self.example.dtype else { return };
        for set in self.operation.dtypes.values() {
            let members = self.members(set);
            let all_known = members
                .iter()
                .all(|name| self.spec.dtypes.dtypes.iter().any(|dtype| dtype.name.value == *name));
            if all_known && !members.contains(&dtype.as_str()) {
                self.refuse(
                    &format!("uses {dtype}, which is not in the set `{set}`"),
                    "Use a dtype of the set.",
                );
            }
        }
    }

    /// The dtypes of a set, with those of the sets in it, which stand before it.
    fn members(&self, set: &str) -> Vec<&str> {
        let sets = &self.spec.dtypes.sets;
        let earlier = |name: &str, before: usize| sets.get_index_of(name).filter(|index| *index < before);
        let mut open: Vec<usize> = sets.get_index_of(set).into_iter().collect();
        let mut members = Vec::new();
        while let Some(index) = open.pop() {
            for member in &sets[index].members {
                match earlier(member, index) {
                    Some(inner) => open.push(inner),
                    None => members.push(member.as_str()),
                }
            }
        }
        members
    }

    fn object_arguments(&mut self) {
        let constructor = self
            .spec
            .objects
            .iter()
            .find(|file| Some(&file.object.name) == self.object.map(|object| &object.name));
        let constructor = constructor
            .filter(|_| matches!(self.operation.role, Role::Method | Role::Property))
            .and_then(|file| file.operations.iter().find(|operation| operation.role == Role::Constructor));
        for name in self.example.object.keys() {
            if !constructor.is_some_and(|made| made.params.iter().any(|param| param.name.value == *name)) {
                let problem =
                    format!("makes its object with `{name}`, which is no parameter of a constructor");
                self.refuse(
                    &problem,
                    "`object` holds arguments of the constructor, for an operation on an object.",
                );
            }
        }
    }

    /// Contexts and objects are made by the test itself.
    fn must_be_given(&self, param: &Param) -> bool {
        let is_made = matches!(sort(self.spec, &param.kind), Some(Sort::Object) | None);
        !param.optional && param.default.is_none() && (!is_made || self.callback(param).is_some())
    }

    fn callback(&self, param: &Param) -> Option<&Callback> {
        self.spec.kinds.callbacks.iter().find(|callback| callback.name.value == param.kind.value)
    }

    fn argument(&mut self, param: &Param, value: &Value) {
        if let Some(callback) = self.callback(param) {
            let known: Vec<String> = callback.samples.keys().cloned().collect();
            if !known.iter().any(|name| value.as_str() == Some(name)) {
                let cure = format!("Write the name of one of its samples: {}.", known.join(", "));
                self.refuse(&format!("passes {value} for the function `{}`", param.name), &cure);
            }
            return;
        }
        let Some(kind) = sort(self.spec, &param.kind) else { return };
        if !matches!(kind, Sort::Other(Base::Array)) {
            if !self.fits(kind, param.of.as_ref(), value) {
                self.refuse(&format!("passes {value} for `{}`", param.name), &expectation(kind));
            }
            return;
        }
        let ranks = self.example.ranks as usize;
        let Some(values) = value.as_array().filter(|values| values.len() == ranks) else {
            let problem =
                format!("does not pass one array for each of its {ranks} ranks as `{}`", param.name);
            self.refuse(&problem, "Write a list with the array of each rank.");
            return;
        };
        for (rank, value) in values.iter().enumerate() {
            let absent = value.is_null() && param.optional;
            if !absent && !self.fits(kind, param.of.as_ref(), value) {
                self.refuse(
                    &format!("passes {value} for `{}` on rank {rank}", param.name),
                    &expectation(kind),
                );
            }
        }
    }

    fn results(&mut self) {
        let result = self.operation.result.as_ref();
        let kind = result.and_then(|result| sort(self.spec, &result.kind));
        for (rank, value) in self.example.gives.iter().enumerate() {
            let may_be_absent = result.is_none_or(|result| result.optional || result.at == ResultOn::Root);
            let fits = match kind {
                Some(Sort::Object) | None => value.is_null(),
                Some(kind) => {
                    (value.is_null() && may_be_absent)
                        || self.fits(kind, result.and_then(|r| r.of.as_ref()), value)
                }
            };
            if !fits {
                let cure =
                    kind.map_or_else(|| "Write null: there is no value to compare.".to_owned(), expectation);
                self.refuse(&format!("expects {value} on rank {rank}"), &cure);
            }
        }
    }

    fn fits(&self, kind: Sort<'_>, of: Option<&Located<String>>, value: &Value) -> bool {
        match kind {
            Sort::Integer => value.is_i64() || value.is_u64(),
            Sort::Enum(item) => {
                item.values.iter().any(|known| value.as_str() == Some(&known.name.to_ascii_lowercase()))
            }
            Sort::Object => value.is_null(),
            Sort::Other(Base::Flag) => value.is_boolean(),
            Sort::Other(Base::Shape | Base::Counts) => {
                value.as_array().is_some_and(|extents| extents.iter().all(serde_json::Value::is_u64))
            }
            Sort::Other(Base::Dtype) => {
                self.spec.dtypes.dtypes.iter().any(|dtype| value.as_str() == Some(&dtype.name))
            }
            Sort::Other(Base::Array | Base::View) => self.is_array(value, self.element(of)),
            Sort::Other(Base::Value) => is_element(value, self.element(of)),
            Sort::Other(_) => value.is_string(),
        }
    }

    /// The dtype of elements: one that is named, or that of the example.
    fn element<'b>(&'b self, of: Option<&'b Located<String>>) -> Option<&'b str> {
        let named = of.filter(|of| self.spec.dtypes.dtypes.iter().any(|dtype| dtype.name.value == of.value));
        named.or(self.example.dtype.as_ref()).map(|dtype| dtype.as_str())
    }

    /// Numbers, or lists of arrays of equal length.
    fn is_array(&self, value: &Value, dtype: Option<&str>) -> bool {
        let Some(items) = value.as_array() else { return is_element(value, dtype) };
        let length = |item: &Value| item.as_array().map(Vec::len);
        items.iter().all(|item| self.is_array(item, dtype) && length(item) == length(&items[0]))
    }
}

fn is_element(value: &Value, dtype: Option<&str>) -> bool {
    match dtype {
        Some("bool") => value.is_boolean(),
        Some(name) if name.contains("float") => value.is_number(),
        Some(name) if name.starts_with("complex") => {
            value.is_number() || value.as_array().is_some_and(|parts| parts.len() == 2)
        }
        Some(_) => value.is_i64() || value.is_u64(),
        None => value.is_number() || value.is_boolean(),
    }
}

fn expectation(kind: Sort<'_>) -> String {
    match kind {
        Sort::Integer => "Write an integer.".to_owned(),
        Sort::Enum(item) => {
            let names: Vec<String> =
                item.values.iter().map(|value| value.name.to_ascii_lowercase()).collect();
            format!("Write one of: {}.", names.join(", "))
        }
        Sort::Object => "Write null: there is no value to compare.".to_owned(),
        Sort::Other(Base::Flag) => "Write true or false.".to_owned(),
        Sort::Other(Base::Counts) => "Write a list with the number of each rank.".to_owned(),
        Sort::Other(Base::Shape) => "Write a list with the extent of each dimension.".to_owned(),
        Sort::Other(Base::Dtype) => "Write the name of a dtype.".to_owned(),
        Sort::Other(Base::Array | Base::View) => {
            "Write a list of elements of the dtype, rows of equal length.".to_owned()
        }
        Sort::Other(Base::Value) => "Write an element of the dtype.".to_owned(),
        Sort::Other(_) => "Write a text.".to_owned(),
    }
}
