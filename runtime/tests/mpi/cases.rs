//! What the ranks of each case do. A rank that finds something wrong panics, which must end the whole job.

use dtl::array::{Array, VecOutput};
use dtl::comm::Settings;
use dtl::constants::{ANY_SOURCE, ANY_TAG, NO_DEVICE};
use dtl::{Context, MessageInfo, ReduceOp, Result, Status, groups, messages, ops};
use std::time::{Duration, Instant};

/// Runs one case as one of its ranks.
pub fn run(case: &str) {
    match case {
        "cycles" => cycles(),
        "groups_that_outlive_others" => groups_that_outlive_others(),
        "contexts_on_one_communicator" => contexts_on_one_communicator(),
        "no_context" => println!("this rank never needs the others"),
        "agreements" => agreements(),
        "closed_early" => closed_early(),
        "leaves_unchecked" => leaves_unchecked(),
        "never_comes" => never_comes(),
        "ends_early" => ends_early(),
        "exit_3" => exit_3(),
        "panic" => panic(),
        "messages" => messages(),
        "messages_after_the_end" => messages_after_the_end(),
        "speed" => speed(),
        other => panic!("there is no case {other}"),
    }
}

fn from_environment() -> Settings {
    Settings::from_environment().unwrap_or_else(|error| panic!("{error}"))
}

fn world() -> Context {
    let settings = Settings { timeout: Duration::from_secs(300), ..from_environment() };
    let context = groups::create_with(None, NO_DEVICE, settings).unwrap_or_else(|error| panic!("{error}"));
    let launched = std::env::var("OMPI_COMM_WORLD_SIZE").or_else(|_| std::env::var("PMI_SIZE"));
    if let Ok(size) = launched {
        assert_eq!(context.size().to_string(), size, "the launcher's number of ranks");
        assert!(context.has_mpi());
    }
    context
}

/// More contexts than MPICH has communicators for, which are 2,048, closed in another order on each rank.
fn cycles() {
    let context = world();
    let mut open = std::collections::VecDeque::new();
    for cycle in 0..2500 {
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

/// More contexts than any MPI library has communicators for, of which each is closed before those that were made from it, and never
/// on all ranks at the same time.
fn groups_that_outlive_others() {
    let context = world();
    let mut last = None;
    for cycle in 0..1200 {
        let copy = context.dup().unwrap();
        let group = copy.split((context.rank() + cycle) % 2, 0).unwrap().unwrap();
        let twin = group.dup().unwrap();
        if cycle % 97 == 0 {
            assert!(dtl::allgather(&twin, &[cycle]).unwrap().iter().all(|other| *other == cycle));
        }
        let mut made = [copy, group, twin];
        made.rotate_left((context.rank() + cycle) as usize % 3);
        let [first, second, third] = made;
        drop((first, last.replace([second, third])));
    }
}

/// Contexts of all processes come and go, some at the same time.
fn contexts_on_one_communicator() {
    let other = world();
    for cycle in 0..2500 {
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
    assert!(start.elapsed() < Duration::from_secs(100));
    println!("{error}");
}

fn never_comes() {
    // MPI has started, and all are here, before time counts.
    let all = world();
    ops::barrier(&all).unwrap();
    let short = Settings { timeout: Duration::from_secs(2), ..from_environment() };
    let context = groups::create_with(None, NO_DEVICE, short).unwrap();
    if context.rank() == 1 {
        std::thread::sleep(Duration::from_secs(5));
        return;
    }
    let error = ops::barrier(&context).unwrap_err();
    assert_eq!(error.status(), Status::Timeout, "{error}");
    println!("{error}");
}

/// Calls that match, that differ, and that one rank refuses; of many ranks each tells the others less.
fn agreements() {
    let context = world();
    let (rank, size) = (context.rank(), context.size());
    let last = size - 1;
    for round in 0..5 {
        ops::barrier(&context).unwrap();
        assert_eq!(dtl::allreduce(&context, &[rank + round], ReduceOp::Max).unwrap(), [last + round]);
        let many = vec![f64::from(rank); 3000];
        assert_eq!(dtl::allreduce(&context, &many, ReduceOp::Min).unwrap(), vec![0.0; 3000]);
        let ranks = dtl::allgather(&context, &[rank]).unwrap();
        assert!(ranks.iter().copied().eq(0..size), "{ranks:?}");

        let error =
            dtl::allreduce(&context, &vec![1; 1 + usize::from(rank == last)], ReduceOp::Sum).unwrap_err();
        assert_eq!(error.status(), Status::CollectiveParticipation);
        assert!(error.message().contains(&format!("rank {last} passes 2.")), "{error}");
        let error = if rank == 1 { ops::barrier(&context) } else { allreduce_of_many(&context) }.unwrap_err();
        assert!(error.message().contains("rank 1 calls barrier"), "{error}");
        let error = dtl::broadcast(&context, &mut [1], if rank == 1 { size } else { 0 }).unwrap_err();
        assert!(error.rank() == Some(1) && error.message().contains("root is"), "{error}");
    }
}

fn allreduce_of_many(context: &Context) -> Result<()> {
    dtl::allreduce(context, &[1; 3000], ReduceOp::Sum).map(drop)
}

/// Without the check a rank that finds an error leaves the others where they are.
fn leaves_unchecked() {
    let settings = Settings { timeout: Duration::from_secs(300), check: false, ..from_environment() };
    let context = groups::create_with(None, NO_DEVICE, settings).unwrap();
    if context.rank() == 1 {
        let _ = dtl::allreduce(&context, &[1.0; 3000], ReduceOp::Band);
        std::thread::sleep(Duration::from_secs(20));
    }
    let _ = dtl::allreduce(&context, &[1.0; 3000], ReduceOp::Sum);
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

fn send(context: &Context, data: &[i64], to: i32, tag: i32) -> Result<()> {
    let shape = [data.len()];
    ops::send(context, Array::from_slice(data, &shape)?, to, tag)
}

fn receive(context: &Context, source: i32, tag: i32) -> Result<(MessageInfo, Vec<i64>)> {
    let mut output = VecOutput::new();
    ops::recv(context, source, tag, &mut output)?;
    Ok((messages::last_received(context)?, output.into_vec()))
}

/// Messages of all sizes between all ranks, before any is received.
fn messages() {
    let context = world();
    let (rank, size) = (context.rank(), context.size());
    let lengths = [0, 1, 100, 490, 500, 1_500, 40_000, 300_000];
    let data = |from: i32, to: i32, length: usize| vec![i64::from(from * 64 + to); length];
    let copy = context.dup().unwrap();
    for round in 0..5 {
        for context in [&context, &copy] {
            for length in lengths {
                for to in 0..size {
                    send(context, &data(rank, to, length), to, round).unwrap();
                }
            }
        }
        for length in lengths {
            for from in 0..size {
                assert!(receive(&copy, from, round).unwrap().1 == data(from, rank, length));
            }
        }
        let mut places = vec![0; size as usize];
        for _ in 0..size as usize * lengths.len() {
            let (info, received) = receive(&context, ANY_SOURCE, ANY_TAG).unwrap();
            let place = &mut places[info.source as usize];
            assert!(received == data(info.source, rank, lengths[*place]));
            *place += 1;
        }
        assert_eq!(messages::iprobe(&context, ANY_SOURCE, ANY_TAG).unwrap(), None);
        ops::barrier(&context).unwrap();
    }
}

/// What a rank sent before it closed its context arrives.
fn messages_after_the_end() {
    let context = world();
    if context.rank() == 1 {
        (0..300).for_each(|number| send(&context, &[number; 40], 0, 1).unwrap());
        context.close().unwrap();
    } else if context.rank() == 0 {
        for number in 0..300 {
            assert_eq!(receive(&context, 1, 1).unwrap().1, [number; 40]);
        }
        let error = receive(&context, 1, 1).unwrap_err();
        assert_eq!(error.status(), Status::RankFailure, "{error}");
        println!("{error}");
    }
}

/// What reductions and messages take, for people who change these paths: `mpirun -n 2 PROGRAM rank speed`.
fn speed() {
    let context = world();
    for (count, calls) in [(1, 20_000), (1000, 5_000), (100_000, 500), (1_000_000, 20)] {
        let data = vec![1_i64; count];
        for _ in 0..3 {
            let start = Instant::now();
            for _ in 0..calls {
                if context.rank() == 0 {
                    send(&context, &data, 1, 0).unwrap();
                    receive(&context, 1, 0).unwrap();
                } else {
                    receive(&context, 0, 0).unwrap();
                    send(&context, &data, 0, 0).unwrap();
                }
            }
            if context.rank() == 0 {
                println!("message of {count} int64, there and back: {:?}", start.elapsed() / calls);
            }
        }
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
