//! `broadcast`: every rank gets the root's array.

use super::description::check_dimensions;
use super::from_root::{Parts, Source, receive, send};
use crate::array::{Array, Output};
use crate::calls::Call;
use crate::context;
use crate::error::{Error, Result};
use dtl_types::Status;

/// Gives every rank the root's array. Data type and shape are the root's; what other ranks pass as `input` is ignored.
pub async fn broadcast(
    call: &Call<'_>,
    input: Option<Array<'_>>,
    root: i32,
    output: &mut dyn Output,
) -> Result<()> {
    if context::rank(call.context()) != root {
        return receive(call, Parts::Same, root, output).await;
    }
    send(call, Parts::Same, source(input), output).await
}

fn source(input: Option<Array<'_>>) -> Result<Source<'_>> {
    let input = input.ok_or_else(|| {
        Error::new(Status::InvalidArgument, "data is missing on the root, which is to send it")
    })?;
    check_dimensions(input.shape())?;
    Ok(Source { data: input, shape: input.shape() })
}
