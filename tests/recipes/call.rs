//! Calls what the recipes added, from Rust, on two ranks.

use dtl::types::{DeterminismMode, Dtype, SpecEnum};
use dtl::{Context, allmax};

fn on_rank(ctx: &Context) -> dtl::Result<()> {
    let data = [[1.0, 9.0], [4.0, 2.0]];
    let largest = allmax(ctx, &data[ctx.rank() as usize])?;
    if ctx.is_root() {
        let (dtype, mode) = (Dtype::Timedelta64.code(), DeterminismMode::Paranoid.code());
        println!("{} {}, dtype {dtype}, mode {mode}", largest[0], largest[1]);
    }
    Ok(())
}

fn main() -> dtl::Result<()> {
    std::thread::scope(|scope| {
        let ranks: Vec<_> = Context::threads(2)?.into_iter().map(|ctx| scope.spawn(move || on_rank(&ctx))).collect();
        ranks.into_iter().try_for_each(|rank| rank.join().expect("no rank panics"))
    })
}
