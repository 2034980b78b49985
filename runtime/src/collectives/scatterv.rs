//! `scatterv`: each rank gets some rows of the root's array, each another number of them.
//!
//! The root alone knows what comes: data type and shape of a row travel in the fixed round, where the other ranks say what
//! their outputs accept. The numbers of rows travel there too unless there are too many ranks, and so do rows that are few.

use super::description::{Description, Expectation, check_dimensions};
use super::rows::{Names, Rows, rows_of};
use crate::array::{Array, Output};
use crate::calls::Call;
use crate::comm::transport::{Blocks, Pattern, Place};
use crate::context;
use crate::error::{Error, Result};
use dtl_types::Status;

const NAMES: Names = Names { counts: "sendcounts", displs: "displs" };

/// Gives each rank `sendcounts` rows of the root's array, one rank's after the other's or from the displacements on. What
/// other ranks pass is ignored.
pub async fn scatterv(
    call: &Call<'_>,
    input: Option<Array<'_>>,
    sendcounts: Option<&[u64]>,
    displs: Option<&[u64]>,
    root: i32,
    output: &mut dyn Output,
) -> Result<()> {
    if context::rank(call.context()) != root {
        return receive(call, root as usize, output).await;
    }
    let size = context::size(call.context()) as usize;
    send(call, source(input, sendcounts, displs, size), output).await
}

/// What the root has for the ranks.
struct Source<'a> {
    data: Array<'a>,
    row: &'a [usize],
    rows: Rows,
}

fn source<'a>(
    input: Option<Array<'a>>,
    sendcounts: Option<&[u64]>,
    displs: Option<&[u64]>,
    size: usize,
) -> Result<Source<'a>> {
    let missing = |name: &str| {
        Error::new(Status::InvalidArgument, format!("{name} is missing on the root, which is to send it"))
    };
    let data = input.ok_or_else(|| missing("data"))?;
    let counts = sendcounts.ok_or_else(|| missing("sendcounts, the number of rows for each rank,"))?;
    let (count, row) = rows_of(&data)?;
    check_dimensions(data.shape())?;
    let rows = Rows::new(NAMES, counts, displs, size)?;
    rows.expect_within("data", count)?;
    Ok(Source { data, row, rows })
}

/// The root's side.
async fn send(call: &Call<'_>, source: Result<Source<'_>>, output: &mut dyn Output) -> Result<()> {
    let rank = context::rank(call.context()) as usize;
    let prepared = source.and_then(|source| {
        let shape = [&[source.rows.counts()[rank]], source.row].concat();
        let start = output.provide(source.data.dtype(), &shape)?.as_mut_ptr();
        Ok((source, start))
    });
    let (Source { data, row, rows }, start) = call.admit(prepared).await?;
    let row_bytes = row.iter().product::<usize>() * data.dtype().size();
    let places = rows.places(data.as_ptr(), row_bytes);
    if !call.is_alone() {
        let offer =
            Offer { row: Description { dtype: data.dtype(), shape: row.to_vec() }, rows: rows.counts() };
        let round = call.exchange(&offer.encode(&places, call.room())).await?;
        let offered = Offered::decode(round.payload(rank), places.len());
        let others = (0..).zip(round.payloads()).filter(|(other, _)| *other != rank);
        let expectations: Vec<_> =
            others.map(|(rank, payload)| (rank, Expectation::decode(payload))).collect();
        offered.agree(call, rank, &expectations)?;
        if !offered.is_whole() {
            if offered.counts.is_none() {
                let counts: Vec<u64> = rows.counts().iter().map(|count| *count as u64).collect();
                let send = Blocks::from(counts.as_ptr().cast(), 8);
                // SAFETY: one number for each rank.
                unsafe {
                    call.transfer(Pattern::Scatter { root: rank as i32 }, 8, send, Blocks::NONE).await?
                };
            }
            if offered.goes_on(&expectations) {
                call.agree_to_go_on(Ok(())).await?;
            }
            let nothing = Place { start: std::ptr::null_mut(), bytes: 0 };
            let mut send = places.clone();
            send[rank] = nothing;
            // SAFETY: the data has the rows of each rank, as was checked.
            unsafe { call.transfer_blocks(offered.largest, &send, &vec![nothing; places.len()]).await? };
        }
    }
    let own = places[rank];
    if own.bytes > 0 && own.start != start {
        // SAFETY: the output was provided for this rank's rows; `copy` allows memory that overlaps.
        unsafe { std::ptr::copy(own.start, start, own.bytes) };
    }
    Ok(())
}

/// The side of the other ranks.
async fn receive(call: &Call<'_>, root: usize, output: &mut dyn Output) -> Result<()> {
    let (rank, size) = (context::rank(call.context()) as usize, context::size(call.context()) as usize);
    call.admit(Ok(())).await?;
    let own = Expectation::of(output);
    let round = call.exchange(&own.encode()).await?;
    let offered = Offered::decode(round.payload(root), size);
    let others = (0..).zip(round.payloads()).filter(|(other, _)| *other != root);
    let expectations: Vec<_> = others.map(|(rank, payload)| (rank, Expectation::decode(payload))).collect();
    offered.agree(call, root, &expectations)?;
    let count = match &offered.counts {
        Some(counts) => counts[rank],
        None => {
            let mut count = 0u64;
            let receive = Blocks::to((&raw mut count).cast(), 0);
            // SAFETY: there is room for one number.
            unsafe { call.transfer(Pattern::Scatter { root: root as i32 }, 8, Blocks::NONE, receive).await? };
            count as usize
        }
    };
    let description = offered.part(count);
    let prepared = match own.accepts(&description) {
        true => output.provide(description.dtype, &description.shape).map(|mut result| result.as_mut_ptr()),
        false => Err(refused(root, rank, &description, &own)),
    };
    let bytes = description.nbytes();
    if offered.is_whole() {
        let start = prepared?;
        let counts = offered.counts.as_deref().unwrap_or_default();
        let offset = counts[..rank].iter().sum::<usize>() * offered.part(1).nbytes();
        let rows = &offered.data[offset..][..bytes];
        // SAFETY: memory was provided for as many bytes.
        unsafe { std::ptr::copy_nonoverlapping(rows.as_ptr(), start, bytes) };
        return Ok(());
    }
    let start = if offered.goes_on(&expectations) { call.agree_to_go_on(prepared).await? } else { prepared? };
    let nothing = Place { start: std::ptr::null_mut(), bytes: 0 };
    let mut receive = vec![nothing; size];
    receive[root] = Place { start, bytes };
    // SAFETY: memory was provided for what the root said it sends.
    unsafe { call.transfer_blocks(offered.largest, &vec![nothing; size], &receive).await }
}

/// What the root offers in the round.
struct Offer<'a> {
    row: Description,
    rows: &'a [usize],
}

impl Offer<'_> {
    /// Description of a row, size of the largest block, and as much as fits: the number of rows of each rank, and the rows.
    fn encode(&self, places: &[Place], room: usize) -> Vec<u8> {
        let mut payload = self.row.encode(&[], room);
        let largest = places.iter().map(|place| place.bytes).max().unwrap_or_default();
        payload.extend_from_slice(&(largest as u64).to_le_bytes());
        let counts = self.rows.len() * 8;
        if payload.len() + counts > room {
            return payload;
        }
        self.rows.iter().for_each(|count| payload.extend_from_slice(&(*count as u64).to_le_bytes()));
        if payload.len() + places.iter().map(|place| place.bytes).sum::<usize>() <= room {
            for place in places.iter().filter(|place| place.bytes > 0) {
                // SAFETY: the root's data has the rows of each rank, as was checked.
                let rows = unsafe { std::slice::from_raw_parts(place.start, place.bytes) };
                payload.extend_from_slice(rows);
            }
        }
        payload
    }
}

/// What all ranks learn of the root in the round.
struct Offered<'a> {
    row: Description,
    largest: usize,
    counts: Option<Vec<usize>>,
    data: &'a [u8],
}

impl<'a> Offered<'a> {
    fn decode(payload: &'a [u8], size: usize) -> Self {
        let number =
            |bytes: &[u8]| bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)) as usize;
        let (row, rest) = Description::decode(payload);
        let (largest, rest) = rest.split_at(8);
        let (counts, data) = match rest.split_at_checked(size * 8) {
            Some((counts, data)) => (Some(counts.chunks(8).map(number).collect()), data),
            None => (None, rest),
        };
        Offered { row, largest: number(largest), counts, data }
    }

    /// The array of a rank that gets `count` rows.
    fn part(&self, count: usize) -> Description {
        Description { dtype: self.row.dtype, shape: [&[count], self.row.shape.as_slice()].concat() }
    }

    /// Whether all rows came in the round.
    fn is_whole(&self) -> bool {
        self.counts
            .as_ref()
            .is_some_and(|counts| self.data.len() == counts.iter().sum::<usize>() * self.part(1).nbytes())
    }

    /// Whether something can still go wrong, so that the ranks have to agree once more.
    fn goes_on(&self, expectations: &[(usize, Expectation)]) -> bool {
        self.counts.is_none() || expectations.iter().any(|(_, expectation)| !expectation.has_memory())
    }

    /// The error if any rank's output does not accept what it gets, as far as all ranks know that.
    fn agree(&self, call: &Call<'_>, root: usize, expectations: &[(usize, Expectation)]) -> Result<()> {
        let Some(counts) = &self.counts else { return Ok(()) };
        for (rank, expectation) in expectations {
            let part = self.part(counts[*rank]);
            if !expectation.accepts(&part) {
                let error = refused(root, *rank, &part, expectation);
                return Err(call.contract_error(error.message()));
            }
        }
        Ok(())
    }
}

fn refused(root: usize, rank: usize, part: &Description, expectation: &Expectation) -> Error {
    Error::new(
        Status::CollectiveParticipation,
        format!(
            "the root, rank {root}, sends {} to rank {rank}, which has a place for {}. Both must say the same number and \
             data type.",
            part.text(),
            expectation.text()
        ),
    )
}
