//! Heat spreads over a square plate whose edges are kept at zero: finite differences with halo exchange, beside the same
//! computation in one piece.
//!
//! An argument asks for so many ranks, each a thread of this process: `cargo xtask run examples/rust/heat.rs 4`.

use dtl::{Context, HaloBoundary, Stencil, Tensor, TensorOptions};

const N: usize = 32;
const STEPS: usize = 50;

/// The next temperatures, in rows of so many elements; `old` has a ghost at each end of each dimension.
fn step(old: &[f64], new: &mut [f64], columns: usize) {
    let width = columns + 2;
    for (position, value) in new.iter_mut().enumerate() {
        let at = (position / columns + 1) * width + position % columns + 1;
        let around = old[at - width] + old[at + width] + old[at - 1] + old[at + 1];
        *value = old[at] + 0.125 * (around - 4.0 * old[at]);
    }
}

/// The computation in one piece.
fn serial(mut plate: Vec<f64>) -> Vec<f64> {
    let width = N + 2;
    let mut padded = vec![0.0; width * width];
    for _ in 0..STEPS {
        for (row, values) in plate.chunks(N).enumerate() {
            padded[(row + 1) * width + 1..][..N].copy_from_slice(values);
        }
        step(&padded, &mut plate, N);
    }
    plate
}

fn on_rank(ctx: &Context) -> dtl::Result<()> {
    // A tensor over a grid of ranks that is as square as possible.
    let options = TensorOptions { grid: Some(vec![0, 0]), ..Default::default() };
    let mut plate = Tensor::<f64>::with_options(ctx, &[N as u64, N as u64], options)?;
    let is_hot = |index: usize| (N / 4..N / 2).contains(&index);
    let start: Vec<f64> =
        (0..N * N).map(|at| if is_hot(at / N) && is_hot(at % N) { 1.0 } else { 0.0 }).collect();
    plate.from_global(ctx.is_root().then_some(&start[..]), 0)?;

    // SAFETY: no slice of the tensor is in use during an exchange.
    let mut halo = unsafe { plate.halo(&[1], HaloBoundary::Constant, Stencil::Star, None)? };
    let columns = plate.local_shape()[1] as usize;
    for _ in 0..STEPS {
        halo.exchange()?;
        step(halo.local_view()?, plate.local_view_mut(), columns);
    }

    if let Some(result) = plate.gather_to(0)? {
        let difference = result.iter().zip(serial(start)).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        println!("Heat that is left: {:.6}", result.iter().sum::<f64>());
        println!("Largest difference from the serial solution: {difference:.1}");
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
