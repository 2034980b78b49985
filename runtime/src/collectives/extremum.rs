//! `allreduce_minloc` and `allreduce_maxloc`: the smallest or largest value of all ranks for each element, and the lowest rank that
//! has it; every rank gets both. Large arrays go in pieces, each of which is cut into a part for each rank: that rank receives
//! everybody's values of its part, and tells what it has found.

use super::reduction::IN_FLIGHT;
use crate::arithmetic::Arithmetic;
use crate::arithmetic::order::is_nan;
use crate::array::{Array, Output};
use crate::calls::Call;
use crate::comm::transport::Place;
use crate::context;
use crate::elements::dispatch;
use crate::error::{Error, Result};
use dtl_types::{Dtype, SpecEnum, Status};
use std::ops::Range;

/// Gives every rank the smallest values and their ranks.
pub async fn allreduce_minloc(call: &Call<'_>, input: Array<'_>, output: &mut dyn Output) -> Result<()> {
    find(call, input, output, Search::of(input.dtype(), Extremum::Smallest)).await
}

/// Gives every rank the largest values and their ranks.
pub async fn allreduce_maxloc(call: &Call<'_>, input: Array<'_>, output: &mut dyn Output) -> Result<()> {
    find(call, input, output, Search::of(input.dtype(), Extremum::Largest)).await
}

/// Which values are looked for.
#[derive(Clone, Copy)]
enum Extremum {
    Smallest,
    Largest,
}

/// Finds the extremes of the values of several ranks and the ranks that have them.
///
/// Safety: `stack` must be blocks of `count` elements, one for each rank, `stride` bytes apart; `values` and `ranks` must be
/// writable for as many, and overlap none of these but exactly.
type Find =
    unsafe fn(stack: *const u8, stride: usize, size: usize, values: *mut u8, ranks: *mut u8, count: usize);

/// A search among values of one data type.
#[derive(Clone, Copy)]
struct Search {
    find: Find,
}

impl Search {
    fn of(dtype: Dtype, extremum: Extremum) -> Result<Self> {
        fn of_type<T: Arithmetic<Stored: PartialOrd>>(extremum: Extremum) -> Find {
            match extremum {
                Extremum::Smallest => find_in::<T::Stored, false>,
                Extremum::Largest => find_in::<T::Stored, true>,
            }
        }
        let find = dispatch!(ordered, dtype, T => Some(of_type::<T>(extremum)), otherwise => None);
        find.map(|find| Search { find }).ok_or_else(|| {
            let text = format!("elements of type {} have no order; pass real numbers", dtype.name());
            Error::new(Status::NotSupported, text)
        })
    }
}

/// The body of [`Find`] for what elements are stored as.
unsafe fn find_in<T: PartialOrd + Copy, const LARGEST: bool>(
    stack: *const u8,
    stride: usize,
    size: usize,
    values: *mut u8,
    ranks: *mut u8,
    count: usize,
) {
    for index in 0..count {
        // SAFETY: the caller guarantees that each of `size` blocks is readable for `count` elements; nothing need be
        // aligned.
        let value_of = |rank: usize| unsafe {
            stack.wrapping_add(rank * stride).cast::<T>().wrapping_add(index).read_unaligned()
        };
        let (mut best, mut place) = (value_of(0), 0);
        for rank in 1..size {
            let value = value_of(rank);
            let wins = if LARGEST { value > best } else { value < best };
            if wins || is_nan(value) && !is_nan(best) {
                (best, place) = (value, rank as i32);
            }
        }
        // SAFETY: the caller guarantees that `values` and `ranks` are writable for `count` elements each; nothing need be
        // aligned.
        unsafe {
            values.cast::<T>().wrapping_add(index).write_unaligned(best);
            ranks.cast::<i32>().wrapping_add(index).write_unaligned(place);
        }
    }
}

async fn find(
    call: &Call<'_>,
    input: Array<'_>,
    output: &mut dyn Output,
    search: Result<Search>,
) -> Result<()> {
    let (dtype, shape) = (input.dtype(), input.shape().to_vec());
    let prepared = search.and_then(|it| Ok((it, output.provide_both([dtype, Dtype::Int32], &shape)?)));
    let (search, [mut values, mut ranks]) = call.admit(prepared).await?;
    let (values, ranks) = (values.as_mut_ptr(), ranks.as_mut_ptr());
    if call.is_alone() {
        // SAFETY: one block, the input; both outputs were provided for as many elements.
        unsafe { (search.find)(input.as_ptr(), 0, 1, values, ranks, input.len()) };
        return Ok(());
    }
    call.assert_agreed(dtype, input.len());
    if input.nbytes() <= call.room() {
        let round = call.exchange(input.bytes()).await?;
        let (stack, stride) = round.stack();
        // SAFETY: each rank's payload is as long as the input, as all agree; both outputs were provided for as many elements.
        unsafe { (search.find)(stack, stride, round.payloads().len(), values, ranks, input.len()) };
        return Ok(());
    }
    call.agree().await?;
    // SAFETY: all ranks agree on data type and count, for which both outputs were provided.
    unsafe { Box::pin(find_by_parts(call, search, input, values, ranks)).await }
}

/// The search in an array that is too large for the round.
///
/// # Safety
/// All ranks must have agreed on data type and count; `values`, which may be exactly the input, and `ranks` must be writable for
/// as many elements.
async unsafe fn find_by_parts(
    call: &Call<'_>,
    search: Search,
    input: Array<'_>,
    values: *mut u8,
    ranks: *mut u8,
) -> Result<()> {
    let (rank, size) = (context::rank(call.context()) as usize, context::size(call.context()) as usize);
    let (element, count) = (input.dtype().size(), input.len());
    let piece = (IN_FLIGHT / element).min(count);
    let longest = piece.div_ceil(size);
    let mut stack = vec![0u8; longest * element * size];
    let mut found = vec![0u8; longest * element];
    let mut found_ranks = vec![0i32; longest];
    let (stack, found, found_ranks) =
        (stack.as_mut_ptr(), found.as_mut_ptr(), found_ranks.as_mut_ptr().cast());
    for start in (0..count).step_by(piece) {
        let length = piece.min(count - start);
        let part = |of: usize| start + length * of / size..start + length * (of + 1) / size;
        let own = part(rank);
        let stride = own.len() * element;
        let place = |memory: *mut u8, range: Range<usize>, bytes: usize| Place {
            start: memory.wrapping_add(range.start * bytes),
            bytes: range.len() * bytes,
        };
        let each = |place: &dyn Fn(usize) -> Place| (0..size).map(place).collect::<Vec<_>>();
        let from_all = each(&|of| place(stack, of * own.len()..(of + 1) * own.len(), element));
        let input_parts = each(&|of| place(input.as_ptr().cast_mut(), part(of), element));
        // SAFETY: each rank's part of this piece is as long on all ranks, and the stack has room for one from each; what is found
        // has room for a part, and the outputs for all parts. In place, this piece has been read by all ranks before it is written.
        unsafe {
            call.transfer_blocks(longest * element, &input_parts, &from_all).await?;
            (search.find)(stack, stride, size, found, found_ranks, own.len());
            let told = each(&|_| place(found, 0..own.len(), element));
            let heard = each(&|of| place(values, part(of), element));
            call.transfer_blocks(longest * element, &told, &heard).await?;
            let told = each(&|_| place(found_ranks, 0..own.len(), size_of::<i32>()));
            let heard = each(&|of| place(ranks, part(of), size_of::<i32>()));
            call.transfer_blocks(longest * size_of::<i32>(), &told, &heard).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest of the elements, one of each rank, and the rank that has it.
    fn largest(dtype: Dtype, elements: &[u8]) -> (Vec<u8>, i32) {
        let (size, mut value, mut rank) = (dtype.size(), vec![0; dtype.size()], [0i32]);
        let search = Search::of(dtype, Extremum::Largest).unwrap();
        // SAFETY: the blocks are one element each, and there is room for one value and one rank.
        unsafe {
            (search.find)(
                elements.as_ptr(),
                size,
                elements.len() / size,
                value.as_mut_ptr(),
                rank.as_mut_ptr().cast(),
                1,
            )
        };
        (value, rank[0])
    }

    #[test]
    fn of_equal_values_the_lowest_rank_counts() {
        assert_eq!(largest(Dtype::Uint8, &[1, 3, 3, 2]), (vec![3], 1));
    }

    #[test]
    fn not_a_number_is_the_largest() {
        let elements = [1.0_f32, f32::NAN, 2.0, f32::NAN].map(f32::to_ne_bytes).concat();
        let (value, rank) = largest(Dtype::Float32, &elements);
        assert_eq!((value.as_slice(), rank), (&elements[4..8], 1));
    }
}
