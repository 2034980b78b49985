//! What tensors do and other containers do not: several dimensions, each divided along its own dimension of a process grid.

use super::core::{DynContainer, DynTensor};
use super::create;
use super::global_array;
use super::redistribution::{relocate, replace};
use super::transfer::Plan;
use crate::array::{Array, Output};
use crate::calls::Call;
use crate::context;
use crate::error::{Error, Result};
use crate::layout::{Distribution, Layout, Selection, grid};
use crate::scalar::Scalar;
use dtl_types::constants::MAX_TENSOR_RANK;
use dtl_types::{Dtype, ExecutionPolicy, PartitionPolicy, PlacementPolicy, Status};

/// A new tensor of this shape over the ranks of the call's context, zero or `fill` at first. Collective.
///
/// `process_grid` has the number of parts of each dimension, 0 for one that is to be chosen so that all are as equal as
/// possible; without it the first dimension is divided and the others are not. `partitions` and `block_sizes` have one entry
/// for each dimension, or a single one for all.
#[expect(
    clippy::too_many_arguments,
    reason = "these are the arguments that users of every language may give"
)]
pub async fn create(
    call: &Call<'_>,
    shape: &[u64],
    dtype: Dtype,
    fill: Option<Scalar>,
    partitions: &[PartitionPolicy],
    placement: PlacementPolicy,
    execution: ExecutionPolicy,
    device_id: i32,
    process_grid: Option<&[u64]>,
    block_sizes: &[u64],
) -> Result<DynTensor> {
    let layout = call.admit(layout(call, shape, partitions, block_sizes, process_grid)).await?;
    create::container(call, layout, dtype, fill, placement, device_id, execution).await.map(DynTensor)
}

/// Divides the elements over the ranks in another way; they keep their indices and values. The arguments are those of `create`.
pub async fn redistribute(
    call: &Call<'_>,
    tensor: &DynContainer,
    partitions: &[PartitionPolicy],
    process_grid: Option<&[u64]>,
    block_sizes: &[u64],
) -> Result<()> {
    let old = tensor.body().clone();
    let layout = call.admit(layout(call, &old.layout.shape(), partitions, block_sizes, process_grid)).await?;
    relocate(call, tensor, &old, layout).await
}

/// Gives a tensor another shape with as many elements, which keep their row-major order; the first dimension is then divided by
/// blocks. Where that needs elements of other ranks, they move if `redistribute` says so.
pub async fn reshape(
    call: &Call<'_>,
    tensor: &DynContainer,
    shape: &[u64],
    redistribute: bool,
) -> Result<()> {
    let mut source = tensor.body().clone();
    let new = call.admit(reshaped(call, &source.layout, shape, redistribute)).await?;
    if source.layout.ranges().is_none() {
        let rows = layout(call, &source.layout.shape(), &[PartitionPolicy::Block], &[1], None)?;
        relocate(call, tensor, &source, rows).await?;
        source = tensor.body().clone();
    }
    let bounds = |layout: &Layout| {
        layout.ranges().expect("the first dimension is divided by blocks, the others are not")
    };
    let element = tensor.dtype().size();
    let plan = Plan::between_ranges(new.rank(), &bounds(&source.layout), &bounds(&new), element);
    replace(call, tensor, &source, new, &plan).await
}

/// The layout of another shape, where that is allowed.
fn reshaped(call: &Call<'_>, old: &Layout, shape: &[u64], redistribute: bool) -> Result<Layout> {
    let new = layout(call, shape, &[PartitionPolicy::Block], &[1], None)?;
    let was = old.shape();
    if new.size() != old.size() {
        let message = format!(
            "shape is {shape:?}, which is {} elements, but the tensor has {}, as {was:?}",
            new.size(),
            old.size()
        );
        return Err(Error::new(Status::ExtentMismatch, message));
    }
    let stays = old.ranges().is_some_and(|ranges| Some(ranges) == new.ranges());
    if !stays && !redistribute {
        let message = format!(
            "shape is {shape:?}, in which ranks have other elements than in {was:?} as it is divided; ask to redistribute them"
        );
        return Err(Error::new(Status::PreconditionFailed, message));
    }
    Ok(new)
}

fn layout(
    call: &Call<'_>,
    shape: &[u64],
    partitions: &[PartitionPolicy],
    block_sizes: &[u64],
    process_grid: Option<&[u64]>,
) -> Result<Layout> {
    check_shape(shape)?;
    let ranks = context::size(call.context()) as u64;
    let parts = parts(shape.len(), ranks, process_grid)?;
    let partitions = for_each_dimension("partition", partitions, shape.len())?;
    if block_sizes.contains(&0) {
        let message = format!(
            "block_size is {block_sizes:?}; pass a number of elements that is 1 or more, or one for each dimension"
        );
        return Err(Error::new(Status::InvalidArgument, message));
    }
    let block_sizes = for_each_dimension("block_size", block_sizes, shape.len())?;
    let dimensions = shape.iter().zip(partitions).zip(block_sizes).zip(parts);
    let distributions = dimensions
        .map(|(((extent, partition), block), parts)| Distribution::new(partition, *extent, block, parts));
    Ok(Layout::grid(distributions.collect(), context::rank(call.context())))
}

/// A shape has from 1 to the largest number of dimensions, and a number of elements that an index can count.
pub(super) fn check_shape(shape: &[u64]) -> Result<()> {
    if shape.is_empty() || shape.len() > MAX_TENSOR_RANK as usize {
        let message =
            format!("shape has {} dimensions; a tensor has from 1 to {MAX_TENSOR_RANK}", shape.len());
        return Err(Error::new(Status::InvalidArgument, message));
    }
    let mut elements = 1u64;
    // Without those of no extent, so that what is too large beside them is refused as well.
    for extent in shape.iter().filter(|extent| **extent > 0) {
        elements = elements.checked_mul(*extent).filter(|elements| *elements <= i64::MAX as u64).ok_or_else(
            || {
                Error::new(
                    Status::InvalidArgument,
                    format!("shape is {shape:?}, which is 2^63 elements or more; make it smaller"),
                )
            },
        )?;
    }
    Ok(())
}

fn parts(ndim: usize, ranks: u64, process_grid: Option<&[u64]>) -> Result<Vec<u64>> {
    let Some(wanted) = process_grid else {
        let mut parts = vec![1; ndim];
        parts[0] = ranks;
        return Ok(parts);
    };
    if wanted.len() != ndim {
        let message = format!(
            "grid has {} dimensions, but the tensor has {ndim}; pass as many, 0 for those to be chosen",
            wanted.len()
        );
        return Err(Error::new(Status::DimensionMismatch, message));
    }
    grid::complete(ranks, wanted).ok_or_else(|| {
        let message = format!(
            "grid is {wanted:?}, but there {} {ranks} rank{}; its extents must have that product, where 0 stands for any",
            if ranks == 1 { "is" } else { "are" },
            if ranks == 1 { "" } else { "s" }
        );
        Error::new(Status::InvalidArgument, message)
    })
}

fn for_each_dimension<T: Copy>(name: &str, values: &[T], ndim: usize) -> Result<Vec<T>> {
    match values {
        [value] => Ok(vec![*value; ndim]),
        _ if values.len() == ndim => Ok(values.to_vec()),
        _ => Err(Error::new(
            Status::DimensionMismatch,
            format!(
                "{name} has {} entries, but the tensor has {ndim} dimensions; pass one entry, or one for each",
                values.len()
            ),
        )),
    }
}

/// Copies elements into an array on every rank: along each dimension `count`, from `first` on and `step` apart.
pub async fn get(
    call: &Call<'_>,
    tensor: &DynContainer,
    first: &[i64],
    count: &[u64],
    step: &[u64],
    output: &mut dyn Output,
) -> Result<()> {
    let selections = call.admit(selections(tensor, first, count, step)).await?;
    global_array::get(call, tensor, &selections, output).await
}

/// Stores an array, the same on every rank, in elements: along each dimension `count`, from `first` on and `step` apart.
pub async fn set(
    call: &Call<'_>,
    tensor: &DynContainer,
    first: &[i64],
    count: &[u64],
    values: Array<'_>,
    step: &[u64],
) -> Result<()> {
    let selections = call.admit(selections(tensor, first, count, step)).await?;
    global_array::set(call, tensor, &selections, values).await
}

/// What is selected along each dimension.
fn selections(tensor: &DynContainer, first: &[i64], count: &[u64], step: &[u64]) -> Result<Vec<Selection>> {
    let ndim = tensor.body().layout.ndim();
    for (name, found) in [("first", first.len()), ("count", count.len())] {
        if found != ndim {
            let message = format!(
                "{name} has {found} entries, but the tensor has {ndim} dimensions; pass one for each"
            );
            return Err(Error::new(Status::DimensionMismatch, message));
        }
    }
    let steps = for_each_dimension("step", step, ndim)?;
    if steps.contains(&0) {
        let message = format!("step is {step:?}, but a distance is 1 or more; pass a larger one");
        return Err(Error::new(Status::InvalidArgument, message));
    }
    let along = first.iter().zip(count).zip(steps);
    along.map(|((first, count), step)| Selection::of(*first, *count, step)).collect()
}

/// The number of elements on this rank along each dimension.
pub fn local_shape(tensor: &DynContainer) -> Vec<u64> {
    tensor.body().layout.local_shape().into_iter().map(|extent| extent as u64).collect()
}

/// Along each dimension, the global index of this rank's first element; the extent where it has none.
pub fn local_offsets(tensor: &DynContainer) -> Vec<u64> {
    tensor.body().layout.local_offsets()
}

/// The number of parts of each dimension.
pub fn process_grid(tensor: &DynContainer) -> Vec<u64> {
    tensor.body().layout.process_grid()
}

/// How each dimension is divided.
pub fn partition_policies(tensor: &DynContainer) -> Vec<PartitionPolicy> {
    tensor.body().layout.distributions().map(Distribution::policy).collect()
}

/// The first dimension that is divided over several ranks, or -1.
pub fn distributed_dim(tensor: &DynContainer) -> i32 {
    tensor.body().layout.distributed_dimension() as i32
}

/// The global extent of a dimension.
pub fn dim(tensor: &DynContainer, dim: i32) -> Result<u64> {
    let shape = tensor.body().layout.shape();
    dimension(dim, shape.len()).map(|dim| shape[dim])
}

/// The distance in memory between neighbours along a dimension, in elements.
pub fn stride(tensor: &DynContainer, dim: i32) -> Result<u64> {
    let shape = local_shape(tensor);
    dimension(dim, shape.len()).map(|dim| shape[dim + 1..].iter().product())
}

fn dimension(dim: i32, ndim: usize) -> Result<usize> {
    usize::try_from(dim).ok().filter(|dim| *dim < ndim).ok_or_else(|| {
        Error::new(
            Status::OutOfBounds,
            format!("dim is {dim}, but the tensor has {ndim} dimensions, counted from 0"),
        )
    })
}

/// The rank that has the element with this global index along each dimension; of copies, this rank's if it has one.
pub fn owner(tensor: &DynContainer, index: &[i64]) -> Result<i32> {
    let layout = tensor.body().layout.clone();
    let extents = layout.shape();
    if index.len() != extents.len() {
        let message =
            format!("the index has {} dimensions, but the tensor has {}", index.len(), extents.len());
        return Err(Error::new(Status::DimensionMismatch, message));
    }
    let checked = index.iter().zip(&extents).enumerate().map(|(dim, (index, extent))| {
        u64::try_from(*index).ok().filter(|index| index < extent).ok_or_else(|| {
            let message =
                format!("index {index} along dimension {dim} is out of bounds: the extent is {extent}");
            Error::new(Status::OutOfBounds, message)
        })
    });
    Ok(layout.owner_of(&checked.collect::<Result<Vec<u64>>>()?))
}
