//! Containers and spans whose elements stand beside each other on every rank: whether two are such, and making one like another. Both
//! are local; element-wise arithmetic is made of them.

use super::core::{Body, DynContainer};
use super::create::local_bytes;
use super::ranged::Ranged;
use crate::error::Result;
use dtl_types::Dtype;
use std::ops::Range;

/// Where the elements of a container or span are. It keeps nothing where it is.
#[derive(Debug, Clone)]
pub struct Places {
    pub(super) container: DynContainer,
    range: Option<Range<u64>>,
}

impl Places {
    /// Where these elements are.
    pub fn of<R: Ranged>(elements: &R) -> Self {
        Places { container: elements.container().clone(), range: elements.range() }
    }

    /// Whether both are on the same context, and every rank has elements with the same indices of both. A span is where a whole
    /// container of one dimension is, if it has all elements.
    pub fn are_those_of(&self, other: &Self) -> bool {
        let (own, others) = (self.container.body().clone(), other.container.body().clone());
        let range = |places: &Self| places.range.clone().unwrap_or(0..own.layout.size());
        let same_range = match own.layout.ndim() {
            1 => range(self) == range(other),
            _ => self.range == other.range,
        };
        self.container.context().is_same(other.container.context())
            && own.layout == others.layout
            && same_range
    }
}

/// A container of zeros of type `dtype`, laid out like `container`.
///
/// The ranks have not agreed on it, so it has no number: where they pass such containers to a collective call, these must have the same
/// type and layout on all ranks.
pub fn like<K: From<DynContainer>>(container: &DynContainer, dtype: Dtype) -> Result<K> {
    let body = container.body().clone();
    let storage = local_bytes(&body.layout, dtype).and_then(|bytes| container.memory().allocate(bytes))?;
    let execution = container.execution();
    let body = Body::new(body.layout.clone(), storage);
    Ok(K::from(DynContainer::local(container.context(), dtype, execution, body)))
}
