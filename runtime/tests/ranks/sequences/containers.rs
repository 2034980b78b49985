//! Containers of one dimension beside a list of all their elements, on which the same is done.

use super::Rest;
use crate::plan::Random;
use dtl::{Context, PartitionPolicy, Result, Vector, VectorOptions};

const PARTITIONS: [PartitionPolicy; 4] =
    [PartitionPolicy::Block, PartitionPolicy::Cyclic, PartitionPolicy::BlockCyclic, PartitionPolicy::Hash];

/// A vector and some operations on it.
pub fn line(context: &Context, random: &mut Random) -> Rest {
    let rank = context.rank();
    follow(context, random).unwrap_or_else(|error| panic!("rank {rank}: {error}"));
    super::nothing()
}

fn follow(context: &Context, random: &mut Random) -> Result<()> {
    let size = random.of(&[0, 1, 7, 40, 300]);
    let mut model: Vec<i64> = (0..size).map(|index| (index as i64 * 37 + 11) % 101).collect();
    let options = VectorOptions {
        partition: random.of(&PARTITIONS),
        block_size: 1 + random.below(4) as u64,
        ..VectorOptions::default()
    };
    let mut vector = Vector::<i64>::with_options(context, size as u64, options)?;
    let indices = vector.global_indices()?;
    vector.local_view_mut().iter_mut().zip(&indices).for_each(|(own, at)| *own = model[*at as usize]);
    for _ in 0..1 + random.below(3) {
        change(&mut vector, &mut model, random)?;
        let indices = vector.global_indices()?;
        let own: Vec<i64> = indices.iter().map(|at| model[*at as usize]).collect();
        assert_eq!(vector.local_view(), own);
    }
    Ok(())
}

fn change(vector: &mut Vector<i64>, model: &mut Vec<i64>, random: &mut Random) -> Result<()> {
    let (rank, ranks) = (vector.rank(), vector.num_ranks() as usize);
    let root = random.below(ranks) as i32;
    match random.below(8) {
        0 => vector.redistribute(random.of(&PARTITIONS), 1 + random.below(4) as u64)?,
        1 => {
            let reverse = random.below(2) == 0;
            model.sort_unstable();
            if reverse {
                model.reverse();
            }
            vector.sort(reverse, false)?;
        }
        2 => {
            let all = vector.gather_to(root)?;
            assert_eq!(all, (rank == root).then(|| model.clone()));
        }
        3 => {
            model.iter_mut().for_each(|value| *value = 3 - *value);
            vector.from_global((rank == root).then_some(model.as_slice()), root)?;
        }
        4 => {
            assert_eq!(vector.sum()?, model.iter().sum::<i64>());
            if !model.is_empty() {
                let extremes = (model.iter().min().copied(), model.iter().max().copied());
                assert_eq!((Some(vector.min()?), Some(vector.max()?)), extremes);
            }
        }
        5 if !model.is_empty() => {
            let (first, step) = (random.below(model.len()), 1 + random.below(3));
            let count = random.below((model.len() - first).div_ceil(step) + 1);
            let wanted: Vec<i64> = (0..count).map(|place| model[first + place * step]).collect();
            assert_eq!(vector.get(first as i64, count as u64, step as u64)?, wanted);
            let values: Vec<i64> = (0..count as i64).map(|value| value - 5).collect();
            (0..count).for_each(|place| model[first + place * step] = values[place]);
            vector.set(first as i64, count as u64, &values, step as u64)?;
        }
        6 => {
            let size = random.of(&[0, 3, 50]);
            model.resize(size, 0);
            vector.resize(size as u64)?;
        }
        _ => {
            model.fill(42);
            vector.fill(42)?;
        }
    }
    Ok(())
}
