//! `alltoallv`: each rank gets some rows of every rank's array, of each another number.
//!
//! Every rank knows how many rows it sends to each, so these numbers travel first: in the fixed round, together with the
//! rows, if everything is small on all ranks.

use super::rows::{Names, Room, Rows, expect_dtype, mismatch, rows_of};
use crate::array::{Array, Output};
use crate::calls::Call;
use crate::comm::transport::{Blocks, Pattern, Place};
use crate::context;
use crate::digest::digest;
use crate::error::{Error, Result};
use dtl_types::Status;

const SENT: Names = Names { counts: "sendcounts", displs: "sdispls" };
const RECEIVED: Names = Names { counts: "recvcounts", displs: "rdispls" };

/// Gives each rank the rows of `input` of every rank that are for it: `sendcounts` of them, one rank's after the other's or
/// from the displacements on. They are joined in the order of ranks, or put at the displacements.
pub async fn alltoallv(
    call: &Call<'_>,
    input: Array<'_>,
    sendcounts: Option<&[u64]>,
    sdispls: Option<&[u64]>,
    recvcounts: Option<&[u64]>,
    rdispls: Option<&[u64]>,
    output: &mut dyn Output,
) -> Result<()> {
    let size = context::size(call.context()) as usize;
    let rank = context::rank(call.context()) as usize;
    let prepared = prepare(&input, [sendcounts, sdispls, recvcounts, rdispls], size, output);
    let Prepared { sent, row, expected, mut room } = call.admit(prepared).await?;
    let row_bytes = row.iter().product::<usize>() * input.dtype().size();
    let places = sent.places(input.as_ptr(), row_bytes);
    if call.is_alone() {
        let counts = sent.counts();
        let checked = match &expected {
            Some(expected) if expected.counts() != counts => {
                Err(mismatch(0, counts, expected.counts(), row.iter().product()))
            }
            Some(expected) => Ok(expected.clone()),
            None => Rows::new(RECEIVED, &[counts[0] as u64], rdispls, 1),
        };
        let provided = checked.and_then(|rows| {
            let room = room.map_or_else(|| rows.provide(output, input.dtype(), row), Ok)?;
            Ok((rows.first(0), room))
        });
        let (first, room) = call.admit(provided).await?;
        // SAFETY: the memory is for these rows.
        unsafe { room.store(first, places[0].start, places[0].bytes) };
        return Ok(());
    }
    let settled = match &expected {
        Some(expected) => Settled::When(expected.digest()),
        None if output.expected().is_none() && rdispls.is_none() => Settled::Always,
        None => Settled::Never,
    };
    let payload = encode(row, &sent, &places, settled, call.room());
    let round = call.exchange(&payload).await?;
    let heads: Vec<Head<'_>> = round.payloads().map(|payload| Head::decode(payload, size)).collect();
    if let Some(other) = heads.iter().position(|head| head.row != heads[0].row) {
        return Err(call.contract_error(&format!(
            "rank 0 sends rows of {} elements, rank {other} rows of {}. Arrays may differ in the first dimension alone.",
            heads[0].row, heads[other].row
        )));
    }
    let inline = heads.iter().all(|head| head.counts.is_some());
    let mut counts: Vec<u64> =
        heads.iter().map(|head| head.counts.as_ref().map_or(0, |counts| counts[rank])).collect();
    if !inline {
        let own: Vec<u64> = sent.counts().iter().map(|count| *count as u64).collect();
        let (send, receive) =
            (Blocks::from(own.as_ptr().cast(), 8), Blocks::to(counts.as_mut_ptr().cast(), 8));
        // SAFETY: one number for each rank on both sides.
        unsafe { call.transfer(Pattern::Alltoall, 8, send, receive).await? };
    }
    let sent_here: Vec<usize> = counts.iter().map(|count| *count as usize).collect();
    let received = match expected {
        Some(expected) if expected.counts() == sent_here => Ok(expected),
        Some(expected) => Err(mismatch(rank, &sent_here, expected.counts(), row.iter().product())),
        None => Rows::new(RECEIVED, &counts, rdispls, size),
    };
    let provided = received.and_then(|received| {
        let room = match room.take() {
            Some(room) => room,
            None => received.provide(output, input.dtype(), row)?,
        };
        Ok((received, room))
    });
    let is_settled = inline && (0..size).all(|rank| settles(&heads, rank));
    let (received, room) = if is_settled { provided? } else { call.agree_to_go_on(provided).await? };
    if inline {
        for (source, head) in heads.iter().enumerate() {
            let counts = head.counts.as_deref().unwrap_or_default();
            let skipped = counts[..rank].iter().sum::<u64>() as usize * row_bytes;
            let rows = &head.data[skipped..][..counts[rank] as usize * row_bytes];
            // SAFETY: the memory is for the rows that each rank sends to this one.
            unsafe { room.store(received.first(source), rows.as_ptr(), rows.len()) };
        }
        return Ok(());
    }
    let largest = heads.iter().map(|head| head.largest).max().unwrap_or_default();
    // What comes would overwrite what others have not read, were it sent out of the same memory.
    let aside = (room.start.cast_const() == input.as_ptr()).then(|| input.bytes().to_vec());
    let mut send = aside.as_ref().map_or(places, |copy| sent.places(copy.as_ptr(), row_bytes));
    let own = std::mem::replace(&mut send[rank], Place { start: std::ptr::null_mut(), bytes: 0 });
    let mut receive = received.places(room.start, row_bytes);
    receive[rank].bytes = 0;
    // SAFETY: the memory is for the rows that each rank has said it sends, which do not overlap.
    unsafe {
        call.transfer_blocks(largest, &send, &receive).await?;
        room.store(received.first(rank), own.start, own.bytes);
    }
    Ok(())
}

struct Prepared<'a> {
    sent: Rows,
    row: &'a [usize],
    /// What this rank says it receives, if it does, and the memory for it.
    expected: Option<Rows>,
    room: Option<Room>,
}

fn prepare<'a>(
    input: &Array<'a>,
    [sendcounts, sdispls, recvcounts, rdispls]: [Option<&[u64]>; 4],
    size: usize,
    output: &mut dyn Output,
) -> Result<Prepared<'a>> {
    let (count, row) = rows_of(input)?;
    let sendcounts = sendcounts.ok_or_else(|| {
        Error::new(Status::InvalidArgument, "sendcounts is missing; pass the number of rows for each rank")
    })?;
    let sent = Rows::new(SENT, sendcounts, sdispls, size)?;
    sent.expect_within("data", count)?;
    expect_dtype(output, input.dtype())?;
    let expected = recvcounts.map(|counts| Rows::new(RECEIVED, counts, rdispls, size)).transpose()?;
    let room = expected.as_ref().map(|rows| rows.provide(output, input.dtype(), row)).transpose()?;
    Ok(Prepared { sent, row, expected, room })
}

/// Whether what is left to do on a rank cannot fail once the numbers of rows are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Settled {
    Never,
    Always,
    /// When the numbers have this digest.
    When(u64),
}

/// Whether nothing can go wrong on `rank` any more; for numbers of rows that came in the round.
fn settles(heads: &[Head<'_>], rank: usize) -> bool {
    let column = || heads.iter().map(|head| head.counts.as_ref().map_or(0, |counts| counts[rank] as i64));
    match heads[rank].settled {
        Settled::Never => false,
        Settled::Always => true,
        Settled::When(expected) => expected == digest(&column().collect::<Vec<_>>()),
    }
}

/// Elements of a row, size of the largest block, what this rank expects, and if everything fits the `room`, the number of rows for each rank and
/// these.
fn encode(row: &[usize], sent: &Rows, places: &[Place], settled: Settled, room: usize) -> Vec<u8> {
    let largest = places.iter().map(|place| place.bytes).max().unwrap_or_default();
    let (form, digest) = match settled {
        Settled::Never => (0, 0),
        Settled::Always => (1, 0),
        Settled::When(digest) => (2, digest),
    };
    let numbers = [row.iter().product::<usize>() as u64, largest as u64, digest];
    let mut payload: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    payload.push(form);
    let bytes: usize = places.iter().map(|place| place.bytes).sum();
    if payload.len() + places.len() * 8 + bytes > room {
        return payload;
    }
    sent.counts().iter().for_each(|count| payload.extend_from_slice(&(*count as u64).to_le_bytes()));
    for place in places.iter().filter(|place| place.bytes > 0) {
        // SAFETY: the input has the rows for each rank, as was checked.
        payload.extend_from_slice(unsafe { std::slice::from_raw_parts(place.start, place.bytes) });
    }
    payload
}

/// What a rank has said in the round.
struct Head<'a> {
    row: usize,
    largest: usize,
    settled: Settled,
    counts: Option<Vec<u64>>,
    data: &'a [u8],
}

impl<'a> Head<'a> {
    fn decode(payload: &'a [u8], size: usize) -> Self {
        let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte));
        let (numbers, rest) = payload.split_at(25);
        let settled = match numbers[24] {
            0 => Settled::Never,
            1 => Settled::Always,
            _ => Settled::When(number(&numbers[16..24])),
        };
        let (counts, data) = match rest.split_at_checked(size * 8) {
            Some((counts, data)) => (Some(counts.chunks(8).map(number).collect()), data),
            None => (None, rest),
        };
        Head {
            row: number(&numbers[..8]) as usize,
            largest: number(&numbers[8..16]) as usize,
            settled,
            counts,
            data,
        }
    }
}
