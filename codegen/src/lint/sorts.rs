//! What a `kind:` names, for the rules that need to know; names that lead nowhere are reported when they are resolved.

use crate::spec::{Base, Enum, Located, Spec};

/// What values of a kind are.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sort<'a> {
    /// An integer.
    Integer,
    /// A value of this enumeration.
    Enum(&'a Enum),
    /// An object.
    Object,
    /// Anything else that a kind can be.
    Other(Base),
}

/// What `kind` names in `spec`.
pub(super) fn sort<'a>(spec: &'a Spec, kind: &Located<String>) -> Option<Sort<'a>> {
    if let Some(item) = spec.enums.enums.iter().find(|item| item.name.value == kind.value) {
        return Some(Sort::Enum(item));
    }
    if spec.objects.iter().any(|file| file.object.name.value == kind.value) {
        return Some(Sort::Object);
    }
    let found = spec.kinds.kinds.iter().find(|known| known.name.value == kind.value)?;
    Some(match found.base {
        Base::I32 | Base::I64 | Base::U64 => Sort::Integer,
        other => Sort::Other(other),
    })
}
