//! What the ranks of each case do. A rank that finds something wrong panics, which must end the whole job.

use crate::arrays::{Place, Values};
use crate::plan::{Plan, Random};
use dtl::comm::Settings;
use dtl::constants::{NO_DEVICE, UNDEFINED};
use dtl::{Context, Dtype, Error, ReduceOp, Result, Status, context, ops};
use std::time::{Duration, Instant};

/// Runs one case as one of its ranks.
pub fn run(case: &str) {
    match case {
        "collectives" => collectives(),
        "pieces" => pieces(),
        "contract" => contract(),
        "groups" => groups(),
        "cycles" => cycles(),
        "contexts_on_one_communicator" => contexts_on_one_communicator(),
        "no_context" => println!("this rank never needs the others"),
        "closed_early" => closed_early(),
        "never_comes" => never_comes(),
        "ends_early" => ends_early(),
        "exit_3" => exit_3(),
        "panic" => panic(),
        "speed" => speed(),
        other => panic!("there is no case {other}"),
    }
}

fn world() -> Context {
    world_with(Settings { timeout: Duration::from_secs(60), ..Settings::default() })
}

fn world_with(settings: Settings) -> Context {
    let context = context::create_with(None, NO_DEVICE, settings).unwrap_or_else(|error| panic!("{error}"));
    let launched = std::env::var("OMPI_COMM_WORLD_SIZE").or_else(|_| std::env::var("PMI_SIZE"));
    if let Ok(size) = launched {
        assert_eq!(context.size().to_string(), size, "the launcher's number of ranks");
        assert!(context.has_mpi());
    }
    context
}

fn sequence(context: &Context, seed: u64, length: usize) {
    let mut random = Random::new(seed);
    for number in 0..length {
        let plan = Plan::new(&mut random, context.size());
        assert_eq!(
            plan.run(context),
            plan.expected(context.rank()),
            "rank {} of {}, seed {seed}, call {number}: {:?} {:?} of {:?} at root {}",
            context.rank(),
            context.size(),
            plan.operation,
            plan.op,
            plan.numbers,
            plan.root
        );
    }
}

fn collectives() {
    let context = world();
    for seed in 0..6 {
        sequence(&context, seed, 60);
    }
    let length = 1_000_003;
    let mine: Vec<f64> = (0..length).map(|index| f64::from(index % 1000 + context.rank())).collect();
    let sum = dtl::allreduce(&context, &mine, ReduceOp::Sum).unwrap();
    let size = context.size();
    for (index, value) in (0..).zip(sum) {
        assert_eq!(value, f64::from(size * (index % 1000) + size * (size - 1) / 2));
    }
}

fn pieces() {
    for largest_block in [128, 129, 1000] {
        sequence(&world_with(Settings { largest_block, ..Settings::default() }), 17, 40);
    }
}

fn ones(dtype: Dtype, count: usize) -> Values {
    Values::of(dtype, &[count], &vec![1; count])
}

fn allreduce(context: &Context, values: &Values, op: ReduceOp) -> Result<Values> {
    let mut place = Place::default();
    ops::allreduce(context, values.input(), op, &mut place)?;
    Ok(place.result.expect("a result"))
}

/// Every rank must have got the same error; the context must still work.
fn same_error(context: &Context, error: &Error) {
    let mut text = format!("{:?} {}", error.status(), error.message()).into_bytes();
    text.resize(1000, b' ');
    let all = dtl::allgather(context, &text).unwrap();
    assert!(all.chunks(1000).all(|other| other == text), "{}", String::from_utf8_lossy(&all));
}

fn contract() {
    let context = world();
    let (rank, last) = (context.rank(), context.size() - 1);
    if context.size() == 1 {
        return;
    }
    for count in [4, 4000] {
        let mine = ones(Dtype::Float64, count + usize::from(rank == last));
        let error = allreduce(&context, &mine, ReduceOp::Sum).unwrap_err();
        assert!(error.message().starts_with("allreduce: count differs between ranks:"), "{error}");
        same_error(&context, &error);
        let dtype = if rank == last { Dtype::Int32 } else { Dtype::Float64 };
        let op = if rank == last { ReduceOp::Max } else { ReduceOp::Sum };
        let error = allreduce(&context, &ones(dtype, count), op).unwrap_err();
        assert!(error.message().contains("op differs") && error.message().contains("dtype differs"));
        same_error(&context, &error);
    }
    let error = match rank {
        0 => ops::barrier(&context).unwrap_err(),
        _ => allreduce(&context, &ones(Dtype::Int8, 9), ReduceOp::Sum).unwrap_err(),
    };
    assert!(error.message().starts_with("the ranks call different operations"), "{error}");
    same_error(&context, &error);
    // An error of one rank, with a text that is longer than the fixed round.
    let root = if rank == last { 99 } else { 0 };
    let mut place = Place::default();
    let error = ops::gather(&context, ones(Dtype::Int8, 9).input(), root, &mut place).unwrap_err();
    assert!(error.message().contains(&format!("(found on rank {last})")), "{error}");
    same_error(&context, &error);
}

fn groups() {
    let context = world();
    let (rank, size) = (context.rank(), context.size());
    let reversed = context.split(0, size - rank).unwrap().expect("a member");
    assert_eq!((reversed.rank(), reversed.size()), (size - 1 - rank, size));
    sequence(&reversed, 3, 20);
    let halves = context.split(rank % 2, 0).unwrap().expect("a member");
    assert_eq!((halves.rank(), halves.size()), (rank / 2, (size + 1 - rank % 2) / 2));
    sequence(&halves, 4, 20);
    let first = context.split(if rank == 0 { 0 } else { UNDEFINED }, 0).unwrap();
    assert_eq!(first.map(|first| first.size()), (rank == 0).then_some(1));
    // A group outlives the one that it was made from, and messages of both do not mix.
    let copy = context.dup().unwrap();
    let grandchild = copy.dup().unwrap();
    drop(copy);
    sequence(&grandchild, 5, 20);
    sequence(&context, 6, 20);
}

/// More contexts than any MPI library has communicators for, closed in another order on each rank.
fn cycles() {
    let context = world();
    let mut open = std::collections::VecDeque::new();
    for cycle in 0..5000 {
        let copy = context.dup().unwrap();
        if cycle % 97 == 0 {
            assert_eq!(dtl::allreduce(&copy, &[1i32], ReduceOp::Sum).unwrap(), [context.size()]);
        }
        open.push_back(copy);
        if open.len() > 3 {
            if (cycle + context.rank()) % 2 == 0 {
                open.pop_front()
            } else {
                open.pop_back()
            };
        }
    }
}

/// Contexts of all processes come and go, some at the same time.
fn contexts_on_one_communicator() {
    let other = world();
    for cycle in 0..5000 {
        let context = world();
        if cycle % 11 == 0 {
            assert_eq!(dtl::allreduce(&context, &[cycle], ReduceOp::Max).unwrap(), [cycle]);
            assert_eq!(dtl::allreduce(&other, &[1], ReduceOp::Sum).unwrap(), [context.size()]);
        }
    }
}

fn closed_early() {
    let context = world();
    ops::barrier(&context).unwrap();
    if context.rank() == 1 {
        context.close().unwrap();
        return;
    }
    let start = Instant::now();
    let error = ops::barrier(&context).unwrap_err();
    assert_eq!(error.status(), Status::RankFailure, "{error}");
    assert!(start.elapsed() < Duration::from_secs(10));
    println!("{error}");
}

fn never_comes() {
    let context = Context::new().unwrap();
    if context.rank() == 1 {
        std::thread::sleep(Duration::from_secs(4));
        return;
    }
    let error = ops::barrier(&context).unwrap_err();
    assert_eq!(error.status(), Status::Timeout, "{error}");
    println!("{error}");
}

/// As a program does that ends without closing its context.
fn ends_early() {
    let context = std::mem::ManuallyDrop::new(world());
    if context.rank() != 1 {
        ops::barrier(&context).unwrap();
    }
}

fn exit_3() {
    let context = world();
    if context.rank() == context.size() - 1 {
        std::process::exit(3);
    }
    let _ = ops::barrier(&context);
}

fn panic() {
    let context = world();
    assert_ne!(context.rank(), 1, "a panic on purpose");
    let _ = ops::barrier(&context);
}

/// What reductions take, for people who change this path: `mpirun -n 2 PROGRAM rank speed`.
fn speed() {
    let context = world();
    for (count, calls) in [(1, 20_000), (1000, 5_000), (1_000_000, 20)] {
        let (mine, mut result) = (vec![1.0f64; count], vec![0.0; count]);
        for _ in 0..3 {
            let start = Instant::now();
            for _ in 0..calls {
                dtl::allreduce_into(&context, &mine, ReduceOp::Sum, &mut result).unwrap();
            }
            if context.rank() == 0 {
                println!("allreduce of {count} float64: {:?}", start.elapsed() / calls);
            }
        }
    }
}
