//! Sequences within the groups into which the ranks of a context are divided, each of another length.

use super::Rest;
use crate::plan::Random;
use dtl::constants::UNDEFINED;
use dtl::{Context, ReduceOp, allreduce};

/// The ranks of each colour run a sequence of their own; those of none go on.
pub fn divided(context: &Context, random: &mut Random) -> Rest {
    let size = context.size() as usize;
    let colors: Vec<i32> = (0..size).map(|_| random.of(&[0, 1, 1, 2, UNDEFINED])).collect();
    let keys: Vec<i32> = (0..size).map(|_| random.below(3) as i32).collect();
    let seed = random.below(1 << 30) as u64;
    let rank = context.rank() as usize;
    let color = colors[rank];
    let group = context.split(color, keys[rank]).unwrap();
    let mut members: Vec<usize> = (0..size).filter(|other| colors[*other] == color).collect();
    members.sort_by_key(|member| keys[*member]);
    match group {
        None => assert_eq!(color, UNDEFINED),
        Some(group) => {
            let place = members.iter().position(|member| *member == rank).unwrap();
            assert_eq!((group.rank() as usize, group.size() as usize), (place, members.len()));
            let twin = if seed.is_multiple_of(2) { group.dup().unwrap() } else { group };
            // A group divides itself further now and then, and each time becomes smaller or comes to an end.
            if seed.is_multiple_of(3) {
                super::run(&twin, seed + color as u64);
            }
            let sum = allreduce(&twin, &[rank as i64], ReduceOp::Sum).unwrap();
            assert_eq!(sum, [members.iter().sum::<usize>() as i64]);
        }
    }
    super::nothing()
}
