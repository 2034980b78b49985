//! This rank's elements that equal a value: where the first is, and how many there are. How elements are compared is in
//! `memory/engine/equal.rs`.

use super::for_functions::global_index;
use super::ranged::Ranged;
use super::span::DynSpan;
use crate::scalar::Scalar;

/// The global index of this rank's first element that equals `value`, whose data type the elements have.
pub(crate) fn first(span: &DynSpan, value: Scalar) -> Option<u64> {
    let view = span.view();
    // SAFETY: the view has so many elements, aligned, and the operation has borrowed the container.
    let place = unsafe { view.address().engine().find(view.address(), view.len(), value) };
    place.map(|place| global_index(span, place))
}

/// The number of this rank's elements that equal `value`, whose data type they have.
pub(crate) fn count(span: &DynSpan, value: Scalar) -> u64 {
    let (view, workers) = (span.view(), span.container().workers());
    // SAFETY: the view has so many elements, aligned, and the operation has borrowed the container.
    unsafe { view.address().engine().count(view.address(), view.len(), value, workers) as u64 }
}
