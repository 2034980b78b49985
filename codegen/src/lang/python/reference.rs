//! What the reference says of Python: arguments and results as docstrings have them, special methods, what is written by hand,
//! exceptions, and the package itself.

use super::docstring::{self, Said};
use super::operators::{BINARY, UNARY};
use super::package::{EXCEPTION_ATTRIBUTES, PACKAGE};
use crate::doc::listed;
use crate::lang::faces::{Appendix, Argument, Besides};
use crate::model::{Chapter, Model, Object, Operation, Shape, Special};
use crate::spec::{Documented, HavingSpecial, Protocol, Role};

/// The arguments of an operation.
pub fn arguments(model: &Model, operation: &Operation) -> Vec<Argument> {
    let overloads = model.overloads(operation, "python");
    let objects = overloads.iter().filter_map(|overload| overload.object.as_ref());
    let classes: Vec<String> = objects.map(|object| object.python.clone()).collect();
    docstring::arguments(operation, &classes).into_iter().map(argument).collect()
}

fn argument(said: Said) -> Argument {
    match said.name {
        Some(name) => Argument { name, traits: said.ty, meaning: said.doc },
        None => Argument { name: said.ty, traits: String::new(), meaning: said.doc },
    }
}

/// What an operation gives.
pub fn result(model: &Model, operation: &Operation) -> Option<String> {
    let said = if operation.role == Role::Constructor { Vec::new() } else { docstring::returns(operation) };
    let texts: Vec<String> = said
        .iter()
        .map(|said| match &said.name {
            Some(name) => format!("`{name}`, {}: {}", said.ty, said.doc.trim()),
            None => format!("{}: {}", said.ty, said.doc.trim()),
        })
        .collect();
    let shape = operation.result.as_ref().and_then(|result| result.shape.as_ref());
    let shape = shape.map(|shape| format!(" Shape: `{}`.", shown_shape(model, operation, shape)));
    (!texts.is_empty()).then(|| texts.join(" ") + &shape.unwrap_or_default())
}

/// A shape, in which an object of several dimensions has its extents in place of its size.
fn shown_shape(model: &Model, operation: &Operation, shape: &Shape) -> String {
    let has = |name: &str| {
        operation.object.iter().any(|object| model.operations_of(object).any(|of| of.name == name))
    };
    match shape.line() {
        Some("local_size") if has("local_shape") => "local_shape".to_owned(),
        Some("global_size") if has("local_shape") && has("shape") => "shape".to_owned(),
        _ => shape.to_string(),
    }
}

/// What a class or a module has that no operation names.
pub fn besides(model: &Model, chapter: &Chapter) -> Vec<Besides> {
    let Some(object) = &chapter.object else {
        let module = format!("dtl.{}", chapter.python_module.as_deref().unwrap_or_default());
        return chapter.in_python.iter().map(|item| by_hand(&item.name, &module, item)).collect();
    };
    let mut shown: Vec<Besides> = Vec::new();
    if !object.made_from.is_empty() {
        let sources: Vec<String> =
            model.sources(object).map(|(_, source)| format!("`dtl.{}`", source.python)).collect();
        shown.push(Besides::plain(
            format!("{} of another object", object.name),
            format!("dtl.{}(source, dtype=None)", object.python),
            format!(
                "Makes one from a {}, as its static methods do. `dtype` may say which data type is expected: another one \
                 is an error.",
                listed(&sources, "or")
            ),
        ));
    }
    shown.extend(object.pairs.iter().map(|pair| {
        Besides::plain(
            format!("{}.{}", object.name, pair.name),
            format!("{}.{}()", object.name, pair.name),
            &pair.doc,
        )
    }));
    let special: Vec<&Special> = model.special("python").filter(|special| has(object, special.of)).collect();
    if !special.is_empty() {
        let mut table = Besides::plain(
            format!("{}: special methods", object.name),
            "",
            "What statements and operators do with it.",
        );
        table.signatures.clear();
        table.arguments = special.into_iter().map(|item| special_row(model, object, item)).collect();
        shown.push(table);
    }
    shown
}

fn special_row(model: &Model, object: &Object, special: &Special) -> Argument {
    let methods = special.methods.iter().flat_map(|method| spelled_out(method));
    let methods: Vec<String> = methods.map(|method| format!("`{method}`")).collect();
    let behind = protocol(special.of).and_then(|protocol| {
        let (_, name) = object.protocols.iter().find(|(served, _)| *served == protocol)?;
        model.operations_of(object).find(|operation| operation.name == *name)
    });
    // What NumPy does with arrays is more than the view behind it.
    let behind = behind.filter(|_| special.of != HavingSpecial::Numpy);
    let behind = behind.map(|operation| format!("{} {}", operation.summary.trim(), operation.details.trim()));
    let texts = [behind.unwrap_or_default(), special.doc.clone()];
    Argument {
        name: special.written.clone(),
        traits: methods.join(" "),
        meaning: texts.map(|text| text.trim().to_owned()).join(" ").trim().to_owned(),
    }
}

/// The names for which one in the specification stands: operators are those that NumPy has.
fn spelled_out(method: &str) -> Vec<String> {
    let forms = |prefix: &str, all: &mut dyn Iterator<Item = &str>| {
        all.map(|name| format!("__{prefix}{name}__")).collect()
    };
    match method {
        "unary" => forms("", &mut UNARY.iter().map(|operator| operator.name)),
        "binary" => forms("", &mut BINARY.iter().map(|operator| operator.name)),
        "reflected" => forms("r", &mut BINARY.iter().map(|operator| operator.name)),
        "in_place" => forms("i", &mut BINARY.iter().filter(|item| item.in_place).map(|item| item.name)),
        method => vec![method.to_owned()],
    }
}

fn has(object: &Object, of: HavingSpecial) -> bool {
    match protocol(of) {
        Some(protocol) => object.protocols.iter().any(|(served, _)| *served == protocol),
        None => {
            let serves = |protocol| object.protocols.iter().any(|(served, _)| *served == protocol);
            let is_divided = object.is_container() && !serves(Protocol::Array);
            match of {
                HavingSpecial::Container => object.is_container(),
                HavingSpecial::Divided => is_divided,
                _ => object.generic || object.is_awaitable(),
            }
        }
    }
}

/// The protocol that classes serve, unless they are known by something else.
fn protocol(of: HavingSpecial) -> Option<Protocol> {
    Some(match of {
        HavingSpecial::Len => Protocol::Len,
        HavingSpecial::Repr => Protocol::Repr,
        HavingSpecial::Html => Protocol::Html,
        HavingSpecial::Exit => Protocol::Exit,
        HavingSpecial::Numpy => Protocol::Numpy,
        HavingSpecial::Array => Protocol::Array,
        HavingSpecial::Await => Protocol::Await,
        HavingSpecial::Contains => Protocol::Contains,
        HavingSpecial::Getitem => Protocol::Getitem,
        HavingSpecial::Setitem => Protocol::Setitem,
        HavingSpecial::Delitem => Protocol::Delitem,
        HavingSpecial::Container | HavingSpecial::Divided | HavingSpecial::Generic => return None,
    })
}

/// The chapters about what no operation names.
pub fn appendices(model: &Model) -> Vec<Appendix> {
    let items: Vec<Besides> =
        model.by_hand("python").map(|item| by_hand(&item.name, "dtl", &item.says)).collect();
    let exceptions = model.exceptions.iter().map(|exception| {
        let head = format!("class dtl.{}({})", exception.name, exception.bases.join(", "));
        let mut shown = Besides::plain(format!("dtl.{}", exception.name), head, &exception.doc);
        if exception.bases.iter().all(|base| base.starts_with("builtins.")) {
            shown.arguments = EXCEPTION_ATTRIBUTES
                .iter()
                .map(|attribute| Argument {
                    name: attribute.name.to_owned(),
                    traits: attribute.ty.to_owned(),
                    meaning: attribute.doc.to_owned(),
                })
                .collect();
        }
        shown
    });
    let mut package: Vec<Besides> =
        PACKAGE.iter().map(|(name, head, doc)| Besides::plain(format!("dtl.{name}"), *head, *doc)).collect();
    package.extend(model.records().map(|item| {
        let name = format!("dtl.{}", item.type_name());
        let mut shown = Besides::plain(&name, format!("class {name}"), &item.doc);
        shown.arguments = (item.fields.iter())
            .map(|field| Argument {
                name: field.name.clone(),
                traits: "int".to_owned(),
                meaning: field.doc.clone(),
            })
            .collect();
        shown
    }));
    let mut appendices = vec![
        Appendix {
            title: "Exceptions".to_owned(),
            doc: "Every exception that dtl raises has the attributes of `DTLError`.".to_owned(),
            items: exceptions.collect(),
        },
        Appendix {
            title: "The package".to_owned(),
            doc: "What the package says of itself, and what operations give that has several parts."
                .to_owned(),
            items: package,
        },
    ];
    if !items.is_empty() {
        let doc = "What other languages have not: any objects of Python, and what is shown.".to_owned();
        appendices.insert(0, Appendix { title: "In Python alone".to_owned(), doc, items });
    }
    appendices
}

/// Something that is written by hand, as `path.name`.
fn by_hand(name: &str, path: &str, says: &Documented) -> Besides {
    let full_name = format!("{path}.{name}");
    let head = match says.head.strip_prefix("def ") {
        Some(head) => head.replacen(&says.name, &full_name, 1),
        None if says.head.is_empty() => full_name.clone(),
        None => says.head.replacen(&says.name, &full_name, 1),
    };
    let mut shown = Besides::plain(&full_name, head, &says.doc);
    shown.example.clone_from(&says.example);
    shown.arguments = (says.fields.iter())
        .map(|field| Argument {
            name: field.name.clone(),
            traits: field.ty.clone(),
            meaning: field.doc.clone(),
        })
        .collect();
    shown
}
