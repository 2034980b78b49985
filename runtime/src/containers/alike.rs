//! Containers whose elements stand beside each other on every rank: whether two are such, and making one like another. Both
//! are local; element-wise arithmetic is made of them.

use super::core::{Body, Container};
use super::create::local_bytes;
use crate::error::Result;
use crate::storage;
use dtl_types::Dtype;

impl Container {
    /// Whether both are on the same context, and every rank has elements with the same indices of both.
    pub fn is_laid_out_like(&self, other: &Self) -> bool {
        let (own, others) = (self.body().clone(), other.body().clone());
        self.context().is_same(other.context()) && own.layout == others.layout
    }
}

/// A container of zeros of type `dtype`, laid out like `container`.
///
/// Its number does not come from an agreement. Ranks that make such containers in another order, or leave one out, have
/// different numbers for them: what they then do together with these containers is an error that says so.
pub fn like<K: From<Container>>(container: &Container, dtype: Dtype) -> Result<K> {
    let body = container.body().clone();
    let storage = local_bytes(&body.layout, dtype).and_then(storage::allocate)?;
    let id = container.context().number_local_container(dtype);
    let execution = container.execution();
    let body = Body::new(body.layout.clone(), storage);
    Ok(K::from(Container::numbered(container.context(), dtype, execution, body, id)))
}
