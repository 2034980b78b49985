//! Which messages a receive wants: from whom, and with what label. Nothing here waits or sends.

use super::incoming::Message;
use crate::comm::ranks::Ranks;
use dtl_types::constants::{ANY_SOURCE, ANY_TAG};
use std::fmt;
use std::sync::Arc;

/// By what receivers tell messages of one sender apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) tag: i32,
    /// Whether it was sent to a rank of a role. Such messages and others do not meet, whatever their tags are.
    pub(crate) is_between_roles: bool,
}

impl Label {
    /// That of a message which is not between roles.
    pub(crate) fn plain(tag: i32) -> Self {
        Label { tag, is_between_roles: false }
    }
}

/// Which messages are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) source: Source,
    /// With ANY_TAG for all tags.
    pub(crate) label: Label,
}

/// Under what messages and receives are found: a sender or all, a tag or all, and the kind of the label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    is_between_roles: bool,
    source: Option<i32>,
    tag: Option<i32>,
}

impl Key {
    /// All keys of receives that may accept a message.
    pub(super) fn all_of(message: &Message) -> [Key; 4] {
        let Label { tag, is_between_roles } = message.envelope.label;
        let source = message.source;
        [(Some(source), Some(tag)), (Some(source), None), (None, Some(tag)), (None, None)]
            .map(|(source, tag)| Key { is_between_roles, source, tag })
    }

    /// The keys under one of which any message is found.
    pub(super) fn widest() -> [Key; 2] {
        [false, true].map(|is_between_roles| Key { is_between_roles, source: None, tag: None })
    }
}

/// From whom messages are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    Any,
    One(i32),
    /// Any of these ranks, which are several or none.
    Among(Arc<[i32]>),
}

impl Wanted {
    /// A message that is not between roles, from a rank or ANY_SOURCE.
    pub(crate) fn of(source: i32, tag: i32) -> Self {
        let source = if source == ANY_SOURCE { Source::Any } else { Source::One(source) };
        Wanted { source, label: Label { tag, is_between_roles: false } }
    }

    /// The one of the keys of a message under which a receive that wants it is found.
    pub(super) fn key(&self) -> Key {
        let Label { tag, is_between_roles } = self.label;
        let source = match self.source {
            Source::One(source) => Some(source),
            Source::Any | Source::Among(_) => None,
        };
        Key { is_between_roles, source, tag: (tag != ANY_TAG).then_some(tag) }
    }

    pub(super) fn accepts(&self, message: &Message) -> bool {
        let Label { tag, is_between_roles } = message.envelope.label;
        let own = self.label;
        own.is_between_roles == is_between_roles
            && (own.tag == ANY_TAG || own.tag == tag)
            && self.source.includes(message.source)
    }
}

impl Source {
    fn includes(&self, rank: i32) -> bool {
        match self {
            Source::Any => true,
            Source::One(source) => *source == rank,
            Source::Among(ranks) => ranks.contains(&rank),
        }
    }

    /// Whether no message can come to `own`, one of `size` ranks, once these ranks have left.
    pub(super) fn is_hopeless(&self, own: i32, size: i32, left: &[i32]) -> bool {
        let cannot_send = |rank: &i32| *rank == own || left.contains(rank);
        match self {
            Source::Any => (0..size).all(|rank| cannot_send(&rank)),
            Source::One(source) => left.contains(source),
            Source::Among(ranks) => ranks.iter().all(cannot_send),
        }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a {} from {}", self.label, self.source)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Any => f.write_str("any rank"),
            Source::One(source) => write!(f, "rank {source}"),
            Source::Among(ranks) => write!(f, "any of {}", Ranks(ranks)),
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_between_roles { "message between roles" } else { "message" })?;
        match self.tag {
            ANY_TAG => Ok(()),
            tag => write!(f, " with tag {tag}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_cannot_come_from_ranks_that_have_left() {
        let among = Source::Among(Arc::from([1, 2]));
        for (source, left, hopeless) in [
            (Source::Any, &[0, 1][..], false),
            (Source::Any, &[0, 1, 3], true),
            (Source::One(1), &[0], false),
            (Source::One(1), &[1], true),
            (among.clone(), &[0, 3], false),
            (among, &[1], true),
            (Source::Among(Arc::from([1, 3])), &[1], false),
        ] {
            assert_eq!(source.is_hopeless(2, 4, left), hopeless, "{source:?} {left:?}");
        }
    }
}
