//! Messages between two ranks, of arrays whose elements tell where they come from.

use super::Rest;
use crate::arrays::{Place, Values};
use crate::plan::Random;
use dtl::types::SpecEnum;
use dtl::{Context, Dtype, Wait, messages};

/// What a rank sends: as many elements as are drawn for it.
fn letter(dtype: Dtype, count: usize, from: usize) -> Values {
    let numbers: Vec<i64> = (0..count).map(|index| ((index + 3 * from) % 7) as i64).collect();
    Values::of(dtype, &[count], &numbers)
}

fn drawn(random: &mut Random, size: usize) -> (Dtype, Vec<usize>) {
    let dtype = random.of(Dtype::VALUES);
    (dtype, (0..size).map(|_| random.of(&[0, 1, 5, 40, 700])).collect())
}

fn exchanged(context: &Context, dtype: Dtype, counts: &[usize], to: usize, from: usize, tag: i32) {
    let rank = context.rank() as usize;
    let sent = letter(dtype, counts[rank], rank);
    let mut place = Place::default();
    let exchange =
        messages::sendrecv(context, sent.input(), to as i32, tag, from as i32, tag, &mut place).wait();
    exchange.unwrap_or_else(|error| panic!("rank {rank}: {error}"));
    let info = messages::last_received(context).unwrap();
    assert_eq!((info.source, info.tag, info.count), (from as i32, tag, counts[from] as u64));
    assert_eq!(place.result, Some(letter(dtype, counts[from], from)));
}

/// Each rank sends to one so many places on.
pub fn around(context: &Context, random: &mut Random) -> Rest {
    let (size, rank) = (context.size() as usize, context.rank() as usize);
    let (dtype, counts) = drawn(random, size);
    let distance = random.below(size);
    let tag = random.below(1000) as i32;
    exchanged(context, dtype, &counts, (rank + distance) % size, (rank + size - distance) % size, tag);
    super::nothing()
}

/// Each rank sends to the one that is drawn for it, and no two to the same.
pub fn permuted(context: &Context, random: &mut Random) -> Rest {
    let (size, rank) = (context.size() as usize, context.rank() as usize);
    let (dtype, counts) = drawn(random, size);
    let mut targets: Vec<usize> = (0..size).collect();
    for place in (1..size).rev() {
        targets.swap(place, random.below(place + 1));
    }
    let source = targets.iter().position(|target| *target == rank).unwrap();
    exchanged(context, dtype, &counts, targets[rank], source, 7);
    super::nothing()
}
