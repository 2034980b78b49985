//! The dot product of two distributed vectors.
//!
//! An argument asks for so many ranks, each a thread of this process: `cargo xtask run examples/rust/dot_product.rs 4`.

use dtl::{Context, ReduceOp, Vector, allreduce};

const N: u64 = 100_000;

fn on_rank(ctx: &Context) -> dtl::Result<()> {
    let mut a = Vector::<f64>::new(ctx, N)?;
    let mut b = Vector::<f64>::new(ctx, N)?;
    let offset = a.local_offset();
    for (local, index) in a.local_view_mut().iter_mut().zip(offset..) {
        *local = index as f64;
    }
    b.fill(2.0)?;

    let local_dot: f64 = a.local_view().iter().zip(b.local_view()).map(|(a, b)| a * b).sum();
    let global_dot = allreduce(ctx, &[local_dot], ReduceOp::Sum)?[0];
    if ctx.is_root() {
        println!("Dot product: {global_dot}");
        println!("Expected: {}", N * (N - 1));
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
