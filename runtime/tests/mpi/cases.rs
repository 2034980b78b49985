//! What the ranks of each case do. A rank that finds something wrong panics, which must end the whole job.

use dtl::comm::Settings;
use dtl::constants::NO_DEVICE;
use dtl::{Context, ReduceOp, Status, context, ops};
use std::time::{Duration, Instant};

/// Runs one case as one of its ranks.
pub fn run(case: &str) {
    match case {
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
    let settings = Settings { timeout: Duration::from_secs(60), ..Settings::default() };
    let context = context::create_with(None, NO_DEVICE, settings).unwrap_or_else(|error| panic!("{error}"));
    let launched = std::env::var("OMPI_COMM_WORLD_SIZE").or_else(|_| std::env::var("PMI_SIZE"));
    if let Ok(size) = launched {
        assert_eq!(context.size().to_string(), size, "the launcher's number of ranks");
        assert!(context.has_mpi());
    }
    context
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
