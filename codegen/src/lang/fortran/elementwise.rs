//! Functions of elements in the module `dtl`. The compiler cannot tell procedures of one name apart by the procedure that they are passed,
//! so there is one object for a function of any type of elements: `dtl_predicate(procedure, mold)`, where the type of the mold, of which
//! nothing else counts, says which interface the procedure has. Operations take the object.

use serde::Serialize;

use super::layout;
use super::procedure::{Dummy, declarations};
use super::spelling::{Element, checked, elements};
use crate::doc::ford;
use crate::model::{Callback, CallbackParam, CallbackSample, Model, Type};
use crate::spec::Direction;

/// What the template sees of such a callback.
#[derive(Serialize)]
pub(super) struct ElementwiseView {
    /// `predicate`.
    name: String,
    /// What is said of the object, and of the interfaces.
    doc: Vec<String>,
    interface_doc: Vec<String>,
    /// It returns an answer.
    answers: bool,
    variants: Vec<Variant>,
}

/// The callback for one type of elements.
#[derive(Serialize)]
struct Variant {
    /// `predicate_float64`.
    name: String,
    ty: String,
    constant: String,
    /// Names and declarations of the arguments.
    names: String,
    declarations: Vec<String>,
    /// The same where C calls.
    c_declarations: Vec<String>,
    /// What the procedure of the caller is passed by that.
    arguments: String,
}

impl ElementwiseView {
    /// The names that it has in the module, without prefix.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.name).chain(self.variants.iter().map(|variant| &variant.name))
    }

    /// The interface for the first type of elements, and the heads of the others.
    pub(super) fn interfaces(&self) -> Vec<String> {
        let head = |variant: &Variant| format!("dtl_{}({})", variant.name, variant.names);
        let (keyword, answer) =
            if self.answers { ("function", " result(answer)") } else { ("subroutine", "") };
        let of = &self.variants[0];
        let mut lines = vec![
            format!("type(dtl_{0}) :: {0}", self.name),
            format!("{0} = dtl_{0}(procedure, mold)", self.name),
            format!("{keyword} {}{answer}", head(of)),
        ];
        lines.extend(of.declarations.iter().map(|line| format!("  {line}")));
        if self.answers {
            lines.push("  logical :: answer".to_owned());
        }
        lines.push(format!("end {keyword} dtl_{}", of.name));
        let others =
            self.variants[1..].iter().map(|variant| format!("! with other elements: {}", head(variant)));
        lines.extend(others);
        lines
    }
}

/// The view of a callback that is passed elements.
pub(super) fn elementwise_view(model: &Model, callback: &Callback) -> ElementwiseView {
    let types = elements(model.dtypes.iter().map(AsRef::as_ref));
    let mut said = format!("{} It is called {}.\n", callback.summary, callback.called);
    for param in &callback.params {
        said.push_str(&format!("\n- `{}`: {}", param.name, param.doc));
    }
    if let Some(returns) = &callback.returns {
        said.push_str(&format!("\n- `answer`: {}.", returns.doc));
    }
    ElementwiseView {
        name: callback.name.clone(),
        doc: ford(&format!(
            "A procedure for elements of one type, as operations take it: `dtl_{0}(procedure, mold)`, where `procedure` has the interface \
             `dtl_{0}_float64` or that of another type, and `mold` is of that type; its value does not count.",
            callback.name
        )),
        interface_doc: ford(&said),
        answers: callback.returns.is_some(),
        variants: (types.iter().filter(|element| !element.converted))
            .map(|element| variant(callback, element))
            .collect(),
    }
}

fn variant(callback: &Callback, element: &Element) -> Variant {
    let names: Vec<&str> = callback.params.iter().map(|param| param.name.as_str()).collect();
    let dummies: Vec<Dummy> = callback.params.iter().map(|param| dummy(param, element)).collect();
    let in_c: Vec<Dummy> = (callback.params.iter().zip(&dummies))
        .map(|(param, dummy)| match param.ty {
            Type::Value(_) => dummy.clone(),
            _ => Dummy::new(&param.name, "integer(c_int64_t)", &["value"]),
        })
        .collect();
    let passed = callback.params.iter().map(|param| match &param.ty {
        Type::Integer(kind) if kind.is_index() => format!("{} + 1", param.name),
        _ => param.name.clone(),
    });
    Variant {
        name: checked(format!("{}_{}", callback.name, element.suffix)),
        ty: element.ty.clone(),
        constant: element.constant.clone(),
        names: names.join(", "),
        declarations: declarations(&dummies),
        c_declarations: declarations(&in_c),
        arguments: passed.collect::<Vec<_>>().join(", "),
    }
}

fn dummy(param: &CallbackParam, element: &Element) -> Dummy {
    match (&param.ty, param.direction) {
        (Type::Value(_), Direction::In) => Dummy::new(&param.name, &element.ty, &["intent(in)"]),
        (Type::Value(_), Direction::Out) => Dummy::new(&param.name, &element.ty, &["intent(out)"]),
        (Type::Value(_), _) => Dummy::new(&param.name, &element.ty, &["intent(inout)"]),
        _ => Dummy::new(&param.name, "integer(c_int64_t)", &["intent(in)"]),
    }
}

/// The definition of a function that an example passes, for elements of 64 bits.
pub(super) fn sample_procedure(model: &Model, callback: &Callback, sample: &CallbackSample) -> String {
    let types = elements(model.dtypes.iter().map(AsRef::as_ref));
    let double =
        types.iter().find(|element| element.suffix == "float64").expect("examples have such elements");
    let of = variant(callback, double);
    let (keyword, result) = match callback.returns {
        Some(_) => ("function", " result(answer)"),
        None => ("subroutine", ""),
    };
    let mut lines = vec![format!("{keyword} {}({}){result}", sample.name, of.names)];
    lines.extend(of.declarations.iter().map(|line| format!("  {line}")));
    if callback.returns.is_some() {
        lines.push("  logical :: answer".to_owned());
    }
    lines.extend(sample.fortran.lines().map(|line| format!("  {line}")));
    lines.push(format!("end {keyword} {}", sample.name));
    layout::continue_lines(&lines.join("\n"))
}
