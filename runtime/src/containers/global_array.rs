//! All elements of a container in one array, or some of them by their global indices: from any rank and for any rank.

use super::core::Container;
use super::elements;
use super::transfer::Plan;
use crate::array::{Array, Output};
use crate::comm::Call;
use crate::context;
use crate::error::{Error, Result};
use crate::layout::{Layout, Selection};
use dtl_types::{Dtype, SpecEnum, Status};

/// Copies all elements, in their global order, into an array on the root.
pub fn gather_to(call: &Call<'_>, container: &Container, root: i32, output: &mut dyn Output) -> Result<()> {
    let layout = container.body().layout.clone();
    let everything: Vec<Selection> = layout.shape().into_iter().map(Selection::all).collect();
    gather(call, container, &everything, Some(root), output)
}

/// Copies the selected elements into an array on every rank.
pub fn get(
    call: &Call<'_>,
    container: &Container,
    selections: &[Selection],
    output: &mut dyn Output,
) -> Result<()> {
    gather(call, container, selections, None, output)
}

fn gather(
    call: &Call<'_>,
    container: &Container,
    selections: &[Selection],
    root: Option<i32>,
    output: &mut dyn Output,
) -> Result<()> {
    let body = container.body().clone();
    let dtype = container.dtype();
    let shape: Vec<usize> = selections.iter().map(|selection| selection.count as usize).collect();
    let receives = root.is_none_or(|root| root == context::rank(call.context()));
    let prepared = if receives { output.provide(dtype, &shape).map(Some) } else { Ok(None) };
    let mut result = call.admit(prepared)?;
    let target = result.as_mut().map_or(std::ptr::null_mut(), |result| result.as_mut_ptr());
    let plan = Plan::gathering(&body.layout, selections, root, dtype.size());
    // SAFETY: the storage has the layout's shape and the result, where there is one, that of the selection; the caller's
    // memory is not the container's.
    unsafe { plan.carry_out(call, body.storage.start(), target) }
}

/// Gives every element the value that it has in an array on the root, which other ranks do not pass.
pub fn from_global(call: &Call<'_>, container: &Container, data: Option<Array<'_>>, root: i32) -> Result<()> {
    let body = container.body().clone();
    let is_root = root == context::rank(call.context());
    let prepared = if is_root {
        fitting(data, container.dtype(), &body.layout).map(|data| data.as_ptr())
    } else {
        Ok(std::ptr::null())
    };
    let source = call.admit(prepared)?;
    let plan = Plan::scattering(&body.layout, root, container.dtype().size());
    // SAFETY: the root's array has the global shape, by the check above, and the storage that of the layout.
    unsafe { plan.carry_out(call, source, body.storage.start())? };
    elements::sanitize(&body.storage, container.dtype());
    body.note_sync();
    Ok(())
}

/// The array, if it has the global shape and the data type of the container.
fn fitting<'a>(data: Option<Array<'a>>, dtype: Dtype, layout: &Layout) -> Result<Array<'a>> {
    let Some(data) = data else {
        return Err(Error::new(Status::NullPointer, "the root passes no array; pass all elements there"));
    };
    if data.dtype() != dtype {
        let (found, expected) = (data.dtype().name(), dtype.name());
        let message = format!(
            "the array has the data type {found}, but the container holds {expected}; convert it first"
        );
        return Err(Error::new(Status::InvalidArgument, message));
    }
    let shape: Vec<usize> = layout.shape().iter().map(|extent| *extent as usize).collect();
    if data.shape() != shape {
        let message = format!("the array has the shape {:?}, but the container has {shape:?}", data.shape());
        return Err(Error::new(Status::ExtentMismatch, message));
    }
    Ok(data)
}
