//! The smallest and largest values over all ranks and the ranks that have them, against a search through what all ranks pass.

use crate::plan::Random;
use crate::ranks::{on_ranks, same_error};
use dtl::{Request, Status};

const COUNTS: [usize; 5] = [0, 1, 5, 1_000, 300_001];

/// Few different values, so that ranks tie, and some NaNs.
fn values(rank: i32, count: usize) -> Vec<f32> {
    let mut random = Random::new(7 + rank as u64);
    let value = |number: usize| if number == 9 { f32::NAN } else { (number / 2) as f32 };
    (0..count).map(|_| value(random.below(10))).collect()
}

/// The first of the arrays that has the best value for each element, where the first NaN is the best.
fn found(arrays: &[Vec<f32>], is_better: fn(f32, f32) -> bool) -> (Vec<u32>, Vec<i32>) {
    let best = |place: usize| {
        (0..arrays.len() as i32).fold(0, |best, rank| {
            let (old, new) = (arrays[best as usize][place], arrays[rank as usize][place]);
            let wins = !old.is_nan() && (new.is_nan() || is_better(new, old));
            if wins { rank } else { best }
        })
    };
    let places: Vec<i32> = (0..arrays[0].len()).map(best).collect();
    let of = |(place, rank): (usize, &i32)| arrays[*rank as usize][place].to_bits();
    (places.iter().enumerate().map(of).collect(), places)
}

fn bits((values, ranks): (Vec<f32>, Vec<i32>)) -> (Vec<u32>, Vec<i32>) {
    (values.into_iter().map(f32::to_bits).collect(), ranks)
}

#[test]
fn values_and_ranks_are_those_of_a_search() {
    for size in [1, 2, 3, 5, 8] {
        on_ranks(size, |context| {
            for count in COUNTS {
                let inputs: Vec<Vec<f32>> = (0..size).map(|rank| values(rank, count)).collect();
                let mine = inputs[context.rank() as usize].as_slice();
                let smallest = found(&inputs, |new, old| new < old);
                let largest = found(&inputs, |new, old| new > old);
                let issued: [Request<_>; 2] = [
                    dtl::iallreduce_minloc(context, mine.to_vec()),
                    dtl::iallreduce_maxloc(context, mine.to_vec()),
                ];
                assert_eq!(bits(dtl::allreduce_minloc(context, mine).unwrap()), smallest);
                assert_eq!(bits(dtl::allreduce_maxloc(context, mine).unwrap()), largest);
                let [low, high] = issued.map(|request| bits(request.wait().unwrap()));
                assert_eq!((low, high), (smallest, largest));
            }
        });
    }
}

#[test]
fn counts_that_differ_are_refused_on_all_ranks() {
    on_ranks(3, |context| {
        let data = vec![1i16; 4 + usize::from(context.rank() == 2)];
        let error = same_error(context, dtl::allreduce_minloc(context, &data));
        assert_eq!(error.status(), Status::CollectiveParticipation);
        assert_eq!(dtl::allreduce_maxloc(context, &[context.rank()]).unwrap(), (vec![2], vec![2]));
    });
}
