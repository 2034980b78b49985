//! Messages between two ranks, of arrays whose elements tell where they come from.

use super::Rest;
use crate::arrays::{Place, Values};
use crate::plan::Random;
use dtl::constants::ANY_TAG;
use dtl::types::SpecEnum;
use dtl::{Context, Dtype, messages, ops};

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
    let exchange = ops::sendrecv(context, sent.input(), to as i32, tag, from as i32, tag, &mut place);
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

/// Messages between drawn ranks, issued or not. Every rank goes through all of them in one order, so that the one on the other
/// side of the first that waits is there.
pub fn one_by_one(context: &Context, random: &mut Random) -> Rest {
    let (size, rank) = (context.size() as usize, context.rank() as usize);
    let tags = 1000 + 4 * random.below(1 << 20) as i32;
    let letters: Vec<(usize, usize, i32, Vec<i64>)> = (0..1 + random.below(2 * size))
        .map(|number| {
            let (from, to, tag) = (random.below(size), random.below(size), tags + random.below(3) as i32);
            (from, to, tag, vec![number as i64; random.of(&[0, 1, 40, 700, 20_000])])
        })
        .collect();
    // How a rank sends and receives is its own choice.
    let mut own = Random::new(random.below(1 << 30) as u64 + context.rank() as u64);
    let (mut sent, mut received) = (Vec::new(), Vec::new());
    for (from, to, tag, content) in letters {
        if from == rank {
            // Nobody but itself could receive what a rank sends to itself.
            match own.below(4) {
                0 if to != rank => dtl::ssend(context, &content, to as i32, tag).unwrap(),
                1 => dtl::send(context, &content, to as i32, tag).unwrap(),
                2 => sent.push(dtl::issend(context, content.clone(), to as i32, tag)),
                _ => sent.push(dtl::isend(context, content.clone(), to as i32, tag)),
            }
        }
        if to == rank {
            let asked = own.of(&[tag, ANY_TAG]);
            match own.below(2) {
                0 => assert_eq!(dtl::recv::<i64>(context, from as i32, asked).unwrap(), content),
                _ => received.push((dtl::irecv::<i64>(context, from as i32, asked), content)),
            }
        }
    }
    Box::new(move || {
        while !received.is_empty() {
            let (request, content) = received.swap_remove(own.below(received.len()));
            assert_eq!(request.wait().unwrap(), content);
        }
        sent.into_iter().for_each(|request| request.wait().unwrap());
    })
}
