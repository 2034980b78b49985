//! What is written by hand in Python is there, and says what it is: the reference shows its docstring.

use super::{Check, Problems, Rule};
use crate::model::Model;

pub(super) const RULE: Rule = Rule {
    sentence: "What is `by_hand` is defined in the module that it names, below `runtime/python`, with a docstring, which is what \
               the reference says of it.",
    check: Check::Resolved(check),
};

fn check(model: &Model, problems: &mut Problems) {
    for item in model.by_hand("python").filter(|item| item.says.doc.is_empty()) {
        problems.at(
            item.position.clone(),
            format!("`{}` is not defined with a docstring in {}", item.object, item.file),
            "Define it there at the left margin and say in its docstring what it does, or correct `module` and `object`.",
        );
    }
}
