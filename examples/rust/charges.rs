//! The energy of charges on a line, each of which repels every other one. The charges are divided over the ranks, and copies of
//! their positions travel around the ring of ranks: while a rank computes with those that it has, they are on their way to the
//! next one.
//!
//! An argument asks for so many ranks, each a thread of this process: `cargo xtask run examples/rust/charges.rs 4`.

use dtl::{Context, ReduceOp, Vector, allreduce, isend, recv};

const N: u64 = 1000;

fn on_rank(ctx: &Context) -> dtl::Result<()> {
    let (right, left) = ((ctx.rank() + 1) % ctx.size(), (ctx.rank() + ctx.size() - 1) % ctx.size());
    let mut charges = Vector::<f64>::new(ctx, N)?;
    let offset = charges.local_offset();
    for (position, index) in charges.local_view_mut().iter_mut().zip(offset..) {
        *position = (index as f64).sqrt();
    }

    let positions = charges.local_view();
    let (mut visitors, mut energy) = (positions.to_vec(), 0.0);
    for _ in 0..ctx.size() {
        let sending = isend(ctx, visitors.clone(), right, 0);
        for position in positions {
            let distances = visitors.iter().map(|visitor| (position - visitor).abs());
            energy += distances.filter(|distance| *distance > 0.0).map(f64::recip).sum::<f64>();
        }
        visitors = recv(ctx, left, 0)?;
        sending.wait()?;
    }

    // Each pair was counted from both sides.
    let energy = allreduce(ctx, &[energy], ReduceOp::Sum)?[0] / 2.0;
    if ctx.is_root() {
        println!("Energy of {N} charges: {energy:.3}");
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
