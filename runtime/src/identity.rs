//! How ranks know what they pass to a collective call: containers, halos and managers of roles that they have made together have a
//! number, equal on all ranks; what a rank makes by itself, as arithmetic does, is known by what it is.

use dtl_types::{Dtype, SpecEnum};

/// Set where there is no number.
const LOCAL: u64 = 1 << 63;
/// Where the element type is, of what has no number; the rest tells layouts apart.
const DTYPE_SHIFT: u32 = 48;

/// What ranks have not agreed on yet.
pub(crate) const NOTHING_YET: u64 = 0;

/// The identity of a container that this rank has made without the others: its element type, and a number made of its layout.
pub(crate) fn of_local(dtype: Dtype, layout: u64) -> u64 {
    LOCAL | (dtype.code() as u64) << DTYPE_SHIFT | layout >> (u64::BITS - DTYPE_SHIFT)
}

/// An identity in a sentence.
pub(crate) fn in_words(identity: u64) -> String {
    if identity == NOTHING_YET {
        return "one that is not initialized".to_owned();
    }
    if identity & LOCAL == 0 {
        return format!("number {identity}");
    }
    let (dtype, layout) = ((identity >> DTYPE_SHIFT) as u8 & 0x7F, identity & ((1 << DTYPE_SHIFT) - 1));
    let dtype = Dtype::from_code(dtype.into()).map_or("unknown", |dtype| dtype.name());
    format!("one made locally, of {dtype} in layout {layout:012x}")
}
