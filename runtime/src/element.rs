//! The Rust types that a container can hold and the data type that each stands for. The list of them, and the dispatch from
//! data types to them, are generated; what arithmetic each type has is in `arithmetic`.

use crate::elements::with_elements;
use dtl_types::Dtype;

/// A type that distributed containers and collectives can carry. Sealed: the data types are those of the specification.
pub trait Element: Copy + Send + Sync + 'static + sealed::Sealed {
    /// The data type that stands for `Self` in every language.
    const DTYPE: Dtype;

    /// Makes every byte pattern in `values` one that `Self` may have. Only `bool` has patterns to mend: other languages
    /// store any non-zero byte for true.
    #[doc(hidden)]
    fn sanitize(values: &mut [u8]) {
        if Self::DTYPE == Dtype::Bool {
            values.iter_mut().for_each(|value| *value = u8::from(*value != 0));
        }
    }
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! implement {
    ($($dtype:ident => $type:ty),* $(,)?) => {$(
        impl sealed::Sealed for $type {}
        impl Element for $type {
            const DTYPE: Dtype = Dtype::$dtype;
        }
    )*};
}

with_elements!(implement);
