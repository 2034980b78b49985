//! `allmax`: the largest values of all ranks, element by element.

use super::allreduce;
use crate::array::{Array, Output};
use crate::comm::Call;
use crate::error::Result;
use dtl_types::ReduceOp;

/// Gives every rank the largest values.
pub fn allmax(call: &Call<'_>, data: Array<'_>, output: &mut dyn Output) -> Result<()> {
    allreduce(call, data, ReduceOp::Max, output)
}
