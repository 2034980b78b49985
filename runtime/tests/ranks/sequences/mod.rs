//! Sequences of operations drawn at random, of every kind in one: what each rank gets is compared with what a sequential
//! computation gives, which shares no code with the runtime. All ranks draw the same numbers, and so know what all others pass.
//!
//! `DTL_SEQUENCES` says how many there are. One that fails names its seed; with `DTL_SEED` it alone runs again.

mod collectives;
mod containers;
mod groups;
mod messages;
mod varying;

use crate::plan::Random;
use crate::ranks::{on_ranks_with, settings};
use dtl::Context;
use dtl::comm::Settings;

/// What is left to do of an operation that has begun: wait for it where it was only issued, and compare the result.
type Rest = Box<dyn FnOnce()>;

/// Draws an operation and begins it on this rank of a context.
type Kind = fn(&Context, &mut Random) -> Rest;

/// All kinds of operations, the common ones more than once.
const KINDS: [Kind; 10] = [
    collectives::blocking,
    collectives::blocking,
    collectives::issued,
    collectives::issued,
    varying::blocking,
    messages::around,
    messages::permuted,
    messages::one_by_one,
    containers::line,
    groups::divided,
];

/// The most operations in a sequence.
const LONGEST: usize = 8;

fn nothing() -> Rest {
    Box::new(|| {})
}

/// Runs the sequence that this seed gives.
fn run(context: &Context, seed: u64) {
    let mut random = Random::new(seed);
    // In which order a rank asks for what it has issued is its own choice.
    let mut own = Random::new(seed ^ (context.rank() as u64 + 1) << 40);
    let mut rests = Vec::new();
    for _ in 0..1 + random.below(LONGEST) {
        rests.push(random.of(&KINDS)(context, &mut random));
        while !rests.is_empty() && own.below(3) > 0 {
            rests.swap_remove(own.below(rests.len()))();
        }
    }
    rests.into_iter().for_each(|rest| rest());
}

/// Says where it happened when a rank panics: its messages know nothing of sequences.
struct Seed(u64, i32);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let Seed(seed, size) = self;
            eprintln!("it was the sequence DTL_SEED={seed} on {size} ranks");
        }
    }
}

fn run_all(size: i32, seeds: impl Iterator<Item = u64> + Clone + Sync, settings: Settings) {
    on_ranks_with(size, settings, |context| {
        for seed in seeds.clone() {
            let _seed = Seed(seed, size);
            run(context, seed);
        }
    });
}

#[test]
fn sequences_give_what_a_sequential_program_computes() {
    let number = |name: &str| -> Option<u64> { std::env::var(name).ok()?.parse().ok() };
    let sequences = number("DTL_SEQUENCES").unwrap_or(1000);
    for size in 1..=8 {
        let seeds = match number("DTL_SEED") {
            Some(seed) => seed..seed + 1,
            None => 0..sequences.div_ceil(8),
        };
        let unchecked = Settings { check: false, ..settings() };
        let small = Settings { largest_block: 200, ..settings() };
        let many = Settings { most_that_tell: 1, ..settings() };
        run_all(size, seeds.clone().filter(|seed| seed % 4 == 0), settings());
        run_all(size, seeds.clone().filter(|seed| seed % 4 == 1), many);
        run_all(size, seeds.clone().filter(|seed| seed % 4 == 2), unchecked);
        run_all(size, seeds.filter(|seed| seed % 4 == 3), small);
    }
}
