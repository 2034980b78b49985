//! All elements of a container in one array, or some of them by their global indices: from any rank and for any rank.

use super::core::{Body, DynContainer};
use super::transfer::Plan;
use crate::array::{Array, Output};
use crate::calls::Call;
use crate::context;
use crate::error::{Error, Result};
use crate::layout::{Layout, Region, Selection};
use crate::memory::{Address, engine};
use dtl_types::{Dtype, Status};
use std::sync::Arc;

/// Copies all elements, in their global order, into an array on the root.
pub async fn gather_to(
    call: &Call<'_>,
    container: &DynContainer,
    root: i32,
    output: &mut dyn Output,
) -> Result<()> {
    let layout = container.body().layout.clone();
    let everything: Vec<Selection> = layout.shape().into_iter().map(Selection::all).collect();
    gather(call, container, &everything, Some(root), output).await
}

/// Copies the selected elements into an array on every rank.
pub async fn get(
    call: &Call<'_>,
    container: &DynContainer,
    selections: &[Selection],
    output: &mut dyn Output,
) -> Result<()> {
    gather(call, container, selections, None, output).await
}

async fn gather(
    call: &Call<'_>,
    container: &DynContainer,
    selections: &[Selection],
    root: Option<i32>,
    output: &mut dyn Output,
) -> Result<()> {
    let body = container.body().clone();
    let dtype = container.dtype();
    let receives = root.is_none_or(|root| root == context::rank(call.context()));
    let shape = call.admit(selected_shape(&body.layout, selections)).await?;
    let prepared = if receives { output.provide(dtype, &shape).map(Some) } else { Ok(None) };
    let mut result = call.admit(prepared).await?;
    let target = Address::of_host(result.as_mut().map_or(std::ptr::null_mut(), |result| result.as_mut_ptr()));
    let plan = Plan::gathering(&body.layout, selections, root, dtype.size());
    // SAFETY: the storage has the layout's shape and the result, where there is one, that of the selection; the caller's
    // memory is not the container's.
    unsafe { plan.carry_out(call, body.storage.address(), target).await }
}

/// Stores an array, the same on every rank, in the selected elements.
pub async fn set(
    call: &Call<'_>,
    container: &DynContainer,
    selections: &[Selection],
    data: Array<'_>,
) -> Result<()> {
    let body = container.body().clone();
    let (rank, element) = (body.layout.rank() as u64, container.dtype().size());
    let shape = call.admit(selected_shape(&body.layout, selections)).await?;
    call.admit(fitting(Some(data), container.dtype(), &shape, "the selection")).await?;
    agree_on_contents(call, &data).await?;
    let dimensions = || body.layout.distributions().zip(selections).enumerate();
    let positions = dimensions().map(|(number, (distribution, selection))| {
        Arc::new(distribution.selected(body.layout.part_of(rank, number), *selection))
    });
    let numbers = dimensions().map(|(number, (distribution, selection))| {
        let part = if distribution.is_replicated() { 0 } else { body.layout.part_of(rank, number) };
        Arc::new(distribution.selected_by_part(*selection).swap_remove(part as usize))
    });
    let from = Region::new(&shape, &numbers.collect::<Vec<_>>(), element);
    let to = Region::new(&body.layout.local_shape(), &positions.collect::<Vec<_>>(), element);
    // What is stored may be elements of the container itself.
    let copy = data.bytes().to_vec();
    // SAFETY: the array has the shape of the selection, and the storage that of the layout.
    unsafe { engine::move_region(&from, Address::of_host(copy.as_ptr()), &to, body.storage.address()) };
    sanitize(&body, container.dtype());
    Ok(())
}

/// An error unless all ranks pass the same bytes.
async fn agree_on_contents(call: &Call<'_>, data: &Array<'_>) -> Result<()> {
    let round = call.exchange(&engine::digest(data.bytes())).await?;
    let differs = |rank: &usize| round.payload(*rank) != round.payload(0);
    match (0..round.payloads().len()).find(differs) {
        None => Ok(()),
        Some(rank) => Err(call.contract_error(&format!(
            "the elements differ: rank {rank} passes others than rank 0. Every rank must pass the same."
        ))),
    }
}

/// Gives every element the value that it has in an array on the root, which other ranks do not pass.
pub async fn from_global(
    call: &Call<'_>,
    container: &DynContainer,
    data: Option<Array<'_>>,
    root: i32,
) -> Result<()> {
    let body = container.body().clone();
    let is_root = root == context::rank(call.context());
    let prepared = if is_root {
        fitting(data, container.dtype(), &global_shape(&body.layout), "the container")
            .map(|data| Address::of_host(data.as_ptr()))
    } else {
        Ok(Address::of_host(std::ptr::null()))
    };
    let source = call.admit(prepared).await?;
    let plan = Plan::scattering(&body.layout, root, container.dtype().size());
    // SAFETY: the root's array has the global shape, by the check above, and the storage that of the layout.
    unsafe { plan.carry_out(call, source, body.storage.address()).await? };
    sanitize(&body, container.dtype());
    body.note_sync();
    Ok(())
}

/// Makes booleans that came from a program 0 or 1.
fn sanitize(body: &Body, dtype: Dtype) {
    let address = body.storage.address();
    // SAFETY: the storage has so many bytes, and the operation has borrowed the container.
    unsafe { address.engine().sanitize(address, body.storage.bytes(), dtype) };
}

fn global_shape(layout: &Layout) -> Vec<usize> {
    layout.shape().into_iter().map(|extent| extent as usize).collect()
}

/// How many elements are selected along each dimension, if there are such elements.
fn selected_shape(layout: &Layout, selections: &[Selection]) -> Result<Vec<usize>> {
    let several = layout.ndim() > 1;
    let along = |(dimension, (selection, extent)): (usize, (&Selection, u64))| {
        let place = if several { format!(" along dimension {dimension}") } else { String::new() };
        selection.within(extent, &place).map(|()| selection.count as usize)
    };
    selections.iter().zip(layout.shape()).enumerate().map(along).collect()
}

/// The array, if it has this shape, and the data type of the container.
fn fitting<'a>(data: Option<Array<'a>>, dtype: Dtype, shape: &[usize], whole: &str) -> Result<Array<'a>> {
    let Some(data) = data else {
        return Err(Error::new(Status::NullPointer, "the root passes no array; pass all elements there"));
    };
    data.check_dtype("the array", dtype, "the container holds")?;
    if !data.fits(shape) {
        let message = format!("the array has the shape {:?}, but {whole} has {shape:?}", data.shape());
        return Err(Error::new(Status::ExtentMismatch, message));
    }
    Ok(data)
}
