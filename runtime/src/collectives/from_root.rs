//! What `broadcast` and `scatter` share: the root alone knows what comes, so its description of the data travels in the fixed
//! round, where the other ranks say what their outputs accept. Small data travels there too.

use super::description::{Description, Expectation};
use crate::array::{Array, Output};
use crate::calls::Call;
use crate::calls::round::Round;
use crate::comm::transport::{Blocks, Pattern};
use crate::context;
use crate::error::Result;

/// What the root has for the ranks.
pub(super) struct Source<'a> {
    /// All data, of which each rank gets its part.
    pub(super) data: Array<'a>,
    /// The shape of a part.
    pub(super) shape: &'a [usize],
}

/// Where each rank's part is: all ranks get everything, or each a part of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parts {
    Same,
    OnePerRank,
}

impl Parts {
    fn pattern(self, root: i32) -> Pattern {
        match self {
            Parts::Same => Pattern::Broadcast { root },
            Parts::OnePerRank => Pattern::Scatter { root },
        }
    }

    /// Where the part of `rank` starts among all data, when each part has `nbytes` bytes.
    fn offset(self, rank: i32, nbytes: usize) -> usize {
        match self {
            Parts::Same => 0,
            Parts::OnePerRank => rank as usize * nbytes,
        }
    }
}

/// The root's side.
pub(super) async fn send(
    call: &Call<'_>,
    parts: Parts,
    source: Result<Source<'_>>,
    output: &mut dyn Output,
) -> Result<()> {
    let source = match source {
        Ok(source) => source,
        Err(error) => return call.admit(Err(error)).await,
    };
    let mut result = call.admit(output.provide(source.data.dtype(), source.shape)).await?;
    if !call.is_alone() {
        send_to_others(call, parts, &source).await?;
    }
    let offset = parts.offset(context::rank(call.context()), result.nbytes());
    result.copy_from(&source.data, offset);
    Ok(())
}

async fn send_to_others(call: &Call<'_>, parts: Parts, source: &Source<'_>) -> Result<()> {
    let root = context::rank(call.context());
    let description = Description { dtype: source.data.dtype(), shape: source.shape.to_vec() };
    let round = call.exchange(&description.encode(source.data.bytes(), call.room())).await?;
    let agreed = agree(call, &round, root)?;
    if !agreed.separate {
        return Ok(());
    }
    if agreed.someone_allocates {
        call.agree_to_go_on(Ok(())).await?;
    }
    let nbytes = description.nbytes();
    let send = Blocks::from(source.data.as_ptr(), nbytes);
    // SAFETY: the data has a part of `nbytes` bytes for each rank, or one for all.
    unsafe { call.transfer(parts.pattern(root), nbytes, send, Blocks::NONE).await }
}

/// The side of the other ranks.
pub(super) async fn receive(call: &Call<'_>, parts: Parts, root: i32, output: &mut dyn Output) -> Result<()> {
    call.admit(Ok(())).await?;
    let round = call.exchange(&Expectation::of(output).encode()).await?;
    let agreed = agree(call, &round, root)?;
    let (description, data) = Description::decode(round.payload(root as usize));
    let nbytes = description.nbytes();
    let prepared = output.provide(description.dtype, &description.shape);
    if !agreed.separate {
        let offset = parts.offset(context::rank(call.context()), nbytes);
        prepared?.store(0, &data[offset..][..nbytes]);
        return Ok(());
    }
    let mut result = if agreed.someone_allocates { call.agree_to_go_on(prepared).await? } else { prepared? };
    let memory = Blocks::to(result.as_mut_ptr(), 0);
    // SAFETY: memory was provided for what the root described.
    unsafe { call.transfer(parts.pattern(root), nbytes, Blocks::NONE, memory).await }
}

/// What all ranks conclude from the round.
struct Agreed {
    /// The data did not fit the round and moves by itself.
    separate: bool,
    /// Some rank makes memory only now, which may fail.
    someone_allocates: bool,
}

/// The contract error if any rank's output does not accept what the root sends.
fn agree(call: &Call<'_>, round: &Round, root: i32) -> Result<Agreed> {
    let (description, data) = Description::decode(round.payload(root as usize));
    let others: Vec<(i32, Expectation)> = (0..)
        .zip(round.payloads())
        .filter(|(rank, _)| *rank != root)
        .map(|(rank, payload)| (rank, Expectation::decode(payload)))
        .collect();
    if let Some((rank, expectation)) =
        others.iter().find(|(_, expectation)| !expectation.accepts(&description))
    {
        return Err(call.contract_error(&format!(
            "the root, rank {root}, sends {} to each rank, but rank {rank} has a place for {}. Every rank must pass an \
             array of the root's shape and data type, or none.",
            description.text(),
            expectation.text()
        )));
    }
    Ok(Agreed {
        separate: data.is_empty() && description.nbytes() > 0,
        someone_allocates: others.iter().any(|(_, expectation)| !expectation.has_memory()),
    })
}
