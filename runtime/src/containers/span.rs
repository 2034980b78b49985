//! Spans: ranges of the elements of a container, each rank's part of which is a piece of the container's own memory. In every
//! layout the order of a rank's elements is their global order, so the elements of a global range are consecutive on each rank.
//! All of it is local; how spans take part in what containers do together is in `ranged.rs`.

use super::alike;
use super::borrow::Loans;
use super::core::{Body, DynContainer, View};
use super::ranged::Ranged;
use crate::array::{Array, Output};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::groups;
use crate::layout::Layout;
use crate::memory::{Address, Storage};
use crate::scalar::Scalar;
use dtl_types::{Dtype, ExecutionPolicy, PartitionPolicy, SpecEnum, Status};
use std::fmt;
use std::ops::Range;

/// The number of elements that stands for all that follow.
const ALL_THAT_FOLLOW: u64 = u64::MAX;

/// A range of the elements of a container of any data type. It holds a view, so that the container's memory stays.
#[derive(Clone)]
pub struct DynSpan {
    /// This rank's elements of the range.
    view: View,
    /// The global index of the first element of the range, on whatever rank it is.
    start: u64,
    size: u64,
}

impl DynSpan {
    /// The data type of the elements.
    pub fn dtype(&self) -> Dtype {
        self.view.dtype()
    }

    /// The context of the container; of memory of the program, one of this rank alone.
    pub fn context(&self) -> &Context {
        self.view.container().context()
    }

    /// By what all ranks know the container.
    pub fn id(&self) -> u64 {
        self.view.container().id()
    }

    /// The operations that use the elements of the container now.
    pub(crate) fn loans(&self) -> &Loans {
        self.view.container().loans()
    }

    /// This rank's elements.
    pub(super) fn view(&self) -> &View {
        &self.view
    }

    /// The part of the range from its element `offset` on.
    pub(super) fn part(&self, offset: u64, count: u64) -> Result<Self> {
        if offset > self.size || count > self.size - offset {
            let message = format!(
                "elements {offset} to {} are not all in a span of {} elements; pass a range inside of it",
                offset.saturating_add(count),
                self.size
            );
            return Err(Error::new(Status::OutOfBounds, message));
        }
        let start = self.start + offset;
        let layout = self.view.layout();
        let range = elements_before(layout, start)..elements_before(layout, start + count);
        Ok(DynSpan { view: self.view.part(range), start, size: count })
    }

    /// Where this rank's element `index` is.
    fn element(&self, index: u64) -> Result<Address> {
        if index >= self.view.len() as u64 {
            let message = format!(
                "local index {index} is out of bounds: rank {} has {} elements of the span",
                rank(self),
                self.view.len()
            );
            return Err(Error::new(Status::OutOfBounds, message));
        }
        Ok(self.view.address().add(index as usize * self.dtype().size()))
    }
}

impl Ranged for DynSpan {
    fn container(&self) -> &DynContainer {
        self.view.container()
    }

    fn range(&self) -> Option<Range<u64>> {
        Some(self.start..self.start + self.size)
    }
}

impl fmt::Debug for DynSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Span({})", describe(self))
    }
}

/// A span of zeros in memory of its own, whose elements of type `dtype` are where those of `span` are.
pub fn like(span: &DynSpan, dtype: Dtype) -> Result<DynSpan> {
    let other: DynContainer = alike::like(span.container(), dtype)?;
    all(&other).part(span.start, span.size)
}

/// How many of this rank's elements come before the global position `bound`.
pub(super) fn elements_before(layout: &Layout, bound: u64) -> usize {
    let (mut low, mut high) = (0, layout.local_size() as usize);
    while low < high {
        let middle = low + (high - low) / 2;
        let is_before = global_position(layout, middle) < bound;
        (low, high) = if is_before { (middle + 1, high) } else { (low, middle) };
    }
    low
}

/// The position of this rank's element `local` among all elements, in row-major order.
pub(super) fn global_position(layout: &Layout, local: usize) -> u64 {
    let (shape, local_shape) = (layout.shape(), layout.local_shape());
    let (mut position, mut stride, mut rest) = (0, 1, local);
    for dimension in (0..layout.ndim()).rev() {
        let index = layout.global_indices_from(dimension, rest % local_shape[dimension]).next();
        position += index.expect("the index is below the local extent") as u64 * stride;
        stride *= shape[dimension];
        rest /= local_shape[dimension];
    }
    position
}

/// The span of all elements of a container.
pub fn of(container: &DynContainer) -> Result<DynSpan> {
    Ok(all(container))
}

/// [`of`], which cannot fail.
pub(super) fn all(container: &DynContainer) -> DynSpan {
    let view = View::of(container);
    let (count, size) = (view.len(), view.layout().size());
    DynSpan { view: view.part(0..count), start: 0, size }
}

/// A span over memory of the program, which keeps it where it is as long as the span or one made of it is used.
pub fn create(local_data: Array<'_>, global_size: u64, rank: i32, num_ranks: i32) -> Result<DynSpan> {
    if !(0..num_ranks).contains(&rank) {
        let message = format!("rank is {rank} and num_ranks is {num_ranks}; pass 0 <= rank < num_ranks");
        return Err(Error::new(Status::InvalidRank, message));
    }
    let layout = Layout::line(PartitionPolicy::Block, global_size, 1, rank, num_ranks);
    if layout.local_size() != local_data.len() as u64 {
        let message = format!(
            "local_data has {} elements, but of {global_size} elements in blocks over {num_ranks} ranks, rank {rank} has {}",
            local_data.len(),
            layout.local_size()
        );
        return Err(Error::new(Status::ExtentMismatch, message));
    }
    let storage = Storage::foreign(local_data.as_ptr().cast_mut(), local_data.nbytes())?;
    // The memory has no ranks to talk to; as a container of this rank alone it is like any other.
    let alone = groups::create_alone()?;
    let body = Body::new(layout, storage);
    Ok(all(&DynContainer::new(&alone, local_data.dtype(), ExecutionPolicy::Seq, body)))
}

/// The number of elements on all ranks together.
pub fn global_size(span: &DynSpan) -> u64 {
    span.size
}

/// The number of elements on this rank.
pub fn local_size(span: &DynSpan) -> u64 {
    span.view.len() as u64
}

/// The bytes of this rank's elements.
pub fn size_bytes(span: &DynSpan) -> u64 {
    local_size(span) * span.dtype().size() as u64
}

/// Whether there are no elements on any rank.
pub fn empty(span: &DynSpan) -> bool {
    span.size == 0
}

/// The data type of the elements.
pub fn dtype(span: &DynSpan) -> Dtype {
    span.dtype()
}

/// This rank's number.
pub fn rank(span: &DynSpan) -> i32 {
    span.view.layout().rank()
}

/// The number of ranks that the elements are divided over.
pub fn num_ranks(span: &DynSpan) -> i32 {
    span.view.layout().ranks()
}

/// Whether the span can be used: as long as it exists.
pub fn is_valid(_span: &DynSpan) -> bool {
    true
}

/// The local elements, without a copy.
pub fn local_view(span: &DynSpan) -> Result<View> {
    span.view.clone().of_host()
}

/// Reads this rank's element `index`.
pub fn get_local(span: &DynSpan, index: u64, output: &mut dyn Output) -> Result<()> {
    let element = span.element(index)?;
    let mut result = output.provide(span.dtype(), &[])?;
    // SAFETY: the element is one of the view's, and the result has room for one.
    unsafe { element.engine().load(element, result.as_mut_ptr(), span.dtype().size()) };
    Ok(())
}

/// Writes this rank's element `index`.
pub fn set_local(span: &DynSpan, index: u64, value: Scalar) -> Result<()> {
    let element = span.element(index)?;
    // SAFETY: the element is one of the view's, and the value has its data type.
    unsafe { element.engine().store(element, value.bytes().as_ptr(), value.bytes().len()) };
    span.view.container().note_write();
    Ok(())
}

/// Copies the local elements out.
pub fn copy_to(span: &DynSpan, output: &mut dyn Output) -> Result<()> {
    let mut result = output.provide(span.dtype(), span.view.shape())?;
    let (target, bytes) = (result.as_mut_ptr(), result.nbytes());
    let source = span.view.address();
    // SAFETY: the view has as many bytes as a result of its shape.
    unsafe { source.engine().read(source, target, bytes, span.view.container().workers()) };
    Ok(())
}

/// Copies `values` over the local elements; shape and data type must be theirs.
pub fn copy_from(span: &DynSpan, values: Array<'_>) -> Result<()> {
    values.check_dtype("data", span.dtype(), "the span holds")?;
    if values.shape() != span.view.shape() {
        let (found, wanted) = (values.shape(), span.view.shape());
        let message =
            format!("data has the shape {found:?}, but this rank's part of the span has {wanted:?}");
        return Err(Error::new(Status::ExtentMismatch, message));
    }
    let (target, bytes) = (span.view.address(), values.nbytes());
    // SAFETY: the view has as many bytes as an array of its shape, and the operation has borrowed the container. The array may be a
    // view of the same memory.
    unsafe {
        target.engine().write(target, values.as_ptr(), bytes, span.view.container().workers());
        target.engine().sanitize(target, bytes, span.dtype());
    }
    span.view.container().note_write();
    Ok(())
}

/// The first `count` elements.
pub fn first(span: &DynSpan, count: u64) -> Result<DynSpan> {
    span.part(0, count)
}

/// The last `count` elements.
pub fn last(span: &DynSpan, count: u64) -> Result<DynSpan> {
    // More than there are cannot be found from any start.
    span.part(span.size.saturating_sub(count), count)
}

/// `count` elements from element `offset` on.
pub fn subspan(span: &DynSpan, offset: u64, count: u64) -> Result<DynSpan> {
    let rest = span.size.saturating_sub(offset);
    span.part(offset, if count == ALL_THAT_FOLLOW { rest } else { count })
}

/// The span in a line: how many elements it has, and this rank's part.
pub fn describe(span: &DynSpan) -> String {
    format!(
        "size={}, dtype={}, rank {} of {}: {} elements",
        span.size,
        span.dtype().name(),
        rank(span),
        num_ranks(span),
        local_size(span)
    )
}
