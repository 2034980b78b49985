//! `since` and `deprecated`: versions that exist, in the right order.

use super::{Check, Problems, Rule};
use crate::spec::{Located, Spec};

pub(super) const RULE: Rule = Rule {
    sentence: "`since` is a version as `major.minor`, not later than that of the library, and nothing is deprecated before it \
               appeared.",
    check: Check::Written(check),
};

type Version = (u32, u32);

fn check(spec: &Spec, problems: &mut Problems) {
    let Some(current) = parse(&spec.library.library.version.value, '.') else { return };
    for (_, operation, file) in spec.all_operations() {
        let mut judge = |text: &Located<String>| {
            let version = parse(text, '\0');
            if version.is_none() {
                problems.add(
                    text,
                    file,
                    format!("`{text}` is not a version"),
                    "Write major.minor, such as \"0.1\".",
                );
            } else if version > Some(current) {
                problems.add(
                    text,
                    file,
                    format!(
                        "version {text} is later than that of the library, {}",
                        spec.library.library.version
                    ),
                    "Write the version that will be released next: that of spec/dtl.yaml.",
                );
            }
            version
        };
        let appeared = operation.since.as_ref().and_then(&mut judge);
        let Some(notice) = &operation.deprecated else { continue };
        let deprecated = judge(&notice.since);
        if deprecated.is_some() && deprecated < appeared {
            problems.add(
                &notice.since,
                file,
                format!("`{}` is deprecated before it appeared", operation.name),
                "Correct one of the two versions.",
            );
        }
    }
}

/// The first two numbers of a version; what follows them must begin with `rest`.
fn parse(text: &str, rest: char) -> Option<Version> {
    let (major, tail) = text.split_once('.')?;
    let (minor, after) = tail.split_at(tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len()));
    let complete = after.is_empty() || after.starts_with(rest);
    (complete && !minor.is_empty()).then_some(())?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
