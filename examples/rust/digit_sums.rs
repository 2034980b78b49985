//! How often each digit sum occurs among a million numbers. Each rank counts in its own part; the counts add up in a map.
//!
//! An argument asks for so many ranks, each a thread of this process: `cargo xtask run examples/rust/digit_sums.rs 4`.

use dtl::{Context, Map, ReduceOp};

const LARGEST: usize = 54;

fn on_rank(ctx: &Context) -> dtl::Result<()> {
    let mut times = [0i64; LARGEST + 1];
    for number in (ctx.rank()..1_000_000).step_by(ctx.size() as usize) {
        let digits = number.to_string();
        let digit_sum: u32 = digits.chars().filter_map(|digit| digit.to_digit(10)).sum();
        times[digit_sum as usize] += 1;
    }
    let keys: Vec<i64> = (0..=LARGEST as i64).collect();

    let mut counts = Map::<i64, i64>::new(ctx)?;
    counts.combine(&keys, &times, ReduceOp::Sum)?;
    counts.sync()?;

    let asked = [0, 1, 27];
    let found = counts.find(&asked, None)?;
    if ctx.is_root() {
        println!("{} different digit sums", counts.global_size());
        for (digit_sum, count) in asked.iter().zip(found) {
            println!("Digit sum {digit_sum}: {count} times");
        }
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
