//! `gatherv` and `allgatherv`: the root or every rank gets the rows of all ranks, of which each may have another number.
//!
//! The numbers of rows travel in the fixed round, and the rows too if they are few. A rank that says how many it expects
//! sends a digest of that, which all compare with what the ranks send, so that a difference costs a second round and nothing
//! else does. Where the memory can be had only when the numbers are known, one more round makes sure that all ranks have it.

use super::rows::{Names, Room, Rows, expect_dtype, mismatch, rows_of};
use crate::array::{Array, Output};
use crate::calls::Call;
use crate::comm::transport::Place;
use crate::context;
use crate::error::Result;

const NAMES: Names = Names { counts: "recvcounts", displs: "displs" };

/// Joins `input` of all ranks along the first dimension, in the order of ranks or at the displacements, at the root.
pub async fn gatherv(
    call: &Call<'_>,
    input: Array<'_>,
    root: i32,
    recvcounts: Option<&[u64]>,
    displs: Option<&[u64]>,
    output: &mut dyn Output,
) -> Result<()> {
    let receives = root == context::rank(call.context());
    Gather { call, input, recvcounts, displs, root: Some(root as usize), receives }.run(output).await
}

/// Joins `input` of all ranks along the first dimension, in the order of ranks or at the displacements, on every rank.
pub async fn allgatherv(
    call: &Call<'_>,
    input: Array<'_>,
    recvcounts: Option<&[u64]>,
    displs: Option<&[u64]>,
    output: &mut dyn Output,
) -> Result<()> {
    Gather { call, input, recvcounts, displs, root: None, receives: true }.run(output).await
}

struct Gather<'a, 'c> {
    call: &'a Call<'c>,
    input: Array<'a>,
    recvcounts: Option<&'a [u64]>,
    displs: Option<&'a [u64]>,
    /// The only rank that receives.
    root: Option<usize>,
    receives: bool,
}

/// Memory for the result, on one rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Memory {
    /// There, or not needed.
    Ready,
    /// It will be made.
    New,
    /// There, but whether the result fits it is not known yet.
    Fixed,
}

/// What each rank says in the round, in front of its rows.
struct Head {
    rows: usize,
    /// Elements of a row.
    row: usize,
    /// That of the numbers that the rank expects, if it does.
    digest: Option<u64>,
    memory: Memory,
}

impl Head {
    const SIZE: usize = 26;

    fn encode(&self) -> Vec<u8> {
        let numbers = [self.rows as u64, self.row as u64, self.digest.unwrap_or_default()];
        let mut bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        bytes.extend([u8::from(self.digest.is_some()), self.memory as u8]);
        bytes
    }

    fn decode(bytes: &[u8]) -> Self {
        let number = |at: usize| bytes[at..at + 8].iter().rev().fold(0, |n, byte| n << 8 | u64::from(*byte));
        let memory = [Memory::Ready, Memory::New, Memory::Fixed];
        Head {
            rows: number(0) as usize,
            row: number(8) as usize,
            digest: (bytes[24] != 0).then(|| number(16)),
            memory: memory[usize::from(bytes[25])],
        }
    }
}

impl Gather<'_, '_> {
    async fn run(&self, output: &mut dyn Output) -> Result<()> {
        let (rank, size) = self.ranks();
        let (mut room, expected) = self.call.admit(self.prepare(output)).await?;
        let (rows, row) = rows_of(&self.input)?;
        let memory = match (room.is_some() || !self.receives, output.expected(), self.displs) {
            (true, ..) => Memory::Ready,
            (false, None, None) => Memory::New,
            (false, ..) => Memory::Fixed,
        };
        let head =
            Head { rows, row: row.iter().product(), digest: expected.as_ref().map(Rows::digest), memory };
        let mut payload = head.encode();
        if self.call.is_alone() {
            let provided = self.receive(&[rows], expected).and_then(|received| {
                let dtype = self.input.dtype();
                let room = room.map_or_else(|| received.provide(output, dtype, row), Ok)?;
                Ok((received, room))
            });
            let (received, room) = self.call.admit(provided).await?;
            // SAFETY: the memory is for these rows.
            unsafe { room.store(received.first(0), self.input.as_ptr(), self.input.nbytes()) };
            return Ok(());
        }
        if payload.len() + self.input.nbytes() <= self.call.room() {
            payload.extend_from_slice(self.input.bytes());
        }
        let round = self.call.exchange(&payload).await?;
        let heads: Vec<Head> = round.payloads().map(Head::decode).collect();
        let sent = self.compare(&heads).await?;
        let received = self.receive(&sent, expected);
        let row_bytes = head.row * self.input.dtype().size();
        let inline = sent.iter().all(|rows| Head::SIZE + rows * row_bytes <= self.call.room());
        let mut provide = || match (memory, &received) {
            (Memory::Ready, _) => Ok(()),
            (_, Ok(received)) => {
                received.provide(output, self.input.dtype(), row).map(|made| room = Some(made))
            }
            (_, Err(error)) => Err(error.clone()),
        };
        let late = |head: &Head| head.memory == Memory::Fixed || head.memory == Memory::New && !inline;
        if heads.iter().any(late) {
            self.call.agree_to_go_on(provide()).await?
        } else {
            provide()?
        }
        if inline {
            if let (Some(room), Ok(received)) = (room, &received) {
                for (source, payload) in round.payloads().enumerate() {
                    let rows = &payload[Head::SIZE..];
                    // SAFETY: the memory is for the rows that each rank has sent.
                    unsafe { room.store(received.first(source), rows.as_ptr(), rows.len()) };
                }
            }
            return Ok(());
        }
        let largest = sent.iter().max().copied().unwrap_or_default() * row_bytes;
        let nothing = Place { start: std::ptr::null_mut(), bytes: 0 };
        let own = Place { start: self.input.as_ptr().cast_mut(), bytes: self.input.nbytes() };
        let goes_to = |to: usize| to != rank && self.root.is_none_or(|root| root == to);
        let send: Vec<Place> = (0..size).map(|to| if goes_to(to) { own } else { nothing }).collect();
        let mut receive = match (room, &received) {
            (Some(room), Ok(received)) => received.places(room.start, row_bytes),
            _ => vec![nothing; size],
        };
        receive[rank] = nothing;
        // SAFETY: the memory is for the rows that each rank has said it sends, which do not overlap.
        unsafe {
            self.call.transfer_blocks(largest, &send, &receive).await?;
            if let (Some(room), Ok(received)) = (room, &received) {
                room.store(received.first(rank), own.start, own.bytes);
            }
        }
        Ok(())
    }

    fn ranks(&self) -> (usize, usize) {
        (context::rank(self.call.context()) as usize, context::size(self.call.context()) as usize)
    }

    /// The memory for what this rank says it expects, if it does.
    fn prepare(&self, output: &mut dyn Output) -> Result<(Option<Room>, Option<Rows>)> {
        let (_, row) = rows_of(&self.input)?;
        if !self.receives {
            return Ok((None, None));
        }
        expect_dtype(output, self.input.dtype())?;
        let Some(counts) = self.recvcounts else { return Ok((None, None)) };
        let rows = Rows::new(NAMES, counts, self.displs, self.ranks().1)?;
        let room = rows.provide(output, self.input.dtype(), row)?;
        Ok((Some(room), Some(rows)))
    }

    /// The number of rows that each rank sends, provided that their rows are alike and every rank gets as many as it expects.
    async fn compare(&self, heads: &[Head]) -> Result<Vec<usize>> {
        if let Some(other) = heads.iter().position(|head| head.row != heads[0].row) {
            return Err(self.call.contract_error(&format!(
                "rank 0 sends rows of {} elements, rank {other} rows of {}. Arrays may differ in the first dimension alone.",
                heads[0].row, heads[other].row
            )));
        }
        let sent: Vec<usize> = heads.iter().map(|head| head.rows).collect();
        let counts: Vec<u64> = sent.iter().map(|rows| *rows as u64).collect();
        let digest = Rows::new(NAMES, &counts, None, counts.len())?.digest();
        let differs = |head: &Head| head.digest.is_some_and(|expected| expected != digest);
        if heads.iter().any(differs) {
            let (rank, size) = self.ranks();
            self.call
                .agree_to_go_on(match self.recvcounts.filter(|_| differs(&heads[rank])) {
                    Some(counts) => {
                        let expected = Rows::new(NAMES, counts, None, size)?;
                        Err(mismatch(rank, &sent, expected.counts(), heads[0].row))
                    }
                    None => Ok(()),
                })
                .await?;
        }
        Ok(sent)
    }

    /// The rows that each rank sends as they are received.
    fn receive(&self, sent: &[usize], expected: Option<Rows>) -> Result<Rows> {
        let counts: Vec<u64> = sent.iter().map(|rows| *rows as u64).collect();
        match expected {
            Some(expected) if expected.counts() == sent => Ok(expected),
            Some(expected) => {
                let row = rows_of(&self.input)?.1.iter().product();
                Err(mismatch(self.ranks().0, sent, expected.counts(), row))
            }
            None => Rows::new(NAMES, &counts, self.displs.filter(|_| self.receives), sent.len()),
        }
    }
}
