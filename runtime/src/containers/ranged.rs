//! What containers and spans have in common: a range of the elements of a container, which in a container is all of them.
//! Reductions, single elements and element-wise arithmetic work on either.

use super::core::DynContainer;
use super::span::{self, DynSpan};
use std::ops::{Deref, Range};

/// A range of the elements of a container.
pub trait Ranged {
    /// The container that has the elements.
    fn container(&self) -> &DynContainer;

    /// Which they are, by their positions in global order, and they are then elements in a line; none means all of the container,
    /// with its dimensions.
    fn range(&self) -> Option<Range<u64>>;
}

impl Ranged for DynContainer {
    fn container(&self) -> &DynContainer {
        self
    }

    fn range(&self) -> Option<Range<u64>> {
        None
    }
}

/// The kinds of containers.
impl<K: Deref<Target = DynContainer>> Ranged for K {
    fn container(&self) -> &DynContainer {
        self
    }

    fn range(&self) -> Option<Range<u64>> {
        None
    }
}

/// All of the elements, as a span.
pub(crate) fn span<R: Ranged>(of: &R) -> DynSpan {
    let all = span::all(of.container());
    match of.range() {
        None => all,
        Some(range) => {
            all.part(range.start, range.end - range.start).expect("it is a range of the container")
        }
    }
}
