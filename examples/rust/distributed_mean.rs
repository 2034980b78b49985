//! The mean of a million elements that are divided over all ranks. The element with the global index i is the square root of i.
//!
//! An argument asks for so many ranks, each a thread of this process: `cargo xtask run examples/rust/distributed_mean.rs 4`.

use dtl::{Context, ReduceOp, Vector, allreduce};

fn on_rank(ctx: &Context) -> dtl::Result<()> {
    let mut vec = Vector::<f64>::new(ctx, 1_000_000)?;
    let offset = vec.local_offset();
    for (local, index) in vec.local_view_mut().iter_mut().zip(offset..) {
        *local = (index as f64).sqrt();
    }

    let local_sum: f64 = vec.local_view().iter().sum();
    let local_count = vec.local_size() as f64;
    let global_sum = allreduce(ctx, &[local_sum], ReduceOp::Sum)?[0];
    let global_count = allreduce(ctx, &[local_count], ReduceOp::Sum)?[0];
    let global_mean = global_sum / global_count;
    if ctx.is_root() {
        println!("Global mean: {global_mean:.6}");
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
