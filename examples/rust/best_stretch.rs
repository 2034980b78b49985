//! The largest sum of neighbours among many numbers. A stretch may begin on one rank and end on another, so each rank says four
//! things of its part, and a function puts two parts side by side: the first to the left of the second.
//!
//! An argument asks for so many ranks, each a thread of this process: `cargo xtask run examples/rust/best_stretch.rs 4`.

use dtl::{Context, allreduce_func};

const N: i64 = 100_000;

/// The sum of a part, and its best stretches: from its left end, to its right end, and anywhere.
type Part = [i64; 4];

fn number(index: i64) -> i64 {
    (index * 7919 % 10007) * (index % 613) % 201 - 100
}

fn joined(left: &[i64], right: &[i64]) -> Part {
    let (across, best) = (left[2] + right[1], left[3].max(right[3]));
    [left[0] + right[0], left[1].max(left[0] + right[1]), right[2].max(right[0] + left[2]), best.max(across)]
}

fn on_rank(ctx: &Context) -> dtl::Result<()> {
    let (rank, size) = (i64::from(ctx.rank()), i64::from(ctx.size()));
    let mut part: Part = [0; 4];
    for index in N * rank / size..N * (rank + 1) / size {
        let alone = number(index).max(0);
        part = joined(&part, &[number(index), alone, alone, alone]);
    }

    let whole = allreduce_func(ctx, &part, |left, right, both| {
        both.copy_from_slice(&joined(left, right));
        Ok(())
    })?;
    if ctx.is_root() {
        println!("Largest sum of neighbours among {N} numbers: {}", whole[3]);
    }
    Ok(())
}

fn main() -> dtl::Result<()> {
    let Some(ranks) = std::env::args().nth(1) else { return on_rank(&Context::new()?) };
    let ranks = ranks.parse().expect("the argument is a number of ranks");
    std::thread::scope(|scope| {
        let ranks: Vec<_> =
            Context::threads(ranks)?.into_iter().map(|ctx| scope.spawn(move || on_rank(&ctx))).collect();
        ranks.into_iter().try_for_each(|rank| rank.join().expect("no rank panics"))
    })
}
