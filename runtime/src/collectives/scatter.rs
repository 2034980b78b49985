//! `scatter`: each rank gets one part of the root's array.

use super::description::check_dimensions;
use super::from_root::{Parts, Source, receive, send};
use crate::array::{Array, Output};
use crate::calls::Call;
use crate::context;
use crate::error::{Error, Result};
use dtl_types::Status;

/// Cuts the root's array, of shape `(size, *shape)`, along its first dimension and gives each rank its part, of shape
/// `shape`. The data type is the root's; what other ranks pass as `input` is ignored.
pub async fn scatter(
    call: &Call<'_>,
    input: Option<Array<'_>>,
    root: i32,
    output: &mut dyn Output,
) -> Result<()> {
    if context::rank(call.context()) != root {
        return receive(call, Parts::OnePerRank, root, output).await;
    }
    send(call, Parts::OnePerRank, source(input, context::size(call.context())), output).await
}

fn source(input: Option<Array<'_>>, size: i32) -> Result<Source<'_>> {
    let input = input.ok_or_else(|| {
        Error::new(Status::InvalidArgument, "data is missing on the root, which is to send it")
    })?;
    let shape = part_shape(&input, size)?;
    check_dimensions(shape)?;
    Ok(Source { data: input, shape })
}

/// The shape of each part of an array that has one for each of `size` ranks along its first dimension.
pub(super) fn part_shape<'a>(input: &Array<'a>, size: i32) -> Result<&'a [usize]> {
    match input.shape() {
        [first, shape @ ..] if *first == size as usize => Ok(shape),
        shape => Err(Error::new(
            Status::ExtentMismatch,
            format!(
                "data has the shape {shape:?}, but its first extent must be {size}: one part for each rank"
            ),
        )),
    }
}
