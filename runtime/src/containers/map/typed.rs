//! The distributed map for Rust programs: a [`DynMap`] whose types of keys and values are known. Its constructor and methods
//! are generated.

use super::DynMap;
use crate::element::Element;
use crate::error::{Error, Result};
use dtl_types::{SpecEnum, Status};
use std::marker::PhantomData;

/// A distributed map from keys of type `K` to values of type `V`: each rank of a context holds the keys that it owns.
#[derive(Debug)]
pub struct Map<K, V> {
    erased: DynMap,
    elements: PhantomData<(K, V)>,
}

impl<K: Element, V: Element> Map<K, V> {
    /// The typed form of a map whose data types are those of `K` and `V`.
    pub fn from_erased(erased: DynMap) -> Result<Self> {
        let (key, value) = (erased.key_dtype(), erased.value_dtype());
        if (key, value) != (K::DTYPE, V::DTYPE) {
            return Err(Error::new(
                Status::InvalidArgument,
                format!(
                    "the map has {} keys and {} values, not {} and {}",
                    key.name(),
                    value.name(),
                    K::DTYPE.name(),
                    V::DTYPE.name()
                ),
            ));
        }
        Ok(Map { erased, elements: PhantomData })
    }

    /// The map without its types.
    pub fn erased(&self) -> &DynMap {
        &self.erased
    }

    /// The map for the generated methods.
    pub(crate) fn raw(&self) -> &DynMap {
        &self.erased
    }
}
