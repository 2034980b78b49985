//! Calls what the recipes added, from Rust, on two ranks.

use dtl::types::{Dtype, SpecEnum};
use dtl::{Context, ReduceOp, Vector, allreduce, maximum};

fn on_rank(ctx: &Context) -> dtl::Result<()> {
    let data = [[1.0, 9.0], [4.0, 2.0]];
    let own = &data[ctx.rank() as usize];
    let largest = maximum(ctx, own)?;
    let last = allreduce(ctx, own, ReduceOp::Last)?;
    let mut numbers = Vector::<f64>::new(ctx, 7)?;
    numbers.for_each(|element, index| *element = index as f64)?;
    let index = numbers.find_last_if(|element| element < 4.0)?.expect("some are small");
    if ctx.is_root() {
        let bytes = numbers.local_nbytes();
        let dtype = Dtype::Timedelta64.code();
        println!("{} {}, last {} {}, dtype {dtype}, at {index}, {bytes} bytes", largest[0], largest[1], last[0], last[1]);
    }
    Ok(())
}

fn main() -> dtl::Result<()> {
    std::thread::scope(|scope| {
        let ranks: Vec<_> = Context::threads(2)?.into_iter().map(|ctx| scope.spawn(move || on_rank(&ctx))).collect();
        ranks.into_iter().try_for_each(|rank| rank.join().expect("no rank panics"))
    })
}
