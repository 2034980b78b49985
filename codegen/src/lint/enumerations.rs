//! What an enumeration needs to be usable in each language.

use super::{Check, Problems, Rule};
use crate::spec::{Enum, Spec};

pub(super) const RULE: Rule = Rule {
    sentence: "An enumeration has values; one with `count` numbers them from 0 without gaps; either all of its values name \
               the dtypes they act on, or none does.",
    check: Check::Written(check),
};

fn check(spec: &Spec, problems: &mut Problems) {
    for item in &spec.enums.enums {
        check_enum(item, &spec.enums.file, problems);
    }
}

fn check_enum(item: &Enum, file: &str, problems: &mut Problems) {
    if item.values.is_empty() {
        problems.add(&item.name, file, format!("`{}` has no values", item.name), "Add at least one value.");
    }
    let mut numbers: Vec<i32> = item.values.iter().map(|value| value.value.value).collect();
    numbers.sort_unstable();
    if item.count && !numbers.iter().enumerate().all(|(i, n)| usize::try_from(*n) == Ok(i)) {
        problems.add(
            &item.name,
            file,
            format!("`{}` has `count`, but its values are not numbered from 0 without gaps", item.name),
            "Number the values 0, 1, 2 and so on, or leave `count` away.",
        );
    }
    if let Some(value) = item.values.iter().find(|value| item.count && value.name.value == "COUNT") {
        problems.add(
            &value.name,
            file,
            format!("the value COUNT of `{}` is what C calls the number of values", item.name),
            "Choose another name, or leave `count` away.",
        );
    }
    let with_dtypes = item.values.iter().filter(|value| value.dtypes.is_some()).count();
    if with_dtypes > 0 {
        for value in item.values.iter().filter(|value| value.dtypes.is_none()) {
            problems.add(
                &value.name,
                file,
                format!(
                    "{} does not say on which dtypes it acts, as other values of `{}` do",
                    value.name, item.name
                ),
                "Add `dtypes:` with a set of spec/dtypes.yaml.",
            );
        }
    }
}
