//! What is asked of the whole model.

use std::rc::Rc;

use super::{ByHand, ContextSource, Dtype, Example, Model, Object, Operation, Pair, Special, Struct, Type};

impl Model {
    /// All operations, in documentation order.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.chapters.iter().flat_map(|chapter| &chapter.operations)
    }

    /// The operations, each once: what objects inherit is that of the object which they extend.
    pub fn distinct_operations(&self) -> impl Iterator<Item = &Operation> {
        self.operations().filter(|operation| !operation.inherited)
    }

    /// The objects that there are; of an abstract one there are only those which extend it.
    pub fn concrete_objects(&self) -> impl Iterator<Item = &Rc<Object>> {
        self.objects.iter().filter(|object| !object.is_abstract)
    }

    /// The object that this one extends.
    pub fn base_of(&self, object: &Object) -> Option<&Rc<Object>> {
        self.objects.iter().find(|base| object.extends.as_ref() == Some(&base.name))
    }

    /// The objects that extend this one.
    pub fn extending<'a>(&'a self, object: &'a Object) -> impl Iterator<Item = &'a Rc<Object>> {
        self.objects.iter().filter(move |other| other.extends.as_ref() == Some(&object.name))
    }

    /// The examples of an operation, each with the operation that it shows: of that of an abstract object, those of the first object that
    /// has any among those which extend it.
    pub fn examples_of<'a>(&'a self, operation: &'a Operation) -> Vec<(&'a Operation, &'a Example)> {
        let extending = self.extending_operations(operation);
        let shown = std::iter::once(operation).chain(extending).find(|shown| !shown.examples.is_empty());
        shown
            .into_iter()
            .flat_map(|shown| shown.examples.iter().map(move |example| (shown, example)))
            .collect()
    }

    /// The operation of an abstract object that this one is, if its object has inherited it.
    pub fn inherited_from<'a>(&'a self, operation: &'a Operation) -> Option<&'a Operation> {
        self.operations().find(|other| operation.inherited && other.full_name == operation.shared_name)
    }

    /// What the objects that extend its own have inherited of an operation.
    pub fn extending_operations<'a>(
        &'a self,
        operation: &'a Operation,
    ) -> impl Iterator<Item = &'a Operation> {
        let of_abstract = operation.object.as_ref().is_some_and(|object| object.is_abstract);
        self.operations()
            .filter(move |other| of_abstract && other.inherited && other.function == operation.function)
    }

    /// The operation that Python calls where the operator of this one is a function.
    pub fn with_function(&self, operation: &Operation) -> Option<&Operation> {
        let name = operation.with_function.as_ref()?;
        self.operations().find(|other| other.full_name == *name)
    }

    /// The operations that `language` offers: all but those that `spec/lang/<language>.yaml` skips.
    pub fn operations_in<'a>(&'a self, language: &'a str) -> impl Iterator<Item = &'a Operation> {
        self.operations().filter(move |operation| operation.skip(language).is_none())
    }

    /// What `language` has besides, written by hand.
    pub fn by_hand<'a>(&'a self, language: &'a str) -> impl Iterator<Item = &'a ByHand> {
        self.languages.iter().filter(move |item| item.name == language).flat_map(|item| &item.by_hand)
    }

    /// The special methods of the classes of `language`.
    pub fn special<'a>(&'a self, language: &'a str) -> impl Iterator<Item = &'a Special> {
        self.languages.iter().filter(move |item| item.name == language).flat_map(|item| &item.special)
    }

    /// Further names of the header of `language`.
    pub fn headers<'a>(&'a self, language: &'a str) -> impl Iterator<Item = &'a String> {
        self.languages.iter().filter(move |item| item.name == language).flat_map(|item| &item.headers)
    }

    /// What programs in `language` must know before they call anything.
    pub fn conventions(&self, language: &str) -> &str {
        let found = self.languages.iter().find(|item| item.name == language);
        found.map_or("", |item| item.conventions.trim())
    }

    /// The structs that are results of operations.
    pub fn records(&self) -> impl Iterator<Item = &Rc<Struct>> {
        let is_result = |item: &Struct| {
            self.operations()
                .filter_map(|operation| operation.result.as_ref())
                .any(|result| matches!(&result.ty, Type::Struct(found) if found.name == item.name))
        };
        self.structs.iter().filter(move |item| is_result(item))
    }

    /// The dtype called `name`; the specification was checked to have it.
    pub fn dtype(&self, name: &str) -> Option<&Rc<Dtype>> {
        self.dtypes.iter().find(|dtype| dtype.name == name)
    }

    /// The operations of an object, in documentation order.
    pub fn operations_of<'a>(&'a self, object: &'a Object) -> impl Iterator<Item = &'a Operation> {
        self.operations()
            .filter(move |operation| operation.object.as_deref().is_some_and(|of| of.name == object.name))
    }

    /// The functions that `language` has of objects: of each, the operations behind it, one for each object.
    pub fn functions<'a>(&'a self, language: &'a str) -> Vec<Vec<&'a Operation>> {
        let mut functions: Vec<Vec<&Operation>> = Vec::new();
        let is_function = |operation: &&Operation| {
            operation.function_of.is_some() && operation.object.is_some() && !operation.inherited
        };
        for operation in self.operations_in(language).filter(is_function) {
            match functions.iter_mut().find(|function| function[0].name == operation.name) {
                Some(function) => function.push(operation),
                None => functions.push(vec![operation]),
            }
        }
        functions
    }

    /// The free operation that has the name of this function of objects in Python.
    pub fn free_operation(&self, function: &Operation) -> Option<&Operation> {
        self.operations_in("python")
            .find(|other| other.shares_name.is_some() && other.python_name == function.python_name)
    }

    /// The operations behind the function to which `operation` belongs; itself alone where it belongs to none.
    pub fn overloads<'a>(&'a self, operation: &'a Operation, language: &'a str) -> Vec<&'a Operation> {
        let belongs = |function: &Vec<&Operation>| {
            function.iter().any(|overload| overload.full_name == operation.full_name)
        };
        self.functions(language).into_iter().find(belongs).unwrap_or_else(|| vec![operation])
    }

    /// The operations of a pair, in its order.
    pub fn pair<'a>(&'a self, object: &'a Object, pair: &'a Pair) -> impl Iterator<Item = &'a Operation> {
        pair.of.iter().filter_map(|name| self.operations_of(object).find(|of| of.name == *name))
    }

    /// The operations that make one of these in Python, each with the class of its source.
    pub fn sources<'a>(&'a self, object: &'a Object) -> impl Iterator<Item = (&'a Operation, &'a Object)> {
        object.made_from.iter().filter_map(|name| {
            let operation = self.operations_of(object).find(|operation| operation.name == *name)?;
            match &operation.params.first()?.ty {
                Type::Object(source) => Some((operation, source.as_ref())),
                _ => None,
            }
        })
    }

    /// True for an object through which collective operations reach the other ranks: the context, and what has collective
    /// methods of its own.
    pub fn reaches_ranks(&self, object: &Object) -> bool {
        let is_own = |operation: &Operation| {
            operation.is_collective() && operation.context() == Some(ContextSource::OfThis)
        };
        object.is_context() || self.operations_of(object).any(is_own)
    }
}
