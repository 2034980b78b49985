//! A distributed vector, each rank's part of it, and a sum over all ranks.
//!
//! An argument asks for so many ranks, each a thread of this process: `cargo xtask run examples/rust/quickstart.rs 4`.

use dtl::{Context, ReduceOp, Vector, allreduce};

fn on_rank(ctx: &Context) -> dtl::Result<()> {
    println!("Rank {} of {}", ctx.rank(), ctx.size());

    let mut vec = Vector::<f64>::new(ctx, 1000)?;
    let offset = vec.local_offset();
    for (local, index) in vec.local_view_mut().iter_mut().zip(offset..) {
        *local = index as f64;
    }

    let local_sum: f64 = vec.local_view().iter().sum();
    let global_sum = allreduce(ctx, &[local_sum], ReduceOp::Sum)?[0];
    if ctx.is_root() {
        println!("Global sum: {global_sum}");
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
